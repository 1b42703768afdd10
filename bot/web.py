"""The web application: Slack's way in, health, readiness, metrics."""

import asyncio

import orjson
import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt import BoltResponse
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.metrics import Metrics
from bot.readiness import Readiness
from bot.slack_front import Forged, Malformed, Signature, SlackFront, parse

log = structlog.get_logger()

LARGEST_BODY = 1_000_000
"""Bytes. A view is at most 250 kB, an event far less."""

_BODY_WITHIN = 3.0


class _TooLarge(Exception):  # noqa: N818  a finding about a body
    """The body is larger than any of Slack's."""


def health_routes(readiness: Readiness, metrics: Metrics) -> list[Route]:
    """What every process answers: `/healthz` (it lives), `/readyz` (what is wrong), `/metrics`."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readyz(_: Request) -> Response:
        report = await readiness.report()
        status = 200 if report.ready else 503
        return Response(orjson.dumps(report.as_json()), status, media_type="application/json")

    async def exposition(_: Request) -> Response:
        return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", exposition)]


def web_routes(front: SlackFront, signature: Signature | None, metrics: Metrics) -> list[Route]:
    """What only the web process answers. Without a signature (Socket Mode alone) Slack's way in stays shut."""

    async def alerts(_: Request) -> Response:
        return PlainTextResponse("Alerts are taken once the breach playbook is installed.\n", 501)

    routes = [Route("/hooks/alerts/{source}", alerts, methods=["POST"])]
    if signature:
        routes.insert(0, Route("/slack/events", SlackEndpoint(front, signature, metrics), methods=["POST"]))
    return routes


def application(routes: list[Route]) -> Starlette:
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    return app


class SlackEndpoint:
    """One URL for commands, interactivity and events: size, signature and shape are checked in this order.

    Speaks ASGI itself: this is the way of every click, and a request object costs more than what we ask of it.
    """

    def __init__(self, front: SlackFront, signature: Signature, metrics: Metrics) -> None:
        self._front = front
        self._signature = signature
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            body = await _body(receive)
            self._signature.verify(headers, body)
            payload = parse(body, headers.get("content-type", ""))
        except _TooLarge:
            reply = self._refused(413, "oversized", "Too large.")
        except (TimeoutError, ClientDisconnect):
            reply = self._refused(408, "unfinished", "Too slow.")
        except Forged as error:
            reply = self._refused(401, "forged", "Not signed by Slack.", reason=str(error))
        except Malformed as error:
            reply = self._refused(400, "malformed", "Not a Slack payload.", reason=str(error))
        else:
            reply = await self._front.take(payload)
        await _send(reply, send)

    def _refused(self, status: int, outcome: str, text: str, **reason: str) -> BoltResponse:
        self._metrics.payloads.labels("unknown", outcome).inc()
        log.warning("slack.refused", outcome=outcome, **reason)
        return BoltResponse(status=status, body=text)


async def _body(receive: Receive) -> bytes:
    """The whole body, as long as it is not too large nor too slow in coming."""
    body, more = b"", True
    async with asyncio.timeout(_BODY_WITHIN):
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body, more = body + message.get("body", b""), message.get("more_body", False)
            if len(body) > LARGEST_BODY:
                raise _TooLarge
    return body


async def _send(reply: BoltResponse, send: Send) -> None:
    body, content_type = reply.body.encode(), reply.headers["content-type"][0]
    headers = [(b"content-type", content_type.encode("latin-1")), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
