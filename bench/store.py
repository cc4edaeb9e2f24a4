"""Durable changes a second in the embedded store, against stock TinyDB on the same number of documents."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tinydb import TinyDB

from adapters.stores.tinydb import Settings, store
from bench.digest import NOW, subscriptions
from bench.figures import RATE, Benchmark, Figure
from bot.models import ChannelSettings, Subscription
from bot.ports import Store

SIZES = (1_000, 10_000)


def measure(sizes: Sequence[int] = SIZES, seconds: float = 2.0) -> Sequence[Figure]:
    """Change channel settings for so long, alone and with 32 writers at once."""
    figures = []
    for size in sizes:
        with TemporaryDirectory() as folder:
            peer = stock(Path(folder), size, seconds)
            rates = asyncio.run(ours(Path(folder) / "data", size, seconds))
        for writers, rate in rates.items():
            said = f"{size:,} subscriptions, {writers} writer{'s' if writers > 1 else ''}"
            figures.append(Figure(said, rate, peer, RATE))
    return figures


async def ours(folder: Path, size: int, seconds: float) -> dict[int, float]:
    """Writers -> acknowledged changes a second; each is on disk when it is acknowledged."""
    opened = await store(Settings(path=folder))
    followed = subscriptions(size, size)
    await asyncio.gather(*(opened.subscribe(item, _settings(item)) for item in followed))
    try:
        return {writers: await _changes(opened, followed, writers, seconds) for writers in (1, 32)}
    finally:
        await opened.aclose()


async def _changes(opened: Store, followed: Sequence[Subscription], writers: int, seconds: float) -> float:
    numbers, start = count(), perf_counter()

    async def write() -> None:
        while perf_counter() - start < seconds:
            n = next(numbers)
            await opened.save_settings(replace(_settings(followed[n % len(followed)]), count=1 + n % 10))

    await asyncio.gather(*(write() for _ in range(writers)))
    return next(numbers) / (perf_counter() - start)


def stock(folder: Path, size: int, seconds: float) -> float:
    """The same with TinyDB as it comes: not durable, not safe from a crash, one writer."""
    with TinyDB(folder / "stock.json") as db:
        db.insert_multiple(_documents(size))
        start, done = perf_counter(), 0
        while perf_counter() - start < seconds:
            done += 1
            db.update({"count": done % 10}, doc_ids=[1 + done % size])
        return done / (perf_counter() - start)


def _documents(size: int) -> Iterator[dict[str, str]]:
    for item in subscriptions(size, size):
        yield {
            "channel": str(item.channel),
            "query": item.query,
            "canonical": item.canonical,
            "created": str(item.created),
        }


def _settings(item: Subscription) -> ChannelSettings:
    return ChannelSettings(channel=item.channel, created=NOW)


BENCHMARK = Benchmark("Embedded store, durable changes a second", "stock TinyDB", measure)
