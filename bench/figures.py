"""What a benchmark gives, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import TypeVar

from rich.table import Table

T = TypeVar("T")

RATE = "/s"


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured, with us and with a peer. Times are in milliseconds, rates in ``RATE``."""

    what: str
    ours: float
    peer: float
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        """Ours to the peer's."""
        return self.ours / self.peer


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What is compared with what. ``measure`` takes a minute at the most, or there is a ``quick`` one."""

    title: str
    peer: str
    measure: Callable[[], Sequence[Figure]]
    quick: Callable[[], Sequence[Figure]] | None = None


def milliseconds(call: Callable[[], object], times: int = 5) -> float:
    """The median time of a call."""
    return median(timed(call)[0] for _ in range(times))


def timed(call: Callable[[], T]) -> tuple[float, T]:
    """The time of one call, and what it gave."""
    start = perf_counter()
    result = call()
    return 1000 * (perf_counter() - start), result


def table(benchmark: Benchmark, figures: Sequence[Figure]) -> Table:
    """A line for each figure."""
    shown = Table("", "Broadsheet", benchmark.peer, "ratio", title=benchmark.title, title_justify="left")
    shown.caption = "ratio: ours to the peer's; ↓ lower is better, ↑ higher is better"
    for column in shown.columns[1:]:
        column.justify = "right"
    for figure in figures:
        better = "↑" if figure.unit == RATE else "↓"
        shown.add_row(
            figure.what,
            _said(figure.ours, figure.unit),
            _said(figure.peer, figure.unit),
            f"{figure.ratio:.2f} {better}",
        )
    return shown


def _said(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}" if unit != RATE else f"{value:,.{digits}f}{unit}"
