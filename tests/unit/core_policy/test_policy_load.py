"""A policy set is loaded as a whole or refused with every fault, each with its file, line and cure."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import ConfigurationFault
from core.policy import PolicySet, Stage

Load = Callable[..., PolicySet]

FULL = """// a comment; with a semicolon and a "quote
@id("read")
@title("Reading; \\"quoted\\"")
@applies_to("engineers")
@max_duration("PT4H")
@approvals("1; 2")
@approvers("manager; group:dba, owner")
@requires("purpose, ticket")
@request_expires("PT2H")
@fallback("group:security")
@self_approval("allowed")
@grace("PT5M")
@note("Agreed with the board.")
permit (principal in Group::"eng", action == Action::"request", resource);

@id("hold")
@reason("On hold.")
@cure("Ask Priya.")
forbid (principal, action, resource) when { resource.secret };
"""


def faults_of(load: Load, text: str) -> list[str]:
    with pytest.raises(ConfigurationFault) as caught:
        load(text)
    return [fault.partition(".cedar:")[2] for fault in caught.value.faults]


def test_a_permit_is_a_path_with_all_its_terms(load: Load) -> None:
    path = load(FULL).paths["read"]

    assert path.title == 'Reading; "quoted"'
    assert path.max_duration == timedelta(hours=4)
    assert path.stages == (Stage(1, ("manager",)), Stage(2, ("group:dba", "owner")))
    assert path.approvals == 3
    assert path.approvers == ("manager", "group:dba", "owner")
    assert path.requires == {"purpose", "ticket"}
    assert path.request_expires == timedelta(hours=2)
    assert path.fallback == "group:security"
    assert path.self_approval
    assert path.grace == timedelta(minutes=5)
    assert path.applies_to == "engineers"
    assert path.annotations["note"] == "Agreed with the board."


def test_a_forbid_carries_its_reason_and_cure(load: Load) -> None:
    assert str(load(FULL).forbids["hold"]) == "On hold. Ask Priya."


def test_terms_left_out_have_safe_defaults(load: Load, terms: str) -> None:
    path = load(f'@id("a") {terms} permit (principal, action, resource);').paths["a"]

    assert (path.stages, path.approvals, path.approvers) == ((), 0, ())
    assert (path.requires, path.fallback, path.self_approval) == (frozenset(), None, False)
    assert (path.request_expires, path.grace) == (timedelta(hours=8), timedelta(minutes=15))


def test_stages_are_asked_one_after_the_other(load: Load) -> None:
    path = load(FULL).paths["read"]

    assert [path.stage_after(count) for count in range(5)] == [
        path.stages[0],
        path.stages[1],
        path.stages[1],
        None,
        None,
    ]


A_PERMIT = '@title("T") @max_duration("PT1H") @approvals("0")\npermit (principal, action, resource);'


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (f"\n\n{A_PERMIT}", 3, '@id("") is missing'),
        (f'@id("A b")\n{A_PERMIT}', 1, '@id("A b")'),
        (f"@id\n{A_PERMIT}", 1, '@id("")'),
        ((f'@id("a") {A_PERMIT}\n@title("x")\n@id("a") @max_duration("PT1H") @approvals("0")\n'
         "permit (principal, action, resource);"), 4, '@id("a") is taken by'),
        ('@id("a")\n@max_duration("PT1H") @approvals("0") permit (principal, action, resource);', 1, "needs @title"),
        ('@id("a") @title("T") @approvals("0") permit (principal, action, resource);', 1, "needs @max_duration"),
        ('@id("a") @title("T") @max_duration("PT1H") permit (principal, action, resource);', 1, "needs @approvals"),
        ('@id("a") @reason("R") forbid (principal, action, resource);', 1, "needs @cure"),
        ('@id("a") @cure("C") @reason(" ") forbid (principal, action, resource);', 1, "needs @reason"),
        (f'@id("a")\n@aprovers("owner")\n{A_PERMIT}', 2, "@aprovers means nothing in a permit"),
        ('@id("a") @reason("R") @cure("C")\n@approvals("1")\nforbid (principal, action, resource);', 2, "@approvals"),
        (f'@id("a")\n@requires("purpose, mood")\n{A_PERMIT}', 2, "“mood” cannot be required"),
        (f'@id("a")\n@requires("purpose,,ticket")\n{A_PERMIT}', 2, "has an empty place"),
        (f'@id("a")\n@fallback("security")\n{A_PERMIT}', 2, "“security” is nobody"),
        (f'@id("a")\n@self_approval("yes")\n{A_PERMIT}', 2, 'Write "allowed"'),
        (f'@id("a")\n@grace("5 minutes")\n{A_PERMIT}', 2, "is not a duration"),
        (f'@id("a")\n@request_expires("PT0S")\n{A_PERMIT}', 2, "is no time at all"),
        (f'@id("a")\n@approvers("owner")\n{A_PERMIT}', 3, "0 stages of @approvals, 1 of @approvers"),
        ('@id("a") @title("T") @max_duration("PT1H")\n@approvals("1") permit (principal, action, resource);', 2,
         "1 stages of @approvals, 0 of @approvers"),
        (('@id("a") @title("T") @max_duration("PT1H") @approvals("1; 0")\n@approvers("owner; manager")\n'
         "permit (principal, action, resource);"), 1, "is not a number of people"),
        (('@id("a") @title("T") @max_duration("PT1H")\n@approvals("many") @approvers("owner")\n'
         "permit (principal, action, resource);"), 2, "is not a number of people"),
        (('@id("a") @title("T") @max_duration("PT1H") @approvals("1")\n@approvers("group:a b")\n'
         "permit (principal, action, resource);"), 2, "is nobody"),
        (f'@id("a") {A_PERMIT[:-1]}\nwhen {{ principal.colour == "red" }};', 1, "attribute `colour`"),
        (f'@id("a") {A_PERMIT[:-1]}\nwhen {{ principal.nick == "x" }};', 1, "optional attribute `nick`"),
        (('@id("a") @title("T") @max_duration("PT1H") @approvals("0")\n'
         'permit (principal, action == Action::"steal", resource);'), 1, "unrecognized action"),
        (f'{A_PERMIT.replace("principal,", "principal == ?principal,")}', 1, "a template"),
        ("\n\npermit (principal action, resource);", 3, "not a Cedar policy"),
        (f'@id("a") {A_PERMIT}\n\npermit (principal', 4, "not a Cedar policy"),
        (f'@id("a") @id("b") {A_PERMIT}', 1, "duplicate annotation"),
        (f'@id("a") {A_PERMIT}\n;', 3, "not a Cedar policy"),
        (f'@id("a") {A_PERMIT}\n"open', 3, "not a Cedar policy"),
    ],
)  # fmt: skip
def test_a_fault_names_its_line_and_what_is_wrong(load: Load, text: str, line: int, what: str) -> None:
    (fault,) = faults_of(load, text)

    assert fault.startswith(f"{line}: ")
    assert what in fault
    assert fault.endswith((".", "”."))


def test_all_faults_of_all_files_come_at_once(load: Load, terms: str) -> None:
    bad = "permit (principal, action, resource);"
    with pytest.raises(ConfigurationFault) as caught:
        load(b=f'@id("x") {terms} {bad}', a=f'@id("x") {bad}\n{bad} forbid (', c=f'@id("c") {terms} {bad}')

    text = str(caught.value)
    assert text.count("needs @title") == 2
    assert text.count("is missing") == 1
    assert text.count("not a Cedar policy") == 1
    assert text.count("b.cedar:1: @id") == 1
    assert "c.cedar" not in text


def test_files_are_read_in_the_order_of_their_names(load: Load, terms: str) -> None:
    permit = "permit (principal, action, resource);"
    loaded = load(b=f'@id("x") {terms} {permit}', a=f'@id("y") {terms} {permit}')

    assert list(loaded.paths) == ["y", "x"]


def test_a_folder_without_policies_is_refused(load: Load) -> None:
    with pytest.raises(ConfigurationFault, match="no policy here"):
        load()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFault, match="no policy here"):
        PolicySet.load(tmp_path / "nowhere", "entity A;")


def test_a_file_that_is_not_text_is_refused_with_the_others(load: Load, tmp_path: Path) -> None:
    tmp_path.joinpath("a.cedar").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationFault, match=r"a\.cedar:1: cannot be read"):
        load("")


def test_a_schema_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFault, match="Mend the schema"):
        PolicySet.load(tmp_path, "entity A = { b: Nothing };")


def test_the_hash_follows_the_meaning_not_the_layout(load: Load, tmp_path: Path) -> None:
    first = load(FULL).hash
    assert len(first) == 64

    (tmp_path / "only.cedar").rename(tmp_path / "renamed.cedar")
    assert load(renamed=f"// more words\n{FULL}").hash == first
    assert load(renamed=FULL.replace('"PT4H"', '"PT5H"')).hash != first
    assert load(renamed=FULL.replace("resource.secret", "!resource.secret")).hash != first
