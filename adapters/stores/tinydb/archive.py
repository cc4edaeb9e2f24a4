"""Papers in SQLite: kept whole as JSON, with the numbers to filter by and the folded words to find them by.

Every function takes the connection and runs in the transaction of ``Database.run``.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import astuple
from datetime import date
from itertools import islice
from typing import NamedTuple

import orjson

from adapters.stores._rows import paper_from_json
from adapters.stores._rules import fingerprint
from bot.collect import dedupe, merge
from bot.errors import StoreError
from bot.models import Paper
from bot.papers_json import to_json
from bot.query import FoldedPaper, fold_paper
from bot.rank import points
from bot.trend import Reading

from .connection import Connection
from .database import create
from .rownumbers import UNLISTED, place_of

log = logging.getLogger(__name__)

_BATCH = 500
_SAVE = "INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INDEX = "INSERT INTO words (rowid, title, abstract, tags, authors, organization, aliases) VALUES (?, ?, ?, ?, ?, ?, ?)"


class _Change(NamedTuple):
    """A paper to be written: its row, the row it had if it had one, and its words if they or the row are new."""

    n: int
    paper: Paper
    old: int | None
    words: FoldedPaper | None
    moved: bool
    """Whether a number of the paper is another than before."""


def add(db: sqlite3.Connection, papers: Iterable[Paper], today: date | None) -> int:
    """Insert or merge; give how many were new. Raises ``StoreError`` for a paper that cannot be written.

    Numbers that moved are read ``today``; without a day they are not noted.
    """
    stream, new = iter(papers), 0
    while batch := dedupe(islice(stream, _BATCH)):
        known = _rows(db, [paper.id for paper in batch])
        number = _Numbers(db)
        changes = [made for paper in batch if (made := _change(paper, known.get(paper.id), number))]
        _write(db, changes)
        moved = [(c.paper.id, _iso(today), *_numbers(c.paper)) for c in changes if c.moved and today]
        db.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?)", moved)
        new += len(batch) - len(known)
    return new


def get(db: sqlite3.Connection, ids: Collection[str]) -> Mapping[str, Paper]:
    """Give the known ones among these."""
    return {id_: paper for id_, (_, paper) in _rows(db, ids).items()}


def listed(db: sqlite3.Connection, since: date, until: date) -> Sequence[Paper]:
    """Give the papers listed in these days, newest day first, then by id."""
    found = db.execute(
        "SELECT paper FROM papers JOIN bodies USING (n) WHERE listed BETWEEN ? AND ? ORDER BY listed DESC, id",
        (since.isoformat(), until.isoformat()),
    )
    return list(map(_read, found))


def newest_day(db: sqlite3.Connection) -> date | None:
    """Give the latest ``listed``."""
    (day,) = db.execute("SELECT max(listed) FROM papers").fetchone()
    return date.fromisoformat(day) if day else None


def count(db: Connection) -> int:
    """How many there are."""
    return db.number("SELECT count(*) FROM papers")


def standing(db: sqlite3.Connection, words: Collection[str]) -> Mapping[str, int]:
    """Give for each of these folded words in how many papers it stands."""
    found = db.execute(
        "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))", (json.dumps(list(words)),)
    )
    return dict(found)


def readings(db: sqlite3.Connection, id: str) -> Sequence[Reading]:  # noqa: A002  (the noun's own name for it)
    """Give a paper's numbers over time, oldest first."""
    found = db.execute("SELECT day, upvotes, stars, comments FROM readings WHERE id = ? ORDER BY day", (id,))
    return [Reading(date.fromisoformat(day), *numbers) for day, *numbers in found]


def folded(db: sqlite3.Connection, rows: Sequence[int]) -> list[tuple[Paper, FoldedPaper]]:
    """Give the papers with these row numbers, in this order, each with its words."""
    found = db.execute(
        "SELECT n, paper, words.* FROM bodies CROSS JOIN words ON words.rowid = n"
        " WHERE n IN (SELECT value FROM json_each(?))",
        (json.dumps(rows),),
    )
    known = {n: (_read((paper,)), FoldedPaper(*words)) for n, paper, *words in found}
    return [known[n] for n in rows]


def refresh(db: Connection) -> None:
    """Write all papers anew if other rules than today's wrote them: half a millisecond each, once per upgrade."""
    rules = fingerprint(("bot", "rank.py"), (__package__, "rownumbers.py"))
    if db.execute("SELECT value FROM about WHERE key = 'rules'").fetchone() == (rules,):
        return
    if number := count(db):
        log.warning("The rules by which words match have changed: %d papers are indexed anew.", number)
        db.execute("ALTER TABLE bodies RENAME TO before")
        for table in ("vocabulary", "words", "papers"):
            db.execute(f"DROP TABLE {table}")
        create(db)
        add(db, map(_read, db.execute("SELECT paper FROM before")), None)
        db.execute("DROP TABLE before")
    db.execute("INSERT OR REPLACE INTO about VALUES ('rules', ?)", (rules,))


def _read(row: Sequence[bytes]) -> Paper:
    return paper_from_json(orjson.loads(row[0]))


def _rows(db: sqlite3.Connection, ids: Collection[str]) -> Mapping[str, tuple[int, Paper]]:
    """Give the known ones among these, each with its row."""
    found = db.execute(
        "SELECT n, paper FROM papers JOIN bodies USING (n) WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    papers = ((n, _read(row)) for n, *row in found)
    return {paper.id: (n, paper) for n, paper in papers}


class _Numbers:
    """Gives new row numbers, as long as nobody else writes."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._last: dict[int, int] = {}

    def __call__(self, place: int) -> int:
        if place not in self._last:
            alike = (place, place + UNLISTED)
            (last,) = self._db.execute("SELECT max(n) FROM papers WHERE n >= ? AND n < ?", alike).fetchone()
            self._last[place] = last or place
        self._last[place] += 1
        return self._last[place]


def _change(paper: Paper, known: tuple[int, Paper] | None, number: Callable[[int], int]) -> _Change | None:
    """Say what there is to write, if anything."""
    if known is None:
        return _Change(number(place_of(paper)), paper, None, fold_paper(paper), moved=True)
    n, old = known
    merged = merge(old, paper)
    if merged == old:
        return None
    folded, moved = fold_paper(merged), _numbers(merged) != _numbers(old)
    if n // UNLISTED != place_of(merged) // UNLISTED:
        return _Change(number(place_of(merged)), merged, n, folded, moved)
    return _Change(n, merged, n, folded if folded != fold_paper(old) else None, moved)


def _write(db: sqlite3.Connection, changes: Sequence[_Change]) -> None:
    """Write in the order of rows: FTS5 begins a new list of words whenever a row stands before the last one."""
    for change in sorted(changes, key=lambda change: change.old or 0):
        if change.old is not None:
            db.execute("DELETE FROM papers WHERE n = ?", (change.old,))
            db.execute("DELETE FROM bodies WHERE n = ?", (change.old,))
            if change.words:
                db.execute("DELETE FROM words WHERE rowid = ?", (change.old,))
    for change in sorted(changes, key=lambda change: change.n):
        try:
            db.execute(_SAVE, (change.n, *_facts(change.paper)))
            db.execute("INSERT INTO bodies VALUES (?, ?)", (change.n, orjson.dumps(to_json(change.paper))))
        except (UnicodeEncodeError, OverflowError, orjson.JSONEncodeError) as error:
            raise StoreError(f"Paper {change.paper.id!r} cannot be kept: {error}. Nothing was changed.") from error
        if change.words:
            db.execute(_INDEX, (change.n, *astuple(change.words)))


def _facts(paper: Paper) -> tuple[str | int | float | None, ...]:
    """What can be filtered and sorted by, in the order of the table's columns."""
    return (
        paper.id,
        _iso(paper.listed),
        paper.upvotes,
        paper.stars,
        paper.comments,
        points(paper),
        bool(paper.code),
        bool(paper.project),
        bool(paper.model),
        _lines(paper.categories),
        _lines(paper.sources),
    )


def _numbers(paper: Paper) -> tuple[int | None, ...]:
    return paper.upvotes, paper.stars, paper.comments


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _lines(values: Iterable[str]) -> str:
    """Each value between two line ends, so that one can be looked for whole or by its start."""
    return "".join(f"\n{value.casefold()}\n" for value in values)
