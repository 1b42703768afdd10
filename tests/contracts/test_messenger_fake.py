"""The messenger in memory answers to the same contract as Slack's Web API."""

from dataclasses import dataclass, field

import pytest

from core.clock import ManualClock
from core.errors import Transient
from integrations.fake_messenger import FakeMessenger
from integrations.ports import Blocks, Posted
from tests.contracts.messenger import MessengerContract, Operation, Shown


def _unreachable() -> FakeMessenger:
    messenger = FakeMessenger()
    messenger.fail_next(Transient("Slack cannot be reached."), times=100)
    return messenger


@dataclass
class FakeHarness:
    clock: ManualClock = field(default_factory=ManualClock)
    channel: str = "C1"
    user: str = "U7"
    unreachable: FakeMessenger = field(default_factory=_unreachable)
    messenger: FakeMessenger = field(init=False)

    def __post_init__(self) -> None:
        self.messenger = FakeMessenger(self.clock)

    def messages(self, place: str) -> list[Shown]:
        return [
            Shown(message.posted, message.drawing.text, message.drawing.blocks, message.thread_ts)
            for message in self.messenger.in_channel(place)
        ]

    def whispers(self, user: str) -> list[str]:
        return [whisper.drawing.text for whisper in self.messenger.whispers if whisper.user == user]

    def home(self, user: str) -> Blocks | None:
        return self.messenger.homes.get(user)

    def trigger(self, user: str) -> str:
        return f"trigger of {user}"

    def views(self, user: str) -> list[str]:
        return [view["title"]["text"] for _seen, view in self.messenger.forms.values()]

    def form(self, user: str) -> tuple[str, str]:
        ((view_id, (seen, _view)),) = self.messenger.forms.items()
        return view_id, seen

    def delete(self, posted: Posted) -> None:
        self.messenger.delete(posted)

    def archive(self, channel: str) -> None:
        self.messenger.archive(channel)

    def put_out(self, channel: str) -> None:
        self.messenger.leave(channel)

    def rate_limit(self, operation: Operation, seconds: int) -> None:
        self.messenger.rate_limit_next(retry_after=seconds, operation=operation)

    def lose_reply(self, operation: Operation) -> None:
        self.messenger.lose_next_reply(operation=operation)

    def break_down(self, operation: Operation) -> None:
        self.messenger.break_next(operation=operation)


class TestFakeMessenger(MessengerContract):
    @pytest.fixture
    def slack(self) -> FakeHarness:
        return FakeHarness()
