"""Submitting and closing of modals.

Source: https://docs.slack.dev/surfaces/modals
"""

import json
from typing import Any

from sandbox.slack.actions.outcome import CannotDo, Outcome
from sandbox.slack.actions.standing import Standing
from sandbox.slack.errors import SlackError
from sandbox.slack.inputs import faults_of_values
from sandbox.slack.views import Views
from sandbox.slack.workspace import View

TROUBLE = "We had some trouble connecting. Try again?"
NO_SUBMIT = "this modal has no Submit"


class Modals:
    """See Actions for what each method promises."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._engine = standing.engine
        self._workspace = standing.workspace
        self._views = Views(standing.workspace)

    async def submit(self, user: str, view_id: str, values: dict[str, Any]) -> Outcome:
        view = self._standing.top_view(user, view_id)
        if view.submit is None:
            raise CannotDo(NO_SUBMIT)
        self._standing.fill(user, self._standing.in_view(view), values)
        if errors := faults_of_values(view.blocks, view.state_values):
            return Outcome(errors=errors)
        payload = self._standing.payloads.view_submission(
            user,
            view,
            trigger_id=self._engine.triggers.issue(user),
            response_urls=self._response_urls(user, view),
        )
        ack = await self._engine.delivery.interaction(payload)
        if not ack.ok:
            return Outcome(failed=TROUBLE)
        try:
            return self._answered(user, view_id, ack.body)
        except SlackError as error:
            return self._complain(view, f"{json.dumps(error.answer())}")

    def _complain(self, view: View, text: str) -> Outcome:
        self._workspace.complaints.append(f"the answer to view_submission {view.callback_id} was refused: {text}")
        return Outcome(failed=TROUBLE)

    def _response_urls(self, user: str, view: View) -> list[dict[str, str]]:
        urls = []
        for block in view.blocks:
            element = block.get("element", {})
            if element.get("response_url_enabled"):
                state = view.state_values[block["block_id"]][element["action_id"]]
                channel = state.get("selected_conversation") or state.get("selected_channel")
                if channel:
                    url = self._engine.responses.issue(user, channel)
                    named = {"block_id": block["block_id"], "action_id": element["action_id"]}
                    urls.append({**named, "channel_id": channel, "response_url": url})
        return urls

    def _answered(self, user: str, view_id: str, body: Any) -> Outcome:
        view = self._views.found(view_id, None)
        if not body:
            return self._close(user, view)
        match body.get("response_action") if isinstance(body, dict) else None:
            case "errors":
                return self._errors(view, body.get("errors"))
            case "update":
                return Outcome(updated=self._views.updated(view, body.get("view")))
            case "push":
                return Outcome(pushed=self._views.pushed(user, body.get("view")))
            case "clear":
                self._workspace.closed(user, whole_stack=True)
                return Outcome(closed=True)
        return self._complain(view, f"no response_action that Slack knows in {json.dumps(body)[:200]}")

    def _close(self, user: str, view: View) -> Outcome:
        self._workspace.view_stacks[user].remove(view)
        self._workspace.changed("view", user=user)
        return Outcome(closed=True, updated=self._workspace.top_view(user))

    def _errors(self, view: View, errors: Any) -> Outcome:
        """Slack shows nothing but trouble unless every key is the block id of an input in this view."""
        inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
            return self._complain(view, f"errors {errors!r} are not keyed by the inputs {sorted(inputs)}")
        if not all(isinstance(text, str) and text for text in errors.values()):
            return self._complain(view, f"errors {errors!r} are not all texts")
        return Outcome(errors=errors)

    def close(self, user: str, view_id: str, *, clear: bool) -> Outcome:
        view = self._standing.top_view(user, view_id)
        whole = clear or view.clear_on_close
        for gone in self._workspace.closed(user, whole_stack=whole):
            if gone.notify_on_close:
                self._engine.delivery.notify(self._standing.payloads.view_closed(user, gone, is_cleared=whole))
        return Outcome(closed=True, updated=self._workspace.top_view(user))
