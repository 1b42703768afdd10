"""The parts of this Slack, put together around one workspace."""

from dataclasses import dataclass, field

from sandbox.slack.delivery import Delivery
from sandbox.slack.faults import Faults
from sandbox.slack.journal import Journal
from sandbox.slack.limits import RateLimiter
from sandbox.slack.payloads.events import EventFeed
from sandbox.slack.responses import ResponseUrls
from sandbox.slack.settings import Settings
from sandbox.slack.triggers import Triggers
from sandbox.slack.workspace import Workspace


@dataclass
class Engine:
    """Everything that the Web API, the people's actions and the control API share."""

    workspace: Workspace
    settings: Settings
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)
    delivery: Delivery = field(init=False)
    events: EventFeed = field(init=False)
    triggers: Triggers = field(init=False)
    responses: ResponseUrls = field(init=False)
    limits: RateLimiter = field(init=False)

    def __post_init__(self) -> None:
        self.delivery = Delivery(self.workspace, self.settings, self.faults, self.journal)
        self.triggers = Triggers(self.workspace, self.settings.trigger_lifetime)
        self.responses = ResponseUrls(self.workspace, self.settings)
        self.limits = RateLimiter(self.workspace.clock, self.settings)
        self.events = EventFeed(self.workspace, self.settings, self.delivery)
        self.workspace.hooks.append(self.events)
        self._seed = self.workspace.remember()

    def reset(self) -> None:
        """Back to the workspace as it was at the start. Faults and the journal are emptied too."""
        self.workspace.restore(self._seed)
        self.faults.clear()
        self.journal.clear()
        self.limits.clear()

    async def aclose(self) -> None:
        self.workspace.close_subscriptions()
        await self.delivery.aclose()
