"""A question to the policies, as plain frozen facts, and its translation into Cedar's JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Uid:
    """A thing that policies can name: ``Uid("Person", "p-ana")`` is ``Person::"p-ana"``."""

    type: str
    id: str


Value = bool | int | str | datetime | timedelta | Uid | frozenset[Any] | tuple[Any, ...] | Mapping[str, Any]
"""What an attribute may be. Sets are frozensets or tuples, records mappings; instants must carry a time zone."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing with its attributes and what it is in. An attribute that is None is left out."""

    uid: Uid
    attributes: Mapping[str, Value | None] = field(default_factory=dict, hash=False)  # part of ==, as it must be
    parents: tuple[Uid, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Whether ``principal`` may do ``action`` to ``resource``, in this ``context``.

    ``others`` are further entities that conditions may look at. A context value that is None is left out.
    """

    principal: Entity
    action: str
    resource: Entity
    context: Mapping[str, Value | None] = field(default_factory=dict, hash=False)
    others: tuple[Entity, ...] = ()


def request_json(question: Question) -> dict[str, Any]:
    """One request as ``cedarpy.is_authorized`` takes it."""
    return {
        "principal": _uid(question.principal.uid),
        "action": _uid(Uid("Action", question.action)),
        "resource": _uid(question.resource.uid),
        "context": _record(question.context),
    }


def entities_json(questions: Iterable[Question]) -> list[dict[str, Any]]:
    """Every entity that any of the questions speaks of, once where they agree about it."""
    seen: dict[Uid, list[Entity]] = {}
    for question in questions:
        for entity in (question.principal, question.resource, *question.others):
            known = seen.setdefault(entity.uid, [])
            if not any(entity is other or entity == other for other in known):
                known.append(entity)
    return [_entity(entity) for known in seen.values() for entity in known]


def _entity(entity: Entity) -> dict[str, Any]:
    parents = [_uid(parent) for parent in entity.parents]
    return {"uid": _uid(entity.uid), "attrs": _record(entity.attributes), "parents": parents}


def _record(values: Mapping[str, Value | None]) -> dict[str, Any]:
    return {name: _value(value) for name, value in values.items() if value is not None}


def _uid(uid: Uid) -> dict[str, str]:
    return {"type": uid.type, "id": uid.id}


def _value(value: Value) -> Any:
    match value:
        case Uid():
            return {"__entity": _uid(value)}
        case datetime():
            return _extension("datetime", _instant(value))
        case timedelta():
            return _extension("duration", f"{_milliseconds(value)}ms")
        case Mapping():
            return _record(value)
        case frozenset() | tuple():
            return sorted((_value(each) for each in value), key=repr)
        case _:
            return value


def _extension(function: str, argument: str) -> dict[str, Any]:
    return {"__extn": {"fn": function, "arg": argument}}


def _instant(value: datetime) -> str:
    whole = _EPOCH + timedelta(milliseconds=_milliseconds(value - _EPOCH))
    return whole.strftime("%Y-%m-%dT%H:%M:%S.") + f"{whole.microsecond // 1000:03d}Z"


def _milliseconds(length: timedelta) -> int:
    """Cedar counts in milliseconds; what is finer is cut off."""
    return length // timedelta(milliseconds=1)
