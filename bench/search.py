"""Search in the archive, against the bare FTS5 query in the same file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from adapters.stores.tinydb import Settings, store
from bench.figures import RATE, Benchmark, Figure, milliseconds, timed
from bench.papers import papers, words
from bot.commands.backtest import backtest, replay
from bot.ports import SearchPage, Store
from bot.query import fold_word, parse

NOW = datetime(2026, 7, 31, 9, tzinfo=UTC)
BARE = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT 10"
COUNT = "SELECT count(*) FROM words WHERE words MATCH ?"


def measure(size: int = 50_000, times: int = 5) -> Sequence[Figure]:
    """Ten hits and the total: of a frequent word, a rare one, and a phrase."""
    with TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder), size, times))


async def _measure(folder: Path, size: int, times: int) -> Sequence[Figure]:
    opened = await store(Settings(path=folder))
    try:
        start = perf_counter()
        await opened.add_papers(papers(size, days=365), NOW)
        rate = size / (perf_counter() - start)
        figures = [Figure(f"papers added to an archive of {size:,}", rate, _bare_inserts(folder, size), RATE)]
        for name, asked, bare in _questions():
            ours = await _ask(opened, asked, times)
            with closing(sqlite3.connect(folder / "papers.sqlite")) as db:
                peer = milliseconds(lambda: _bare(db, bare), times)  # noqa: B023  (called at once)
            figures.append(Figure(f"{name} in {size:,} papers", ours, peer))
        figures.append(await _worst(opened, folder, size, times))
        figures.append(await _tried(opened, times))
        return figures
    finally:
        await opened.aclose()


def _questions() -> list[tuple[str, str, str]]:
    """What is asked in our language and in FTS5's, where words are folded already."""
    plain = [
        (word.lower(), n) for word, n in words().most_common() if word.isascii() and word.isalpha() and len(word) > 4
    ]
    frequent, rare = plain[0][0], next(word for word, n in reversed(plain) if n == 1)
    first, second = frequent, plain[1][0]
    return [
        ("frequent word", frequent, f'"{fold_word(frequent)}"'),
        ("rare word", rare, f'"{fold_word(rare)}"'),
        ("phrase", f'"{first} {second}"', f'"{fold_word(first)} {fold_word(second)}"'),
    ]


async def _ask(opened: Store, asked: str, times: int) -> float:
    page, taken = SearchPage(limit=10, now=NOW), []
    for _ in range(times):
        start = perf_counter()
        await opened.search(parse(asked), page)
        taken.append(1000 * (perf_counter() - start))
    return sorted(taken)[times // 2]


async def _worst(opened: Store, folder: Path, size: int, times: int) -> Figure:
    """The 60 most frequent words as alternatives: as much as a query can ask for."""
    frequent = [word.lower() for word, _ in words().most_common(90) if word.isascii() and word.isalpha()][:60]
    ours = await _ask(opened, ", ".join(frequent), times)
    bare = " OR ".join(f'"{fold_word(word)}"' for word in frequent)
    with closing(sqlite3.connect(folder / "papers.sqlite")) as db:
        return Figure(f"60 frequent words in {size:,} papers", ours, milliseconds(lambda: _bare(db, bare), 1))


async def _tried(opened: Store, times: int) -> Figure:
    """A subscription with an exclusion, tried on 14 days: by the index, and by matching every paper of these days."""
    wanted, taken, until = parse("agents -survey"), [], NOW.date()
    for _ in range(times):
        start = perf_counter()
        await replay(opened, wanted, until=until, days=14, budget=5)
        taken.append(1000 * (perf_counter() - start))
    papers_of = await opened.listed(until - timedelta(days=13), until)
    peer, _ = timed(lambda: backtest(wanted, papers_of, until=until, days=14, budget=5))
    return Figure("a backtest, to matching each paper", sorted(taken)[times // 2], peer)


def _bare(db: sqlite3.Connection, asked: str) -> None:
    db.execute(BARE, (asked,)).fetchall()
    db.execute(COUNT, (asked,)).fetchone()


def _bare_inserts(folder: Path, size: int) -> float:
    """Papers a second into FTS5 and nothing else, in one transaction."""
    count = min(size, 5_000)
    rows = [(paper.title, paper.abstract) for paper in papers(count, seed=3)]
    with closing(sqlite3.connect(folder / "bare.sqlite")) as db:
        db.execute("CREATE VIRTUAL TABLE words USING fts5 (title, abstract)")
        start = perf_counter()
        with db:
            db.executemany("INSERT INTO words VALUES (?, ?)", rows)
        return count / (perf_counter() - start)


BENCHMARK = Benchmark("Archive search", "bare FTS5", measure)
