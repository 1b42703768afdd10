"""A clinic of four with a tiny app of our own, so that the page can be tried without the engine."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.clock import Clock, ManualClock
from sandbox.slack.actions import Actions, CannotDo, Container, InMessage, Outcome
from sandbox.slack.workspace import (
    Channel,
    Command,
    Installation,
    Message,
    Shortcut,
    User,
    UserGroup,
    View,
    Workspace,
)

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
ANN, BEN, CAM, DEE = "U0ANN", "U0BEN", "U0CAM", "U0DEE"
OPS, SECRET = "C0OPS", "C0SECRET"


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": True}


def mark(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str, note: str | None = None) -> dict[str, Any]:
    made = {"text": plain(text), "value": value}
    return made | {"description": plain(note)} if note else made


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "block_id": "b-section", "text": mark(text)} | more


CARD = [
    {"type": "header", "block_id": "h", "text": plain("Access request :key:")},
    section(f"<@{ANN}> asks for *patient-db (read)* for *1 hour*."),
    {
        "type": "section",
        "block_id": "facts",
        "fields": [
            mark("*Why*\nTicket `OPS-7`: a slow claim report"),
            mark("*Until*\n<!date^1772474400^{date_short_pretty} {time}|2 March 2026, 18:00 UTC>"),
            mark("*Path*\non-call, one approval"),
            mark("*Data*\n:lock: contains PHI"),
        ],
    },
    {
        "type": "actions",
        "block_id": "decide",
        "elements": [
            {"type": "button", "action_id": "approve", "text": plain("Approve"), "style": "primary", "value": "r1"},
            {
                "type": "button",
                "action_id": "deny",
                "text": plain("Deny"),
                "style": "danger",
                "confirm": {
                    "title": plain("Deny this request?"),
                    "text": mark("*Ann Lee* is told at once."),
                    "confirm": plain("Deny"),
                    "deny": plain("Not yet"),
                    "style": "danger",
                },
            },
            {"type": "button", "action_id": "silent", "text": plain("Ask why")},
            {
                "type": "overflow",
                "action_id": "more",
                "options": [option("Show policy", "policy"), option("Withdraw", "withdraw")],
            },
        ],
    },
    {
        "type": "context",
        "block_id": "c",
        "elements": [mark("Request *R-1* · asked <!date^1772470800^{time}|17:00 UTC>")],
    },
]

FORM: list[dict[str, Any]] = [
    section("Give people *only what they need*, and only as long as they need it."),
    {
        "type": "input",
        "block_id": "target",
        "label": plain("What do you need?"),
        "dispatch_action": True,
        "element": {
            "type": "static_select",
            "action_id": "pick",
            "placeholder": plain("Choose a target"),
            "options": [
                option("patient-db (read)", "db", "PostgreSQL, contains PHI"),
                option("billing-logs", "logs", "AWS account, no PHI"),
            ],
        },
    },
    {
        "type": "input",
        "block_id": "who",
        "label": plain("Who else should know?"),
        "optional": True,
        "element": {"type": "multi_users_select", "action_id": "people", "placeholder": plain("Choose people")},
    },
    {
        "type": "input",
        "block_id": "patient",
        "label": plain("Ticket"),
        "optional": True,
        "element": {"type": "external_select", "action_id": "ticket", "min_query_length": 1},
    },
    {
        "type": "input",
        "block_id": "why",
        "label": plain("Why?"),
        "hint": plain("No patient data here, please."),
        "element": {
            "type": "plain_text_input",
            "action_id": "text",
            "multiline": True,
            "min_length": 5,
            "max_length": 200,
        },
    },
    {
        "type": "input",
        "block_id": "start",
        "label": plain("From when?"),
        "optional": True,
        "element": {"type": "datetimepicker", "action_id": "at", "initial_date_time": 1772474400},
    },
    {
        "type": "input",
        "block_id": "length",
        "label": plain("For how long?"),
        "element": {
            "type": "radio_buttons",
            "action_id": "hours",
            "options": [option("One hour", "1"), option("Four hours", "4", "Needs a second approval")],
        },
    },
    {
        "type": "input",
        "block_id": "terms",
        "label": plain("Before you go on"),
        "element": {
            "type": "checkboxes",
            "action_id": "agree",
            "options": [option("I know that this is recorded", "yes")],
        },
    },
]


@dataclass
class Stage(Actions):
    """A workspace with Ann (engineer), Ben (manager), Cam (guest) and Dee (gone), and an app that plays along.

    ``deeds`` lists what arrived, in order. ``gate`` holds back every answer to a press until it is set.
    """

    clock: Clock = field(default_factory=lambda: ManualClock(NOON))
    deeds: list[tuple[str, Any]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        app = Installation(
            commands=(Command("/access", "Ask for access", "[target]"), Command("/breach", "Declare an incident")),
            shortcuts=(
                Shortcut("ask", "Request access", "global"),
                Shortcut("evidence", "Take as evidence", "message"),
            ),
        )
        self.gate.set()
        self.workspace = Workspace(clock=self.clock, team_name="Harbour Clinic", app=app)
        for one in (
            User(ANN, "ann", "Ann Lee", title="Platform engineer", tz="America/New_York"),
            User(BEN, "ben", "Ben Okafor", title="Engineering manager", tz="Europe/London"),
            User(CAM, "cam", "Cam Ruiz", title="Contractor", is_guest=True),
            User(DEE, "dee", "Dee Gone", deleted=True),
        ):
            self.workspace.add_user(one)
        self.workspace.usergroups["S0ONCALL"] = UserGroup("S0ONCALL", "on-call", "On call", [ANN])
        bot = self.workspace.app.bot_user
        self.ops = self.workspace.add_channel(
            Channel(OPS, "ops", topic="Access and on-call", members={ANN, BEN, CAM, bot})
        )
        self.secret = self.workspace.add_channel(Channel(SECRET, "incident-7", is_private=True, members={BEN, bot}))

    @property
    def bot(self) -> str:
        return self.workspace.app.bot_user

    def post(self, text: str, user: str | None = None, channel: Channel | None = None, **more: Any) -> Message:
        author = user or self.bot
        return self.workspace.post(channel or self.ops, Message(self.workspace.next_ts(), author, text, **more))

    def card(self, **more: Any) -> Message:
        return self.post(
            "Ann Lee asks for patient-db", blocks=CARD, metadata={"event_payload": {"lane": "acc:r1"}}, **more
        )

    def open(self, user: str, **more: Any) -> View:
        stack = self.workspace.view_stacks.setdefault(user, [])
        title = more.pop("title", "Request access")
        made = {"blocks": FORM, "submit": plain("Ask"), "callback_id": "request", "title": plain(title)} | more
        view = View(id=self.workspace.new_id("V"), type="modal", user=user, app_id="A", hash="1", **made)
        stack.append(view)
        self.workspace.changed("view", user=user)
        return view

    async def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Outcome:
        self.deeds.append(("say", text))
        message = self.post(text, user, self.workspace.channels[channel], thread_ts=thread_ts)
        return Outcome(channel=channel, ts=message.ts)

    async def slash(self, user: str, channel: str, text: str) -> Outcome:
        self.deeds.append(("slash", text))
        if text.startswith("/access"):
            self.open(user)
            return Outcome()
        return Outcome(failed=f"{text.split(maxsplit=1)[0]} failed because the app did not respond.")

    async def press(
        self,
        user: str,
        container: Container,
        block_id: str,
        action_id: str,
        value: Any = None,
        *,
        values: dict[str, Any] | None = None,
    ) -> Outcome:
        self.deeds.append((action_id, value if value is not None else values))
        await self.gate.wait()
        if action_id == "silent":
            return Outcome(failed="Chaperone did not respond.")
        if action_id == "nothing-there":
            raise CannotDo("There is no such button.")
        if action_id == "approve" and isinstance(container, InMessage):
            message = self.ops.message(container.ts)
            assert message is not None
            message.blocks = [section(":white_check_mark: Granted until 6:00 PM."), *CARD[4:]]
            message.edited_ts = self.workspace.next_ts()
            self.workspace.changed("message", OPS)
        return Outcome()

    async def submit_view(self, user: str, view_id: str, values: dict[str, Any] | None = None) -> Outcome:
        self.deeds.append(("submit", values))
        if not (values or {}).get("why"):
            return Outcome(errors={"why": "Say why, in five characters or more."})
        await self.close_view(user, view_id)
        self.post("Only you can read this.", ephemeral_for=user)
        return Outcome(closed=True)

    async def close_view(self, user: str, view_id: str, *, clear: bool = False) -> Outcome:
        self.deeds.append(("close", clear))
        stack = self.workspace.view_stacks.get(user, [])
        del stack[0 if clear else -1 :]
        self.workspace.changed("view", user=user)
        return Outcome(closed=True)

    async def open_home(self, user: str, tab: str = "home") -> Outcome:
        self.deeds.append(("home", tab))
        blocks = [{"type": "header", "block_id": "hh", "text": plain(f"Hello {self.workspace.users[user].real_name}")}]
        self.workspace.homes[user] = View("V0HOME", "home", user, "A", blocks=[*blocks, CARD[3] | {"block_id": "home"}])
        self.workspace.changed("home", user=user)
        return Outcome()

    async def global_shortcut(self, user: str, callback_id: str) -> Outcome:
        self.deeds.append(("global", callback_id))
        self.open(user)
        return Outcome()

    async def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Outcome:
        self.deeds.append(("message", (callback_id, ts)))
        return Outcome()

    async def options(self, user: str, container: Container, block_id: str, action_id: str, query: str) -> Outcome:
        self.deeds.append(("options", query))
        return Outcome(options=[option(f"OPS-{number}: {query}", f"OPS-{number}") for number in (7, 8)])

    async def open_dm(self, user: str, other: str) -> Outcome:
        return Outcome(channel=self.workspace.dm(user, other).id)

    async def upload(self, user: str, name: str, content: bytes) -> str:
        self.deeds.append(("upload", (name, content)))
        return "F0NEW"

    async def join(self, user: str, channel: str) -> Outcome:
        self.workspace.join(self.workspace.channels[channel], user)
        return Outcome(channel=channel)
