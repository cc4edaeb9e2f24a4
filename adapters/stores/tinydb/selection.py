"""The rows that a query wants, as SQL: counted, found newest first, weighed.

Where words are wanted, FTS5 leads and the papers' narrow rows follow, one look-up each.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import orjson

from .connection import Connection
from .fulltext import Tree, printed
from .rownumbers import DAY, first_row

UNIT = 1_000_000_000
"""Weights are whole numbers of so many parts: sums of the same differ behind that, by the order they were added in."""
_SPARE = 50
"""Rows beyond a page that may tie with its last one, and mostly are all that do."""

Value = str | int
_IDS = "SELECT n, id FROM papers WHERE n IN (SELECT value FROM json_each(?))"


class Sql(NamedTuple):
    """A condition on a row ``p`` of papers, and its values.

    ``{n}`` stands for its number, which needs no look at the row, ``{low}`` for the first that is looked at.
    """

    text: str
    values: tuple[Value, ...] = ()


class Row(NamedTuple):
    """A row of the answer, with its weight where it was weighed: the lower, the better."""

    n: int
    weight: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """Its weight, and newer days before older ones. What ties in this is in the order of ids."""
        return self.weight, -(self.n // DAY)


@dataclass(frozen=True, slots=True)
class Selection:
    """Papers that have the words, if there are any, and satisfy the rest, from row ``low`` on."""

    db: Connection
    words: Tree | None
    rest: tuple[Sql, ...] = ()
    low: int = 0
    numbers: Sequence[int] | None = None
    """Their rows in ascending order, where these were looked for once (``gathered``)."""

    def gathered(self) -> Selection:
        """Look for the rows once, for who asks for them more often and cannot afford that each time."""
        (found,) = self.select("json_group_array({n})").fetchone()
        return Selection(self.db, None, numbers=sorted(orjson.loads(found)))

    def total(self) -> int:
        """How many there are."""
        if self.numbers is not None and not self.rest:
            return len(self.numbers)
        (number,) = self.select("count(*)").fetchone()
        return int(number)

    def nth(self, place: int) -> int | None:
        """Give the row at this place, newest first, counted from 0; rows of one day are in no order."""
        if self.numbers is not None and not self.rest:
            return self.numbers[-1 - place] if place < len(self.numbers) else None
        found = self.select("{n}", "ORDER BY {n} DESC LIMIT 1 OFFSET ?", place).fetchone()
        return int(found[0]) if found else None

    def newest(self, limit: int, offset: int, total: int) -> list[Row]:
        """Give the newest day first, then by id, of ``total``: only the days of the page are put in order."""
        if limit < 1 or offset >= total:
            return []
        last = self.nth(offset + limit - 1) if offset + limit < total else None
        days = self.since(first_row(last // DAY) if last else 0)
        order = f"ORDER BY p.n / {DAY} DESC, p.id LIMIT ? OFFSET ?"
        return [Row(n) for (n,) in days.select("p.n", order, limit, offset, papers=True)]

    def weighed(
        self, weigh: str, many: int, limit: int, offset: int, number: int | None = None
    ) -> tuple[list[Row], int]:
        """Weigh the newest ``many`` by a function of FTS5: the lowest first, then the newest day, then by id.

        Gives a page and how many were weighed; who knows the ``number`` before saves writing them down. To look at
        each one's paper would cost as much as to weigh it, so only what ties is asked for its id.
        """
        last = offset + limit
        weight = f"CAST({weigh} * {UNIT} - 0.5 AS INTEGER) AS weight"
        # In ascending order FTS5 reads its lists a twelfth faster.
        newest = Sql("") if number is not None and number <= many else Sql("ORDER BY {n} DESC LIMIT ?", (many,))
        hits = self._asked(f"{{n}} AS n, {weight}", newest.text)
        counted = "(SELECT count(*) FROM hits)" if number is None else min(number, many)
        values = (*hits.values, *newest.values)
        text = f"WITH hits AS ({hits.text}) SELECT n, weight, {counted} FROM hits"  # noqa: S608
        found = self.db.execute(f"{text} ORDER BY weight, n DESC LIMIT ?", (*values, last + _SPARE)).fetchall()
        if len(found) == last + _SPARE and Row(*found[-1][:2]).place == Row(*found[last - 1][:2]).place:
            order = f"CROSS JOIN papers USING (n) ORDER BY weight, n / {DAY} DESC, id LIMIT ? OFFSET ?"
            best = [Row(n, weight) for n, weight, _ in self.db.execute(f"{text} {order}", (*values, limit, offset))]
        else:
            best = self._in_order([Row(n, weight) for n, weight, _ in found])[offset:last]
        return best, found[0][2] if found else 0

    def _in_order(self, rows: Sequence[Row]) -> list[Row]:
        """Put the lowest weight first, then the newest, then by id."""
        often = Counter(row.place for row in rows)
        if tied := [row.n for row in rows if often[row.place] > 1]:
            ids = dict(self.db.execute(_IDS, (json.dumps(tied),)).fetchall())
            return sorted(rows, key=lambda row: (row.place, ids.get(row.n, "")))
        return sorted(rows, key=lambda row: row.place)

    def since(self, row: int, *, undated: bool = False) -> Selection:
        """Look at rows from this one on, perhaps also at those without a day."""
        if self.numbers is not None:
            kept = [n for n in self.numbers if n >= row or (undated and n < DAY)]
            return replace(self, numbers=kept)
        if undated:
            return self.also(Sql(f"({{n}} >= {row} OR {{n}} < {DAY})"))
        return replace(self, low=max(self.low, row))

    def also(self, *conditions: Sql) -> Selection:
        """Add conditions."""
        return replace(self, rest=(*self.rest, *conditions))

    def led_by(self, words: Tree) -> Selection:
        """Look for other words first; the own ones are a condition like the others."""
        own = (standing(self.words),) if self.words else ()
        return replace(self, words=words, rest=(*own, *self.rest))

    def select(self, what: str, tail: str = "", *values: Value, papers: bool = False) -> sqlite3.Cursor:
        """Run ``SELECT what ... tail``, where ``{n}`` is the row number and, with ``papers``, columns of ``p``."""
        asked = self._asked(what, tail, papers=papers)
        return self.db.execute(asked.text, (*asked.values, *values))

    def _asked(self, what: str, tail: str, *, papers: bool = False) -> Sql:
        """What is joined here is written in this package; what users wrote is in the values."""
        if self.words is None:
            n, source, conditions = "p.n", "papers AS p", [self._whole()]
        else:
            n, source = "w.rowid", "words AS w"
            if papers or any("p." in each.text for each in self.rest):
                source += " CROSS JOIN papers AS p ON p.n = w.rowid"
            conditions = [Sql("w.words MATCH ? AND w.rowid >= ?", (printed(self.words), self.low))]
        conditions += self.rest
        where = " AND ".join(each.text.replace("{low}", str(self.low)) for each in conditions)
        if self.words:
            # The plus keeps SQLite from looking up by it: then MATCH could not be answered.
            where = where.replace("{n}", f"+{n}")
        text = f"SELECT {what} FROM {source} WHERE {where} {tail}".replace("{n}", n)  # noqa: S608
        return Sql(text, tuple(value for each in conditions for value in each.values))

    def _whole(self) -> Sql:
        if self.numbers is None:
            return Sql("p.n >= ?", (self.low,))
        return Sql("p.n IN (SELECT value FROM json_each(?))", (json.dumps(self.numbers),))


def standing(words: Tree, *, holds: bool = True) -> Sql:
    """The condition that words stand in a paper, or that they do not."""
    inside = "IN" if holds else "NOT IN"
    rows = "SELECT rowid FROM words WHERE words MATCH ? AND rowid >= {low}"
    return Sql(f"{{n}} {inside} ({rows})", (printed(words),))
