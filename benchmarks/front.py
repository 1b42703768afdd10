"""A signed slash command to its ack: the Slack front against a bare endpoint that verifies the same signature."""

import asyncio
import gc
import hashlib
import hmac
import logging
import multiprocessing
import os
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from urllib.parse import urlencode
from uuid import UUID, uuid4

import uvicorn
import uvloop
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from benchmarks.ground import BALL, ground
from benchmarks.table import Goal, show
from bot.dispatch import Answer, Dispatch, Payload
from bot.logs import configure
from bot.metrics import Metrics
from bot.slack_front import Signature, SlackFront
from bot.web import application, web_routes
from core.actors import person
from core.clock import SystemClock
from core.database import Database
from core.jobs import Job
from core.ledger import Ledger, Move
from core.lifecycle import NEW

SECRET = "benchmark"  # noqa: S105  known to both ends of this benchmark
TEAM, USER = "T0BENCH", "U0BENCH"
SECONDS, ROUNDS = 1.5, 3
ANA = person("ana")

Hit = Callable[[], Awaitable[None]]


class Balls:
    """Transitions to commit: each call moves one free row to the other side."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ledger = Ledger(b"k" * 32, SystemClock())
        self._free: asyncio.Queue[tuple[UUID, str]] = asyncio.Queue()

    async def serve(self, count: int) -> None:
        async with self._database.autocommit() as connection:
            for _ in range(count):
                ball = uuid4()
                await self._ledger.advance(connection, Move(BALL, "serve", ball, NEW), actor=ANA)
                self._free.put_nowait((ball, "left"))

    async def hit(self) -> None:
        ball, side = self._free.get_nowait()
        command, other = ("hit", "right") if side == "left" else ("return", "left")
        async with self._database.autocommit() as connection:
            move = Move(BALL, command, ball, side, data={"why": "bench"}, jobs=[Job("none")])
            await self._ledger.advance(connection, move, actor=ANA)
        self._free.put_nowait((ball, other))


def _verified(request: Request, body: bytes) -> bool:
    stamp = request.headers.get("x-slack-request-timestamp", "")
    expected = "v0=" + hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(stamp)) < 300
    return fresh and hmac.compare_digest(expected, request.headers.get("x-slack-signature", ""))


def bare(hit: Hit | None) -> Callable[[Request], Awaitable[Response]]:
    """The rival: nothing but the signature and, with ``hit``, the same commit."""

    async def endpoint(request: Request) -> Response:
        if not _verified(request, await request.body()):
            return PlainTextResponse("no", 401)
        if hit:
            await hit()
        return PlainTextResponse("")

    return endpoint


def front(hit: Hit) -> SlackFront:
    dispatch = Dispatch()

    async def ack(_: Payload) -> Answer:
        return Answer()

    async def commit(_: Payload) -> Answer:
        await hit()
        return Answer()

    async def tell(_payload: Payload, _text: str) -> None:
        """Nothing is told in a benchmark."""

    dispatch.commands |= {"/ack": ack, "/commit": commit}
    return SlackFront(dispatch, team=TEAM, tell=tell, metrics=Metrics())


def server(url: str, port: int) -> None:
    """The process under test."""
    devnull = Path(os.devnull).open("w")  # noqa: SIM115  as long as the process
    configure(logging.INFO, process="bench", stream=devnull)

    async def main() -> None:
        async with Database(url, size=16) as database:
            balls = Balls(database)
            await balls.serve(32)
            routes = web_routes(front(balls.hit), Signature(SECRET.encode(), SystemClock()), Metrics())
            rivals = [
                Route("/bare", bare(None), methods=["POST"]),
                Route("/bare-commit", bare(balls.hit), methods=["POST"]),
            ]
            app = application([*rivals, *routes])
            gc.freeze()  # as the web process does; the rivals gain by it as well
            await uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", access_log=False)).serve()

    uvloop.run(main())


def request_bytes(path: str, command: str) -> bytes:
    form = {"team_id": TEAM, "user_id": USER, "command": command, "text": "", "trigger_id": "1.2.a", "channel_id": "C1"}
    form |= {"response_url": "https://hooks.slack.invalid/x", "user_name": "ana", "api_app_id": "A1"}
    body, stamp = urlencode(form).encode(), str(int(time.time()))
    signature = "v0=" + hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wanted: bytes) -> None:
    writer.write(wanted)
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"the endpoint under test answered {head[:40]!r}")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))


async def load(port: int, path: str, command: str, connections: int) -> tuple[float, float]:
    """Requests per second and p50 (milliseconds)."""
    wanted, times, end = request_bytes(path, command), [], time.perf_counter() + SECONDS

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            began = time.perf_counter()
            await _exchange(reader, writer, wanted)
            times.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    return len(times) / SECONDS, median(times) * 1000


CASES = {
    "bare, signature only": ("/bare", "/ack"),
    "front, ack only": ("/slack/events", "/ack"),
    "bare, with commit": ("/bare-commit", "/commit"),
    "front, with commit": ("/slack/events", "/commit"),
}


async def measured(port: int, connections: int) -> dict[str, tuple[float, float]]:
    """Medians over rounds taken in turns."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in CASES}
    for _ in range(ROUNDS):
        for name, (path, command) in CASES.items():
            found[name].append(await load(port, path, command, connections))
    return {name: (median(r for r, _ in each), median(p for _, p in each)) for name, each in found.items()}


async def run(port: int) -> None:
    await _answers(port)
    one, sixteen = await measured(port, 1), await measured(port, 16)
    rows = [
        [name, f"{one[name][0]:,.0f}", f"{one[name][1]:.2f}", f"{sixteen[name][0]:,.0f}", f"{sixteen[name][1]:.2f}"]
        for name in CASES
    ]
    bare_name, front_name, bare_commit, front_commit = CASES
    later = one[front_name][1] - one[bare_name][1]
    goals = [Goal("p50 at one connection, later than bare by ms (<= 1.00)", later, later <= 1)]
    for label, ours, theirs, limit in (
        ("ack only, throughput against bare", front_name, bare_name, 0.4),
        ("with commit, throughput against bare with commit", front_commit, bare_commit, 0.6),
    ):
        for connections, figures in ((1, one), (16, sixteen)):
            ratio = figures[ours][0] / figures[theirs][0]
            goals.append(Goal(f"{label}, {connections} connections (>= {limit:.2f})", ratio, ratio >= limit))
    columns = ["Slash command to ack", "1 conn: /s", "p50 ms", "16 conn: /s", "p50 ms"]
    show("Slack front", columns, rows, goals)


async def _answers(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    port = _free_port()
    with ground() as cluster:
        process = multiprocessing.get_context("spawn").Process(target=server, args=(cluster.app_url, port))
        process.start()
        try:
            uvloop.run(run(port))
        finally:
            process.terminate()
            process.join()


if __name__ == "__main__":
    main()
