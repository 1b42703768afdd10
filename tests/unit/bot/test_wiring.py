"""The wiring's corners: fail points, and a directory at AWS."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.wiring import directory_alone, load_configuration
from core.errors import Transient

_DIES = """
from bot.wiring import _fail_point
_fail_point(None)("grant.called")
reached = _fail_point("grant.called")
reached("grant.intended")
print("alive", flush=True)
reached("grant.called")
print("still alive", flush=True)
"""


def test_the_process_dies_at_the_named_step_and_at_no_other() -> None:
    ended = subprocess.run([sys.executable, "-c", _DIES], capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    assert "alive" in ended.stdout.splitlines()
    assert "still alive" not in ended.stdout


@pytest.mark.parametrize("file", ["", "  file: slack.yaml\n"])
async def test_an_identity_store_that_is_away_lets_nobody_in(
    environment: pytest.MonkeyPatch, clinic: Path, file: str
) -> None:
    house = clinic / "chaperone.yaml"
    text = house.read_text().replace("kind: yaml\n  file: people.yaml\n", f"kind: identity-store\n{file}")
    house.write_text(text)
    (clinic / "slack.yaml").write_text("people: []\n")
    async with directory_alone(load_configuration()) as directory:
        with pytest.raises(Transient):
            await directory.person("906782f3a1-11111111-2222-3333-4444-555555555555")
