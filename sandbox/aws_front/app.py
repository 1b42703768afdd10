"""The front itself: every request goes on to moto unless a fault or a slow change stands in its way."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox.aws_front.changes import NOUNS, Change, Changes
from sandbox.aws_front.faults import Faults, InjectedFault

HOP = {"host", "connection", "content-length", "transfer-encoding", "content-encoding", "expect"}
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]


class Dropped(Response):
    """A connection that ends in the middle of its reply."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's signature
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def refused(code: str, status: int, message: str) -> JSONResponse:
    """An error as AWS's JSON protocol writes it."""
    headers = {"x-amzn-errortype": code, "x-amzn-requestid": str(uuid.uuid4())}
    return JSONResponse({"__type": code, "message": message}, status, headers)


def told(change: Change) -> JSONResponse:
    """How far a change is, under a request id of its own."""
    return JSONResponse(change.answer(), headers={"x-amzn-requestid": str(uuid.uuid4())})


class Front:
    """Passes on, slows down, breaks. ``polls`` is how long each assignment change takes when no fault says so."""

    def __init__(self, upstream: httpx.AsyncClient, *, polls: int = 0) -> None:
        self.faults = Faults()
        self._upstream = upstream
        self._polls = polls
        self._changes = Changes()

    async def pass_on(self, request: Request) -> Response:
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        body = await request.body()
        headers = {name: value for name, value in request.headers.items() if name not in HOP}
        fault = self.faults.take(operation)
        if fault and (response := _not_applied(fault)):
            return response
        if operation in NOUNS:
            reply = await self._begin(operation, body, headers, fault)
        else:
            reply = await self._ask(operation, body) or await self._forward(
                request.method, str(request.url), body, headers
            )
        if fault and fault.kind == "late_reply":
            await asyncio.sleep(fault.seconds)
        return Dropped() if fault and fault.kind == "lost_reply" else reply

    async def control(self, request: Request) -> Response:
        """``GET`` lists the faults to come, ``POST`` adds one, ``DELETE`` clears them."""
        if request.method == "POST":
            try:
                self.faults.waiting.append(InjectedFault(**await request.json()))
            except (ValueError, TypeError) as error:
                return JSONResponse({"error": str(error)}, 400)
        if request.method == "DELETE":
            self.faults.waiting.clear()
        return JSONResponse({"faults": self.faults.listed()})

    async def _begin(
        self, operation: str, body: bytes, headers: Mapping[str, str], fault: InjectedFault | None
    ) -> Response:
        wanted = json.loads(body)
        others = self._changes.under_way(wanted)
        for other in others:
            await self._look(other)
        if others:
            return refused("ConflictException", 409, "A change of this assignment is in progress.")
        looks = fault.polls if fault and fault.kind in {"slow", "fail"} else self._polls
        reason = fault.reason if fault and fault.kind == "fail" else None
        if looks == 0 and reason is None:
            return await self._forward("POST", "/", body, headers)
        change = Change(operation, wanted, body, headers, looks_left=looks, reason=reason)
        self._changes.add(change)
        if looks == 0:
            await self._end(change)
        return told(change)

    async def _ask(self, operation: str, body: bytes) -> Response | None:
        """The answer to a question about a change of ours; any look at the principal moves its changes on."""
        wanted = json.loads(body) if operation and body else {}
        if change := self._changes.of_request(operation, wanted):
            await self._look(change)
            return told(change)
        if operation == "ListAccountAssignmentsForPrincipal":
            for change in self._changes.under_way(wanted):
                await self._look(change)
        return None

    async def _look(self, change: Change) -> None:
        if change.look():
            await self._end(change)

    async def _end(self, change: Change) -> None:
        if change.reason is not None:
            change.status = "FAILED"
            return
        reply = await self._forward("POST", "/", change.body, change.headers)
        change.status = "SUCCEEDED" if reply.status_code == httpx.codes.OK else "FAILED"
        change.reason = None if change.status == "SUCCEEDED" else bytes(reply.body).decode()

    async def _forward(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        path = httpx.URL(url).raw_path.decode()
        reply = await self._upstream.request(method, path, content=body, headers=dict(headers))
        kept = {name: value for name, value in reply.headers.items() if name not in HOP}
        return Response(reply.content, reply.status_code, kept)


def _not_applied(fault: InjectedFault) -> Response | None:
    if fault.kind == "500":
        return refused("InternalServerException", 500, "The sandbox was told to break here.")
    if fault.kind == "throttle":
        return refused("ThrottlingException", 400, "The sandbox was told to throttle here.")
    return Dropped() if fault.kind == "lost_request" else None


def front(upstream: str, *, polls: int = 0) -> Starlette:
    """The front as an ASGI application."""
    client = httpx.AsyncClient(base_url=upstream, timeout=60.0, trust_env=False)
    ours = Front(client, polls=polls)

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        async with client:
            yield

    return Starlette(
        routes=[
            Route("/sandbox/faults", ours.control, methods=["GET", "POST", "DELETE"]),
            Route("/{path:path}", ours.pass_on, methods=METHODS),
        ],
        lifespan=lifespan,
    )
