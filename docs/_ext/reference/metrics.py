"""The Prometheus metrics that ``/metrics`` answers."""

from importlib import import_module

from prometheus_client.registry import CollectorRegistry

from docs._ext.reference import markdown


def page() -> str:
    registry: CollectorRegistry = import_module("bot.metrics").REGISTRY
    families = sorted((each for each in registry.collect()), key=lambda family: family.name)
    rows = [(markdown.code(each.name), each.type, each.documentation) for each in families]
    return markdown.page(
        "Metrics",
        "Every process answers these on `/metrics`, in Prometheus' text format.",
        markdown.table(["name", "type", "what it counts"], rows),
    )
