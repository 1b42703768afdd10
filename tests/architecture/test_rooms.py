"""Each playbook has the same rooms and no other: whoever knows one knows all."""

from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

ROOMS = {"lifecycle", "models", "policy", "commands", "jobs", "blocks"}
RULES_AS_DATA = {".yaml", ".cedar", ".cedarschema"}
PLAYBOOKS = sorted(path.parent for path in (ROOT / "playbooks").glob("*/__init__.py"))


def rooms(playbook: Path) -> list[str]:
    modules = [path.stem for path in playbook.glob("*.py") if path.stem != "__init__"]
    packages = [path.parent.name for path in playbook.glob("*/__init__.py")]
    return sorted(modules + packages)


def test_there_is_a_playbook_to_look_at() -> None:
    assert PLAYBOOKS


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.name)
def test_a_playbook_has_the_six_rooms_and_no_other(playbook: Path) -> None:
    assert rooms(playbook) == sorted(ROOMS), "a module and a folder of the same name count twice"


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.name)
def test_what_stands_beside_the_rooms_is_rules_as_data(playbook: Path) -> None:
    others = [p for p in playbook.rglob("*") if p.is_file() and p.suffix not in {".py", ".pyc"} | RULES_AS_DATA]
    assert others == []


def test_only_reactions_stands_beside_the_playbooks() -> None:
    modules = {path.stem for path in (ROOT / "playbooks").glob("*.py")} - {"__init__"}
    assert modules <= {"reactions"}
