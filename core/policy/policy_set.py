"""The policies in force: loaded and checked as a whole, then asked. Anything but a clean Allow is a refusal."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Self

import cedarpy

from core.policy.load import BASELINE, Loaded, load
from core.policy.question import Question, entities_json, request_json
from core.policy.terms import Forbid, Path

_FAILED = re.compile(r"error while evaluating policy `(?P<id>[^`]+)`: (?P<why>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the policies say to one question.

    ``paths`` are all permits that held, whatever the decision. ``forbids`` are those that held. ``errors`` make
    every decision a refusal: a forbid that could not be evaluated may have held.
    """

    allowed: bool
    paths: tuple[Path, ...]
    forbids: tuple[Forbid, ...]
    errors: tuple[str, ...]
    policy_hash: str


@dataclass(frozen=True, slots=True)
class Held:
    """One policy's part in a ruling: whether it held, or why it could not be evaluated (``error``)."""

    policy: Path | Forbid
    held: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    decision: cedarpy.Decision
    held: tuple[str, ...]
    errors: tuple[str, ...]

    @property
    def allows(self) -> bool:
        """The one place that reads a permission out of Cedar."""
        return self.decision is cedarpy.Decision.Allow and not self.errors


class PolicySet:
    """A checked set of policies. ``paths`` and ``forbids`` are by ``@id``; ``hash`` changes with any meaning."""

    def __init__(self, loaded: Loaded) -> None:
        self.paths: Mapping[str, Path] = MappingProxyType(loaded.paths)
        self.forbids: Mapping[str, Forbid] = MappingProxyType(loaded.forbids)
        self.hash = _digest(loaded)
        self._schema = loaded.schema
        self._all = _handle(loaded.ests)
        self._permits = _handle({id_: est for id_, est in loaded.ests.items() if id_ in loaded.paths})
        self._vetoes = _handle({id_: est for id_, est in loaded.ests.items() if id_ in loaded.forbids} | BASELINE)

    @classmethod
    def load(cls, folder: FilePath, schema: str) -> Self:
        """Read every ``*.cedar`` file of ``folder``, in name order, against a Cedar ``schema`` (its text).

        Raises ConfigurationFault with all faults of all files: what does not parse or validate, a missing or
        repeated ``@id``, a permit without its terms, an annotation that is not understood.
        """
        return cls(load(folder, schema))

    def rule(self, question: Question) -> Ruling:
        """The ruling on one question."""
        return self.rule_each([question])[0]

    def rule_each(self, questions: Sequence[Question]) -> list[Ruling]:
        """A ruling for each question, for the price of reading their entities once.

        Questions that disagree about an entity, or do not fit the schema, are all refused with the error.
        """
        decided = self._ask(self._all, questions)
        # a forbid that holds hides the permits that held, and people are told of both
        hidden = any(self._forbids(answer) for answer in decided)
        permitted = self._ask(self._permits, questions) if hidden else decided
        return [self._ruling(whole, permits) for whole, permits in zip(decided, permitted, strict=True)]

    def veto(self, question: Question) -> Ruling:
        """Whether any forbid speaks against it, permits aside. Allowed means that none does and all could be asked."""
        (answer,) = self._ask(self._vetoes, [question])
        return Ruling(answer.allows, (), self._forbids(answer), answer.errors, self.hash)

    def explain(self, question: Question) -> tuple[Held, ...]:
        """For each path, then each forbid, whether it held. A question that cannot be asked is an error in each."""
        (permits,), (forbids,) = self._ask(self._permits, [question]), self._ask(self._vetoes, [question])
        return (
            *(Held(path, path.id in permits.held, _why(path.id, permits)) for path in self.paths.values()),
            *(Held(forbid, forbid.id in forbids.held, _why(forbid.id, forbids)) for forbid in self.forbids.values()),
        )

    def _ruling(self, whole: _Answer, permits: _Answer) -> Ruling:
        paths = tuple(self.paths[id_] for id_ in permits.held if id_ in self.paths)
        return Ruling(whole.allows, paths, self._forbids(whole), whole.errors, self.hash)

    def _forbids(self, answer: _Answer) -> tuple[Forbid, ...]:
        return tuple(self.forbids[id_] for id_ in answer.held if id_ in self.forbids)

    def _ask(self, handle: cedarpy.PolicySet, questions: Sequence[Question]) -> list[_Answer]:
        try:
            entities = cedarpy.Entities.from_json_str(json.dumps(entities_json(questions)), self._schema)
        except ValueError as error:
            return [_Answer(cedarpy.Decision.NoDecision, (), (str(error),))] * len(questions)
        requests = [request_json(question) for question in questions]
        results = cedarpy.is_authorized_batch(requests, handle, entities, schema=self._schema)
        return [_answer(result) for result in results]


def _answer(result: cedarpy.AuthzResult) -> _Answer:
    return _Answer(result.decision, tuple(sorted(result.diagnostics.reasons)), tuple(result.diagnostics.errors))


def _why(policy_id: str, answer: _Answer) -> str:
    """The error of this policy, or of the question as a whole; nothing where another policy failed."""
    for error in answer.errors:
        found = _FAILED.fullmatch(error)
        if found is None:
            return error
        if found["id"] == policy_id:
            return found["why"]
    return ""


def _handle(ests: Mapping[str, object]) -> cedarpy.PolicySet:
    written = {"templates": {}, "templateLinks": [], "staticPolicies": dict(ests)}
    return cedarpy.PolicySet.from_json_str(json.dumps(written))


def _digest(loaded: Loaded) -> str:
    """SHA-256 (hex) over what the policies mean: neither comments nor layout nor file names change it."""
    canonical = json.dumps([str(loaded.schema), loaded.ests], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
