"""The decisions of access: may this be asked for, and does this approval count. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from core.policy import Forbid, Path, PolicySet, Ruling
from playbooks.access.policy.approvers import approvers_in_words, counted, eligible_approvers, stage_to_ask
from playbooks.access.policy.facts import ApprovalFacts, RequestFacts
from playbooks.access.policy.fit import form_faults, path_faults, person_faults
from playbooks.access.policy.questions import approve_question, request_question


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, on which path, and why.

    ``path`` is the path taken; None where a request was refused. ``alternatives`` are the other paths that the
    policies hold open to this person: they fit as well (allowed), or would with other terms (refused). ``reasons``
    are whole sentences for people, each refusal with its cure. ``decided_by`` are the ids of the policies that
    decided, ``policy_hash`` the set they stood in.
    """

    allowed: bool
    path: Path | None
    alternatives: tuple[Path, ...]
    reasons: tuple[str, ...]
    policy_hash: str
    decided_by: tuple[str, ...]


def decide_request(policies: PolicySet, facts: RequestFacts) -> Decision:
    """Whether the request may go ahead, and on which one path.

    Of several paths that fit whole, the one with the fewest approvals is taken, then the shortest, then by id.
    """
    ruling = policies.rule(request_question(facts))
    open_ = sorted(ruling.paths, key=ease)
    fitting = [path for path in open_ if not any(path_faults(path, facts))]
    barred = _forbidden(ruling) or [*person_faults(facts), *form_faults(facts)]
    if ruling.allowed and not barred and fitting:
        path, *others = fitting
        return Decision(True, path, tuple(others), (_taken(path),), ruling.policy_hash, (path.id,))
    reasons = barred or _no_path(policies, open_, facts)
    decided_by = tuple(forbid.id for forbid in ruling.forbids)
    return Decision(False, None, tuple(open_), tuple(reasons), ruling.policy_hash, decided_by)


def decide_approval(policies: PolicySet, facts: ApprovalFacts) -> Decision:
    """Whether this approval counts: everything is asked again, with the facts and the policies of now.

    The path stays the one that was chosen. Where it no longer holds, the approval is refused: another path has other
    terms, and needs another request.
    """
    path = policies.paths.get(facts.path_id)
    if path is None:
        gone = f"The path “{facts.path_id}” is no longer in the policies. {_ASK_AGAIN}"
        return Decision(False, None, (), (gone,), policies.hash, ())
    ruling = policies.rule(request_question(facts.request))
    veto = policies.veto(approve_question(facts))
    reasons = [
        *(_forbidden(ruling) or _no_longer(path, ruling, facts.request)),
        *(_forbidden(veto) or filter(None, [_approver_fault(path, facts)])),
    ]
    if ruling.allowed and veto.allowed and not reasons:
        return Decision(True, path, (), tuple(_counts(path, facts)), policies.hash, (path.id,))
    forbids = dict.fromkeys(forbid.id for forbid in (*ruling.forbids, *veto.forbids))
    return Decision(False, path, (), tuple(dict.fromkeys(reasons)), policies.hash, tuple(forbids))


_ASK_AGAIN = "Ask the requester to withdraw and to ask again."
_UNEVALUATED = "The policies could not be evaluated ({error}), so nothing is allowed. Tell whoever keeps the policies."


def ease(path: Path) -> tuple[int, timedelta, str]:
    """The order in which paths are preferred."""
    return path.approvals, path.max_duration, path.id


def _forbidden(ruling: Ruling) -> list[str]:
    errors = [_UNEVALUATED.format(error=error) for error in ruling.errors]
    return errors + [_refusal(forbid) for forbid in ruling.forbids]


def _refusal(forbid: Forbid) -> str:
    return f"{forbid} (rule {forbid.id})"


def _taken(path: Path) -> str:
    asks = f"{path.approvals} approval{'' if path.approvals == 1 else 's'}" if path.approvals else "no approval"
    return f"Path “{path.title}” ({path.id}) fits and needs {asks}."


def _no_path(policies: PolicySet, open_: Iterable[Path], facts: RequestFacts) -> list[str]:
    """Why no path fits, each by name: those first that would with other terms.

    Where there are such, the others matter only if their length is what misled somebody into asking.
    """
    held = {path.id: path for path in open_}
    near = [f"{_named(path)}: {' '.join(path_faults(path, facts))}" for path in held.values()]
    others = [path for path in policies.paths.values() if path.id not in held]
    far = [path for path in others if not near or path.max_duration >= facts.duration]
    key, name = facts.entitlement.key, facts.requester.name
    not_for = [f"{_named(path)}: {_not_for(path, facts)}" for path in far]
    return [f"No path leads {name} to {key} on these terms.", *near, *not_for]


def _named(path: Path) -> str:
    return f"Path “{path.title}” ({path.id})"


def _not_for(path: Path, facts: RequestFacts) -> str:
    if path.applies_to:
        return f"it is for {path.applies_to}."
    return f"it does not apply to {facts.requester.name} and {facts.entitlement.key}."


def _no_longer(path: Path, ruling: Ruling, request: RequestFacts) -> list[str]:
    """Why a request that fitted the path when it was made does not fit now."""
    faults = [*person_faults(request), *form_faults(request), *path_faults(path, request)]
    if path not in ruling.paths:
        faults.insert(0, _not_for(path, request))
    return [f"{_named(path)} no longer holds: {' '.join(faults)} {_ASK_AGAIN}"] if faults else []


def _approver_fault(path: Path, facts: ApprovalFacts) -> str:
    """Why this approver's word does not count; empty where it does."""
    approver, request, done = facts.approver, facts.request, facts.already_approved_by
    name, own = approver.name, approver.subject == request.requester.subject
    asked = eligible_approvers(path, request, [approver], done, fallback_asked=facts.fallback_asked)
    faults = {
        f"{name} is deactivated in the directory and cannot approve. Ask somebody else.": not approver.active,
        f"{name} is a guest, and guests cannot approve. Ask somebody of the company.": approver.guest,
        f"{_named(path)} asks for no further approval. Nothing is left to do.": not stage_to_ask(path, request, done),
        f"Nobody approves their own request. Wait for {_who(path, facts)}.": own and not path.self_approval,
        f"{name} has approved already, and counts once. Wait for {_who(path, facts)}.": approver.subject in done,
        f"{name} is not among those who may approve this. Ask {_who(path, facts)}.": not asked,
    }
    return next((fault for fault, holds in faults.items() if holds), "")


def _who(path: Path, facts: ApprovalFacts) -> str:
    return approvers_in_words(path, facts.request, facts.already_approved_by, fallback_asked=facts.fallback_asked)


def _counts(path: Path, facts: ApprovalFacts) -> list[str]:
    """What the record should say of an approval that counts."""
    number = len(counted(path, facts.request, facts.already_approved_by)) + 1
    said = [f"Approval {number} of {path.approvals} on path “{path.title}” ({path.id})."]
    if facts.approver.subject == facts.request.requester.subject:
        said.append(f"Self-approved: the path “{path.id}” allows it in so many words.")
    return said
