"""Where a person stands: who they are, what they see, and what lies under their finger."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sandbox.slack.actions.outcome import CannotDo, Container, InMessage, InView
from sandbox.slack.engine import Engine
from sandbox.slack.inputs import Offer, filled, find_element, initial_values
from sandbox.slack.payloads.interactions import Payloads
from sandbox.slack.workspace import Blocks, Channel, Message, User, Values, View


@dataclass(frozen=True)
class Spot:
    """Blocks that a person can touch: their values so far, and how a payload speaks of them."""

    key: str
    blocks: Blocks
    values: Values
    described: dict[str, Any]
    channel: Channel | None = None
    message: Message | None = None


@contextmanager
def not_offered() -> Iterator[None]:
    """Turn "no such option" into CannotDo."""
    try:
        yield
    except LookupError as error:
        raise CannotDo(str(error.args[0])) from None


class Standing:
    """Looks things up for a person. Everything raises CannotDo where they do not see it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.workspace = engine.workspace
        self.payloads = Payloads(engine.workspace, engine.settings)
        self.offered: dict[tuple[str, str, str], tuple[dict[str, Any], ...]] = {}
        """What the app offered last for an external select: (spot key, block id, action id) -> options."""

    def person(self, user: str) -> User:
        person = self.workspace.users.get(user)
        if person is None or person.is_bot:
            raise CannotDo(f"“{user}” is nobody who can sign in")
        if person.deleted:
            raise CannotDo(f"{person.real_name} is deactivated and signed out")
        return person

    def room(self, user: str, channel: str) -> Channel:
        """A channel that the person is in and can write in."""
        room = self.seen(user, channel)
        if user not in room.members:
            raise CannotDo(f"{user} is not in #{room.name}")
        if room.is_archived:
            raise CannotDo(f"#{room.name} is archived")
        return room

    def seen(self, user: str, channel: str) -> Channel:
        self.person(user)
        room = self.workspace.channels.get(channel)
        if room is None or not self.workspace.may_see(user, room):
            raise CannotDo(f"{user} sees no channel {channel}")
        return room

    def message(self, user: str, channel: str, ts: str) -> tuple[Channel, Message]:
        room = self.seen(user, channel)
        message = room.message(ts)
        if message is None or message.ephemeral_for not in {None, user}:
            raise CannotDo(f"{user} sees no message {ts} in {channel}")
        return room, message

    def top_view(self, user: str, view_id: str) -> View:
        self.person(user)
        view = self.workspace.top_view(user)
        if view is None or view.id != view_id:
            raise CannotDo(f"{view_id} is not the modal that {user} sees")
        return view

    def spot(self, user: str, container: Container) -> Spot:
        if isinstance(container, InMessage):
            return self._in_message(user, *self.message(user, container.channel, container.ts))
        if isinstance(container, InView):
            return self.in_view(self.top_view(user, container.view_id))
        self.person(user)
        if home := self.workspace.homes.get(user):
            return self.in_view(home)
        raise CannotDo(f"{user} has no Home yet")

    def _in_message(self, user: str, room: Channel, message: Message) -> Spot:
        blocks = message.blocks or []
        values = message.state_values.setdefault(user, initial_values(blocks))
        described = self.payloads.in_message(user, room, message)
        return Spot(f"{room.id}/{message.ts}", blocks, values, described, room, message)

    def in_view(self, view: View) -> Spot:
        return Spot(view.id, view.blocks, view.state_values, self.payloads.in_view(view))

    def element(self, spot: Spot, block_id: str, action_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        found = find_element(spot.blocks, block_id, action_id)
        if found is None:
            raise CannotDo(f"no element {action_id} in a block {block_id} here")
        return found

    def offer(self, user: str, spot_key: str, block_id: str, action_id: str) -> Offer:
        options = self.offered.get((spot_key, block_id, action_id), ())
        return Offer(options, lambda name: self._knows(user, name))

    def _knows(self, user: str, name: str) -> bool:
        team = self.workspace
        visible = name in team.channels and team.may_see(user, team.channels[name])
        return visible or name in team.users or name in team.files

    def fill(self, user: str, spot: Spot, given: dict[str, Any]) -> None:
        """Fill in inputs: block id -> value, or block id -> {action id: value} where a block has several."""
        blocks = {block["block_id"]: block for block in spot.blocks}
        for block_id, value in given.items():
            if block_id not in spot.values:
                raise CannotDo(f"no input in a block {block_id} here")
            actions = spot.values[block_id]
            block = blocks[block_id]
            if block["type"] == "input" and not (isinstance(value, dict) and value.keys() == actions.keys()):
                value = {block["element"]["action_id"]: value}  # noqa: PLW2901  both spellings of the same thing
            for action_id, one in value.items():
                _block, element = self.element(spot, block_id, action_id)
                with not_offered():
                    offer = self.offer(user, spot.key, block_id, action_id)
                    actions[action_id] = filled(element, one, offer)
