"""Where the embedded server may live, what it runs from and as whom: decided without starting one."""

import os
import pwd
import stat
from pathlib import Path

import pytest

from core.database.embedded.account import Account, server_account
from core.database.embedded.binaries import Binaries, choose, in_wheel, installed, usable
from core.database.embedded.home import Home, reachable_root, runnable
from core.database.embedded.postmaster import is_server, recorded_pid
from core.database.embedded.settings import initdb_command, server_settings
from core.database.embedded.sockets import socket_folder
from core.errors import ConfigurationFault

OURSELVES = Account(os.geteuid(), os.getegid(), dropped=False)
as_root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to drop to another user")


def binaries(major: int, folder: Path = Path("/nowhere")) -> Binaries:
    return Binaries(folder, major, folder)


class TestPrograms:
    def test_the_first_is_taken_for_a_new_cluster(self) -> None:
        assert choose([binaries(18), binaries(16)], major=None).major == 18

    def test_the_version_that_wrote_the_data_is_taken_for_an_old_one(self) -> None:
        assert choose([binaries(18), binaries(16)], major=16).major == 16

    def test_a_version_that_is_not_here_is_told_with_what_is(self) -> None:
        with pytest.raises(ConfigurationFault, match=r"by PostgreSQL 14, and this machine has 18, 16\. Install"):
            choose([binaries(18), binaries(16)], major=14)

    def test_none_at_all_is_told_with_the_extra_to_install(self) -> None:
        with pytest.raises(ConfigurationFault, match=r'Install the extra "embedded".*or set DATABASE_URL'):
            choose([], major=None)

    def test_a_wheel_that_is_not_installed_offers_nothing(self) -> None:
        assert list(in_wheel("no-such-wheel")) == []

    def test_what_does_not_run_here_is_passed_over(self) -> None:
        assert list(usable([binaries(0)])) == []

    def test_what_runs_but_says_no_version_is_passed_over(self, tmp_path: Path) -> None:
        program = tmp_path / "postgres"
        program.write_text("#!/bin/sh\necho hello\n")
        program.chmod(0o755)
        assert list(usable([binaries(0, tmp_path)])) == []

    def test_on_this_machine_there_is_one_new_enough(self) -> None:
        assert choose(installed(), major=None).major >= 15

    @pytest.mark.parametrize(("major", "builtin"), [(18, True), (17, True), (16, False)])
    def test_the_builtin_locale_is_asked_for_where_there_is_one(self, major: int, builtin: bool) -> None:
        words = initdb_command(binaries(major), Path("data"), Path("secret"), durable=True)
        assert ("--builtin-locale=C.UTF-8" in words) is builtin
        assert "--no-sync" not in words

    def test_a_folder_with_a_quote_stays_one_setting(self) -> None:
        assert "'/it''s here'" in server_settings(Path("/it's here"), 5432, tcp=False, durable=True)


class TestAccounts:
    def test_an_ordinary_user_is_itself(self) -> None:
        nobody = pwd.getpwnam("nobody")
        assert server_account(nobody.pw_uid) == Account(nobody.pw_uid, nobody.pw_gid, dropped=False)

    def test_root_drops_to_somebody_else(self) -> None:
        account = server_account(0)
        assert account.dropped
        assert account.uid != 0

    def test_root_without_anybody_to_drop_to_is_told_the_cure(self) -> None:
        with pytest.raises(ConfigurationFault, match=r"no user ghost\. Run as an ordinary user"):
            server_account(0, unprivileged="ghost")

    def test_a_number_without_a_name_is_told_the_line_to_add(self) -> None:
        with pytest.raises(ConfigurationFault, match=r"chaperone:x:54321:54321::/:/bin/sh"):
            server_account(54321)

    def test_a_program_that_may_not_be_run_is_told(self, tmp_path: Path) -> None:
        program = tmp_path / "program"
        program.touch(mode=0o600)
        with pytest.raises(ConfigurationFault, match="cannot run"):
            OURSELVES.run([str(program)], folder=tmp_path)

    def test_ownership_stays_where_nobody_is_dropped_to(self, tmp_path: Path) -> None:
        assert OURSELVES.owns(tmp_path) == tmp_path
        assert tmp_path.stat().st_uid == os.geteuid()


class TestReach:
    @pytest.mark.parametrize(
        ("mode", "uid_offset", "gid_offset", "enters"),
        [
            (0o700, 0, 0, True),
            (0o070, 0, 0, False),
            (0o010, 1, 0, True),
            (0o701, 1, 0, False),
            (0o001, 1, 1, True),
            (0o770, 1, 1, False),
        ],
    )
    def test_who_may_enter_follows_owner_then_group_then_others(
        self, tmp_path: Path, mode: int, uid_offset: int, gid_offset: int, enters: bool
    ) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        folder.chmod(mode)
        status = folder.stat()
        account = Account(status.st_uid + uid_offset, status.st_gid + gid_offset, dropped=True)
        assert account.may_enter(folder) is enters

    def test_a_root_folder_that_cannot_be_made_or_entered_is_passed_over_and_told(self, tmp_path: Path) -> None:
        in_the_way = tmp_path / "file"
        in_the_way.touch()
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        stranger = Account(os.geteuid() + 1, os.getegid() + 1, dropped=True)
        with pytest.raises(ConfigurationFault, match="chmod 711"):
            reachable_root(stranger, [in_the_way / "below", closed])

    def test_programs_of_the_host_in_a_closed_folder_are_told_with_the_cure(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o700)
        stranger = Account(os.geteuid() + 1, os.getegid() + 1, dropped=True)
        (tmp_path / "postgres").touch(mode=0o755)
        with pytest.raises(ConfigurationFault, match=r"chmod a\+rx"):
            runnable(binaries(18, tmp_path), stranger)


class TestSockets:
    @pytest.fixture
    def home(self, tmp_path: Path) -> Home:
        place = tmp_path / ("d" * 100)
        place.mkdir()
        return Home(tmp_path, place)

    @pytest.fixture
    def temporary(self, short_folder: Path) -> Path:
        folder = short_folder / f"t{os.urandom(4).hex()}"
        folder.mkdir()
        return folder

    def test_a_short_folder_is_made_once_and_kept(self, home: Home, temporary: Path) -> None:
        made = socket_folder(home, OURSELVES, temporary=temporary)
        assert made.parent == temporary
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
        assert socket_folder(home, OURSELVES, temporary=temporary) == made

    @pytest.mark.parametrize("kind", ["open", "link", "file"])
    def test_a_name_that_a_stranger_took_first_is_refused(self, home: Home, temporary: Path, kind: str) -> None:
        taken = socket_folder(home, OURSELVES, temporary=temporary)
        taken.rmdir()
        if kind == "open":
            taken.mkdir()
            taken.chmod(0o777)
        elif kind == "link":
            taken.symlink_to(home.folder)
        else:
            taken.touch(mode=0o700)
        with pytest.raises(ConfigurationFault, match="belongs to somebody else"):
            socket_folder(home, OURSELVES, temporary=temporary)

    def test_a_temporary_folder_that_is_itself_too_long_is_not_used(self, home: Home, temporary: Path) -> None:
        made = socket_folder(home, OURSELVES, temporary=temporary / ("e" * 100))
        assert made.parent == Path("/tmp")  # noqa: S108  the fallback's own place
        made.rmdir()


class TestProcesses:
    def test_a_lock_file_that_is_empty_names_nobody(self, tmp_path: Path) -> None:
        (tmp_path / "postmaster.pid").touch()
        assert recorded_pid(tmp_path) is None

    def test_a_process_is_a_server_only_if_it_works_in_the_data_folder(self, tmp_path: Path) -> None:
        assert is_server(os.getpid(), Path.cwd())
        assert not is_server(os.getpid(), tmp_path)
        assert not is_server(2**22 + 1, tmp_path)

    def test_without_a_proc_folder_the_name_of_the_program_decides(self, tmp_path: Path) -> None:
        assert not is_server(os.getpid(), Path.cwd(), proc=tmp_path / "absent")
