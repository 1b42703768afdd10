"""The connection to Slack: pauses are kept, nothing is sent twice, whatever answers is understood."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from core.clock import ManualClock
from core.errors import Transient
from integrations.ports import Drawing
from integrations.slack import SlackMessenger
from integrations.slack.calls import _proxy
from integrations.slack.faults import Call
from integrations.slack.gate import RateGate

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
POST = Call("chat.postMessage", "C1")


class CrookedSlack:
    """Answers every method with what the test put there, and counts."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.answer: Answer = self.gateway

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(request.path)
        return await self.answer(request)

    async def gateway(self, _: web.Request) -> web.Response:
        return web.Response(text="<h1>Bad gateway</h1>", content_type="text/html", status=502)

    async def portal(self, _: web.Request) -> web.Response:
        return web.Response(text="<h1>Sign in to the network</h1>", content_type="text/html")

    async def half(self, _: web.Request) -> web.Response:
        return web.Response(text='{"ok": tr', content_type="application/json")

    async def hang_up(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()


@pytest.fixture
def crooked() -> CrookedSlack:
    return CrookedSlack()


@pytest.fixture
async def messenger(crooked: CrookedSlack) -> AsyncIterator[SlackMessenger]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", crooked.handle)
    async with (
        TestServer(app) as server,
        SlackMessenger("xoxb-made-up", clock=ManualClock(), base_url=str(server.make_url("/api"))) as messenger,
    ):
        yield messenger


@pytest.mark.parametrize("behaviour", ["gateway", "portal", "half", "hang_up"])
async def test_an_answer_that_is_not_slacks_leaves_the_outcome_open_and_is_not_repeated(
    crooked: CrookedSlack, messenger: SlackMessenger, behaviour: str
) -> None:
    crooked.answer = getattr(crooked, behaviour)
    with pytest.raises(Transient) as raised:
        await messenger.post("C1", Drawing("asked", []), lane="card:1")
    assert raised.value.outcome_unknown
    assert raised.value.__cause__ is None, "the SDK's text quotes the reply"
    assert crooked.calls == ["/api/chat.postMessage"]


async def test_a_messenger_that_was_never_used_closes_quietly() -> None:
    async with SlackMessenger("xoxb-made-up", clock=ManualClock()):
        pass


def test_a_pause_closes_one_method_in_one_place_until_it_is_over() -> None:
    clock = ManualClock()
    gate = RateGate(clock)
    gate.close(POST, 30)
    gate.enter(Call("chat.postMessage", "C2"))
    gate.enter(Call("chat.update", "C1"))
    clock.advance(timedelta(seconds=10))
    with pytest.raises(Transient) as raised:
        gate.enter(POST)
    assert raised.value.retry_after == 20
    clock.advance(timedelta(seconds=20))
    gate.enter(POST)


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://slack.com/api/", "http://proxy.example:3128"),
        ("https://slack.corp.example/api/", None),
        ("http://slack.com/api/", None),
        ("http://127.0.0.1:9000/api/", None),
        ("https://localhost/api/", None),
    ],
)
def test_the_environments_proxy_is_used_except_where_it_is_excepted(
    monkeypatch: pytest.MonkeyPatch, url: str, proxy: str | None
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "corp.example")
    assert _proxy(url) == proxy
