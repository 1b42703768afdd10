"""A folder of Cedar files read and checked as a whole, before anything is asked of it."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import cedarpy

from core.errors import ConfigurationFault
from core.policy.annotations import read_id, read_terms
from core.policy.source import Statement, statements
from core.policy.terms import Forbid, Path

_BASELINE_TEXT = "permit (principal, action, resource);"
BASELINE: dict[str, Any] = {
    "anyone unless forbidden": json.loads(cedarpy.policies_to_json_str(_BASELINE_TEXT))["staticPolicies"]["policy0"]
}
"""The permit beside which forbids are asked alone. No ``@id`` can be written like its name."""


@dataclass
class Loaded:
    """What a folder holds: the policies in Cedar's JSON form and their terms, all by ``@id``."""

    schema: cedarpy.Schema
    ests: dict[str, Any] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    forbids: dict[str, Forbid] = field(default_factory=dict)


def load(folder: FilePath, schema: str) -> Loaded:
    """Everything that the folder's ``*.cedar`` files say. Raises ConfigurationFault with all of their faults."""
    try:
        loaded = Loaded(cedarpy.Schema.from_str(schema))
    except ValueError as error:
        raise ConfigurationFault([f"{folder}:1: the policy schema: {error}. Mend the schema."]) from None
    read, faults = _read(folder)
    for statement in read:
        faults += _take(statement, loaded)
    faults += _repeated(read)
    if not read and not faults:
        faults.append(f"{folder}:1: no policy here, so nobody may do anything. Add a *.cedar file with a permit.")
    if faults:
        raise ConfigurationFault(faults)
    return loaded


def _read(folder: FilePath) -> tuple[list[Statement], list[str]]:
    read: list[Statement] = []
    faults = []
    for file in sorted(folder.glob("*.cedar")):
        try:
            read += statements(file, file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            faults.append(f"{file}:1: cannot be read ({error}). Make it a readable UTF-8 file.")
    return read, faults


def _take(statement: Statement, loaded: Loaded) -> list[str]:
    """Add one policy to what is loaded and answer its faults."""
    try:
        est = statement.est
    except ValueError as error:
        return [statement.fault(f"not a Cedar policy: {error}. Mend what stands between here and the next “;”.")]
    faults = []
    try:
        loaded.ests[read_id(statement)] = est
    except ValueError as error:
        faults.append(statement.fault(str(error), "id"))
    terms, faulty = read_terms(statement)
    match terms:
        case Path():
            loaded.paths[terms.id] = terms
        case Forbid():
            loaded.forbids[terms.id] = terms
    return [*faults, *faulty, *_against(statement, loaded.schema)]


def _against(statement: Statement, schema: cedarpy.Schema) -> list[str]:
    errors = cedarpy.validate_policies(statement.text, schema).errors
    what = "; ".join(error.error.removeprefix("for policy `policy0`, ") for error in errors)
    return [statement.fault(f"does not fit the schema: {what}. Use names and types of the schema.")] if errors else []


def _repeated(read: list[Statement]) -> list[str]:
    ids = [(_id_or_none(statement), statement) for statement in read]
    times = Counter(id_ for id_, _ in ids)
    first = dict(reversed(ids))
    return [
        statement.fault(f'@id("{id_}") is taken by {first[id_].file}:{first[id_].line_of("id")}. Rename one.', "id")
        for id_, statement in ids
        if id_ and times[id_] > 1 and statement is not first[id_]
    ]


def _id_or_none(statement: Statement) -> str | None:
    try:
        return read_id(statement)
    except ValueError:
        return None
