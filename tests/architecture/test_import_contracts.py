"""The import contracts of pyproject.toml hold, and playbooks see nothing of integrations but the doors."""

import pytest
from grimp import ImportGraph, build_graph
from importlinter.api import read_configuration
from importlinter.application.use_cases import lint_imports

from tests.architecture.source_tree import ROOT

CONFIGURATION = str(ROOT / "pyproject.toml")
DOORS = {"integrations.ports", "integrations.messages"}
"""What a playbook may import of integrations."""


@pytest.fixture(scope="module")
def graph() -> ImportGraph:
    packages = read_configuration(CONFIGURATION)["session_options"]["root_packages"]
    return build_graph(*packages, cache_dir=None)


def test_every_contract_is_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    kept = lint_imports(CONFIGURATION, cache_dir=None, no_logo=True)
    assert kept, capsys.readouterr().out


def test_playbooks_import_nothing_of_integrations_but_the_doors(graph: ImportGraph) -> None:
    playbooks = graph.find_descendants("playbooks") | {"playbooks"}
    imported = {other for each in playbooks for other in graph.find_modules_directly_imported_by(each)}
    assert {name for name in imported if name.startswith("integrations")} <= DOORS


def test_every_vendor_is_protected_by_the_wiring_contract(graph: ImportGraph) -> None:
    contracts = {each["id"]: each for each in read_configuration(CONFIGURATION)["contracts_options"]}
    vendors = {name for name in graph.find_children("integrations") if "fake" not in name} - DOORS
    assert set(contracts["wiring"]["protected_modules"]) == vendors
