"""The guard on free text: what looks private is refused before it is stored, and the person is told which words."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import PrivateTextRefused
from core.privacy.kinds import RULES, Kind, Rule
from core.privacy.plain import Plain, plain

_SHOWN = 2
_DOTS = "••••"
_SECRET_THROUGHOUT = {Kind.password, Kind.birth_date}  # short, or guessed from its beginning


@dataclass(frozen=True, slots=True)
class Finding:
    """Words that look private: ``text[start:end]`` of the original.

    ``shown`` is masked, harmless to repeat to the person who wrote it; the words themselves are deliberately not
    kept here, so that a finding may appear in a trace.
    """

    kind: Kind
    start: int
    end: int
    shown: str


def scan(text: str) -> tuple[Finding, ...]:
    """Everything in ``text`` that looks like patient data or a credential, in order, without overlaps."""
    made_plain = plain(text)
    kept: list[Finding] = []
    for finding in (found for rule in RULES for found in _matches(rule, made_plain)):
        if not any(finding.start < other.end and other.start < finding.end for other in kept):
            kept.append(finding)
    return tuple(sorted(kept, key=lambda finding: finding.start))


def refuse_if_private(text: str, field: str) -> None:
    """Raise PrivateTextRefused where ``scan`` finds anything, naming each offending place (masked) and the cure.

    ``field`` is the field's label as the person sees it. The error's text is for that person alone: do not log it.
    """
    if findings := scan(text):
        words = "; ".join(f"“{finding.shown}” looks like {finding.kind.label}" for finding in findings)
        text = f"{field}: {words}. Nothing was stored. Say it without these words, then send it again."
        raise PrivateTextRefused(text, field=field)


def _matches(rule: Rule, made_plain: Plain) -> Iterator[Finding]:
    for match in rule.pattern.finditer(made_plain.text):
        value = match["value"]
        if value and rule.check(value):
            label = made_plain.text[match.start() : match.start("value")]
            yield Finding(rule.kind, *made_plain.span(*match.span("value")), label + _masked(rule.kind, value))


def _masked(kind: Kind, value: str) -> str:
    """Enough to find the words again, too little to be worth reading."""
    if kind is Kind.private_key:
        return value  # the heading alone, which is the same in every key
    return _DOTS if kind in _SECRET_THROUGHOUT else value[:_SHOWN] + _DOTS
