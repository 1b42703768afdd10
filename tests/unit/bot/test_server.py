"""The port: health, readiness and figures on it, nothing outside this machine beside a sandbox."""

import socket

import httpx
import pytest

from bot.metrics import Metrics
from bot.readiness import Check, Readiness, Unwell
from bot.server import serving
from bot.settings import Settings
from bot.web import application, health_routes
from core.errors import ConfigurationFault


async def well() -> str:
    return "Answers."


async def unwell() -> str:
    raise Unwell("Run `chaperone release`.")


@pytest.mark.parametrize(("probe", "status"), [(well, 200), (unwell, 503)])
async def test_health_readiness_and_figures_are_served(
    environment: pytest.MonkeyPatch, probe: type[str], status: int
) -> None:
    readiness = Readiness([Check("database", probe, needed=True)])  # type: ignore[arg-type]
    app = application(health_routes(readiness, Metrics()))
    async with serving(app, Settings.load(), default_port=3000) as port, httpx.AsyncClient() as client:
        at = f"http://127.0.0.1:{port}"
        assert (await client.get(f"{at}/healthz")).text == "alive\n"
        ready = await client.get(f"{at}/readyz")
        figures = (await client.get(f"{at}/metrics")).text
    assert ready.status_code == status
    assert ready.json()["checks"]["database"]["needed"] is True
    for name in (
        "chaperone_slack_payloads_total",
        "chaperone_transitions_total",
        "chaperone_queue_oldest_seconds",
        "chaperone_overdue_grants",
        "chaperone_revocation_lag_seconds",
        "chaperone_vendor_calls_total",
        "chaperone_clock_slack_seconds",
    ):
        assert f"# TYPE {name.removesuffix('_total')}" in figures


async def test_a_port_that_is_taken_is_a_fault_with_its_cure(environment: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environment.setenv("PORT", str(taken.getsockname()[1]))
        with pytest.raises(ConfigurationFault, match=r"PORT: \d+ cannot be had"):
            async with serving(application([]), Settings.load(), default_port=3000):
                raise AssertionError("it was bound")


async def test_beside_a_slack_of_this_machine_nothing_listens_outside(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("PORT")
    with socket.create_server(("127.0.0.1", 0)) as free:
        default = int(free.getsockname()[1])
    async with serving(application([]), Settings.load(), default_port=default) as port:
        assert port == default
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{port}/nothing")).status_code == 404
