"""The Prometheus metrics that ``/metrics`` answers."""

from collections.abc import Iterator
from importlib import import_module

from prometheus_client import Counter, Gauge, Histogram

from docs._ext.reference import markdown


def page() -> str:
    metrics: object = import_module("bot.metrics").Metrics()
    return markdown.page(
        "Metrics",
        "Every process answers its own figures on `/metrics`, in Prometheus' text format, beside those of the Python "
        "process. Figures read from the rows are the same in every process: use `max` over processes, not `sum`.",
        markdown.table(["name", "type", "labels", "what it counts"], sorted(_rows(metrics))),
    )


def _rows(metrics: object) -> Iterator[tuple[str, str, str, str]]:
    for each in vars(metrics).values():
        if isinstance(each, Counter | Gauge | Histogram):
            (family,) = each.describe()
            name = f"{family.name}_total" if isinstance(each, Counter) else family.name
            labels = ", ".join(map(markdown.code, each._labelnames))  # noqa: SLF001  nothing public tells them
            yield markdown.code(name), family.type, labels, family.documentation
