"""The Slack front: one payload in, from HTTP or Socket Mode alike, one reply out, within Slack's three seconds."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.middleware.async_middleware import AsyncMiddleware

from bot.dispatch import Answer, Dispatch, Payload
from bot.errors_to_slack import text_for, will_pass
from bot.metrics import Metrics
from bot.slack_front.answers import fault, response, unsaid
from bot.slack_front.envelope import Aside, Body, Malformed, payload_of, workspace_of
from core.errors import ChaperoneError, described
from core.trace import traced

log = structlog.get_logger()

PATIENCE = timedelta(seconds=2.5)
"""Slack gives three seconds (https://docs.slack.dev/interactivity/handling-user-interaction)."""

Tell = Callable[[Payload, str], Awaitable[None]]
"""Says something to the acting person alone, in a message of its own."""

_PAYLOAD = "chaperone.payload"
_BECAME = "chaperone.became"
_MALFORMED = "Not a Slack payload."
_REMEMBERED_EVENTS = 10_000

_OLD = "This belongs to another version of Chaperone, and nothing was changed. Open the app's Home or use `/access`."
_ELSEWHERE = "Chaperone does not work for this workspace. Ask whoever keeps it to install it here."

_quiet = logging.getLogger("bot.slack_front.bolt")
_quiet.setLevel(logging.CRITICAL)  # Bolt's own lines quote payloads; ours say what happened


@dataclass(frozen=True, slots=True)
class _Became:
    """What became of a payload, for its log line and the metrics."""

    outcome: str
    level: int = logging.INFO
    details: dict[str, str] = field(default_factory=dict)


class _OurWorkspace(AsyncAuthorize):
    """One workspace, known from the configuration: no call to Slack on the way of a click."""

    def __init__(self, ours: AuthorizeResult) -> None:
        self._ours = ours

    async def __call__(self, **_: Any) -> AuthorizeResult:
        return self._ours


class _App(AsyncApp):
    """Bolt with one client for all requests: it would make one for each, which costs more than all the rest."""

    def _init_context(self, req: AsyncBoltRequest) -> None:
        req.context["client"] = self.client


class _CatchAll(AsyncMiddleware):
    """Answers whatever comes this far, so that nothing is matched after it."""

    def __init__(self, answer: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]) -> None:
        self._answer = answer

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002  Bolt's signature
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002, ARG002  as above
    ) -> BoltResponse:
        return await self._answer(req)


class _Count:
    """The figures of payloads, with each label looked up once: the library's own look-up takes a lock each time."""

    def __init__(self, metrics: Metrics) -> None:
        self._outcome = cache(metrics.payloads.labels)
        self._seconds = cache(metrics.payload_seconds.labels)

    def __call__(self, kind: str, outcome: str, seconds: float) -> None:
        self._outcome(kind, outcome).inc()
        self._seconds(kind).observe(seconds)


class SlackFront:
    """Takes verified payloads. ``team`` is our workspace; ``tell`` carries what a reply cannot."""

    def __init__(
        self, dispatch: Dispatch, *, team: str, tell: Tell, metrics: Metrics, patience: timedelta = PATIENCE
    ) -> None:
        self._dispatch = dispatch
        self._team = team
        self._tell = tell
        self._metrics = metrics
        self._patience = patience.total_seconds()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._count = _Count(metrics)
        self.bolt = self._bolt()

    async def take(self, body: Body) -> BoltResponse:
        """Answer one payload. Never raises: what is malformed gets 400, what fails gets words."""
        began = time.perf_counter()
        with traced() as trace:
            try:
                payload = payload_of(body, trace=trace)
            except Malformed as error:
                return self._malformed(error)
            if isinstance(payload, Aside):
                return self._aside(payload)
            reply, became = await self._taken(payload)
            self._report(payload, became, time.perf_counter() - began)
            return reply

    # --- before Bolt ----------------------------------------------------------------------------------------

    def _malformed(self, error: Malformed) -> BoltResponse:
        self._metrics.payloads.labels("unknown", "malformed").inc()
        log.warning("slack.malformed", reason=str(error))
        return BoltResponse(status=400, body=_MALFORMED)

    def _aside(self, aside: Aside) -> BoltResponse:
        self._metrics.payloads.labels("other", "ignored").inc()
        log.info("slack.ignored", kind=aside.kind)
        return BoltResponse(status=200, body=aside.said or "")

    def _report(self, payload: Payload, became: _Became, seconds: float) -> None:
        """The one log line of a payload."""
        self._count(payload.kind, became.outcome, seconds)
        log.log(
            became.level,
            "slack.payload",
            kind=payload.kind,
            name=payload.name,
            team=payload.team,
            user=payload.user,
            outcome=became.outcome,
            milliseconds=round(seconds * 1000, 2),
            **became.details,
        )

    async def _taken(self, payload: Payload) -> tuple[BoltResponse, _Became]:
        if (workspace_of(payload.body) or payload.team) != self._team:
            return response(payload, fault(payload, _ELSEWHERE)), _Became("unknown_team", logging.WARNING)
        if payload.kind != "event":
            return await self._through_bolt(payload)
        event_id = str(payload.body.get("event_id") or payload.trace)
        if event_id in self._seen:
            return BoltResponse(status=200, body=""), _Became("duplicate")
        self._remember(event_id)
        reply, became = await self._through_bolt(payload)
        if became.outcome == "retried":
            self._seen.pop(event_id, None)
        return reply, became

    def _remember(self, event_id: str) -> None:
        """Events are told three times more when an answer is late. What lies further back is idempotent as well."""
        self._seen[event_id] = None
        if len(self._seen) > _REMEMBERED_EVENTS:
            self._seen.popitem(last=False)

    # --- Bolt -----------------------------------------------------------------------------------------------

    def _bolt(self) -> AsyncApp:
        """One catch-all for every kind: Bolt tries listeners one by one, a dictionary does not."""
        app = _App(
            name="chaperone",
            logger=_quiet,
            process_before_response=True,  # the alternative polls for the answer every 10 ms
            authorize=_OurWorkspace(AuthorizeResult(enterprise_id=None, team_id=self._team)),
            request_verification_enabled=False,  # done before a byte is parsed, see signature.py
            ssl_check_enabled=False,
            url_verification_enabled=False,
            ignoring_self_events_enabled=False,
            attaching_function_token_enabled=False,
        )
        app.use(_CatchAll(self._answer))
        return app

    async def _through_bolt(self, payload: Payload) -> tuple[BoltResponse, _Became]:
        try:
            request = AsyncBoltRequest(mode="socket_mode", body=payload.body, context={_PAYLOAD: payload})
            reply = await self.bolt.async_dispatch(request)
            return reply, request.context[_BECAME]
        except Exception as error:  # noqa: BLE001  our listener raises nothing: Bolt trusted the payload's shape
            became = _Became("malformed", logging.WARNING, described(error))
            return BoltResponse(status=400, body=_MALFORMED), became

    async def _answer(self, request: AsyncBoltRequest) -> BoltResponse:
        payload: Payload = request.context[_PAYLOAD]
        answer, request.context[_BECAME] = await self._handled(payload)
        if answer is None:
            return BoltResponse(status=503, body="")
        if text := unsaid(payload, answer):
            await self._say(payload, text)
        return response(payload, answer)

    async def _say(self, payload: Payload, text: str) -> None:
        try:
            await self._tell(payload, text)
        except Exception as error:  # noqa: BLE001  what was decided stands, and is answered, even if this goes unsaid
            log.error("slack.not_told", **described(error))  # noqa: TRY400  no stack traces in product logs

    # --- the handler ----------------------------------------------------------------------------------------

    async def _handled(self, payload: Payload) -> tuple[Answer | None, _Became]:
        """The answer, and what became of the payload. None asks Slack to send the event again."""
        handler = self._dispatch.handler(payload.kind, payload.name)
        if handler is None:
            answer = Answer() if payload.kind == "event" else fault(payload, _OLD)
            return answer, _Became("unknown", logging.WARNING)
        try:
            async with asyncio.timeout(self._patience):
                return await handler(payload), _Became("answered")
        except Exception as error:  # noqa: BLE001  the edge: logged with its trace, turned into words
            return self._not_done(payload, error)

    def _not_done(self, payload: Payload, error: Exception) -> tuple[Answer | None, _Became]:
        level = logging.INFO if isinstance(error, ChaperoneError) else logging.ERROR
        if payload.kind == "event" and will_pass(error):
            return None, _Became("retried", logging.WARNING, described(error))
        outcome = type(error).__name__.lower() if isinstance(error, ChaperoneError) else "failed"
        answer = Answer() if payload.kind == "event" else fault(payload, text_for(error, trace=payload.trace))
        return answer, _Became(outcome, level, described(error))
