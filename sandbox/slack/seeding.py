"""A workspace from a clinic's people.yaml."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from core.clock import Clock
from sandbox.slack.workspace import Channel, Installation, User, UserGroup, Workspace

COLOURS = ("#4a154b", "#1264a3", "#2eb67d", "#e01e5a", "#8d5b00", "#5b4fc9", "#00757d", "#b5390b")


def read_people(clinic: Path) -> dict[str, Any]:
    """The content of ``people.yaml`` in a clinic's folder."""
    content = yaml.safe_load((clinic / "people.yaml").read_text())
    return dict(content or {})


def workspace_of(people: dict[str, Any], *, clock: Clock, app: Installation | None = None) -> Workspace:
    """The people with a ``slack_user``, their groups as user groups, and the channels under ``slack``.

    A channel's members are Slack ids, subjects, e-mail addresses or group names; ``bot`` is the app; ``*`` and no
    list at all mean everybody. Everybody is in #general.
    """
    slack = people.get("slack", {})
    workspace = Workspace(
        clock=clock,
        team_id=slack.get("team_id", "T0SANDBOX"),
        team_name=slack.get("team_name", "Sandbox"),
        team_domain=slack.get("team_domain", "sandbox"),
        app=app,
    )
    listed = list(_accounts(people.get("people", ())))
    for index, person in enumerate(listed):
        workspace.add_user(_user(person, COLOURS[index % len(COLOURS)]))
    _add_groups(workspace, listed)
    for entry in _channels(slack.get("channels") or ()):
        members = _members(entry.get("members", "*"), workspace, listed)
        workspace.add_channel(_channel(entry, members))
    return workspace


def _accounts(people: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Everybody with a Slack account; further accounts (``also_slack``) are users of their own."""
    for person in people:
        if person.get("slack_user"):
            yield person
        for number, account in enumerate(person.get("also_slack") or (), start=2):
            mailbox, _at, domain = person.get("email", "").partition("@")
            other = {"slack_user": account, "name": f"{person['name']} ({number})", "groups": ()}
            yield {**person, **other, "email": f"{mailbox}+{number}@{domain}", "subject": None}


def _channels(entries: Iterable[Any]) -> list[dict[str, Any]]:
    named = [entry if isinstance(entry, dict) else {"name": str(entry)} for entry in entries]
    general = [] if any(entry["name"] == "general" for entry in named) else [{"name": "general"}]
    return [*general, *named]


def _channel(entry: dict[str, Any], members: set[str]) -> Channel:
    spelled = "".join(letter for letter in entry["name"].upper() if letter.isalnum())
    return Channel(
        entry.get("id") or f"C0{spelled}",
        entry["name"],
        is_private=bool(entry.get("private", False)),
        topic=entry.get("topic", ""),
        purpose=entry.get("purpose", ""),
        members=members,
    )


def _user(person: dict[str, Any], colour: str) -> User:
    email = person.get("email", "")
    name = email.partition("@")[0] or str(person["name"]).lower().replace(" ", ".")
    return User(
        id=person["slack_user"],
        name=name,
        real_name=person.get("name", name),
        display_name=person.get("display_name", ""),
        email=email,
        title=person.get("title", ""),
        tz=person.get("tz", "America/New_York"),
        is_guest=bool(person.get("guest", False)),
        deleted=not person.get("active", True),
        team_id=person.get("slack_team", ""),
        avatar_color=colour,
    )


def _add_groups(workspace: Workspace, listed: list[dict[str, Any]]) -> None:
    names = dict.fromkeys(group for person in listed for group in person.get("groups") or ())
    for name in names:
        users = [person["slack_user"] for person in listed if name in (person.get("groups") or ())]
        group = UserGroup(workspace.new_id("S"), name, name.replace("-", " ").title(), users)
        workspace.usergroups[group.id] = group


def _members(wanted: Any, workspace: Workspace, listed: list[dict[str, Any]]) -> set[str]:
    everybody = {user.id for user in workspace.users.values() if not user.deleted and not user.is_guest}
    if wanted in ("*", None):
        return everybody - {workspace.app.bot_user}
    return set().union(*(_meant(str(name), everybody, workspace, listed) for name in wanted))


def _meant(name: str, everybody: set[str], workspace: Workspace, listed: list[dict[str, Any]]) -> set[str]:
    if name == "*":
        return everybody
    if name in {"bot", workspace.app.bot_user, workspace.app.name.lower()}:
        return {workspace.app.bot_user}
    keys = ("slack_user", "subject", "email")
    people = {one["slack_user"] for one in listed if name in {one.get(key) for key in keys}}
    groups = {user for group in workspace.usergroups.values() if group.handle == name for user in group.users}
    if not people | groups:
        raise ValueError(
            f"people.yaml: a channel lists “{name}”, who is nobody with a slack_user. Add them or drop it."
        )
    return people | groups
