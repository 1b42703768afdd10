"""Opening, stacking and updating of views, by the Web API or by an answer to a submission."""

from dataclasses import replace
from typing import Any, Literal

from sandbox.slack.blocks import check_view, prepare, too_large
from sandbox.slack.errors import SlackError, invalid
from sandbox.slack.inputs import carried_over, initial_values
from sandbox.slack.workspace import View, Workspace

STACK = 3
"""The most views that one stack holds."""


class Views:
    """Everything that an app may do to views. ``payload`` is a view as the app writes it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def opened(self, user: str, payload: Any) -> View:
        """A new stack. Raises SlackError (invalid_arguments, view_too_large, duplicate_external_id)."""
        view = self._built(user, payload, "modal")
        self._workspace.view_stacks[user] = []
        return self._workspace.opened(user, view)

    def pushed(self, user: str, payload: Any) -> View:
        """On top of the stack. Raises SlackError, push_limit_reached among others."""
        view = self._built(user, payload, "modal")
        stack = self._workspace.view_stacks.get(user) or []
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= STACK:
            raise SlackError("push_limit_reached")
        view.root_view_id, view.previous_view_id = stack[0].id, stack[-1].id
        return self._workspace.opened(user, view)

    def updated(self, old: View, payload: Any, *, expected_hash: str | None = None) -> View:
        """In place of ``old``, under its id. Raises SlackError, hash_conflict among others."""
        if expected_hash and expected_hash != old.hash:
            raise SlackError("hash_conflict")
        fresh = self._built(old.user, payload, "home" if old.type == "home" else "modal", instead_of=old)
        fresh = replace(
            fresh,
            id=old.id,
            root_view_id=old.root_view_id,
            previous_view_id=old.previous_view_id,
            state_values=carried_over(old.state_values, fresh.blocks),
        )
        self._put(old, fresh)
        return fresh

    def published(self, user: str, payload: Any, *, expected_hash: str | None = None) -> View:
        """Somebody's Home. Raises SlackError."""
        if old := self._workspace.homes.get(user):
            return self.updated(old, payload, expected_hash=expected_hash)
        view = self._built(user, payload, "home")
        self._workspace.homes[user] = view
        self._workspace.changed("home", user=user)
        return view

    def found(self, view_id: str | None, external_id: str | None) -> View:
        """Raises SlackError not_found."""
        view = self._workspace.view(view_id) if view_id else self._external(external_id or "")
        if view is None:
            raise SlackError("not_found")
        return view

    def _put(self, old: View, fresh: View) -> None:
        if old.type == "home":
            self._workspace.homes[old.user] = fresh
            self._workspace.changed("home", user=old.user)
            return
        stack = self._workspace.view_stacks[old.user]
        stack[stack.index(old)] = fresh
        self._workspace.changed("view", user=old.user)

    def _external(self, external_id: str) -> View | None:
        stacked = [view for stack in self._workspace.view_stacks.values() for view in stack]
        views = [*stacked, *self._workspace.homes.values()]
        return next((view for view in views if external_id and view.external_id == external_id), None)

    def _built(
        self, user: str, payload: Any, kind: Literal["modal", "home"], *, instead_of: View | None = None
    ) -> View:
        if faults := check_view(payload, kind):
            raise invalid("invalid_arguments", faults)
        if too_large(payload):
            raise SlackError("view_too_large")
        if (same := self._external(payload.get("external_id", ""))) and same is not instead_of:
            raise SlackError("duplicate_external_id")
        return self._drawn(user, payload)

    def _drawn(self, user: str, payload: dict[str, Any]) -> View:
        blocks = prepare(payload["blocks"], self._workspace.new_id)
        view_id = self._workspace.new_id("V")
        return View(
            id=view_id,
            type=payload["type"],
            user=user,
            app_id=self._workspace.app.app_id,
            blocks=blocks,
            root_view_id=view_id,
            callback_id=payload.get("callback_id", ""),
            external_id=payload.get("external_id", ""),
            title=payload.get("title"),
            submit=payload.get("submit"),
            close=payload.get("close"),
            private_metadata=payload.get("private_metadata", ""),
            notify_on_close=payload.get("notify_on_close", False),
            clear_on_close=payload.get("clear_on_close", False),
            hash=self._workspace.next_ts() + ".sandbox",
            state_values=initial_values(blocks),
        )
