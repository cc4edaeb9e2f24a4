"""Papers in SQLite: kept whole as JSON, with the numbers to filter by and the folded words to find them by.

Every function takes the connection and runs in the transaction of ``Database.run``.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple
from datetime import date
from hashlib import sha256
from importlib.resources import files
from itertools import islice

import orjson

from bot.collect import dedupe, merge
from bot.errors import StoreError
from bot.models import Paper
from bot.papers_json import to_json
from bot.query import FoldedPaper, fold_paper
from bot.trend import Reading

from .database import WORDS
from .rows import paper_from_json

log = logging.getLogger(__name__)

_BATCH = 500
_FACTS = (
    "id", "listed", "born", "upvotes", "stars", "comments", "code", "project", "model", "categories", "sources",
)  # fmt: skip
_SAVE = (
    f"INSERT INTO papers ({', '.join(_FACTS)}) VALUES ({', '.join('?' * len(_FACTS))})"  # noqa: S608  constants
    f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{fact} = excluded.{fact}' for fact in _FACTS)}"
)


def add(db: sqlite3.Connection, papers: Iterable[Paper], today: date) -> int:
    """Insert or merge; give how many were new. Raises ``StoreError`` for a paper that cannot be written."""
    stream, new = iter(papers), 0
    while batch := dedupe(islice(stream, _BATCH)):
        known = get(db, [paper.id for paper in batch])
        for paper in batch:
            _save(db, paper, known.get(paper.id), today)
        new += len(batch) - len(known)
    return new


def get(db: sqlite3.Connection, ids: Collection[str]) -> Mapping[str, Paper]:
    """Give the known ones among these."""
    found = db.execute(
        "SELECT paper FROM papers JOIN bodies USING (n) WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return {paper.id: paper for paper in map(_read, found)}


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


def count(db: sqlite3.Connection) -> int:
    """How many there are."""
    return int(db.execute("SELECT count(*) FROM papers").fetchone()[0])


def standing(db: sqlite3.Connection, words: Collection[str]) -> Mapping[str, int]:
    """Give for each of these folded words in how many papers it stands."""
    found = db.execute(
        "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))", (json.dumps(list(words)),)
    )
    return dict(found)


def readings(db: sqlite3.Connection, id: str) -> Sequence[Reading]:  # noqa: A002  (the noun's own name for it)
    """Give a paper's numbers over time, oldest first."""
    found = db.execute(
        "SELECT day, r.upvotes, r.stars, r.comments FROM readings AS r JOIN papers USING (n) WHERE id = ? ORDER BY day",
        (id,),
    )
    return [Reading(date.fromisoformat(day), *numbers) for day, *numbers in found]


def body(db: sqlite3.Connection, n: int) -> Paper:
    """Give the paper with this row number."""
    return _read(db.execute("SELECT paper FROM bodies WHERE n = ?", (n,)).fetchone())


def refresh(db: sqlite3.Connection) -> None:
    """Fold all papers anew if other rules than today's folded them: half a millisecond each, once per upgrade."""
    rules = _rules()
    if db.execute("SELECT value FROM about WHERE key = 'rules'").fetchone() == (rules,):
        return
    if number := count(db):
        log.warning("The rules by which words match have changed: %d papers are indexed anew.", number)
        db.execute("DROP TABLE words")
        db.execute(WORDS)
        for n, *row in db.execute("SELECT n, paper FROM bodies"):
            _index(db, n, fold_paper(_read(row)))
    db.execute("INSERT OR REPLACE INTO about VALUES ('rules', ?)", (rules,))


def _rules() -> str:
    """A fingerprint of the code that folds words, so that no one has to remember to count a version up."""
    sources = sorted((file.name, file.read_bytes()) for file in files("bot.query").iterdir() if file.is_file())
    return sha256(repr(sources).encode()).hexdigest()


def _read(row: Sequence[bytes]) -> Paper:
    return paper_from_json(orjson.loads(row[0]))


def _save(db: sqlite3.Connection, paper: Paper, old: Paper | None, today: date) -> None:
    merged = merge(old, paper) if old else paper
    if merged == old:
        return
    try:
        db.execute(_SAVE, _facts(merged))
        text = orjson.dumps(to_json(merged))
    except (UnicodeEncodeError, OverflowError, orjson.JSONEncodeError) as error:
        raise StoreError(f"Paper {paper.id!r} cannot be kept: {error}. Nothing was changed.") from error
    (n,) = db.execute("SELECT n FROM papers WHERE id = ?", (merged.id,)).fetchone()
    db.execute("INSERT OR REPLACE INTO bodies VALUES (?, ?)", (n, text))
    if old is None or _numbers(merged) != _numbers(old):
        db.execute("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?)", (n, today.isoformat(), *_numbers(merged)))
    folded = fold_paper(merged)
    if old is None or folded != fold_paper(old):
        db.execute("DELETE FROM words WHERE rowid = ?", (n,))
        _index(db, n, folded)


def _facts(paper: Paper) -> tuple[str | int | None, ...]:
    """What can be filtered and sorted by, in the order of ``_FACTS``."""
    return (
        paper.id,
        _iso(paper.listed),
        _iso(paper.listed or paper.published),
        paper.upvotes,
        paper.stars,
        paper.comments,
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


def _index(db: sqlite3.Connection, n: int, folded: FoldedPaper) -> None:
    db.execute(
        "INSERT INTO words (rowid, title, abstract, tags, authors, organization, aliases) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (n, *astuple(folded)),
    )
