"""Waiting until a process of Chaperone can do its work, and saying what keeps it from that."""

import asyncio
from collections.abc import Mapping

import httpx

from sandbox.house.parts import Part

WITHIN = 60.0
_POLL = 0.1


async def await_ready(part: Part, port: int, *, within: float = WITHIN) -> None:
    """Until its /readyz says so. Raises PartFailed with the end of its log, or with what it is waiting for."""
    deadline = asyncio.get_running_loop().time() + within
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as client:
        waits_for = "it does not listen yet"
        while True:
            part.require_alive()
            try:
                answer = await client.get("/readyz")
            except httpx.TransportError:
                pass  # not there yet, or just gone: the next look tells
            else:
                if answer.is_success:
                    return
                waits_for = _missing(answer.json())
            if asyncio.get_running_loop().time() > deadline:
                raise part.failed(f"was not ready within {within:.0f} seconds ({waits_for})")
            await asyncio.sleep(_POLL)


async def readiness(port: int) -> Mapping[str, object] | None:
    """What /readyz says now, None where nobody answers."""
    try:
        async with httpx.AsyncClient(timeout=6, trust_env=False) as client:
            return dict((await client.get(f"http://127.0.0.1:{port}/readyz")).json())
    except httpx.TransportError:
        return None


def _missing(report: Mapping[str, Mapping[str, Mapping[str, object]]]) -> str:
    checks = report.get("checks", {})
    return "; ".join(f"{name}: {each['says']}" for name, each in checks.items() if not each["ok"])
