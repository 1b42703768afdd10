"""The embedded PostgreSQL in awkward places, as other users, and where it cannot run at all."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psutil
import psycopg
import pytest

from core.database.embedded import running, start
from core.database.embedded.account import Account, server_account
from core.database.embedded.binaries import choose, installed
from core.database.embedded.home import runnable
from core.database.embedded.postmaster import live_pid
from core.errors import ConfigurationFault
from tests.e2e.embedded_processes import ROOT, another_process, as_root_only, ask, place_of

pytestmark = pytest.mark.chaos


@pytest.fixture
def folder(short_folder: Path) -> Path:
    return short_folder / uuid.uuid4().hex[:8]


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


def test_an_account_of_our_own_reaches_everything() -> None:
    assert Account(os.getuid(), os.getgid(), dropped=False).reaches(Path("/"))
