"""The doors to the outside world. Playbooks know these and no vendor."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

# --- people -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the directory knows them now.

    ``subject`` is the directory's stable id. ``accounts`` maps a vendor (``aws``, ``postgres``) to the
    person's account there. ``training_until`` is when their privacy training lapses (UTC), None if never taken.
    """

    subject: str
    name: str
    email: str
    active: bool
    slack_team: str
    slack_user: str
    manager: str | None = None
    groups: frozenset[str] = frozenset()
    accounts: dict[str, str] = field(default_factory=dict)
    training_until: datetime | None = None
    guest: bool = False


class Directory(Protocol):
    """Who exists, who is active, who manages whom, who belongs to what.

    Every method raises Transient when the directory cannot be asked (never an empty answer) and NotFound for
    somebody whom it does not know.
    """

    async def person(self, subject: str) -> Person: ...

    async def by_slack(self, team: str, user: str) -> Person:
        """The person bound to this Slack account. Guests, bots and other companies' people raise NotFound."""
        ...

    async def members(self, group: str) -> Sequence[Person]:
        """The active members of a group. An unknown group raises NotFound."""
        ...


# --- access -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Access:
    """One entitlement for one person, as a vendor needs it.

    ``parameters`` come from the catalogue (for AWS: ``account``, ``permission_set``; for PostgreSQL: ``role``).
    ``account`` is the person's own account at the vendor.
    """

    target: str
    entitlement: str
    account: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Observed:
    """What a read-back saw. ``present`` is only ever the vendor's word, never our memory of it.

    ``entitlements`` lists what the account holds at this target, in the vendor's words (for evidence).
    ``expires_at`` is the vendor's own expiry where it has one. ``sessions`` counts live sessions, None: cannot tell.
    """

    present: bool
    entitlements: tuple[str, ...] = ()
    expires_at: datetime | None = None
    sessions: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a vendor answered to a change: ``state`` is ``done`` or ``pending`` (ask again with ``ticket``)."""

    state: Literal["done", "pending"]
    vendor_request_ids: tuple[str, ...] = ()
    ticket: str | None = None
    sessions_ended: int | None = None


class AccessProvider(Protocol):
    """Gives and takes entitlements at one vendor. Every change is idempotent for the same ``Access``.

    Raises Transient (try again; ``outcome_unknown`` if it may have happened), Permanent (the vendor said no), and
    never answers from memory: an operation that the vendor does not offer raises Permanent, it never reads as
    "nothing there".
    """

    native_expiry: bool
    """Whether the vendor can end the access by itself."""

    async def observe(self, access: Access) -> Observed:
        """Read back what the vendor shows now."""
        ...

    async def grant(self, access: Access, *, until: datetime, key: str) -> Receipt:
        """Give it, with ``until`` (UTC) as the vendor's own expiry where it has one.

        ``key`` is the idempotency key of this grant.
        """
        ...

    async def revoke(self, access: Access, *, key: str) -> Receipt:
        """Take it and end live sessions. Taking what is not there is done, not an error."""
        ...

    async def poll(self, ticket: str) -> Receipt:
        """Ask after a pending change. Raises Permanent with the vendor's reason when it FAILED."""
        ...

    async def check(self) -> str:
        """One line on whether the vendor answers and lets us do what we need. Raises like the rest."""
        ...


# --- chat ---------------------------------------------------------------------------------------------------

Blocks = list[dict[str, Any]]
"""Block Kit, as Slack documents it: built by playbooks' ``blocks.py``, opaque to everyone else."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a message should look like now. ``text`` is what notifications and screen readers read.

    ``thread_of`` names the lane of the message under which this one is posted, if any.
    """

    text: str
    blocks: Blocks
    thread_of: str | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands: a channel id and Slack's ``ts``."""

    channel: str
    ts: str


class Messenger(Protocol):
    """Posts and redraws messages.

    Raises Transient with ``retry_after`` on 429 and with ``outcome_unknown`` when the reply was lost; NotFound when
    the message or channel is gone; Permanent for anything that a person must mend (not in channel, archived,
    missing scope).
    """

    async def post(self, channel: str, drawing: Drawing, *, lane: str, thread_ts: str | None = None) -> Posted:
        """Post a new message that carries ``lane`` in its metadata. ``channel`` may be a user id (a DM)."""
        ...

    async def update(self, posted: Posted, drawing: Drawing, *, lane: str) -> None: ...

    async def find(self, channel: str, *, lane: str, since: datetime) -> Posted | None:
        """The message of this lane posted since then, if there is one: how a lost reply is cleared up."""
        ...

    async def publish_home(self, user: str, blocks: Blocks) -> None: ...

    async def open_view(self, trigger_id: str, view: dict[str, Any]) -> None: ...

    async def update_view(self, view_id: str, seen: str, view: dict[str, Any]) -> None:
        """Replace an open form. ``seen`` is the hash of the form that the person acted on; a newer one stays."""
        ...

    async def ephemeral(self, channel: str, user: str, drawing: Drawing) -> None: ...
