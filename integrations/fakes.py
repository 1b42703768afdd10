"""A hand-written access provider in memory, with faults that a test or a benchmark switches on."""

from collections import Counter, defaultdict, deque
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from core.clock import Clock, SystemClock
from core.errors import ChaperoneError, Permanent, Transient
from integrations.ports import Access, AccessProvider, Observed, Receipt

Operation = Literal["observe", "grant", "revoke", "poll", "check"]
_Place = tuple[str, str]


@dataclass
class FakeSession:
    """A live session of an account. It dies when the account's access is revoked."""

    account: str
    live: bool = True

    async def alive(self) -> bool:
        return self.live


@dataclass
class _Change:
    """A change that the vendor took on and has not carried out yet."""

    access: Access
    until: datetime | None  # None: it is a revoke
    polls_left: int
    failure: str | None = None


@dataclass
class _Faults:
    """What goes wrong next. Each counter or queue is used up from the front."""

    errors: dict[Operation | None, deque[ChaperoneError]] = field(default_factory=dict)
    lost_replies: int = 0
    lies: int = 0
    pending: deque[tuple[int, str | None]] = field(default_factory=deque)


class FakeProvider(AccessProvider):
    """Keeps entitlements in memory. ``accounts`` and ``entitlements`` name what exists; None means everything does.

    ``calls`` counts calls by operation, whatever became of them. ``effects`` lists the changes that took hold, as
    ``(operation, access)``: a repeated grant or an empty revoke adds nothing to it.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        accounts: Collection[str] | None = None,
        entitlements: Collection[str] | None = None,
        native_expiry: bool = True,
    ) -> None:
        self.native_expiry = native_expiry
        self.calls: Counter[Operation] = Counter()
        self.effects: list[tuple[Literal["grant", "revoke"], Access]] = []
        self.sessions: list[FakeSession] = []
        self._clock = clock or SystemClock()
        self._accounts = accounts
        self._entitlements = entitlements
        # Indexed by place, because a benchmark reads back thousands of accounts.
        self._held: defaultdict[_Place, dict[str, datetime]] = defaultdict(dict)
        self._standing: defaultdict[_Place, set[str]] = defaultdict(set)
        self._tickets: dict[str, _Change] = {}
        self._faults = _Faults()

    # --- what a test switches on ----------------------------------------------------------------------------

    def fail_next(self, error: ChaperoneError, *, times: int = 1, operation: Operation | None = None) -> None:
        """Raise ``error`` from the next calls instead of acting: of one operation, or of any."""
        self._faults.errors.setdefault(operation, deque()).extend([error] * times)

    def lose_next_reply(self, times: int = 1) -> None:
        """Carry out the next grants or revokes and then raise Transient with ``outcome_unknown``."""
        self._faults.lost_replies += times

    def lie_next(self, times: int = 1) -> None:
        """Answer ``done`` to the next grants or revokes without doing anything."""
        self._faults.lies += times

    def pend_next(self, *, polls: int = 1, failure: str | None = None) -> None:
        """Answer ``pending`` to the next grant or revoke; after ``polls`` polls it is done, or raises ``failure``."""
        self._faults.pending.append((polls, failure))

    def give_standing(self, access: Access) -> None:
        """Give ``access`` for good by another hand than the provider's."""
        self._standing[_place(access)].add(access.entitlement)

    def open_session(self, account: str) -> FakeSession:
        session = FakeSession(account)
        self.sessions.append(session)
        return session

    def holds(self, access: Access) -> bool:
        """Whether the account has the entitlement now, without counting as a call."""
        return access.entitlement in self._standing[_place(access)] or self._until(access) is not None

    # --- the port -------------------------------------------------------------------------------------------

    async def observe(self, access: Access) -> Observed:
        self._enter("observe")
        self._require_known(access)
        return Observed(
            present=self.holds(access),
            entitlements=self._listed(access),
            expires_at=self._until(access) if self.native_expiry else None,
            sessions=sum(session.live for session in self.sessions if session.account == access.account),
        )

    async def grant(self, access: Access, *, until: datetime, key: str) -> Receipt:
        return self._change("grant", access, until, key)

    async def revoke(self, access: Access, *, key: str) -> Receipt:
        return self._change("revoke", access, None, key)

    async def poll(self, ticket: str) -> Receipt:
        self._enter("poll")
        change = self._tickets.get(ticket)
        if change is None:
            raise Permanent("The vendor does not know this ticket. Read back what it shows and decide again.")
        change.polls_left -= 1
        if change.polls_left > 0:
            return Receipt("pending", ticket=ticket)
        if change.failure:
            raise Permanent(change.failure)
        ended = self._carry_out(change.access, change.until)
        return Receipt("done", vendor_request_ids=(ticket,), sessions_ended=ended)

    async def check(self) -> str:
        self._enter("check")
        return "The in-memory provider answers."

    # --- how it works ---------------------------------------------------------------------------------------

    def _enter(self, operation: Operation) -> None:
        self.calls[operation] += 1
        for waiting in (self._faults.errors.get(operation), self._faults.errors.get(None)):
            if waiting:
                raise waiting.popleft()

    def _change(
        self, operation: Literal["grant", "revoke"], access: Access, until: datetime | None, key: str
    ) -> Receipt:
        self._enter(operation)
        self._require_known(access)
        request = f"fake-{operation}-{key}-{self.calls[operation]}"
        if self._faults.lies:
            self._faults.lies -= 1
            return Receipt("done", vendor_request_ids=(request,))
        if self._faults.pending:
            polls, failure = self._faults.pending.popleft()
            self._tickets[request] = _Change(access, until, polls, failure)
            return Receipt("pending", vendor_request_ids=(request,), ticket=request)
        ended = self._carry_out(access, until)
        if self._faults.lost_replies:
            self._faults.lost_replies -= 1
            raise Transient("The vendor's reply was lost. Read back before trying again.", outcome_unknown=True)
        return Receipt("done", vendor_request_ids=(request,), sessions_ended=ended)

    def _carry_out(self, access: Access, until: datetime | None) -> int | None:
        if (until is None) == (self._until(access) is not None):
            self.effects.append(("grant" if until else "revoke", access))
        held = self._held[_place(access)]
        if until is not None:
            held[access.entitlement] = until
            return None
        held.pop(access.entitlement, None)
        return self._end_sessions(access.account)

    def _end_sessions(self, account: str) -> int:
        ending = [session for session in self.sessions if session.account == account and session.live]
        for session in ending:
            session.live = False
        return len(ending)

    def _until(self, access: Access) -> datetime | None:
        """Until when the provider's own grant is live, None if it is not."""
        until = self._held[_place(access)].get(access.entitlement)
        return until if until and (not self.native_expiry or self._clock.now() < until) else None

    def _listed(self, access: Access) -> tuple[str, ...]:
        place = _place(access)
        ours = {name for name in self._held[place] if self._until(replace(access, entitlement=name))}
        return tuple(sorted(ours | self._standing[place]))

    def _require_known(self, access: Access) -> None:
        if self._accounts is not None and access.account not in self._accounts:
            raise Permanent(f"There is no account {access.account}. Create it or mend the directory's entry.")
        if self._entitlements is not None and access.entitlement not in self._entitlements:
            raise Permanent(f"There is no entitlement {access.entitlement}. Create it or mend the catalogue.")


def _place(access: Access) -> _Place:
    return (access.target, access.account)
