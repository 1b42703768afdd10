"""Every fault of environment and files at once, with file, line and cure; the signing key's whereabouts."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.configuration import Configuration, state_folder
from bot.wiring import load_configuration
from core.errors import ConfigurationFault
from core.proof.keys import SigningKey


def faults(*needs: str) -> list[str]:
    with pytest.raises(ConfigurationFault) as raised:
        load_configuration(*needs)  # type: ignore[arg-type]
    return raised.value.faults


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_example_clinic_is_in_order(environment: pytest.MonkeyPatch, clinic: Path) -> None:
    configured = load_configuration("slack_front", "vendors")
    assert configured.file.organisation == "Maple Valley Clinic"
    assert configured.timing.remind_before == timedelta(minutes=10)
    assert configured.timing.page_after == 5
    assert configured.roles == tuple(sorted(set(configured.roles)))
    assert "ehr_reader" in configured.roles
    assert configured.key_file == clinic.resolve() / ".chaperone" / "ledger.key"
    assert configured.variable("CLINIC_POSTGRES_URL").startswith("postgresql://")


def test_faults_of_every_file_and_the_environment_are_told_at_once(
    environment: pytest.MonkeyPatch, clinic: Path
) -> None:
    environment.delenv("SLACK_BOT_TOKEN")
    environment.delenv("CLINIC_POSTGRES_URL")
    rewrite(clinic / "catalogue.yaml", "level: read", "level: reed")
    rewrite(clinic / "policies" / "20-staging.cedar", '@approvals("0")', '@approvals("none")')
    rewrite(clinic / "people.yaml", "subject: p-ben", "subject: p-ana")
    found = faults("slack_api", "vendors")
    named = {Path(fault.partition(":")[0]).name for fault in found}
    assert named >= {"SLACK_BOT_TOKEN", "catalogue.yaml", "20-staging.cedar", "people.yaml", "chaperone.yaml"}
    for fault in found:
        assert fault.endswith(".")
        if not fault.startswith("SLACK"):
            _, line, _ = fault.split(":", 2)
            assert int(line) > 0


def test_faults_of_chaperone_yaml_name_their_line(environment: pytest.MonkeyPatch, clinic: Path) -> None:
    file = clinic / "chaperone.yaml"
    rewrite(file, "team: T0CLINIC", "team: clinic")
    rewrite(file, "remind_before: PT10M", "remind_befor: PT10M")
    rewrite(file, "grant_within: PT10M", "grant_within: 10")
    rewrite(file, "url_env: CLINIC_POSTGRES_URL", "url_env: postgresql://secret@h/d")
    rewrite(file, "origin: ledger.maplevalley.example/chaperone", "origin: two words")
    lines = file.read_text().splitlines()
    found = {int(fault.split(":")[1]): fault for fault in faults()}
    for word in ("team: clinic", "remind_befor", "grant_within: 10", "url_env:", "origin:"):
        number = next(i for i, line in enumerate(lines, 1) if word in line and not line.startswith("#"))
        assert number in found, word
    assert "Did you mean “remind_before”?" in "\n".join(found.values())


def test_a_broken_chaperone_yaml_does_not_hide_the_other_files(environment: pytest.MonkeyPatch, clinic: Path) -> None:
    (clinic / "chaperone.yaml").write_text("organisation: [")
    rewrite(clinic / "catalogue.yaml", "level: read", "level: reed")
    named = {Path(fault.partition(":")[0]).name for fault in faults()}
    assert named == {"chaperone.yaml", "catalogue.yaml"}


def test_without_a_folder_only_the_environment_is_judged(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("CHAPERONE_CONFIG")
    assert faults() == ["CHAPERONE_CONFIG: not set. Name the folder that holds chaperone.yaml."]


def test_a_yaml_directory_has_a_file(environment: pytest.MonkeyPatch, clinic: Path) -> None:
    rewrite(clinic / "chaperone.yaml", "  file: people.yaml\n", "")
    (fault,) = faults()
    assert "Add “file: people.yaml”." in fault


def test_a_vendor_of_the_catalogue_has_a_provider(environment: pytest.MonkeyPatch, clinic: Path) -> None:
    rewrite(clinic / "chaperone.yaml", "  aws:\n    region: us-east-1\n", "")
    (fault,) = faults()
    assert "Add aws under providers." in fault


def test_an_identity_store_needs_no_file(environment: pytest.MonkeyPatch, clinic: Path) -> None:
    rewrite(clinic / "chaperone.yaml", "kind: yaml\n  file: people.yaml", "kind: identity-store")
    assert load_configuration().file.directory.file is None


def test_the_bindings_of_an_identity_store_are_checked(environment: pytest.MonkeyPatch, clinic: Path) -> None:
    rewrite(clinic / "chaperone.yaml", "kind: yaml\n  file: people.yaml", "kind: identity-store\n  file: slack.yaml")
    (clinic / "slack.yaml").write_text("people: nobody\n")
    assert all(Path(fault.partition(":")[0]).name == "slack.yaml" for fault in faults())


# --- the signing key ----------------------------------------------------------------------------------------


def configured() -> Configuration:
    return load_configuration()


def test_a_missing_key_says_who_makes_it(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationFault, match="Run `chaperone release`"):
        configured().signing_key()


def test_the_environment_names_the_key_before_the_file(
    environment: pytest.MonkeyPatch, clinic: Path, tmp_path: Path
) -> None:
    rewrite(clinic / "chaperone.yaml", "chaperone\n", "chaperone\n  key_file: kept/ledger.key\n")
    assert configured().key_file == clinic / "kept" / "ledger.key"
    environment.setenv("LEDGER_KEY_FILE", str(tmp_path / "mounted.key"))
    assert configured().key_file == tmp_path / "mounted.key"


def test_a_key_of_another_log_is_refused(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "other.key"
    SigningKey.generate("another.example").write(path)
    environment.setenv("LEDGER_KEY_FILE", str(path))
    with pytest.raises(ConfigurationFault, match=r"another\.example"):
        configured().signing_key()


def test_what_we_make_goes_to_the_user_where_the_folder_is_closed(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    absent = tmp_path / "not-there"
    found = state_folder(absent)
    assert found.parent == tmp_path / "data" / "chaperone"
    assert found == state_folder(absent)
