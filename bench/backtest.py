"""Backtests of every shape that a query can have, on both stores, against matching each paper of the same days."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.figures import Benchmark, Figure, timed
from bench.hostile import queries
from bench.searches import NOW, archive, plain
from bot.app import open_store
from bot.commands.backtest import backtest, replay
from bot.errors import QueryError, StoreError
from bot.ports import Store
from bot.query import Query, parse
from tests.postgres import NoServer, schema, server

DAYS = (14, 30, 90)
EVERY = 8
"""Of the hostile queries one of so many is tried."""


def measure(size: int = 50_000, every: int = EVERY) -> Sequence[Figure]:
    """The median and the worst of all shapes, over two weeks, a month and a quarter."""
    return asyncio.run(_measured(size, every))


async def _measured(size: int, every: int) -> list[Figure]:
    figures = []
    async for name, opened in _stores():
        async with aclosing(opened):
            await opened.add_papers(archive(size), NOW)
            for days in DAYS:
                until = NOW.date()
                papers = await opened.listed(until - timedelta(days=days - 1), until)
                wanted = parse("agents -survey")
                peer, _ = timed(lambda: backtest(wanted, papers, until=until, days=days, budget=5))  # noqa: B023  (called at once)
                taken = sorted([await _tried(opened, each, days) for each in shapes(every)])
                what = f"{name}: {len(taken)} shapes over {days} days, {len(papers):,} papers"
                figures += [
                    Figure(f"{what}, median", taken[len(taken) // 2], peer),
                    Figure(f"{what}, worst", taken[-1], peer),
                ]
    return figures


async def _stores() -> AsyncIterator[tuple[str, Store]]:
    with TemporaryDirectory() as folder:
        yield "embedded", await open_store(f"tinydb:{folder}", Path())
    try:
        async with _database() as url:
            yield "PostgreSQL", await open_store(url, Path())
    except NoServer:
        return


@asynccontextmanager
async def _database() -> AsyncIterator[str]:
    with server() as one:
        async with schema(one) as url:
            yield url


def shapes(every: int = EVERY) -> Iterator[Query]:
    """Queries that people write, those with very many exclusions, and hostile ones."""
    known = [word for word, _ in plain()[:80]]
    texts = ["agents -survey", "*", f"* -{known[0]}", f"{known[0]} " + " ".join(f"-{word}" for word in known[1:64])]
    texts += [
        "* " + " ".join(f"-{word}" for word in known[:63]),
        f"({', '.join(known[:32])}) -{' -'.join(known[32:63])}",
    ]
    for text in (*texts, *queries()[::every]):
        try:
            yield parse(text)
        except QueryError:
            continue


async def _tried(opened: Store, wanted: Query, days: int) -> float:
    """Give the better of two turns, in milliseconds."""
    taken = []
    for _ in range(2):
        start = perf_counter()
        try:
            await replay(opened, wanted, until=NOW.date(), days=days, budget=5)
        except StoreError:
            raise RuntimeError(f"{wanted.text[:60]} was refused: there is nothing to compare") from None
        taken.append(1000 * (perf_counter() - start))
    return min(taken)


BENCHMARK = Benchmark("Backtests", "each paper matched", measure)
