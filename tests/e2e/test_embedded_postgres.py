"""The embedded PostgreSQL as processes: started, shared, killed, recovered, and gone when its users are."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import psutil
import psycopg
import pytest

from core.database.embedded import APPLICATION, OWNER, Cluster, running, start
from core.database.embedded.account import server_account
from core.database.embedded.postmaster import live_pid, locked, shut_down, watch
from tests.e2e.embedded_processes import (
    PATIENCE,
    ROOT,
    another_process,
    as_root_only,
    ask,
    eventually,
    place_of,
    setting,
)

pytestmark = pytest.mark.chaos


@pytest.fixture
def folder(short_folder: Path) -> Path:
    return short_folder / uuid.uuid4().hex[:8]


class TestAFreshCluster:
    def test_each_login_gets_in_with_its_password_and_no_other(self, cluster: Cluster) -> None:
        for url, login in ((cluster.app_url, APPLICATION), (cluster.owner_url, OWNER), (cluster.admin_url, "postgres")):
            assert ask(url, "SELECT current_user") == login
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(cluster.app_url, password="wrong")

    def test_nobody_is_trusted_without_a_password(self, cluster: Cluster) -> None:
        methods = ask(cluster.admin_url, "SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules")
        assert methods == ["scram-sha-256"]

    def test_it_listens_on_its_socket_alone(self, cluster: Cluster) -> None:
        assert setting(cluster, "listen_addresses") == ""

    def test_it_keeps_checksums_sorts_the_same_everywhere_and_ends_idle_transactions(self, cluster: Cluster) -> None:
        assert setting(cluster, "data_checksums") == "on"
        assert setting(cluster, "server_encoding") == "UTF8"
        assert ask(cluster.app_url, "SELECT datlocale FROM pg_database WHERE datname = 'chaperone'") == "C.UTF-8"
        assert setting(cluster, "idle_in_transaction_session_timeout") == "1min"

    def test_the_application_is_a_member_of_its_role_and_the_owner_may_pass_it_on(self, cluster: Cluster) -> None:
        assert ask(cluster.app_url, "SELECT pg_has_role('chaperone_app', 'MEMBER')") is True
        assert ask(cluster.app_url, "SELECT pg_has_role('chaperone_app', 'MEMBER WITH ADMIN OPTION')") is False
        assert ask(cluster.owner_url, "SELECT pg_has_role('chaperone_app', 'MEMBER WITH ADMIN OPTION')") is True

    def test_a_strangers_login_enters_none_of_our_databases(self, cluster: Cluster) -> None:
        name = f"second_{uuid.uuid4().hex[:8]}"
        stranger = f"stranger_{uuid.uuid4().hex[:8]}"
        cluster.create_database(name)
        with psycopg.connect(cluster.admin_url) as connection:
            connection.execute(f"CREATE ROLE {stranger} LOGIN PASSWORD 'x'")
        for database in ("chaperone", name):
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(cluster.admin_url, user=stranger, password="x", dbname=database)
        assert ask(cluster.url(APPLICATION, name), "SELECT current_database()") == name
        assert ask(cluster.url(OWNER, name), "SELECT has_database_privilege(current_database(), 'CREATE')") is True
        cluster.drop_database(name)
        cluster.drop_database(name)

    def test_only_we_may_read_the_passwords_and_only_the_server_enters_its_folders(
        self, cluster: Cluster, short_folder: Path
    ) -> None:
        assert stat.S_IMODE((short_folder / "pg" / "passwords.json").stat().st_mode) == 0o600
        for private in (cluster.data, cluster.socket_folder):
            assert stat.S_IMODE(private.stat().st_mode) == 0o700

    def test_no_password_is_shown_with_the_cluster(self, cluster: Cluster) -> None:
        assert not any(password in repr(cluster) for password in cluster.passwords.values())

    @as_root_only
    def test_as_root_the_server_runs_as_nobody_and_sees_nothing_of_our_environment(self, cluster: Cluster) -> None:
        server = psutil.Process(cluster.pid)
        assert server.username() == "nobody"
        assert set(server.environ()) <= {"PATH", "LC_ALL", "PWD", "SHLVL", "_", "PG_GRANDPARENT_PID", "PGDATA"} | {
            name for name in server.environ() if name.startswith(("PG", "OLDPWD"))
        }
        assert "HOME" not in server.environ()


class TestSharing:
    def test_whoever_comes_second_joins_and_the_last_one_out_shuts_it_down(self, folder: Path) -> None:
        first = start(folder, durable=False)
        second = start(folder, durable=False)
        assert second.pid == first.pid
        first.stop()
        first.stop()
        assert ask(second.app_url, "SELECT 1") == 1
        second.stop()
        assert live_pid(second.data) is None
        assert "database system is shut down" in (place_of(folder) / "log" / "postgres.log").read_text()

    def test_processes_that_race_to_start_share_one_server(self, folder: Path) -> None:
        with contextlib.ExitStack() as stack:
            processes = [stack.enter_context(another_process(folder)) for _ in range(2)]
            with running(folder, durable=False) as cluster:
                assert {pid for _, pid in processes} == {cluster.pid}
                for process, _ in processes:
                    process.communicate("")
                assert ask(cluster.app_url, "SELECT 1") == 1
        assert live_pid(cluster.data) is None

    def test_processes_that_begin_in_the_same_instant_share_one_server(self, folder: Path) -> None:
        code = (
            "import sys, pathlib\nfrom core.database.embedded import running\nsys.stdin.readline()\n"
            f"with running(pathlib.Path({str(folder)!r}), durable=False) as cluster:\n"
            "    print(cluster.pid, flush=True)\n    sys.stdin.read()\n"
        )
        words = [sys.executable, "-c", code]
        with contextlib.ExitStack() as stack:
            racers = [
                stack.enter_context(
                    subprocess.Popen(words, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                )
                for _ in range(3)
            ]
            for racer in racers:
                assert racer.stdin is not None
                racer.stdin.write("go\n")
                racer.stdin.flush()
            pids = {int(racer.stdout.readline()) for racer in racers if racer.stdout}
        assert len(pids) == 1

    def test_data_is_still_there_after_a_stop(self, folder: Path) -> None:
        with running(folder, durable=False) as cluster, psycopg.connect(cluster.owner_url) as connection:
            connection.execute("CREATE TABLE kept (id int)")
        with running(folder, durable=False) as cluster:
            assert ask(cluster.owner_url, "SELECT count(*) FROM kept") == 0


class TestCrashes:
    def test_after_kill_9_of_the_server_the_next_start_recovers_what_was_committed(self, folder: Path) -> None:
        with running(folder) as cluster:
            with psycopg.connect(cluster.owner_url) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            killed = cluster.pid
            os.kill(killed, signal.SIGKILL)
            with running(folder) as again:
                assert again.pid != killed
                assert ask(again.owner_url, "SELECT answer FROM kept") == 42

    def test_after_kill_9_of_the_starter_the_server_ends_by_itself_and_cleanly(self, folder: Path) -> None:
        with another_process(folder) as (process, _):
            process.kill()
        data = place_of(folder) / "data"
        eventually(lambda: live_pid(data) is None)
        with running(folder, durable=False) as cluster:
            assert ask(cluster.app_url, "SELECT 1") == 1
        assert "was not properly shut down" not in (place_of(folder) / "log" / "postgres.log").read_text()

    def test_kill_9_of_one_user_leaves_the_server_to_the_others(self, folder: Path) -> None:
        with running(folder, durable=False) as cluster:
            with another_process(folder) as (process, _):
                process.kill()
            assert ask(cluster.app_url, "SELECT 1") == 1

    def test_a_starter_killed_before_it_had_furnished_the_cluster_is_made_good(self, folder: Path) -> None:
        with running(folder, durable=False) as cluster:
            cluster.drop_database("chaperone")
            with running(folder, durable=False) as again:
                assert ask(again.app_url, "SELECT 1") == 1
            with psycopg.connect(cluster.admin_url) as connection:
                connection.execute("GRANT CONNECT ON DATABASE chaperone TO PUBLIC")
            with running(folder, durable=False) as again:
                assert ask(again.app_url, "SELECT has_database_privilege('public', 'chaperone', 'CONNECT')") is False

    def test_the_number_of_a_dead_server_that_now_belongs_to_another_program_does_not_block_the_start(
        self, folder: Path
    ) -> None:
        with running(folder, durable=False) as cluster:
            pass
        account = server_account()
        user = account.uid if account.dropped else None
        with subprocess.Popen(["sleep", "600"], user=user) as bystander:
            lines = [str(bystander.pid), str(cluster.data), "0", "5432", "", "", ""]
            (cluster.data / "postmaster.pid").write_text("\n".join(lines))
            with running(folder, durable=False) as again:
                assert again.pid != bystander.pid
                assert ask(again.app_url, "SELECT 1") == 1
            assert bystander.poll() is None
            bystander.kill()

    def test_a_server_that_does_not_listen_to_signals_is_ended_all_the_same(self, folder: Path) -> None:
        with running(folder, durable=False) as cluster:
            os.kill(cluster.pid, signal.SIGSTOP)
            shut_down(cluster.data, [(signal.SIGINT, 0.05), (signal.SIGQUIT, 0.05), (signal.SIGKILL, PATIENCE)])
            assert live_pid(cluster.data) is None
            shut_down(cluster.data)

    def test_a_server_that_outlives_all_patience_is_left_to_the_caller(self, folder: Path) -> None:
        with running(folder, durable=False) as cluster:
            os.kill(cluster.pid, signal.SIGSTOP)
            shut_down(cluster.data, [(signal.SIGINT, 0.0)])
            assert live_pid(cluster.data) == cluster.pid
            os.kill(cluster.pid, signal.SIGCONT)

    def test_a_folder_removed_under_a_running_server_does_not_trouble_those_who_leave(self, folder: Path) -> None:
        cluster = start(folder, durable=False)
        server = psutil.Process(cluster.pid)
        shutil.rmtree(folder)
        cluster.stop()
        server.send_signal(signal.SIGQUIT)
        eventually(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)


def somebody_waits_for(lock: Path) -> bool:
    """Whether a process or thread is blocked on this lock (proc_locks(5): such lines carry an arrow)."""
    inode = f":{lock.stat().st_ino} "
    return any("->" in line and inode in line for line in Path("/proc/locks").read_text().splitlines())


class TestTheWarden:
    @pytest.mark.skipif(not Path("/proc/locks").exists(), reason="needs to see who waits for a lock")
    def test_it_watches_on_when_somebody_comes_while_it_looks(self, folder: Path) -> None:
        folder.mkdir()
        starting, users = folder / "starting", folder / "users"
        warden = threading.Thread(target=watch, args=(starting, users, folder / "data"), daemon=True)
        with locked(starting, fcntl.LOCK_EX):
            warden.start()
            eventually(lambda: somebody_waits_for(starting))
            arrived = contextlib.ExitStack()
            arrived.enter_context(locked(users, fcntl.LOCK_SH))
        with arrived:
            eventually(lambda: somebody_waits_for(users))
            assert warden.is_alive()
        warden.join(PATIENCE)
        assert not warden.is_alive()

    def test_without_users_it_ends_the_server_at_once(self, folder: Path) -> None:
        folder.mkdir()
        watch(folder / "starting", folder / "users", folder / "data")
        assert live_pid(folder / "data") is None


def test_the_passwords_are_random_per_cluster(cluster: Cluster, folder: Path) -> None:
    with running(folder, durable=False) as other:
        assert not set(other.passwords.values()) & set(cluster.passwords.values())
        assert json.loads((folder / "passwords.json").read_text()) == other.passwords
