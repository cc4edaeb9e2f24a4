"""A query -> a page of papers, best first.

Orders: ``relevance`` is BM25 over the wanted phrases with the weights and constants of the embedded store, a title
word worth 8 and a tag 4; ``newest`` is the day listed, else published; ``trending`` is ``bot.rank.order``. What ties,
and what has no words to weigh, comes newest first, then by id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import log
from typing import Any

import orjson

from adapters.stores._rows import paper_from_json
from bot import rank
from bot.models import Found, Hit, Paper
from bot.ports import SearchPage
from bot.query import Query, TextLeaf, match, positive_leaves
from bot.trend import Tally

from .conditions import Conditions
from .schema import Connection
from .words import Phrase, Sql, standing

PATIENCE = 5000
"""Milliseconds that a search may take."""
_WEIGHTS = {"title": 8, "tags": 4, "authors": 2, "organization": 2, "abstract": 1, "aliases": 1}
_K1, _B = 1.2, 0.75
_RARE = 1e-6
"""The least weight of a word, which stands in more than half of the papers; FTS5's."""
_MOST = 40
"""Phrases that are weighed."""
_NEWEST = "p.born DESC NULLS LAST, p.id"
_NEARLY = 1e-4
"""Scores are rounded to four decimals: what is closer than this may tie."""


async def search(db: Connection, query: Query, page: SearchPage) -> Found:
    """Find papers. Raises ``StoreError`` when that takes too long."""
    today = page.now.date()
    await db.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
    conditions = Conditions(db, query, today)
    wanted = await conditions.of(query.root)
    for bound, operator in ((page.since, ">="), (page.until, "<=")):
        if bound:
            wanted = Sql(f"({wanted.text}) AND p.listed {operator} %s", (*wanted.values, bound))
    counted = await db.execute(f"SELECT count(*) FROM papers AS p WHERE {wanted.text}", wanted.values)  # noqa: S608
    total = (await counted.fetchone() or (0,))[0]
    if page.sort == "trending":
        found = await _trending(db, wanted, page, today)
    elif page.sort == "relevance" and (score := await _relevance(db, conditions, query)):
        found = await _ordered(db, wanted, page, score, f"score DESC, {_NEWEST}")
    else:
        found = await _ordered(db, wanted, page, Sql("0"), _NEWEST)
    hits = []
    for paper, weight in found:
        score_ = float(weight) if page.sort == "relevance" else rank.score(paper, today)
        hits.append(Hit(paper, score_, match(query, paper, today) or ()))
    return Found(total, tuple(hits))


async def tally(db: Connection, query: Query, since: date, until: date, today: date) -> Sequence[Tally]:
    """Count papers and votes by the day listed. Raises ``StoreError`` when that takes too long."""
    await db.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
    wanted = await Conditions(db, query, today).of(query.root)
    found = await db.execute(
        f"SELECT p.listed, count(*), coalesce(sum(p.upvotes), 0) FROM papers AS p WHERE ({wanted.text})"  # noqa: S608
        " AND p.listed BETWEEN %s AND %s GROUP BY p.listed ORDER BY p.listed",
        (*wanted.values, since, until),
    )
    return [Tally(day, papers, int(votes)) async for day, papers, votes in found]


async def matching(db: Connection, query: Query, since: date, until: date, today: date) -> Sequence[Paper]:
    """Give the papers listed in these days that match. Raises ``StoreError`` when that takes too long."""
    await db.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
    wanted = await Conditions(db, query, today).of(query.root)
    found = await db.execute(
        f"SELECT p.paper FROM papers AS p WHERE ({wanted.text})"  # noqa: S608
        " AND p.listed BETWEEN %s AND %s ORDER BY p.listed DESC, p.id",
        (*wanted.values, since, until),
    )
    return [_paper(paper) async for (paper,) in found]


async def _ordered(db: Connection, wanted: Sql, page: SearchPage, score: Sql, order: str) -> list[tuple[Paper, float]]:
    found = await db.execute(
        f"SELECT p.paper, {score.text} AS score FROM papers AS p WHERE {wanted.text}"  # noqa: S608
        f" ORDER BY {order} LIMIT %s OFFSET %s",
        (*score.values, *wanted.values, page.limit, page.offset),
    )
    return [(_paper(paper), weight) async for paper, weight in found]


async def _trending(db: Connection, wanted: Sql, page: SearchPage, today: date) -> list[tuple[Paper, float]]:
    """SQL chooses by the score before it is rounded, with what may tie with the last one; ``bot.rank`` orders them."""
    last = page.offset + page.limit
    score = (
        "(1 + greatest(0, coalesce(upvotes, 0)) + 0.5 * greatest(0, coalesce(comments, 0) - 2)"
        " + 3 * log((1 + greatest(0, coalesce(stars, 0)))::float8))::float8"
        f" / power(greatest(0, coalesce(%s::date - born, 0)) + 2, {rank.GRAVITY}::float8)"
    )
    found = await db.execute(
        f"WITH hits AS (SELECT p.paper, {score} AS score FROM papers AS p WHERE {wanted.text})"  # noqa: S608
        " SELECT paper FROM hits WHERE score >="
        f" coalesce((SELECT score FROM hits ORDER BY score DESC LIMIT 1 OFFSET %s), 0) - {_NEARLY}",
        (today, *wanted.values, max(0, last - 1)),
    )
    papers = rank.rank([_paper(paper) async for (paper,) in found], today)
    return [(paper, 0.0) for paper in papers[page.offset : last]]


async def _relevance(db: Connection, conditions: Conditions, query: Query) -> Sql | None:
    """Give an expression for a paper's BM25; nothing when there are no words to weigh."""
    leaves = [leaf for leaf in positive_leaves(query.root) if isinstance(leaf, TextLeaf)]
    phrases = [phrase for leaf in leaves for phrase in await conditions.phrases(leaf)]
    wanted = list(dict.fromkeys(phrases))[:_MOST]
    if not wanted:
        return None
    papers, mean = await (await db.execute("SELECT count(*), avg(size)::float8 FROM papers")).fetchone() or (0, None)
    parts = []
    for phrase in wanted:
        holds = standing([phrase])
        counted = await db.execute(f"SELECT count(*) FROM papers AS p WHERE {holds.text}", holds.values)  # noqa: S608
        number = (await counted.fetchone() or (0,))[0]
        if number:
            parts.append(_bm25(phrase, max(_RARE, log((papers - number + 0.5) / (number + 0.5))), mean or 1.0))
    if not parts:
        return None
    return Sql(" + ".join(part.text for part in parts), tuple(value for part in parts for value in part.values))


def _bm25(phrase: Phrase, rarity: float, mean: float) -> Sql:
    """A phrase's share of the score: ``tf`` is how often it stands in each stream, times the stream's weight."""
    times = "(length(p.{0}) - length(replace(p.{0}, %s, ''))) / {1}.0 * {2}"
    tf = " + ".join(times.format(stream, len(phrase.text), _WEIGHTS[stream]) for stream in phrase.streams)
    text = (
        f"(SELECT {rarity}::float8 * tf * {_K1 + 1} / (tf + {_K1} * ({1 - _B} + {_B} * p.size / {mean}::float8))"  # noqa: S608
        f" FROM (SELECT ({tf})::float8 AS tf) AS t)"
    )
    return Sql(text, (phrase.text,) * len(phrase.streams))


def _paper(row: Any) -> Paper:  # noqa: ANN401  (what a column gives)
    return paper_from_json(orjson.loads(row))
