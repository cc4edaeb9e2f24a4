"""What the tests of the arXiv source share: a week in New York, and a source that reads from an emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

from adapters._http import World
from adapters.sources.arxiv import Arxiv, Settings
from bot.models import Paper
from tests.adapters.http_kit import nearby
from tests.emulators.arxiv import Archive, Entry, Handler, serving
from tests.emulators.watch import Watch

WEDNESDAY = date(2026, 10, 7)
TUESDAY, MONDAY, SUNDAY, SATURDAY, FRIDAY = (WEDNESDAY - timedelta(n) for n in range(1, 6))
NOON = datetime(2026, 10, 7, 12, tzinfo=UTC)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment in UTC; in October, New York is four hours behind."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def entry(id_: str, submitted: datetime = NOON, **facts: object) -> Entry:
    return Entry(**({"id": id_, "submitted": submitted, "title": f"A paper called {id_}"} | facts))  # type: ignore[arg-type]


def week() -> Archive:
    """Two papers in Wednesday's feed, one announced on each working day before it."""
    return Archive(
        WEDNESDAY,
        announced=[entry("2610.00001"), entry("2610.00002", kind="cross"), entry("2610.00003", kind="replace")],
        papers=[
            entry("2610.00004", at(MONDAY, 17, 59)),
            entry("2610.00005", at(FRIDAY, 17, 59)),
            entry("2610.00006", at(FRIDAY - timedelta(1), 17, 0)),
            entry("2610.00007", at(MONDAY, 10), categories=("math.CO",)),
        ],
    )


def listed(papers: tuple[Paper, ...]) -> dict[str, date | None]:
    return {paper.id: paper.listed for paper in papers}


def reader(
    url: str, watch: Watch | None = None, now: Callable[[], datetime] = lambda: NOON, **settings: object
) -> Arxiv:
    """A source that asks this address, on a watch of its own."""
    watch = watch or Watch()
    world = World(resolve=nearby, sleep=watch.sleep, clock=watch.clock)
    values = {"feed_url": url, "api_url": f"{url}/api/query", "categories": ("cs.RO", "cs.AI"), **settings}
    return Arxiv(Settings.model_validate(values), world, now)


@asynccontextmanager
async def reading(
    archive: Archive, *faults: Handler, now: Callable[[], datetime] = lambda: NOON, **settings: object
) -> AsyncIterator[Arxiv]:
    """Serve the archive, with faults for the first requests, and read from it."""
    archive.faults.extend(faults)
    async with serving(archive):
        source = reader(archive.url, archive.watch, now, **settings)
        try:
            yield source
        finally:
            await source.aclose()
