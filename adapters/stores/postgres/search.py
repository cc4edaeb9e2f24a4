"""A query -> a page of papers, best first.

Orders: ``relevance`` is BM25 over the wanted phrases with the weights and constants of the embedded store, a title
word worth 8 and a tag 4; ``newest`` is the day listed, else published; ``trending`` is ``bot.rank.order``. What ties,
and what has no words to weigh, comes newest first, then by id.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from math import log
from typing import Any

import orjson

from adapters.stores._outlines import accepted, newest
from adapters.stores._rows import paper_from_json
from bot import rank
from bot.models import Found, Hit, Outline, Paper
from bot.ports import Outlines, SearchPage
from bot.query import FoldedPaper, Query, TextLeaf, match, positive_leaves
from bot.trend import Tally

from .conditions import Conditions
from .notes import sayable
from .schema import Connection
from .words import STREAMS, Phrase, Sql, standing

PATIENCE = 5000
"""Milliseconds that a search may take."""
_WEIGHTS = {"title": 8, "tags": 4, "authors": 2, "organization": 2, "abstract": 1, "aliases": 1}
_K1, _B = 1.2, 0.75
_RARE = 1e-6
"""The least weight of a word, which stands in more than half of the papers; FTS5's."""
_MOST = 200
"""Phrases that are weighed."""
RANKED = 12_000
"""Hits that BM25 weighs, times two more than the phrases of the query: the embedded store's number."""
_NEWEST = "p.born DESC NULLS LAST, p.id"
_DECIMALS = 9
"""Of a weight, for its order: sums of the same parts differ behind that, by the order in which they were added."""
_NEARLY = 1e-4
"""Scores are rounded to four decimals: what is closer than this may tie."""


async def search(db: Connection, query: Query, page: SearchPage) -> Found:
    """Find papers. Raises ``StoreError`` when that takes too long."""
    today = page.now.date()
    await db.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
    conditions = Conditions(db, query, today, page.since, page.until)
    wanted = await conditions.of(query.root)
    for bound, operator in ((page.since, ">="), (page.until, "<=")):
        if bound:
            wanted = Sql(f"({wanted.text}) AND p.listed {operator} %s", (*wanted.values, bound))
    counted = await db.execute(f"SELECT count(*) FROM papers AS p WHERE {wanted.text}", wanted.values)  # noqa: S608
    total, note = (await counted.fetchone() or (0,))[0], ""
    if page.sort == "trending":
        found = await _trending(db, wanted, page, today)
    elif page.sort == "relevance" and (phrases := await _phrases(conditions, query)):
        found, note = await _relevant(db, wanted, phrases, page, total)
    else:
        found = await _ordered(db, wanted, page, Sql("0"), _NEWEST)
    hits = []
    for paper, weight in found:
        score_ = float(weight) if page.sort == "relevance" else rank.score(paper, today)
        hits.append(Hit(paper, score_, match(query, paper, today) or ()))
    return Found(total, tuple(hits), note)


async def tally(db: Connection, query: Query, since: date, until: date, today: date) -> Sequence[Tally]:
    """Count papers and votes by the day listed. Raises ``StoreError`` when that takes too long."""
    await db.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
    wanted = await Conditions(db, query, today, since, until).of(query.root)
    found = await db.execute(
        f"SELECT p.listed, count(*), coalesce(sum(p.upvotes), 0) FROM papers AS p WHERE ({wanted.text})"  # noqa: S608
        " AND p.listed BETWEEN %s AND %s GROUP BY p.listed ORDER BY p.listed",
        (*wanted.values, since, until),
    )
    return [Tally(day, papers, int(votes)) async for day, papers, votes in found]


async def outlines(db: Connection, query: Query, since: date, until: date, today: date, most: int) -> Outlines:
    """Give papers of whole days that match, newest day first. Raises ``StoreError`` when that takes too long."""
    await db.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
    wanted = await Conditions(db, query, today, since, until).of(query.root)
    rows = await db.execute(
        f"SELECT p.id, p.listed, p.upvotes, p.comments, p.stars FROM papers AS p WHERE ({wanted.text})"  # noqa: S608
        " AND p.listed BETWEEN %s AND %s ORDER BY p.listed DESC LIMIT %s",
        (*wanted.values, since, until, most + 1),
    )
    return newest([Outline(*row) async for row in rows], most, since)


async def among(db: Connection, ids: Collection[str], queries: Sequence[Query], today: date) -> list[frozenset[str]]:
    """Give for each query which of these papers it accepts."""
    rows = await db.execute(
        f"SELECT paper, {', '.join(STREAMS)} FROM papers WHERE id = ANY(%s)",  # noqa: S608
        (list(filter(sayable, ids)),),
    )
    some = [(_paper(paper), FoldedPaper(*(stream[1:-1] for stream in streams))) async for paper, *streams in rows]
    return await asyncio.to_thread(accepted, some, queries, today)


async def _ordered(db: Connection, wanted: Sql, page: SearchPage, score: Sql, order: str) -> list[tuple[Paper, float]]:
    found = await db.execute(
        f"SELECT paper, score FROM (SELECT p.paper, p.born, p.id, {score.text} AS score FROM papers AS p"  # noqa: S608
        f" WHERE {wanted.text}) AS p ORDER BY {order} LIMIT %s OFFSET %s",
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


async def _phrases(conditions: Conditions, query: Query) -> Counter[Phrase]:
    """Give what relevance counts, and how often it is asked for: what is wanted, not what had to be absent."""
    leaves = [leaf for leaf in positive_leaves(query.root) if isinstance(leaf, TextLeaf)]
    return Counter([phrase for leaf in leaves for phrase in await conditions.phrases(leaf)])


async def _relevant(
    db: Connection, wanted: Sql, phrases: Counter[Phrase], page: SearchPage, total: int
) -> tuple[list[tuple[Paper, float]], str]:
    """Weigh the newest hits, as many as the embedded store; after them come the others by date."""
    many = RANKED // (2 + len(phrases))
    score = await _score(db, dict(islice(phrases.items(), _MOST)))
    newest, note = wanted, ""
    if total > many:
        some = f"p.id IN (SELECT p.id FROM papers AS p WHERE {wanted.text} ORDER BY {_NEWEST} LIMIT {many})"  # noqa: S608
        newest = Sql(some, wanted.values)
        note = f"The newest {many:,} are in order of relevance, then the others by date."
    order = f"round(score::numeric, {_DECIMALS}) DESC, {_NEWEST}"
    found = await _ordered(db, newest, page, score, order)
    if total > many and len(found) < page.limit:
        rest = replace(page, limit=page.limit - len(found), offset=max(page.offset, many))
        found += await _ordered(db, wanted, rest, Sql("0"), _NEWEST)
    return found, note


async def _score(db: Connection, phrases: Mapping[Phrase, int]) -> Sql:
    """Give an expression for a paper's BM25."""
    papers, mean = await (await db.execute("SELECT count(*), avg(size)::float8 FROM papers")).fetchone() or (0, None)
    parts = []
    for phrase, often in phrases.items():
        holds = standing([phrase])
        counted = await db.execute(f"SELECT count(*) FROM papers AS p WHERE {holds.text}", holds.values)  # noqa: S608
        number = (await counted.fetchone() or (0,))[0]
        if number:
            rarity = max(_RARE, log((papers - number + 0.5) / (number + 0.5)))
            parts.append(_bm25(phrase, often * rarity, mean or 1.0))
    if not parts:
        return Sql("0")
    return Sql(" + ".join(part.text for part in parts), tuple(value for part in parts for value in part.values))


def _bm25(phrase: Phrase, rarity: float, mean: float) -> Sql:
    """A phrase's share of the score: ``tf`` is how often it stands in each stream, times the stream's weight.

    Where it stands twice in a row, the two share a space; doubled spaces part them.
    """
    apart = f" {'  '.join(phrase.words)}{'' if phrase.prefix else ' '}"
    twice = phrase.text + phrase.text.lstrip()
    times = (
        "CASE WHEN strpos(p.{0}, %s) = 0 THEN (length(p.{0}) - length(replace(p.{0}, %s, ''))) / {1}.0"
        " ELSE (length(replace(p.{0}, ' ', '  ')) - length(replace(replace(p.{0}, ' ', '  '), %s, ''))) / {2}.0"
        " END * {3}"
    )
    lengths = len(phrase.text), len(apart)
    tf = " + ".join(times.format(stream, *lengths, _WEIGHTS[stream]) for stream in phrase.streams)
    text = (
        f"(SELECT {rarity}::float8 * tf * {_K1 + 1} / (tf + {_K1} * ({1 - _B} + {_B} * p.size / {mean}::float8))"  # noqa: S608
        f" FROM (SELECT ({tf})::float8 AS tf) AS t)"
    )
    return Sql(text, (twice, phrase.text, apart) * len(phrase.streams))


def _paper(row: Any) -> Paper:  # noqa: ANN401  (what a column gives)
    return paper_from_json(orjson.loads(row))
