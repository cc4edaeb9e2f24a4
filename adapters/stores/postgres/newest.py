"""What is looked for among the newest papers, because to look for it in all would take too long; and backtests."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import date, timedelta

import orjson

from adapters.stores import _outlines
from adapters.stores._rows import paper_from_json
from bot.errors import StoreError
from bot.models import Outline, Paper
from bot.ports import Outlines
from bot.query import FoldedPaper, Query

from .conditions import NEWEST, Conditions
from .cost import costs
from .notes import sayable
from .schema import Connection
from .words import STREAMS

PATIENCE = 5000
"""Milliseconds that a statement of a backtest may take."""
WHOLE = 40_000
"""Microseconds of a good machine (``cost``) beyond which it looks at the newest papers only."""
_NEAR = "id, born, listed, upvotes, comments, stars, code, project, model, categories, sources"
_TEXTS = ", title, tags, authors, organization, aliases, words || ''::tsvector AS words, abstract || '' AS abstract"
"""Where words are asked for: they are unpacked once, for all that is asked of them."""
FENCE = "OFFSET 0"
"""Keeps PostgreSQL from looking for few papers through all in their order, until it has met the last one."""
_ONE = timedelta(days=1)


async def outlines(db: Connection, query: Query, since: date, until: date, today: date, most: int) -> Outlines:
    """Give papers of whole days that match, newest day first; none where too many words have the stems."""
    await prepare(db, PATIENCE)
    conditions = Conditions(db, query, today, since, until)
    try:
        phrases = await conditions.look_up()
    except StoreError:
        return Outlines(until + _ONE, ())
    if many := (await costs(db)).bound(query.root, phrases, WHOLE, weighed=False):
        found, left_out = await newest(db, conditions, query, many)
        first = left_out[0] + _ONE if left_out and left_out[0] else since
        return _outlines.newest([one for one in found if one.listed >= first], most, first)
    wanted = await conditions.of(query.root)
    rows = await db.execute(
        "SELECT * FROM (SELECT p.id, p.listed, p.upvotes, p.comments, p.stars FROM papers AS p"  # noqa: S608
        f" WHERE ({wanted.text}) AND p.listed BETWEEN %s AND %s {FENCE}) AS p ORDER BY listed DESC LIMIT %s",
        (*wanted.values, since, until, most + 1),
    )
    return _outlines.newest([Outline(*row) async for row in rows], most, since)


async def among(db: Connection, ids: Collection[str], queries: Sequence[Query], today: date) -> list[frozenset[str]]:
    """Give for each query which of these papers it accepts."""
    some = await folded(db, list(filter(sayable, ids)))
    return await asyncio.to_thread(_outlines.accepted, list(some.values()), queries, today)


async def prepare(db: Connection, patience: int) -> None:
    """Have PostgreSQL use its indexes: to go through the table it would unpack the words of every paper."""
    await db.execute(
        f"SELECT set_config('statement_timeout', '{patience}', true), set_config('jit', 'off', true),"
        " set_config('enable_seqscan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)"
    )


async def newest(
    db: Connection, conditions: Conditions, query: Query, most: int
) -> tuple[list[Outline], tuple[date | None] | None]:
    """Give those of the newest papers that match, newest first, and the date of the first that was left out."""
    chosen = conditions.newest(most)
    behind = await db.execute(f"SELECT p.born {chosen.text.replace('LIMIT', 'LIMIT 1 OFFSET')}", chosen.values)
    left_out = await behind.fetchone()
    wanted = await conditions.of(query.root)
    columns = _NEAR + _TEXTS * ("p.words" in wanted.text)
    found = await db.execute(
        f"WITH near AS MATERIALIZED (SELECT {columns} {chosen.text})"  # noqa: S608
        " SELECT p.id, coalesce(p.born, %s), p.upvotes, p.comments, p.stars FROM near AS p"
        f" WHERE {wanted.text} ORDER BY {NEWEST}",
        (*chosen.values, conditions.today, *wanted.values),
    )
    return [Outline(*row) async for row in found], left_out


async def folded(db: Connection, ids: Collection[str]) -> dict[str, tuple[Paper, FoldedPaper]]:
    """Give papers with their words."""
    rows = await db.execute(
        f"SELECT id, paper, {', '.join(STREAMS)} FROM papers WHERE id = ANY(%s)",  # noqa: S608
        (list(ids),),
    )
    return {
        id_: (paper_from_json(orjson.loads(paper)), FoldedPaper(*(stream[1:-1] for stream in streams)))
        async for id_, paper, *streams in rows
    }
