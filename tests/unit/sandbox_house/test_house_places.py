"""Where a sandbox keeps its state, and who may have it."""

import os
import stat
from pathlib import Path

import pytest

from core.private_file import write_private
from sandbox.house import NotRunning, Place, Record, SandboxFault, choose, running


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "state")
    made.prepare()
    return made


def record() -> Record:
    return Record(
        7, "http://127.0.0.1:8400", {"A": "1"}, "postgresql://x", {"ana_ruiz": "postgresql://y"}, {"web-1": 3}
    )


def test_a_folder_that_was_asked_for_is_taken(tmp_path: Path) -> None:
    assert choose(tmp_path / "mine").folder == tmp_path / "mine"


def test_without_one_it_is_beside_the_user(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(short_folder)
    assert choose(None).folder == short_folder / ".chaperone" / "sandbox"


def test_where_that_will_not_do_it_is_in_the_temporary_folder_always_the_same(
    short_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700 if os.geteuid() == 0 else 0o500)
    monkeypatch.chdir(closed)
    monkeypatch.setattr("tempfile.tempdir", str(short_folder))
    assert choose(None).folder.parent == short_folder
    assert choose(None) == choose(None)


def test_a_stranger_in_the_temporary_folder_is_not_trusted(
    short_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "other"
    closed.mkdir(mode=0o700 if os.geteuid() == 0 else 0o500)
    monkeypatch.chdir(closed)
    monkeypatch.setattr("tempfile.tempdir", str(short_folder))
    mine = choose(None).folder
    mine.rmdir()
    mine.symlink_to(tmp_path)
    with pytest.raises(SandboxFault, match="belongs to somebody else"):
        choose(None)


def test_one_sandbox_at_a_time(place: Place) -> None:
    assert not place.in_use
    with place.taken():
        assert place.in_use
        with pytest.raises(SandboxFault, match=r"A sandbox runs in .* already"), place.taken():
            pass
        record().write(place)
        with pytest.raises(SandboxFault, match=r"already \(http://127\.0\.0\.1:8400\)"), place.taken():
            pass
    assert not place.in_use


def test_others_find_what_runs_and_only_while_it_runs(place: Place) -> None:
    record().write(place)
    with pytest.raises(NotRunning, match="Start one with `chaperone sandbox`"):
        running(place)
    with place.taken():
        assert running(place) == record()


def test_a_place_that_was_never_used_has_no_sandbox(tmp_path: Path) -> None:
    with pytest.raises(NotRunning):
        running(Place(tmp_path / "nowhere"))


def test_to_begin_fresh_is_to_forget_everything_but_the_lock(place: Place, tmp_path: Path) -> None:
    elsewhere = tmp_path / "cluster"
    elsewhere.mkdir()
    place.postgres.mkdir()
    (place.postgres / "place").write_text(str(elsewhere))
    place.clock.write_text("7200")
    (place.folder / "link").symlink_to(tmp_path)
    with place.taken():
        place.forget()
    assert [each.name for each in place.folder.iterdir()] == [place.lock.name]
    assert not elsewhere.exists()
    assert tmp_path.exists()


def test_secrets_are_for_us_alone(place: Place) -> None:
    write_private(place.secrets, "a")
    write_private(place.secrets, "b")
    assert place.secrets.read_text() == "b"
    assert stat.S_IMODE(place.secrets.stat().st_mode) == 0o600
