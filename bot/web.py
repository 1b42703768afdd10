"""The web application: Slack's way in, health, readiness, metrics."""

import asyncio
from collections.abc import Awaitable, Callable

import orjson
import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt import BoltResponse
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.metrics import Metrics
from bot.readiness import Readiness
from bot.slack_front import Forged, Malformed, Signature, SlackFront, parse

log = structlog.get_logger()

LARGEST_BODY = 1_000_000
"""Bytes. A view is at most 250 kB, an event far less."""

_BODY_WITHIN = 3.0

Endpoint = Callable[[Request], Awaitable[Response]]


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
        routes.insert(0, Route("/slack/events", slack_endpoint(front, signature, metrics), methods=["POST"]))
    return routes


def application(routes: list[Route]) -> Starlette:
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    return app


def slack_endpoint(front: SlackFront, signature: Signature, metrics: Metrics) -> Endpoint:
    """One URL for commands, interactivity and events: size, signature and shape are checked in this order."""

    def refused(status: int, outcome: str, text: str, reason: str = "") -> Response:
        metrics.payloads.labels("unknown", outcome).inc()
        log.warning("slack.refused", outcome=outcome, **({"reason": reason} if reason else {}))
        return PlainTextResponse(text, status)

    async def endpoint(request: Request) -> Response:
        try:
            body = await _body(request)
            signature.verify(request.headers, body)
            payload = parse(body, request.headers.get("content-type", ""))
        except _TooLarge:
            return refused(413, "oversized", "Too large.\n")
        except (TimeoutError, ClientDisconnect):
            return refused(408, "unfinished", "Too slow.\n")
        except Forged as error:
            return refused(401, "forged", "Not signed by Slack.\n", str(error))
        except Malformed as error:
            return refused(400, "malformed", "Not a Slack payload.\n", str(error))
        return _http(await front.take(payload))

    return endpoint


async def _body(request: Request) -> bytes:
    """The whole body, as long as it is not too large nor too slow in coming."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > LARGEST_BODY:
        raise _TooLarge
    received = bytearray()
    async with asyncio.timeout(_BODY_WITHIN):
        async for chunk in request.stream():
            received += chunk
            if len(received) > LARGEST_BODY:
                raise _TooLarge
    return bytes(received)


def _http(reply: BoltResponse) -> Response:
    content_type = (reply.headers.get("content-type") or ["text/plain"])[0]
    return Response(reply.body, reply.status, media_type=content_type)
