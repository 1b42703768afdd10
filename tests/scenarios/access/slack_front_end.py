"""What people do in Slack, as the payloads that Slack sends for it, and what they are told in return."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from slack_bolt import BoltResponse

from bot.dispatch import Dispatch, Payload
from bot.listeners import access
from bot.metrics import Metrics
from bot.slack_front import SlackFront
from playbooks.access.blocks import Action, Form
from tests.scenarios.access.access_world import CHANNEL, READ, TEAM, World

JSON = dict[str, Any]

ANA, ANAS_PHONE, BEN, CHLOE = "U0ANARUIZ", "U0ANAPHON", "U0BENOKAF", "U0CHLOEDU"
GUS_A_GUEST, DANA_WHO_LEFT, A_BOT = "U0GUSMORE", "U0DANAWEL", "U0CHAPERO"
PATIENCE = timedelta(minutes=1)  # a slow machine is not what these stories are about


@dataclass
class Hands:
    """Somebody's hands on Slack. ``told`` is everything that was said to one person alone, as ``(user, text)``."""

    world: World
    told: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        dispatch = Dispatch()
        access.register(dispatch, self.world.desk, self.world.slack)
        self._front = SlackFront(dispatch, team=TEAM, tell=self._tell, metrics=Metrics(), patience=PATIENCE)
        self._forms = 0

    # --- what people do -------------------------------------------------------------------------------------

    async def command(self, text: str = "", user: str = ANA) -> str:
        """`/access text`: the answer that only this person sees."""
        body = {"command": "/access", "text": text, "team_id": TEAM, "user_id": user, "trigger_id": "1.2.3"}
        answer = await self._front.take(body)
        return str((answer.body and _json(answer).get("text")) or "")

    async def press(self, button: Action, row: UUID, user: str, *, team: str = TEAM) -> str:
        """Press a button that carries this row's id: what is said to the person, empty if nothing."""
        return await self.press_value(button, f"1:{row}", user, team=team)

    async def press_value(self, button: Action, value: str, user: str, *, team: str = TEAM) -> str:
        before = len(self.told)
        body = self._interaction("block_actions", user, team) | {
            "actions": [{"type": "button", "action_id": str(button), "block_id": "b", "value": value}],
            "channel": {"id": CHANNEL},
            "trigger_id": "1.2.3",
        }
        assert (await self._front.take(body)).status == 200
        return " ".join(text for _, text in self.told[before:])

    async def press_on_card(self, button: Action, request: UUID, user: str) -> str:
        """Press the button that the card of this request shows."""
        (message,) = self.world.slack.of_lane(f"access.card:{request}")
        (value,) = [each["value"] for each in elements(message.drawing.blocks) if each.get("action_id") == button]
        return await self.press_value(button, value, user)

    async def send_form(self, user: str = ANA, *, form: str | None = None, **wish: Any) -> JSON:
        """Send the form for asking: what Slack is answered. ``form`` is the id of an open one to send again."""
        return await self.send_view(self.form(**wish) | {"id": form or self._new_form()}, user)

    async def send_view(self, view: JSON, user: str = ANA) -> JSON:
        """Send an open form as it stands."""
        body = self._interaction("view_submission", user, TEAM) | {"view": {"id": self._new_form()} | view}
        return _json(await self._front.take(body))

    async def send_denial(self, request: UUID, user: str, reason: str = "Not needed today") -> JSON:
        values = {"reason": {"text": {"type": "plain_text_input", "value": reason}}}
        blocks = [{"type": "input", "block_id": "reason"}]
        view = {"callback_id": str(Form.deny), "private_metadata": f"1:{request}"}
        return await self.send_view(view | {"state": {"values": values}, "blocks": blocks}, user)

    async def pick(self, form: str, entitlement: str, user: str = ANA) -> None:
        """Choose a target in an open form."""
        seen, view = self.world.slack.forms[form]
        body = self._interaction("block_actions", user, TEAM) | {
            "actions": [_selected(entitlement) | {"action_id": str(Action.pick), "block_id": "entitlement"}],
            "view": view | {"id": form, "hash": seen},
            "trigger_id": "1.2.3",
        }
        assert (await self._front.take(body)).status == 200

    async def open_home(self, user: str) -> None:
        self._forms += 1
        event = {"type": "app_home_opened", "user": user, "tab": "home", "channel": "D1"}
        body = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{self._forms}", "event": event}
        assert (await self._front.take(body)).status == 200

    # --- the pieces -----------------------------------------------------------------------------------------

    @staticmethod
    def form(
        entitlement: str = READ,
        minutes: str = "60",
        reason: str = "Replication lag on the primary, INC-4711",
        purpose: str | None = "incident",
        minimum: str | None = "Only pg_stat views and the lag table",
    ) -> JSON:
        """The request form as it stands when it is sent."""
        values: JSON = {
            "entitlement": {"access.pick": _selected(entitlement)},
            "duration": {"minutes": _selected(minutes)},
            "reason": {"text": {"type": "plain_text_input", "value": reason}},
        }
        values |= {"purpose": {"purpose": _selected(purpose)}} if purpose is not None else {}
        values |= {"minimum_necessary": {"text": {"value": minimum}}} if minimum is not None else {}
        # Shown whether filled or not: a form that does not show them yet is answered with one that does.
        blocks = [{"type": "input", "block_id": block} for block in ("entitlement", "purpose", "minimum_necessary")]
        return {"callback_id": str(Form.request), "state": {"values": values}, "blocks": blocks}

    def _new_form(self) -> str:
        self._forms += 1
        return f"V{self._forms}"

    @staticmethod
    def _interaction(kind: str, user: str, team: str) -> JSON:
        return {"type": kind, "user": {"id": user, "team_id": team}, "team": {"id": TEAM}, "api_app_id": "A0"}

    async def _tell(self, payload: Payload, text: str) -> None:
        self.told.append((payload.user, text))


def elements(blocks: list[JSON]) -> Iterator[JSON]:
    """Every button of these blocks."""
    for block in blocks:
        if block["type"] == "actions":
            yield from block["elements"]


def fault_of(answer: JSON) -> str:
    """What a form was refused for, with the block at which it stands: ``block: text``."""
    assert answer.get("response_action") == "errors", answer
    ((block, text),) = answer["errors"].items()
    return f"{block}: {text}"


def _selected(value: str) -> JSON:
    return {"type": "static_select", "selected_option": {"text": {"type": "plain_text", "text": "…"}, "value": value}}


def _json(answer: BoltResponse) -> JSON:
    assert answer.status == 200
    found = orjson.loads(answer.body) if answer.body else {}
    return found if isinstance(found, dict) else {}
