"""Buttons, menus, pickers and boxes in messages, modals and Home."""

from typing import Any

from sandbox.slack.actions.outcome import CannotDo, Container, Outcome
from sandbox.slack.actions.standing import Spot, Standing, not_offered
from sandbox.slack.blocks import check_options_answer
from sandbox.slack.delivery import Ack
from sandbox.slack.inputs import filled
from sandbox.slack.inputs.state import FORGETFUL, SLOTS

OOPS = "Oops, something went wrong. Please try that again."
DEFAULT_QUERY_LENGTH = 3
TOLD = ("action_id", "type", "text", "value", "style", "url", "placeholder")
"""What an action repeats of its element."""


class Pressing:
    """See Actions for what each method promises."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._engine = standing.engine

    async def press(
        self, user: str, container: Container, block_id: str, action_id: str, value: Any, values: dict[str, Any]
    ) -> Outcome:
        spot = self._standing.spot(user, container)
        self._standing.fill(user, spot, values)
        block, element = self._standing.element(spot, block_id, action_id)
        state = self._given(user, spot, block_id, element, value)
        if state and element["type"] not in FORGETFUL:
            spot.values.setdefault(block_id, {})[action_id] = state
        if block["type"] == "input" and not block.get("dispatch_action", False):
            return Outcome()
        spot = self._standing.spot(user, container)
        action = {name: element[name] for name in TOLD if name in element} | state | {"block_id": block_id}
        ack = await self._engine.delivery.interaction(self._payload(user, spot, action))
        return Outcome() if ack.ok else self._trouble(ack)

    def _given(self, user: str, spot: Spot, block_id: str, element: dict[str, Any], value: Any) -> dict[str, Any]:
        if element["type"] not in SLOTS:
            return {}
        with not_offered():
            return filled(element, value, self._standing.offer(user, spot.key, block_id, element["action_id"]))

    def _payload(self, user: str, spot: Spot, action: dict[str, Any]) -> dict[str, Any]:
        trigger_id = self._engine.triggers.issue(user)
        payload = self._standing.payloads.block_actions(user, action, trigger_id=trigger_id) | spot.described
        if spot.channel is not None:
            payload["response_url"] = self._engine.responses.issue(user, spot.channel.id, spot.message)
        return payload

    def _trouble(self, ack: Ack) -> Outcome:
        if ack.outcome == "status":
            return Outcome(failed=f"This app responded with Status Code {ack.status}.")
        return Outcome(failed=OOPS)

    async def options(self, user: str, container: Container, block_id: str, action_id: str, query: str) -> Outcome:
        spot = self._standing.spot(user, container)
        _block, element = self._standing.element(spot, block_id, action_id)
        if "external" not in element["type"]:
            raise CannotDo(f"{action_id} is no external select")
        if len(query) < element.get("min_query_length", DEFAULT_QUERY_LENGTH):
            return Outcome()
        payload = self._standing.payloads.block_suggestion(user, element, block_id, query) | spot.described
        ack = await self._engine.delivery.interaction(payload)
        if not ack.ok:
            return Outcome(failed="Unable to load the results.")
        return self._offered((spot.key, block_id, action_id), ack.body)

    def _offered(self, key: tuple[str, str, str], body: Any) -> Outcome:
        if faults := check_options_answer(body):
            complaint = f"the options for {key[2]} were refused: {', '.join(map(str, faults))}"
            self._standing.workspace.complaints.append(complaint)
            return Outcome(failed="Unable to load the results.")
        groups = body.get("option_groups", [])
        flat = [*body.get("options", []), *(one for group in groups for one in group["options"])]
        known = {one["value"]: one for one in (*self._standing.offered.get(key, ()), *flat)}
        self._standing.offered[key] = tuple(known.values())
        return Outcome(options=groups or flat)
