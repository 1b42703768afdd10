"""What the page's script sends: one shape per deed, checked before anything happens."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.slack.actions import Container, InHome, InMessage, InView

Short = Annotated[str, Field(max_length=300)]
Typed = Annotated[str, Field(max_length=40_000)]


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Say(Order):
    channel: Short
    text: Typed
    thread: Short | None = None


class MessageSpot(Order):
    kind: Literal["message"]
    channel: Short
    ts: Short

    def container(self) -> Container:
        return InMessage(self.channel, self.ts)


class ViewSpot(Order):
    kind: Literal["modal"]
    view_id: Short

    def container(self) -> Container:
        return InView(self.view_id)


class HomeSpot(Order):
    kind: Literal["home"]

    def container(self) -> Container:
        return InHome()


Spot = Annotated[MessageSpot | ViewSpot | HomeSpot, Field(discriminator="kind")]


class Press(Order):
    """``value`` and ``values`` are as Actions.press wants them, but for instants: ``{"wall": "2026-03-02T14:30"}``."""

    spot: Spot
    block_id: Short
    action_id: Short
    value: Any = None
    values: dict[str, Any] = Field(default_factory=dict)


class Submit(Order):
    view_id: Short
    values: dict[str, Any] = Field(default_factory=dict)


class Close(Order):
    view_id: Short
    clear: bool = False


class Shortcut(Order):
    """A message shortcut where ``channel`` and ``ts`` name the message, else a global one."""

    callback_id: Short
    channel: Short | None = None
    ts: Short | None = None


class Options(Order):
    spot: Spot
    block_id: Short
    action_id: Short
    query: Short = ""


class Enter(Order):
    """The app's place was opened at one of its tabs."""

    tab: Literal["home", "messages"] = "home"


class Meet(Order):
    """Open the direct message with somebody."""

    other: Short


class Join(Order):
    channel: Short
