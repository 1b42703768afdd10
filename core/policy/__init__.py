"""Who may, and on whose word: Cedar policies whose permits are paths with terms."""

from core.policy.durations import in_words, parse_duration
from core.policy.policy_set import Held, PolicySet, Ruling
from core.policy.question import Entity, Question, Uid, Value
from core.policy.terms import REQUIREMENTS, Forbid, Path, Stage

__all__ = [
    "REQUIREMENTS",
    "Entity",
    "Forbid",
    "Held",
    "Path",
    "PolicySet",
    "Question",
    "Ruling",
    "Stage",
    "Uid",
    "Value",
    "in_words",
    "parse_duration",
]
