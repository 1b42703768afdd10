"""The lock is what every machine installs: pinned, hashed, complete, and silent about where it was made."""

import re
import tomllib

import pytest

from tests.architecture.source_tree import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = {
    name: set(hashes.split())
    for name, hashes in re.findall(r"(?m)^([\w.-]+)==\S+ \\\n((?:    --hash=\S+(?: \\)?\n)+)", LOCK)
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def declared() -> set[str]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    wanted = [*PROJECT["project"]["dependencies"], *(each for extra in extras for each in extra)]
    names = {re.split(r"[\[<>=~! ]", each, maxsplit=1)[0] for each in wanted + PROJECT["build-system"]["requires"]}
    return names - {PROJECT["project"]["name"]}


def test_every_pin_has_the_hashes_of_more_than_one_file() -> None:
    pinned = re.findall(r"(?m)^([\w.-]+)==", LOCK)
    assert set(pinned) == set(PINS)
    assert [name for name, hashes in PINS.items() if len(hashes - {"\\"}) < len({"a wheel", "the source"})] == []


def test_everything_declared_is_pinned() -> None:
    assert {name.lower().replace("_", "-") for name in declared()} <= set(PINS)


@pytest.mark.parametrize("trace", ["://", " @ ", "--index-url", "--find-links", "--trusted-host", "/home", "/tmp"])  # noqa: S108  looked for, not used
def test_the_lock_names_no_host_and_no_path(trace: str) -> None:
    assert trace not in LOCK


@pytest.mark.parametrize("heavy", ["torch", "numpy", "pandas", "nvidia"])
def test_the_lock_stays_light(heavy: str) -> None:
    assert not [name for name in PINS if name.startswith(heavy)]
