"""The embedded PostgreSQL as processes: started, shared, killed, recovered, and gone when its users are."""

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from core.database.embedded import APPLICATION, OWNER, Cluster, running, start
from core.database.embedded.account import Account, server_account
from core.database.embedded.binaries import choose, installed
from core.database.embedded.home import runnable
from core.database.embedded.postmaster import live_pid, locked, shut_down, watch
from core.errors import ConfigurationFault

pytestmark = pytest.mark.chaos
ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
as_root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to drop to another user")


@pytest.fixture
def folder(short_folder: Path) -> Path:
    return short_folder / uuid.uuid4().hex[:8]


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.01)


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def setting(cluster: Cluster, name: str) -> object:
    return ask(cluster.admin_url, f"SELECT current_setting('{name}')")


def place_of(folder: Path) -> Path:
    return Path((folder / "place").read_text())


@contextlib.contextmanager
def another_process(folder: Path, *, before: str = "") -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that starts or joins the cluster, says the server's number, and leaves when its input ends."""
    code = f"""
import sys, pathlib
from core.database.embedded import running
{before}
with running(pathlib.Path({str(folder)!r}), durable=False) as cluster:
    print(cluster.pid, flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())


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


class TestPlaces:
    def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(self, folder: Path) -> None:
        deep = folder / ("d" * 60) / ("e" * 60)
        folder.mkdir(mode=0o711)
        with running(deep, durable=False) as cluster:
            address = cluster.socket_folder / f".s.PGSQL.{cluster.port}"
            assert address.exists()
            assert len(os.fsencode(address)) <= 107
            assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700
            assert ask(cluster.app_url, "SELECT 1") == 1
        with running(deep, durable=False) as again:
            assert again.socket_folder == cluster.socket_folder
        shutil.rmtree(cluster.socket_folder)

    def test_an_awkward_path_needs_no_quoting_by_anyone(self, folder: Path) -> None:
        with running(folder / 'it\'s a % "place"', durable=False) as cluster:
            assert ask(cluster.app_url, "SELECT 1") == 1

    @as_root_only
    def test_as_root_in_a_closed_folder_the_data_goes_where_the_server_can_reach_it(
        self, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        folder.mkdir(mode=0o700)
        with running(folder / "inside", durable=False) as cluster:
            assert ask(cluster.app_url, "SELECT 1") == 1
            place = cluster.data.parent
            assert folder not in place.parents
        assert "run as an ordinary user or choose a folder" in caplog.text
        with running(folder / "inside", durable=False) as again:
            assert again.data == cluster.data
        shutil.rmtree(place)
        with running(folder / "inside", durable=False) as anew:
            assert anew.data != cluster.data
        assert "beginning with an empty one" in caplog.text
        shutil.rmtree(anew.data.parent)

    @as_root_only
    def test_as_root_programs_in_a_closed_folder_are_copied_to_where_they_run(self, folder: Path) -> None:
        found = choose(installed(), major=None)
        if not found.portable:
            pytest.skip("the wheel is not installed")
        folder.mkdir(mode=0o700)
        for part in found.portable:
            shutil.copytree(found.base / part, folder / part, symlinks=True)
        closed = type(found)(folder / found.folder.relative_to(found.base), found.major, folder, found.portable)
        account = server_account()
        copied = runnable(closed, account)
        assert runnable(closed, account) == copied
        for program in ("postgres", "initdb", "pg_ctl"):
            said = account.run([copied.program(program), "--version"], folder=Path("/"))
            assert f"(PostgreSQL) {found.major}" in said.stdout
        shutil.rmtree(copied.base)

    def test_on_request_it_also_listens_on_loopback(self, folder: Path) -> None:
        with running(folder, durable=False, tcp=True) as cluster:
            with psycopg.connect(cluster.app_url, host="127.0.0.1") as connection:
                row = connection.execute("SELECT inet_server_addr()::text, inet_server_port()").fetchone()
            assert row == ("127.0.0.1/32", cluster.port)

    def test_a_log_that_has_grown_is_put_aside(self, folder: Path) -> None:
        with running(folder, durable=False):
            pass
        log = place_of(folder) / "log" / "postgres.log"
        os.truncate(log, 11_000_000)
        with running(folder, durable=False):
            assert log.stat().st_size < 1_000_000
        assert log.with_suffix(".old.log").exists()

    def test_an_ordinary_user_runs_it_as_themselves(self, folder: Path) -> None:
        python = shutil.which("python3", path="/usr/bin:/bin")
        if os.geteuid() != 0 or not python:
            pytest.skip("needs root to become somebody else, and a Python that everyone may run")
        nobody = pwd.getpwnam("nobody")
        folder.mkdir()
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        become = f"import os; sys.executable = {python!r}; os.setgid({nobody.pw_gid}); os.setuid({nobody.pw_uid})"
        with another_process(folder, before=become) as (process, pid):
            assert psutil.Process(pid).username() == "nobody"
            assert (folder / "passwords.json").stat().st_uid == nobody.pw_uid
            process.communicate("")
        assert live_pid(folder / "cluster" / "data") is None


class TestFaults:
    @pytest.fixture
    def stopped(self, folder: Path) -> Path:
        """A folder with a cluster in it that does not run."""
        with running(folder, durable=False):
            pass
        return folder

    def test_lost_passwords_are_told_with_the_cure(self, stopped: Path) -> None:
        (stopped / "passwords.json").unlink()
        with pytest.raises(ConfigurationFault, match=r"passwords.json is gone.*Put it back"):
            start(stopped)

    def test_data_of_a_version_that_is_not_here_is_told_with_the_cure(self, stopped: Path) -> None:
        (place_of(stopped) / "data" / "PG_VERSION").write_text("9\n")
        with pytest.raises(ConfigurationFault, match=r"written by PostgreSQL 9.*Install version 9"):
            start(stopped)

    def test_damaged_data_is_told_at_once_in_the_servers_words(self, stopped: Path) -> None:
        (place_of(stopped) / "data" / "global" / "pg_control").unlink()
        begun = time.monotonic()
        with pytest.raises(ConfigurationFault, match=r"does not start: .*Read postgres.log"):
            start(stopped)
        assert time.monotonic() - begun < 15

    def test_an_initdb_that_fails_is_told_in_its_words(self, stopped: Path) -> None:
        place = place_of(stopped)
        shutil.rmtree(place / "data")
        (place / "data.new").symlink_to(place / "socket")
        (place / "socket" / "in-the-way").touch()
        with pytest.raises(ConfigurationFault, match=r"initdb failed: .*not empty"):
            start(stopped)
        assert not (place / "initial-password").exists()

    @as_root_only
    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("server_account()", "uid 54321 has no name"),
            ("Account(1, 1, dropped=True).run(['/bin/true'], folder=Path('/'))", "cannot run /bin/true as nobody"),
        ],
    )
    def test_a_user_that_cannot_do_it_is_told_the_cure(self, code: str, said: str) -> None:
        program = f"""
import os
from pathlib import Path
from core.database.embedded.account import Account, server_account
from core.errors import ConfigurationFault
os.setgroups([]); os.setgid(54321); os.setuid(54321)
try:
    {code}
except ConfigurationFault as fault:
    print(fault)
"""
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
        assert said in done.stdout
        assert "or set DATABASE_URL" in done.stdout


def test_the_passwords_are_random_per_cluster(cluster: Cluster, folder: Path) -> None:
    with running(folder, durable=False) as other:
        assert not set(other.passwords.values()) & set(cluster.passwords.values())
        assert json.loads((folder / "passwords.json").read_text()) == other.passwords


def test_an_account_of_our_own_reaches_everything() -> None:
    assert Account(os.getuid(), os.getgid(), dropped=False).reaches(Path("/"))
