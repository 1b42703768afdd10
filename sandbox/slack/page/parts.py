"""The parts that a page is made of, each drawn on the server and drawn again when something changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sandbox.slack.page import people
from sandbox.slack.page.blocks import Surface, render_blocks
from sandbox.slack.page.conversation import Scene, conversation_choices, people_choices
from sandbox.slack.page.dates import clock_time
from sandbox.slack.page.emoji import EMOJI
from sandbox.slack.page.live import offset
from sandbox.slack.page.memory import Memory
from sandbox.slack.page.place import Place
from sandbox.slack.page.sidebar import sidebar_of
from sandbox.slack.workspace import View, Workspace


def _environment() -> Environment:
    folder = Path(__file__).parent / "templates"
    made = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters["avatar"] = people.avatar
    made.globals["emoji"] = EMOJI
    return made


@dataclass(frozen=True)
class Parts:
    """Draws HTML from the workspace as one person sees it. Reads only, but for noting what has been read."""

    workspace: Workspace
    memory: Memory = field(default_factory=Memory)
    templates: Environment = field(default_factory=_environment)

    def chooser(self) -> str:
        found = people.humans(self.workspace)
        cards = [(one, self._badges(one.id), people.groups_of(one, self.workspace)) for one in found]
        return self._draw("chooser.html", cards=cards)

    def nowhere(self, text: str) -> str:
        return self._draw("nowhere.html", text=text)

    def page(self, place: Place) -> str:
        drawn = {name: Markup(self.part(name, place)) for name in ("main", "thread", "modal", "sidebar")}  # noqa: S704  drawn by the templates below
        return self._draw("app.html", place=place, parts=drawn, about=self.about(place))

    def part(self, name: str, place: Place) -> str:
        """One of main, thread, modal, sidebar. Raises KeyError for any other name."""
        return _PARTS[name](self, place)

    def sidebar(self, place: Place) -> str:
        entries = sidebar_of(place.user, self.workspace, self.memory)
        others = [one for one in people.humans(self.workspace) if not one.deleted]
        now = self._now(place)
        return self._draw(
            "sidebar.html",
            place=place,
            sidebar=entries,
            people=others,
            bot=self.workspace.bot,
            travelled=_span(offset(self.workspace)),
            sandbox_time=f"{now:%a, %b} {now.day}, {clock_time(now)}",
        )

    def main(self, place: Place) -> str:
        if place.channel is None:
            return self.home(place)
        self.memory.mark_read(place.user.id, place.channel)
        scene = self._scene(place)
        return self._draw(
            "channel.html",
            place=place,
            rows=scene.rows(),
            pins=scene.pins(),
            title=people.channel_title(place.channel, place.user.id, self.workspace),
            members=sorted(
                (self.workspace.users[one] for one in place.channel.members if one in self.workspace.users),
                key=lambda one: one.shown_name,
            ),
            app_place=place.with_bot(self.workspace),
        )

    def home(self, place: Place) -> str:
        view = self.workspace.homes.get(place.user.id)
        body = render_blocks(view.blocks, self._surface(view, place)) if view else None
        return self._draw("home.html", place=place, view=view, body=body, bot=self.workspace.bot)

    def thread(self, place: Place) -> str:
        rows = self._scene(place).thread(place.thread) if place.channel and place.thread else []
        return self._draw("thread.html", place=place, rows=rows)

    def modal(self, place: Place) -> str:
        stack = self.workspace.view_stacks.get(place.user.id) or []
        view = stack[-1] if stack else None
        body = render_blocks(view.blocks, self._surface(view, place)) if view else None
        return self._draw("modal.html", place=place, view=view, body=body, depth=len(stack), bot=self.workspace.bot)

    def about(self, place: Place) -> str:
        now = self._now(place)
        when = f"{now:%A, %B} {now.day}, {now.year}, {clock_time(now)} ({now:%Z})"
        travelled, complaints = _span(offset(self.workspace)), self.workspace.complaints
        return self._draw("about.html", when=when, travelled=travelled, complaints=complaints)

    def _draw(self, template: str, **values: object) -> str:
        return self.templates.get_template(template).render(workspace=self.workspace, badges=self._badges, **values)

    def _now(self, place: Place) -> datetime:
        return self.workspace.clock.now().astimezone(people.zone_of(place.user))

    def _badges(self, user_id: str) -> list[str]:
        user = self.workspace.users.get(user_id)
        return list(people.badges(user, self.workspace)) if user else []

    def _scene(self, place: Place) -> Scene:
        assert place.channel is not None  # noqa: S101  callers ask first; this tells mypy
        return Scene(self.workspace, place.channel, place.user, people.reader_for(place.user, self.workspace))

    def _surface(self, view: View, place: Place) -> Surface:
        return Surface(
            people.reader_for(place.user, self.workspace),
            kind="home" if view.type == "home" else "modal",
            name=view.id,
            values=view.state_values,
            errors=self.memory.errors(view),
            people=people_choices(self.workspace),
            conversations=conversation_choices(self.workspace, place.user.id),
        )


def _span(travelled: timedelta) -> str | None:
    """How far the sandbox has travelled, in words; None if not at all."""
    minutes = round(travelled / timedelta(minutes=1))
    if minutes == 0:
        return None
    days, rest = divmod(abs(minutes), 24 * 60)
    hours, left = divmod(rest, 60)
    words = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (left, "min")) if count]
    return f"{' '.join(words)} {'ahead of' if minutes > 0 else 'behind'} this machine"


_PARTS: Mapping[str, Callable[[Parts, Place], str]] = MappingProxyType(
    {"main": Parts.main, "thread": Parts.thread, "modal": Parts.modal, "sidebar": Parts.sidebar, "about": Parts.about}
)
