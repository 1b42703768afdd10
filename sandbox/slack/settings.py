"""How this Slack behaves: where the app listens, how long it waits, what it limits."""

from dataclasses import dataclass, field
from datetime import timedelta

from core.clock import Clock, SystemClock


@dataclass
class Settings:
    """Everything that a test or the demo may turn.

    ``request_urls``: where the app takes events, commands and interactivity; several are served in turn, as a load
    balancer would. ``socket_mode``: deliver over Socket Mode instead. ``retry_delays``: seconds before each retry of
    an event, multiplied by ``retry_scale`` (0 in tests). ``ack_timeout`` and the lifetimes are Slack's own.
    ``signing_clock`` dates the signature: the machine's clock, since SDKs check it against that. ``rate_limits``
    turns on 429 answers by tier. ``tiers``: calls per minute and method.
    """

    request_urls: tuple[str, ...] = ()
    signing_secret: str = "sandbox-signing-secret"
    verification_token: str = "sandbox-verification-token"
    socket_mode: bool = False
    ack_timeout: float = 3.0
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    retry_scale: float = 1.0
    trigger_lifetime: timedelta = timedelta(seconds=3)
    response_url_lifetime: timedelta = timedelta(minutes=30)
    response_url_uses: int = 5
    max_connections: int = 10
    rate_limits: bool = False
    tiers: dict[int, int] = field(default_factory=lambda: {1: 1, 2: 20, 3: 50, 4: 100})
    post_burst: int = 5
    """Messages that one channel takes at once before chat.postMessage falls back to one a second."""
    signing_clock: Clock = field(default_factory=SystemClock)
