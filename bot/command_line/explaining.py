"""`chaperone access explain`: a decision taken apart. Asks the directory, records nothing."""

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta

import typer
from rich.markup import escape

from bot import wiring
from bot.command_line.output import REFUSED, console, say, say_json, table
from bot.configuration import Configuration
from core.errors import ConfigurationFault, NotFound
from core.policy import Held, Path, in_words, parse_duration
from integrations.ports import Directory, Person
from playbooks.access.commands.people import Asked, eligible
from playbooks.access.policy import Decision, RequestFacts, decide_request, request_question

_SHORT = re.compile(r"(\d{1,6})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Wish:
    """A request as it would be made."""

    person: str
    entitlement: str
    duration: str
    purpose: str | None
    reason: str
    minimum: str | None


@dataclass(frozen=True, slots=True)
class _Explained:
    person: Person
    decision: Decision
    held: tuple[Held, ...]
    asked: Asked


def explain(wish: Wish, *, as_json: bool) -> None:
    """Decide as for a real request, and show every part of it."""
    configured = wiring.load_configuration()
    found = asyncio.run(_explained(configured, wish))
    if as_json:
        say_json(_facts(wish, found))
    else:
        _show(wish, found)
    if not found.decision.allowed:
        raise typer.Exit(REFUSED)


async def _explained(configured: Configuration, wish: Wish) -> _Explained:
    entitlement = configured.catalogue.entitlement(wish.entitlement)
    async with wiring.directory_alone(configured) as directory:
        person = await _person(directory, configured.file.slack.team, wish.person)
        facts = RequestFacts(
            requester=person,
            entitlement=entitlement,
            duration=_duration(wish.duration),
            reason=wish.reason,
            purpose=wish.purpose,
            minimum_necessary=wish.minimum,
            now=wiring.clock_of(configured.settings).now(),
        )
        decision = decide_request(configured.policies, facts)
        held = configured.policies.explain(request_question(facts))
        path = decision.path
        asked = await eligible(directory, configured.policies, path, facts) if path and path.approvals else Asked(())
        return _Explained(person, decision, held, asked)


async def _person(directory: Directory, team: str, name: str) -> Person:
    try:
        return await directory.person(name)
    except NotFound:
        return await directory.by_slack(team, name)


def _duration(text: str) -> timedelta:
    short = _SHORT.fullmatch(text)
    try:
        return timedelta(**{_UNITS[short[2]]: int(short[1])}) if short else parse_duration(text)
    except (ValueError, OverflowError):
        raise ConfigurationFault([f"--duration: “{text}” is not a length. Write 30m, 1h, 3d or PT1H."]) from None


def _facts(wish: Wish, found: _Explained) -> dict[str, object]:
    decision = found.decision
    return {
        "person": found.person.subject,
        "entitlement": wish.entitlement,
        "allowed": decision.allowed,
        "path": decision.path.id if decision.path else None,
        "reasons": list(decision.reasons),
        "policy_hash": decision.policy_hash,
        "approvals": decision.path.approvals if decision.path else None,
        "approvers": [each.subject for each in found.asked.people],
        "fallback_asked": found.asked.fallback,
        "policies": [
            {"id": each.policy.id, "kind": _kind(each), "held": each.held, "error": each.error} for each in found.held
        ],
    }


def _show(wish: Wish, found: _Explained) -> None:
    decision = found.decision
    said = "may ask for" if decision.allowed else "may not have"
    say(f"[bold]{escape(found.person.name)} {said} {escape(wish.entitlement)}[/] ({escape(wish.duration)})")
    for reason in decision.reasons:
        say(f"  {escape(reason)}")
    if decision.path and decision.path.approvals:
        names = ", ".join(each.name for each in found.asked.people) or "nobody is there"
        say(f"  Could approve{' (fallback)' if found.asked.fallback else ''}: {escape(names)}")
    rows = [(_held(each), _kind(each), each.policy.id, _terms(each)) for each in found.held if each.held or each.error]
    console().print(table("", ("", "kind", "policy", "terms"), rows))
    say(f"not for this: {', '.join(each.policy.id for each in found.held if not (each.held or each.error))}")
    say(f"policy set {decision.policy_hash}")


def _held(each: Held) -> str:
    return "! error" if each.error else "✓ holds"


def _kind(each: Held) -> str:
    return "path" if isinstance(each.policy, Path) else "forbid"


def _terms(each: Held) -> str:
    policy = each.policy
    if each.error:
        return each.error
    if isinstance(policy, Path):
        many = f"{policy.approvals} approval{'' if policy.approvals == 1 else 's'}"
        return f"up to {in_words(policy.max_duration)}, {many}. {policy.applies_to}"
    return str(policy)
