"""A query -> a page of papers, best first.

Orders: ``relevance`` is BM25 over the wanted phrases with the weights and constants of the embedded store, a title
word worth 8 and a tag 4; ``newest`` is the day listed, else published; ``trending`` is ``bot.rank.order``. What ties,
and what has no words to weigh, comes newest first, then by id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from math import log
from typing import NamedTuple

from adapters.stores._said import BY_DATE, partly
from bot import rank
from bot.models import Found, Hit, Outline
from bot.ports import SearchPage
from bot.query import Query, TextLeaf, match, positive_leaves
from bot.trend import Tally

from .conditions import NEWEST, Conditions
from .cost import Costs, costs
from .newest import FENCE, folded, newest, prepare
from .schema import Connection
from .words import Phrase, Sql, standing

PATIENCE = 5000
"""Milliseconds that a statement may take: for what was priced wrongly."""
BUDGET = 18_000
"""Microseconds of a good machine (``cost``) beyond which only the newest papers are searched."""
_WEIGHTS = {"title": 8, "tags": 4, "authors": 2, "organization": 2, "abstract": 1, "aliases": 1}
_K1, _B = 1.2, 0.75
_RARE = 1e-6
"""The least weight of a word, which stands in more than half of the papers; FTS5's."""
_MOST = 200
"""Phrases that are weighed."""
RANKED = 3000
"""Hits that BM25 weighs, times two more than the phrases of the query ..."""
NEAR = 600
"""... and of the newest papers, where that comes to the time that it took to find them ..."""
FEW = 8
"""... if the query has no more phrases than these."""
_DECIMALS = 9
"""Of a weight, for its order: sums of the same parts differ behind that, by the order in which they were added."""
_RECENT = (
    "SELECT avg(size)::float8 FROM"
    " (SELECT p.size FROM papers AS p ORDER BY p.born DESC NULLS LAST, p.id LIMIT 200) AS p"
)
_NEARLY = 1e-4
"""Scores are rounded to four decimals: what is closer than this may tie."""


class _Counted(NamedTuple):
    """How many papers there are, how long they are, and in how many each phrase stands."""

    papers: int
    mean: float | None
    standing: Mapping[Phrase, int]


async def search(db: Connection, query: Query, page: SearchPage, budget: float = BUDGET) -> Found:
    """Find papers. Raises ``StoreError`` when that takes too long."""
    today = page.now.date()
    await prepare(db, PATIENCE)
    conditions = Conditions(db, query, today, page.since, page.until)
    weighed = page.sort == "relevance"
    known = await costs(db)
    if most := known.bound(query.root, await conditions.look_up(), budget, weighed=weighed):
        return await _search_newest(db, conditions, query, page, known, most)
    wanted = await conditions.of(query.root)
    for day, operator in ((page.since, ">="), (page.until, "<=")):
        if day:
            wanted = Sql(f"({wanted.text}) AND p.listed {operator} %s", (*wanted.values, day))
    counted = await db.execute(f"SELECT count(*) FROM papers AS p WHERE {wanted.text}", wanted.values)  # noqa: S608
    total, note = (await counted.fetchone() or (0,))[0], ""
    if not total:
        return Found(0)
    if page.sort == "trending":
        found = await _trending(db, wanted, page, today)
    elif weighed and (phrases := await _phrases(conditions, query)):
        found, note = await _relevant(db, wanted, phrases, page, total, await _count(db, phrases))
    else:
        found = await _ordered(db, wanted, page, Sql("0"), NEWEST)
    return Found(total, await _hits(db, query, found, today, weighed=weighed), note)


async def _search_newest(
    db: Connection, conditions: Conditions, query: Query, page: SearchPage, known: Costs, most: int
) -> Found:
    """Find papers among the newest; nothing that would have to be counted in all the others is."""
    today = page.now.date()
    some, left_out = await newest(db, conditions, query, most)
    phrases = await _phrases(conditions, query) if page.sort == "relevance" else Counter[Phrase]()
    if 0 < len(phrases) <= FEW:
        mean = await (await db.execute(_RECENT)).fetchone() or (None,)
        often = _Counted(known.papers, mean[0], {phrase: int(known.phrase(phrase).hits) for phrase in phrases})
        among = Sql("p.id = ANY(%s)", ([paper.id for paper in some],))
        found, note = await _relevant(db, among, phrases, page, len(some), often, NEAR)
    else:
        ranked = rank.rank(some, today) if page.sort == "trending" else some
        found = [(paper.id, 0.0) for paper in ranked[page.offset : page.offset + page.limit]]
        note = BY_DATE if phrases else ""
    said = [partly(left_out[0])] if left_out else []
    hits = await _hits(db, query, found, today, weighed=page.sort == "relevance")
    return Found(len(some), hits, " ".join([*said, *([note] if note else [])]))


async def _hits(
    db: Connection, query: Query, found: Sequence[tuple[str, float]], today: date, *, weighed: bool
) -> tuple[Hit, ...]:
    """Read what is shown, with its evidence."""
    known = await folded(db, [id_ for id_, _ in found])
    return tuple(
        Hit(paper, float(weight) if weighed else rank.score(paper, today), match(query, paper, today, words) or ())
        for id_, weight in found
        for paper, words in [known[id_]]
    )


async def tally(db: Connection, query: Query, since: date, until: date, today: date) -> Sequence[Tally]:
    """Count papers and votes by the day listed. Raises ``StoreError`` when that takes too long."""
    await prepare(db, PATIENCE)
    wanted = await Conditions(db, query, today, since, until).of(query.root)
    found = await db.execute(
        f"SELECT p.listed, count(*), coalesce(sum(p.upvotes), 0) FROM papers AS p WHERE ({wanted.text})"  # noqa: S608
        " AND p.listed BETWEEN %s AND %s GROUP BY p.listed ORDER BY p.listed",
        (*wanted.values, since, until),
    )
    return [Tally(day, papers, int(votes)) async for day, papers, votes in found]


async def _ordered(db: Connection, wanted: Sql, page: SearchPage, score: Sql, order: str) -> list[tuple[str, float]]:
    found = await db.execute(
        f"SELECT id, score FROM (SELECT p.born, p.id, {score.text} AS score FROM papers AS p"  # noqa: S608
        f" WHERE {wanted.text} {FENCE}) AS p ORDER BY {order} LIMIT %s OFFSET %s",
        (*score.values, *wanted.values, page.limit, page.offset),
    )
    return [(id_, weight) async for id_, weight in found]


async def _trending(db: Connection, wanted: Sql, page: SearchPage, today: date) -> list[tuple[str, float]]:
    """SQL chooses by the score before it is rounded, with what may tie with the last one; ``bot.rank`` orders them."""
    last = page.offset + page.limit
    score = (
        "(1 + greatest(0, coalesce(upvotes, 0)) + 0.5 * greatest(0, coalesce(comments, 0) - 2)"
        " + 3 * log((1 + greatest(0, coalesce(stars, 0)))::float8))::float8"
        f" / power(greatest(0, coalesce(%s::date - born, 0)) + 2, {rank.GRAVITY}::float8)"
    )
    found = await db.execute(
        f"WITH hits AS (SELECT p.id, coalesce(p.born, %s) AS born, p.upvotes, p.comments, p.stars, {score} AS score"  # noqa: S608
        f" FROM papers AS p WHERE {wanted.text}) SELECT id, born, upvotes, comments, stars FROM hits WHERE score >="
        f" coalesce((SELECT score FROM hits ORDER BY score DESC LIMIT 1 OFFSET %s), 0) - {_NEARLY}",
        (today, today, *wanted.values, max(0, last - 1)),
    )
    papers = rank.rank([Outline(*row) async for row in found], today)
    return [(paper.id, 0.0) for paper in papers[page.offset : last]]


async def _phrases(conditions: Conditions, query: Query) -> Counter[Phrase]:
    """Give what relevance counts, and how often it is asked for: what is wanted, not what had to be absent."""
    leaves = [leaf for leaf in positive_leaves(query.root) if isinstance(leaf, TextLeaf)]
    return Counter([phrase for leaf in leaves for phrase in await conditions.phrases(leaf)])


async def _relevant(
    db: Connection,
    wanted: Sql,
    phrases: Counter[Phrase],
    page: SearchPage,
    total: int,
    counted: _Counted,
    most: int = RANKED,
) -> tuple[list[tuple[str, float]], str]:
    """Weigh the newest hits; after them come the others by date."""
    many = most // (2 + len(phrases))
    score = _score(dict(islice(phrases.items(), _MOST)), counted)
    newest, note = wanted, ""
    if total > many:
        some = (
            f"p.id IN (SELECT p.id FROM (SELECT p.id, p.born FROM papers AS p WHERE {wanted.text} {FENCE}) AS p"  # noqa: S608
            f" ORDER BY {NEWEST} LIMIT {many})"
        )
        newest = Sql(some, wanted.values)
        note = f"The newest {many:,} are in order of relevance, then the others by date."
    order = f"round(score::numeric, {_DECIMALS}) DESC, {NEWEST}"
    found = await _ordered(db, newest, page, score, order)
    if total > many and len(found) < page.limit:
        rest = replace(page, limit=page.limit - len(found), offset=max(page.offset, many))
        found += await _ordered(db, wanted, rest, Sql("0"), NEWEST)
    return found, note


async def _count(db: Connection, phrases: Iterable[Phrase]) -> _Counted:
    papers, mean = await (await db.execute("SELECT count(*), avg(size)::float8 FROM papers")).fetchone() or (0, None)
    numbers = {}
    for phrase in phrases:
        holds = standing([phrase])
        counted = await db.execute(f"SELECT count(*) FROM papers AS p WHERE {holds.text}", holds.values)  # noqa: S608
        numbers[phrase] = (await counted.fetchone() or (0,))[0]
    return _Counted(papers, mean, numbers)


def _score(phrases: Mapping[Phrase, int], counted: _Counted) -> Sql:
    """Give an expression for a paper's BM25."""
    parts = []
    for phrase, often in phrases.items():
        if number := counted.standing[phrase]:
            rarity = max(_RARE, log((max(counted.papers - number, 0) + 0.5) / (number + 0.5)))
            parts.append(_bm25(phrase, often * rarity, counted.mean or 1.0))
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
