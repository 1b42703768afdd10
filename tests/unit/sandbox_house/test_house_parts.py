"""One process of the sandbox: it is started, looked after, told of when it fails, and never left behind."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.house import PartFailed
from sandbox.house.parts import Part, Warden
from sandbox.house.warden import end, listen

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    *[sys.executable, "-c"],
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]
FAILS = [sys.executable, "-c", "print('no such file: mend the path'); raise SystemExit(2)"]

Make = Callable[..., Part]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with Warden() as keeper:
        made = []

        def part(command: list[str]) -> Part:
            made.append(Part("worker-1", command, {}, tmp_path / "worker-1.log", keeper))
            return made[-1]

        yield part
        for each in made:
            each.stop(patience=0.5)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_starts_once_and_ends_when_asked(make: Make) -> None:
    part = make(SLEEP)
    assert (part.alive, part.how_it_ended(), part.wait(1)) == (False, "is running", 0)
    part.start()
    first = part.pid
    part.start()
    assert part.pid == first
    until(lambda: part.said() == "up\n")
    part.stop()
    assert (part.alive, part.how_it_ended()) == (False, "was ended by signal 15")


def test_one_that_does_not_end_is_made_to(make: Make) -> None:
    part = make(STUBBORN)
    part.start()
    until(lambda: "up" in part.said())
    part.stop(patience=0.2)
    assert part.how_it_ended() == "was ended by signal 9"


def test_what_it_says_is_of_its_last_start_and_the_log_keeps_all(make: Make) -> None:
    part = make(SLEEP)
    for _ in range(2):
        part.start()
        until(lambda: part.said() == "up\n")
        part.kill()
        assert not part.alive
    assert part.log.read_text() == "up\nup\n"


def test_one_that_is_stopped_for_a_while_lives(make: Make) -> None:
    part = make(SLEEP)
    part.start()
    part.kill(signal.SIGSTOP)
    assert part.alive
    part.kill(signal.SIGCONT)
    assert part.alive


def test_a_failure_names_the_part_what_it_said_and_its_log(make: Make, tmp_path: Path) -> None:
    part = make(FAILS)
    part.start()
    with pytest.raises(PartFailed, match="worker-1 ended with exit code 2") as failed:
        part.await_file(tmp_path / "port")
    assert "no such file: mend the path" in str(failed.value)
    assert str(part.log) in str(failed.value)
    assert part.wait(1) == 2


def test_one_that_is_never_ready_is_not_waited_for_for_ever(make: Make, tmp_path: Path) -> None:
    part = make(SLEEP)
    part.start()
    with pytest.raises(PartFailed, match="was not ready within 0 seconds"):
        part.await_file(tmp_path / "port", within=0.05)
    with pytest.raises(PartFailed, match="did not end within 0 seconds"):
        part.wait(0.05)


def test_the_content_of_its_file_is_what_it_tells(make: Make, tmp_path: Path) -> None:
    part = make(SLEEP)
    part.start()
    (tmp_path / "port").write_text("8400")
    assert part.await_file(tmp_path / "port") == "8400"


def test_whoever_kills_the_supervisor_leaves_nothing_behind(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from sandbox.house.parts import Part, Warden\n"
        f"part = Part('sleeper', {SLEEP!r}, {{}}, Path({str(tmp_path / 'log')!r}), Warden())\n"
        "part.start(); print(part.pid, flush=True); time.sleep(60)"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    sleeper = psutil.Process(int(supervisor.stdout.readline()))
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    supervisor.stdout.close()
    until(lambda: not sleeper.is_running() or sleeper.status() == psutil.STATUS_ZOMBIE)


def test_a_warden_that_was_killed_itself_disturbs_nobody(tmp_path: Path) -> None:
    with Warden() as keeper:
        keeper._process.kill()
        keeper._process.wait()
        part = Part("sleeper", SLEEP, {}, tmp_path / "log", keeper)
        part.start()
        part.stop()
        assert not part.alive


def test_the_warden_knows_who_is_left() -> None:
    assert listen([b"+7\n", b"+8\n", b"-7\n", b"-9\n"]) == {8}


@pytest.mark.parametrize("command", [SLEEP, STUBBORN])
def test_the_warden_asks_and_then_insists(command: list[str]) -> None:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    end({process.pid, 2**22 - 1}, patience=0.3)
    assert process.wait(5) in {-signal.SIGTERM, -signal.SIGKILL}
    process.stdout.close()
