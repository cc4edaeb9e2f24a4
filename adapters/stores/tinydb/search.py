"""A query -> a page of papers, best first.

Orders: ``relevance`` is BM25 over the wanted words, a title word worth 8 and a tag 4; ``newest`` is the day listed,
else published; ``trending`` is ``bot.rank.order``. What ties, and what has no words to weigh, comes newest first.

A search touches a bounded part of the index (``limits``): what would touch more is answered for the newest papers, and
BM25 weighs the newest hits only, because FTS5 would weigh every one. ``Found.note`` says so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

from adapters.stores._outlines import accepted, newest
from adapters.stores._said import BY_DATE, partly
from bot import rank
from bot.errors import StoreError
from bot.models import Found, Hit, Outline, Paper
from bot.ports import Outlines, SearchPage
from bot.query import Query, TextLeaf, match, positive_leaves
from bot.trend import Tally

from .archive import folded
from .conditions import Conditions, Wanted
from .connection import Connection
from .cost import floor, merging
from .database import time_limit
from .fulltext import Both, Either, Tree, Without, either, inner, is_list, phrases
from .limits import LIMITS, WHOLE, Limits
from .rownumbers import DAY, UNLISTED, date_of, first_row
from .selection import UNIT, Row, Selection, Sql, standing

_BM25 = "bm25(words, 8, 1, 4, 2, 2, 1)"
"""The weights are those of title, abstract, tags, authors, organization, aliases."""
_ROUNDED = 0.0001
"""Scores that are closer than this may print, and so sort, as one."""
_LISTED = f"({{n}} & {UNLISTED} = 0)"
_SPARE = 50
_ONE = timedelta(days=1)
_NEWEST = 500
"""Hits, by which is told how old one can be that trends."""
_FEW = 8
"""Phrases that FTS5 looks for in a millisecond, whatever it finds."""


def search(db: Connection, query: Query, page: SearchPage, limits: Limits = LIMITS) -> Found:
    """Find papers. Raises ``StoreError`` when that takes too long."""
    today = page.now.date()
    with time_limit(db, limits.seconds) as check:
        conditions = Conditions(db, query, today, check, limits, page.since)
        found, low = _selected(db, conditions, page.since, limits, page.until)
        rows, total, notes = _page(found, conditions, query, page, limits, cut=bool(low))
        notes = _partly(low) + notes
        hits = tuple(_hits(db, query, rows, today, trending=page.sort != "relevance"))
    return Found(total, hits, " ".join(notes))


def tally(db: Connection, query: Query, since: date, until: date, today: date) -> list[Tally]:
    """Count papers and votes by the day listed. Raises ``StoreError`` when that takes too long."""
    with time_limit(db, LIMITS.seconds) as check:
        found, _ = _selected(db, Conditions(db, query, today, check, since=since), since, LIMITS, until)
        columns = "p.listed, count(*), coalesce(sum(p.upvotes), 0)"
        days = found.select(columns, "GROUP BY p.listed ORDER BY p.listed", papers=True)
        return [Tally(date.fromisoformat(day), papers, votes) for day, papers, votes in days]


def outlines(db: Connection, query: Query, since: date, until: date, today: date, most: int) -> Outlines:
    """Give papers of whole days that match, newest day first."""
    try:
        with time_limit(db, WHOLE.seconds) as check:
            found, low = _selected(db, Conditions(db, query, today, check, WHOLE, since), since, WHOLE, until)
            first = date_of(low) + _ONE if low > first_row(since.toordinal()) else since
            if first > until:
                return Outlines(first, ())
            columns = f"p.id, {{n}} / {DAY}, p.upvotes, p.comments, p.stars"
            whole = found.since(first_row(first.toordinal()))
            rows = whole.select(columns, "ORDER BY {n} DESC LIMIT ?", most + 1, papers=True).fetchall()
    except StoreError:
        return Outlines(until + _ONE, ())
    days = {day: date.fromordinal(day) for day in {row[1] for row in rows}}
    return newest([Outline(id_, days[day], *numbers) for id_, day, *numbers in rows], most, first)


def among(db: Connection, ids: Collection[str], queries: Sequence[Query], today: date) -> list[frozenset[str]]:
    """Give for each query which of these papers it accepts."""
    rows = db.execute("SELECT n FROM papers WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))
    return accepted(folded(db, [n for (n,) in rows]), queries, today)


def _selected(
    db: Connection, conditions: Conditions, since: date | None, limits: Limits, until: date | None = None
) -> tuple[Selection, int]:
    """Give the rows that are wanted, and the row before which none was looked at (0 for none)."""
    asked = conditions.wanted()
    first = max(asked.low, first_row(since.toordinal()) if since else 0)
    low = _floor(db, conditions, asked, limits)
    if low <= first:
        low = 0
    else:
        asked = conditions.wanted(apart=True)
        low = max(low, _floor(db, conditions, asked, limits))
    low = max(low, conditions.floor)
    found = Selection(db, asked.words, asked.rest, max(first, low))
    if since:
        found = found.also(Sql(_LISTED))
    if until:
        found = found.also(Sql(f"{{n}} < ? AND {_LISTED}", (first_row(until.toordinal() + 1),)))
    return found, low


def _floor(db: Connection, conditions: Conditions, asked: Wanted, limits: Limits) -> int:
    rows = any("p." in each.text for each in asked.rest)
    return floor(db, asked.words, conditions.trees, limits, rows=rows)


def _page(
    found: Selection, conditions: Conditions, query: Query, page: SearchPage, limits: Limits, *, cut: bool
) -> tuple[Sequence[Row], int, list[str]]:
    """Give the rows of a page in its order, the total, and what is to be said of the order."""
    weigh = _weighed(conditions, query) if page.sort == "relevance" and not cut else None
    trees = [*conditions.trees, *([found.words] if found.words else ())]
    merged = merging(found.db, trees)
    if weigh and 2 * merged <= limits.places:
        return _relevant(found, weigh, page, limits)
    looked = found.gathered() if merged or _dear(found, trees) else found
    total = looked.total()
    if page.sort == "trending":
        return _trending(looked, page, page.now.date(), total), total, []
    return looked.newest(page.limit, page.offset, total), total, [BY_DATE] if weigh else []


def _dear(found: Selection, trees: Sequence[Tree]) -> bool:
    """Whether each look costs more than to write down what it finds."""
    joined = any("p." in each.text or "MATCH" in each.text for each in found.rest)
    return joined or sum(1 for tree in trees for _ in phrases(tree)) > _FEW


def _most(weigh: Tree, limits: Limits) -> int:
    """Give how many hits BM25 weighs."""
    return limits.ranked // (2 + len(set(phrases(weigh))))


def _partly(low: int) -> list[str]:
    if not low:
        return []
    return [partly(date_of(low) if low >= DAY else None)]


def _weighed(conditions: Conditions, query: Query) -> Tree | None:
    """Give the words that relevance counts: what is wanted, not what had to be absent."""
    leaves = [leaf for leaf in positive_leaves(query.root) if isinstance(leaf, TextLeaf)]
    return either([conditions.words(leaf) for leaf in leaves]) if leaves else None


def _relevant(found: Selection, weigh: Tree, page: SearchPage, limits: Limits) -> tuple[list[Row], int, list[str]]:
    """Weigh the newest hits; after them come older ones, and those that have none of the words."""
    many = _most(weigh, limits)
    alike = found.words and _weighs_the_same(found.words, weigh)
    chosen = found if alike else found.led_by(weigh)
    # Only what is one list of the index is counted faster than weighed.
    known = found.total() if alike and is_list(weigh) else None
    rows, number = chosen.weighed(_BM25, many, page.limit, page.offset, known)
    total = known if known is not None else number if alike and number < many else found.total()
    cut = number == many and total > many
    if len(rows) < page.limit and page.offset + len(rows) < total:
        first = chosen.nth(many - 1) if cut else 0
        weighed = standing(weigh)
        others = found.also(Sql(f"NOT ({{n}} >= {first} AND {weighed.text})", weighed.values))
        rows += others.newest(page.limit - len(rows), max(0, page.offset - number), total - number)
    return rows, total, [f"The newest {many:,} are in order of relevance, then the others by date."] if cut else []


def _weighs_the_same(words: Tree, weigh: Tree) -> bool:
    """Whether FTS5 counts the same phrases in both: those of an AND that does not hold inside an OR it does not see."""
    some = [each for each in inner(words) if isinstance(each, Either)]
    hidden = any(isinstance(each, Both) for either_ in some for each in inner(either_))
    without = any(isinstance(each, Without) for each in inner(words))
    return not (hidden or without) and set(phrases(words)) == set(phrases(weigh))


def _trending(found: Selection, page: SearchPage, today: date, total: int) -> list[Row]:
    """SQL chooses by the score before it is rounded, a few more than asked for; ``bot.rank`` puts these in order."""
    last = page.offset + page.limit
    if not page.limit or not total:
        return []
    age = f"CASE WHEN p.n < {DAY} THEN 0 ELSE max({today.toordinal()} - p.n / {DAY}, 0) END"
    score = f"p.points / pow({age} + 2, {rank.GRAVITY})"
    if total > _NEWEST + last:
        found = _reaching(found, score, last, today)
    columns = f"p.n, p.id, p.upvotes, p.stars, p.comments, {score}"
    best = found.select(columns, "ORDER BY 6 DESC LIMIT ?", last + _SPARE, papers=True).fetchall()
    if len(best) > last:
        least = best[last - 1][5] - _ROUNDED
        if len(best) == last + _SPARE and best[-1][5] >= least:
            best = found.also(Sql(f"{score} >= {least!r}")).select(columns, papers=True).fetchall()
    best.sort(key=lambda row: rank.order(_numbers(*row), today))
    return [Row(row[0]) for row in best[page.offset : last]]


def _reaching(found: Selection, score: str, last: int, today: date) -> Selection:
    """Leave out what is too old for the first ``last`` places, whatever its votes: the newest show what these take."""
    newest = found.since(found.nth(_NEWEST + last) or 0)
    scores = newest.select(score, "ORDER BY 1 DESC LIMIT ?", last, papers=True).fetchall()
    least = scores[-1][0] - _ROUNDED
    if least <= 0:
        return found
    most = found.db.number("SELECT CAST(max(points) + 1 AS INTEGER) FROM papers")
    days = math.ceil((most / least) ** (1 / rank.GRAVITY))
    return found.since(first_row(today.toordinal() - days), undated=True)


def _numbers(n: int, id_: str, upvotes: int | None, stars: int | None, comments: int | None, _: float) -> Paper:
    """As much of a paper as ``bot.rank`` looks at."""
    born = date_of(n) if n >= DAY else None
    return Paper(id=id_, title="", listed=born, upvotes=upvotes, stars=stars, comments=comments)


def _hits(db: Connection, query: Query, rows: Sequence[Row], today: date, *, trending: bool) -> Iterator[Hit]:
    for row, (paper, words) in zip(rows, folded(db, [row.n for row in rows]), strict=True):
        score = rank.score(paper, today) if trending else 0.0 - row.weight / UNIT
        yield Hit(paper, score, match(query, paper, today, words) or ())
