"""Requests counted, and everything that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import Scope

from bot.ports import Number

__all__ = ["CONTENT_TYPE_LATEST", "Counts"]

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
METHODS = ("GET", "HEAD", "POST", "OPTIONS")


class Counts:
    """Requests by route, never by what somebody typed: the labels are bounded."""

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        labels = ("route", "method", "status")
        self._requests = Counter("broadsheet_http_requests", "Requests answered.", labels, registry=self._own)
        self._seconds = Histogram(
            "broadsheet_http_request_seconds",
            "Time to answer a request.",
            ("route",),
            buckets=BUCKETS,
            registry=self._own,
        )

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request that was answered."""
        route = getattr(scope.get("endpoint"), "__name__", "other")
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, numbers: Iterable[Number]) -> bytes:
        """Write everything in Prometheus' format."""
        given = CollectorRegistry()
        given.register(_Given(numbers))
        return generate_latest(self._own) + generate_latest(given)


class _Given:
    """A collector of numbers that were gathered already."""

    def __init__(self, numbers: Iterable[Number]) -> None:
        self._numbers = tuple(numbers)

    def collect(self) -> Iterator[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for number in self._numbers:
            if number.name not in families:
                families[number.name] = GaugeMetricFamily(number.name, number.help, labels=list(number.labels))
            families[number.name].add_metric(list(number.labels.values()), number.value)
        yield from families.values()
