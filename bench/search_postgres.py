"""Search in PostgreSQL, against a bare query of its own full-text search, in the same server and the same run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from time import perf_counter

from psycopg import AsyncConnection

from bench.figures import Benchmark, Figure
from bench.hostile import queries
from bench.searches import NOW, archive, kinds
from bot.app import open_store
from bot.commands import lookup
from bot.errors import QueryError, StoreError
from bot.ports import SearchPage, Store
from bot.query import parse
from tests.postgres import NoServer, Server, schema, server

KINDS = 4
"""The kinds whose bare query is words with AND, OR and NOT: frequent, rare, in five papers, a phrase."""
TURNS = 3
_BARE = (
    "CREATE TABLE bare (id text, words tsvector)",
    "INSERT INTO bare SELECT id, to_tsvector('simple', title || ' ' || abstract) FROM papers",
    "CREATE INDEX bare_words ON bare USING gin (words)",
    "VACUUM ANALYZE bare",
    "VACUUM ANALYZE papers",
)
_RANKED = "SELECT id FROM bare WHERE words @@ {0} ORDER BY ts_rank(words, {0}) DESC LIMIT 10"
_COUNTED = "SELECT count(*) FROM bare WHERE words @@ {0}"
_ASKED = "phraseto_tsquery('simple', %(asked)s)"


def measure(size: int = 50_000, times: int = 10, every: int = 1) -> Sequence[Figure]:
    """Ten hits and the total of the named kinds, then one ``every`` so many of the hostile queries."""
    try:
        with server() as one:
            return asyncio.run(_measured(one, size, times, every))
    except NoServer:
        return []


async def _measured(on: Server, size: int, times: int, every: int) -> list[Figure]:
    async with schema(on) as url, await AsyncConnection.connect(url, autocommit=True) as db:
        store = await open_store(url, Path())
        try:
            await store.add_papers(archive(size), NOW)
            for statement in _BARE:
                await db.execute(statement)
            return [*await _named(store, db, times), *await _hostile(store, db, every)]
        finally:
            await store.aclose()


async def _named(store: Store, db: AsyncConnection, times: int) -> list[Figure]:
    """Different queries of each kind, in turns with the bare ones; of each the best turn."""
    figures = []
    for kind in kinds()[:KINDS]:
        random, ours, peer = Random(7), [], []
        for _ in range(times):
            asked, bare = kind.make(random)
            turns = [(await _ask(store, asked, kind.page), await _bare_one(db, bare)) for _ in range(TURNS)]
            ours.append(min(mine for mine, _ in turns))
            peer.append(min(its for _, its in turns))
        for what, at in (("p50", times // 2), ("worst", -1)):
            figures.append(Figure(f"{kind.name}, {what}", sorted(ours)[at], sorted(peer)[at]))
    return figures


async def _hostile(store: Store, db: AsyncConnection, every: int) -> list[Figure]:
    """All in three orders in turn, the better of two turns; the peer is a frequent word."""
    taken = []
    for number, text in enumerate(queries()[::every]):
        page = SearchPage(sort=lookup.SORTS[number % len(lookup.SORTS)], limit=10, now=NOW)
        taken.append(min([await _ask(store, text, page) for _ in range(2)]))
    peer = await _bare_one(db, "model")
    taken.sort()
    return [
        Figure(f"{len(taken)} hostile queries, {what}", taken[at], peer)
        for what, at in (("p50", len(taken) // 2), ("p99", (99 * len(taken) - 1) // 100), ("worst", -1))
    ]


async def _ask(store: Store, asked: str, page: SearchPage) -> float:
    start = perf_counter()
    with suppress(StoreError, QueryError):  # what asks for too much is refused, and that takes time too
        await store.search(parse(asked), page)
    return 1000 * (perf_counter() - start)


async def _bare_one(db: AsyncConnection, asked: str) -> float:
    """Ask for folded words in a row, as the bare table has them; quotes are no words."""
    start = perf_counter()
    for statement in (_RANKED, _COUNTED):
        await (await db.execute(statement.format(_ASKED), {"asked": asked})).fetchall()
    return 1000 * (perf_counter() - start)


BENCHMARK = Benchmark("Search in PostgreSQL", "bare to_tsquery", measure)
