"""Search in the archive, against the bare FTS5 query in the same file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

from adapters.stores.tinydb import Settings, store
from bench.figures import RATE, Benchmark, Figure, milliseconds, timed
from bench.hostile import queries
from bench.papers import papers, words
from bench.searches import COUNTED, NOW, RANKED, Kind, archive, kinds, plain
from bot.commands import lookup, searching
from bot.commands.backtest import backtest, replay
from bot.errors import QueryError, StoreError
from bot.ports import SearchPage, Store
from bot.query import fold_word, parse

BARE = (RANKED.format("", 0), COUNTED.format(""))
TURNS = 3
EACH = 6
"""Queries of a kind for each of the ``times``."""


def measure(size: int = 50_000, times: int = 5) -> Sequence[Figure]:
    """Ten hits and the total: of a frequent word, a rare one, a phrase, and of each kind that people ask for."""
    with TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder), size, times))


async def _measure(folder: Path, size: int, times: int) -> Sequence[Figure]:
    opened = await store(Settings(path=folder))
    try:
        start = perf_counter()
        await opened.add_papers(archive(size), NOW)
        rate = size / (perf_counter() - start)
        figures = [Figure(f"papers added to an archive of {size:,}", rate, _bare_inserts(folder, size), RATE)]
        figures += [await _named(opened, folder, *question, TURNS * times) for question in _questions(size)]
        for kind in kinds():
            figures += await _each(opened, folder, kind, EACH * times)
        figures.append(await _unseen(opened, folder, EACH * times))
        figures.append(await _p99(opened, folder, size, 40 * times))
        figures += await _worst(opened, folder, size, times)
        figures.append(await _tried(opened, times))
        return figures
    finally:
        await opened.aclose()


def _questions(size: int) -> list[tuple[str, str, str]]:
    """What is asked in our language and in FTS5's, where words are folded already."""
    known = plain()
    frequent, rare = known[0][0], next(word for word, n in reversed(known) if n == 1)
    first, second = frequent, known[1][0]
    return [
        (f"frequent word in {size:,} papers", frequent, f'"{fold_word(frequent)}"'),
        (f"rare word in {size:,} papers", rare, f'"{fold_word(rare)}"'),
        (f"phrase in {size:,} papers", f'"{first} {second}"', f'"{fold_word(first)} {fold_word(second)}"'),
    ]


async def _named(opened: Store, folder: Path, name: str, asked: str, bare: str, count: int) -> Figure:
    """One query in turns with the bare one: the middle of each."""
    with closing(sqlite3.connect(folder / "papers.sqlite")) as db:
        turns = [(await _ask(opened, asked, 1), milliseconds(lambda: _bare(db, bare), 1)) for _ in range(count)]
    ours, peer = zip(*turns, strict=True)
    return Figure(name, _at(ours, 50), _at(peer, 50))


async def _each(opened: Store, folder: Path, kind: Kind, count: int) -> list[Figure]:
    """Different queries of one kind, in turns with the bare ones; of each the best turn, as others use the machine."""
    random, ours, peer = Random(7), [], []
    with closing(sqlite3.connect(folder / "papers.sqlite")) as db:
        for _ in range(count):
            asked, bare = kind.make(random)
            turns = [
                (await _ask(opened, asked, 1, kind.page), milliseconds(lambda: _bare(db, bare, kind.bare), 1))  # noqa: B023
                for _ in range(TURNS)
            ]
            ours.append(min(mine for mine, _ in turns))
            peer.append(min(its for _, its in turns))
    return [Figure(f"{kind.name}, p{which}", _at(ours, which), _at(peer, which)) for which in (50, 99)]


async def _unseen(opened: Store, folder: Path, count: int) -> Figure:
    """Words with a letter left out: nothing is found, and a word is offered that was perhaps meant."""
    random, ours, peer = Random(8), [], []
    known = [word for word, _ in plain() if len(word) > 6]
    with closing(sqlite3.connect(folder / "papers.sqlite")) as db:
        for _ in range(count):
            typed = (word := random.choice(known))[:3] + word[4:]
            start = perf_counter()
            await searching.search(opened, [], typed, period="any", sort="relevance", limit=10, now=NOW)
            ours.append(1000 * (perf_counter() - start))
            peer.append(milliseconds(lambda: _bare(db, f'"{fold_word(typed)}"'), 1))  # noqa: B023  (the same)
    return Figure("a word with a slip, and what was meant, p99", _at(ours, 99), _at(peer, 99))


def _at(times: Sequence[float], which: int) -> float:
    return sorted(times)[(which * len(times) - 1) // 100]


async def _ask(opened: Store, asked: str, times: int, page: SearchPage = SearchPage(limit=10, now=NOW)) -> float:  # noqa: B008  (frozen)
    taken = []
    for _ in range(times):
        start = perf_counter()
        with suppress(StoreError):  # what asks for too much is refused, and that takes time too
            await opened.search(parse(asked), page)
        taken.append(1000 * (perf_counter() - start))
    return sorted(taken)[times // 2]


async def _p99(opened: Store, folder: Path, size: int, count: int) -> Figure:
    """The time that 99 of 100 queries stay under: words from all ranks, phrases, mixed ones; each asked once."""
    random, known = Random(4), [word for word, _ in plain()]
    ours, peer = [], []
    with closing(sqlite3.connect(folder / "papers.sqlite")) as db:
        for n in range(count):
            one, two, three = (known[int(len(known) * random.random() ** steep)] for steep in (4, 3, 1))
            asked = (one, three, f'"{one} {two}"', f"{one} {three} -{two}", f"{one}, {two}, {three}")[n % 5]
            a, b, c = (f'"{fold_word(word)}"' for word in (one, two, three))
            bare = (a, c, f'"{fold_word(one)} {fold_word(two)}"', f"{a} {c} NOT {b}", f"{a} OR {b} OR {c}")[n % 5]
            ours.append(await _ask(opened, asked, 1))
            peer.append(milliseconds(lambda: _bare(db, bare), 1))  # noqa: B023  (called at once)
    return Figure(f"p99 of {count} queries in {size:,} papers", _at(ours, 99), _at(peer, 99))


async def _worst(opened: Store, folder: Path, size: int, times: int) -> list[Figure]:
    """As much as a query can ask for, each beside 60 frequent words as alternatives in FTS5."""
    frequent = [word.lower() for word, _ in words().most_common(90) if word.isascii() and word.isalpha()][:60]
    nested = frequent[0]
    for place, word in enumerate(frequent[1:31]):
        nested = f"({nested} {'AND' if place % 2 else 'OR'} {word})"
    asked = {
        "60 frequent words, any": ", ".join(frequent),
        "60 frequent words, all": " ".join(frequent),
        "30 brackets deep": nested,
        "everything without 60 words": f"* -({', '.join(frequent)})",
        "40 in exact characters": ", ".join(f'exact:"{word}"' for word in frequent[:40]),
        "60 stems": ", ".join(f"{word}~" for word in frequent if len(word) > 2),
        "a frequent prefix": "con*",
    }
    bare = " OR ".join(f'"{fold_word(word)}"' for word in frequent)
    with closing(sqlite3.connect(folder / "papers.sqlite")) as db:
        peer = milliseconds(lambda: _bare(db, bare), 1)
    figures = [
        Figure(f"{name} in {size:,} papers", await _ask(opened, text, times), peer) for name, text in asked.items()
    ]
    hostile = [await _hostile(opened, text, number) for number, text in enumerate(queries())]
    name = f"{len(hostile)} hostile queries in {size:,} papers"
    return [
        *figures,
        *(Figure(f"{name}, {what}", _at(hostile, which), peer) for what, which in (("p99", 99), ("worst", 100))),
    ]


async def _hostile(opened: Store, text: str, number: int) -> float:
    """Read a query and search for it, in one order or another; give the better of two turns."""
    page = SearchPage(sort=lookup.SORTS[number % len(lookup.SORTS)], limit=10, now=NOW)
    with suppress(QueryError):
        return min([await _ask(opened, text, 1, page) for _ in range(2)])
    return milliseconds(lambda: _refused(text), 2)


def _refused(text: str) -> None:
    with suppress(QueryError):
        parse(text)


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


def _bare(db: sqlite3.Connection, asked: str, statements: Sequence[str] = BARE) -> None:
    for statement in statements:
        db.execute(statement, (asked,)).fetchall()


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
