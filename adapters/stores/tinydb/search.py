"""A query -> a page of papers, best first.

Orders: ``relevance`` is BM25 over the wanted words, a title word worth 8 and a tag 4; ``newest`` is the day listed,
else published; ``trending`` is ``bot.rank.order``. What ties, and what has no words to weigh, comes newest first, then
by id.
"""

from __future__ import annotations

import sqlite3
from datetime import date
from typing import NamedTuple

from bot import rank
from bot.models import Found, Hit, Paper
from bot.ports import SearchPage
from bot.query import Query, TextLeaf, match, positive_leaves
from bot.trend import Tally

from .archive import body
from .conditions import Conditions
from .database import time_limit

PATIENCE = 5.0
"""Seconds that a search may take."""
_BM25 = "SELECT rowid, bm25(words, 8, 1, 4, 2, 2, 1) FROM words WHERE words MATCH ?"
"""The weights are those of title, abstract, tags, authors, organization, aliases."""


class Row(NamedTuple):
    """What a paper is sorted by."""

    n: int
    id: str
    born: str | None
    upvotes: int | None
    stars: int | None
    comments: int | None


def search(db: sqlite3.Connection, query: Query, page: SearchPage) -> Found:
    """Find papers. Raises ``StoreError`` when that takes too long."""
    today = page.now.date()
    with time_limit(db, PATIENCE) as check:
        conditions = Conditions(db, today, check)
        rows = _rows(db, conditions, query, page.since)
        rows.sort(key=lambda row: row.id)
        rows.sort(key=lambda row: row.born or "", reverse=True)
        weights: dict[int, float] = {}
        if page.sort == "trending":
            rows.sort(key=lambda row: rank.order(_numbers(row), today))
        elif page.sort == "relevance":
            weights = _weights(db, conditions, query)
            rows.sort(key=lambda row: weights.get(row.n, 0.0))
    hits = []
    for row in rows[page.offset : page.offset + page.limit]:
        paper = body(db, row.n)
        score = -weights.get(row.n, 0.0) if page.sort == "relevance" else rank.score(paper, today)
        hits.append(Hit(paper, score, match(query, paper, today) or ()))
    return Found(len(rows), tuple(hits))


def tally(db: sqlite3.Connection, query: Query, since: date, until: date, today: date) -> list[Tally]:
    """Count papers and votes by the day listed. Raises ``StoreError`` when that takes too long."""
    with time_limit(db, PATIENCE) as check:
        wanted = Conditions(db, today, check).of(query.root)
        found = db.execute(
            f"SELECT p.listed, count(*), coalesce(sum(p.upvotes), 0) FROM papers AS p WHERE ({wanted.text})"  # noqa: S608
            " AND p.listed BETWEEN ? AND ? GROUP BY p.listed ORDER BY p.listed",
            (*wanted.values, since.isoformat(), until.isoformat()),
        )
        return [Tally(date.fromisoformat(day), papers, votes) for day, papers, votes in found]


def _rows(db: sqlite3.Connection, conditions: Conditions, query: Query, since: date | None) -> list[Row]:
    """Give every paper that is wanted, in no order."""
    wanted = conditions.of(query.root)
    text, values = wanted.text, wanted.values
    if since:
        text, values = f"{text} AND p.listed >= ?", (*values, since.isoformat())
    columns = ", ".join(f"p.{name}" for name in Row._fields)
    # The parts of the text are written in ``conditions``; what users wrote is in the values.
    return list(map(Row._make, db.execute(f"SELECT {columns} FROM papers AS p WHERE {text}", values)))  # noqa: S608


def _weights(db: sqlite3.Connection, conditions: Conditions, query: Query) -> dict[int, float]:
    """Give each paper's BM25 for the wanted words; the better, the further below zero."""
    leaves = [leaf for leaf in positive_leaves(query.root) if isinstance(leaf, TextLeaf)]
    if not leaves:
        return {}
    words = " OR ".join(f"({conditions.words(leaf)})" for leaf in leaves)
    return dict(db.execute(_BM25, (words,)))


def _numbers(row: Row) -> Paper:
    """As much of a paper as ``bot.rank`` looks at."""
    return Paper(
        id=row.id,
        title="",
        listed=date.fromisoformat(row.born) if row.born else None,
        upvotes=row.upvotes,
        stars=row.stars,
        comments=row.comments,
    )
