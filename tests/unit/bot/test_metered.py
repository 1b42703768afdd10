"""Calls to vendors, counted and logged."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.metered import MeteredProvider
from bot.metrics import Metrics
from core.clock import ManualClock
from core.errors import Permanent, Transient
from integrations.fakes import FakeProvider
from integrations.ports import Access

ACCESS = Access("ehr-db", "ehr-db/read", "ana_ruiz", {"role": "ehr_reader"})


def counted(metrics: Metrics, operation: str, outcome: str) -> float:
    labels = {"vendor": "postgres", "operation": operation, "outcome": outcome}
    return metrics.registry.get_sample_value("chaperone_vendor_calls_total", labels) or 0.0


async def test_every_operation_goes_through_and_is_counted() -> None:
    clock, metrics = ManualClock(), Metrics()
    inner = FakeProvider(clock)
    provider = MeteredProvider(inner, "postgres", metrics)
    assert provider.native_expiry is inner.native_expiry
    inner.pend_next()
    receipt = await provider.grant(ACCESS, until=clock.now() + timedelta(hours=1), key="k")
    assert (await provider.poll(receipt.ticket or "")).state == "done"
    assert (await provider.observe(ACCESS)).present
    assert (await provider.revoke(ACCESS, key="k")).state == "done"
    assert "answers" in await provider.check()
    for operation in ("grant", "poll", "observe", "revoke", "check"):
        assert counted(metrics, operation, "done") == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(Transient("later"), "transient"), (Permanent("no"), "permanent"), (KeyError("k"), "unforeseen")],
)
async def test_a_failure_is_counted_logged_and_passed_on(error: Exception, outcome: str) -> None:
    metrics, inner = Metrics(), FakeProvider()
    inner.fail_next(error)  # type: ignore[arg-type]  # an unforeseen one is what is tested, too
    with pytest.raises(type(error)), capture_logs() as lines:
        await MeteredProvider(inner, "postgres", metrics).observe(ACCESS)
    assert counted(metrics, "observe", outcome) == 1
    (line,) = lines
    assert (line["event"], line["vendor"], line["target"], line["outcome"]) == (
        "vendor.called",
        "postgres",
        "ehr-db",
        outcome,
    )
    assert "ana_ruiz" not in str(line)
