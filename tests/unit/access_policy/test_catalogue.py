"""The catalogue is loaded whole or refused with every fault at its line."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigurationFault, NotFound
from playbooks.access.policy import Catalogue, Purpose

GOOD = """training_link: https://learn.example
targets:
  - id: ehr-db
    title: EHR
    vendor: postgres
    environment: prod
    sensitivity: [phi, pii]
    owner: group:dba
    how_to: psql
    parameters: {database: ehr}
    entitlements:
      - id: read
        title: Read
        description: Select.
        level: read
        parameters: {role: reader}
  - id: aws
    title: AWS
    vendor: aws
    environment: staging
    sensitivity: []
    owner: person:p-1
    how_to: sign in
    parameters: {account: "111122223333"}
    entitlements:
      - {id: read, title: R, description: D, level: read, parameters: {permission_set: ReadOnly}}
      - {id: admin, title: A, description: D, level: admin, parameters: {permission_set: Admin}}
"""


def load(tmp_path: Path, text: str) -> Catalogue:
    file = tmp_path / "catalogue.yaml"
    file.write_text(text, encoding="utf-8")
    return Catalogue.load(file)


def test_targets_and_entitlements_are_found_by_name(tmp_path: Path) -> None:
    catalogue = load(tmp_path, GOOD)
    read = catalogue.entitlement("ehr-db/read")

    assert list(catalogue.targets) == ["ehr-db", "aws"]
    assert list(catalogue.entitlements) == ["ehr-db/read", "aws/read", "aws/admin"]
    assert (read.key, read.level, dict(read.parameters)) == (
        "ehr-db/read",
        "read",
        {"database": "ehr", "role": "reader"},
    )
    assert read.target.phi
    assert read.target.training_link == "https://learn.example"
    assert not catalogue.targets["aws"].phi
    assert dict(catalogue.entitlement("aws/admin").parameters) == {
        "account": "111122223333",
        "permission_set": "Admin",
    }
    assert [each.id for each in catalogue.of("aws")] == ["read", "admin"]
    assert catalogue.of("nowhere") == ()


@pytest.mark.parametrize("key", ["ehr-db/drop", "nowhere/read", "ehr-db", ""])
def test_what_is_not_in_the_catalogue_is_not_found(tmp_path: Path, key: str) -> None:
    with pytest.raises(NotFound, match="is not in the catalogue"):
        load(tmp_path, GOOD).entitlement(key)


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (("owner: group:dba", "owner: dba"), ["8: targets.0.owner"]),
        (("[phi, pii]", "[phl]"), ["7: targets.0.sensitivity.0"]),
        (("    sensitivity: [phi, pii]\n", ""), ["3: targets.0.sensitivity: field required. Add it."]),
        (('"111122223333"', "111122223333"), ["24: targets.1.parameters.account", "Put it in quotes."]),
        (("id: aws", "id: ehr-db"), ["17: id “ehr-db” is taken by line 3. Choose another."]),
        (("id: admin", "id: read"), ["27: id “read” is taken by line 26. Choose another."]),
        (("{role: reader}", "{rolle: reader}"), ["12: postgres needs role.", "16: “rolle” means nothing here."]),
        (('    parameters: {account: "111122223333"}\n', ""), ["25: aws needs account.", "26: aws needs account."]),
        (("{database: ehr}", "{port: '1'}"), ["10: “port” means nothing here. Use one of: role, database."]),
        (("title: EHR", "titel: EHR"), ["4: “targets.0.titel” is not known here. Did you mean “title”?"]),
        (("vendor: aws", "vendor: oracle"), ["19: targets.1.vendor"]),
        (("id: ehr-db", "id: EHR_DB"), ["3: targets.0.id"]),
        (("level: read\n", "level: look\n"), ["15: targets.0.entitlements.0.level"]),
    ],
)  # fmt: skip
def test_every_fault_has_its_line_and_cure(tmp_path: Path, change: tuple[str, str], faults: list[str]) -> None:
    with pytest.raises(ConfigurationFault) as caught:
        load(tmp_path, GOOD.replace(*change))

    for fault in faults:
        assert fault in str(caught.value)


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("id: aws", "id: ehr-db").replace("how_to: psql", "how_to: ''").replace("id: admin", "id: read")
    with pytest.raises(ConfigurationFault) as caught:
        load(tmp_path, text)

    assert len(caught.value.faults) == 3


@pytest.mark.parametrize("text", ["", "- 1\n", "targets: 3\n", "targets: []\ntraining_link: x\n"])
def test_a_catalogue_without_targets_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationFault):
        load(tmp_path, text)


def test_every_purpose_can_be_told_to_people() -> None:
    assert all(purpose.label[0].isupper() for purpose in Purpose)


def test_the_clinic_marks_patient_data_honestly(clinic: Any) -> None:
    phi = {target.id for target in clinic.catalogue.targets.values() if target.phi}

    assert phi == {"ehr-db", "billing-db", "aws-prod-admin"}
    assert not any(clinic.catalogue.targets[id_].environment == "staging" for id_ in phi)


def test_the_clinic_names_only_groups_and_people_that_it_has(clinic: Any) -> None:
    groups = {group for person in clinic.people.values() for group in person.groups}
    named = {name for path in clinic.policies.paths.values() for name in (*path.approvers, path.fallback)}
    named |= {target.owner for target in clinic.catalogue.targets.values()}
    known = {f"group:{group}" for group in groups} | {f"person:{subject}" for subject in clinic.people}

    assert named <= known | {"owner", "manager", None}
