"""What is counted, under which names. Each process exposes its own figures; docs/reference lists them.

Figures read from the rows (grants, queue, ledger) are the same in every process that shows them: use ``max``, not
``sum``, over processes.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)


class Metrics:
    """The figures of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)

        def counter(name: str, says: str, *labels: str) -> Counter:
            return Counter(f"chaperone_{name}", says, labels, registry=registry)

        def gauge(name: str, says: str, *labels: str) -> Gauge:
            return Gauge(f"chaperone_{name}", says, labels, registry=registry)

        def histogram(name: str, says: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"chaperone_{name}", says, labels, registry=registry, buckets=buckets)

        self.payloads = counter("slack_payloads", "Payloads from Slack", "kind", "outcome")
        self.payload_seconds = histogram("slack_payload_seconds", "From payload to answer", _FAST, "kind")
        self.jobs = counter("jobs", "Attempts at jobs", "job", "outcome")
        self.vendor_calls = counter("vendor_calls", "Calls to access vendors", "vendor", "operation", "outcome")
        self.vendor_seconds = histogram("vendor_call_seconds", "How long vendors take", _SLOW, "vendor", "operation")
        self.transitions = counter("transitions", "Ledger entries since this process began", "event")
        self.revocation_lag = histogram("revocation_lag_seconds", "From due to read back as gone", _SLOW)
        self.grants = gauge("grants", "Grants that are not over", "status")
        self.overdue = gauge("overdue_grants", "Grants past their end and still there")
        self.overdue_seconds = gauge("overdue_oldest_seconds", "By how much the oldest of them is overdue")
        self.queue = gauge("queue_jobs", "Jobs in the queue", "status")
        self.queue_age = gauge("queue_oldest_seconds", "How long the oldest runnable job has waited")
        self.unsequenced = gauge("ledger_unsequenced_seconds", "Age of the oldest ledger entry without a number")
        self.clock_slack = histogram("clock_slack_seconds", "How late the clock's ticks fire", _SLOW, "tick")
        self.clock_failures = counter("clock_failures", "Ticks that failed and are tried again", "tick")

    def job_done(self, name: str, outcome: str) -> None:
        """See ``core.jobs.worker.JobMetrics``."""
        self.jobs.labels(name, outcome).inc()

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)
