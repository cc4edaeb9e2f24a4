"""``papers.sqlite``: opened, watched over, and replaced when it breaks. One thread speaks to it.

Papers can be fetched again, so a crash may cost the last ones (``synchronous=NORMAL``), and a file that turns out
broken is set aside and begun anew. What people asked for and what was posted is not in here.
"""

from __future__ import annotations

import logging
import math
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Concatenate, ParamSpec, TypeVar

from bot.errors import StoreError, StoreFull, StoreSlow, StoreTooNew

from .connection import Connection
from .disk import in_words
from .thread import Thread

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

SCHEMA = 2
"""Raise it when an older Broadsheet would misread the tables."""

_WORDS = """CREATE VIRTUAL TABLE words USING fts5 (
    title, abstract, tags, authors, organization, aliases, tokenize = 'ascii'
)"""
"""Words are folded before they come here, so the tokenizer must only cut at spaces: ``ascii`` does, while
``unicode61`` has a mind of its own about each letter. No prefix index: it costs 70 % of the insert time and makes a
frequent prefix no faster.
"""

_PAPERS = (
    """CREATE TABLE papers (
        n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, listed TEXT,
        upvotes INTEGER, stars INTEGER, comments INTEGER, points REAL NOT NULL,
        code INTEGER NOT NULL, project INTEGER NOT NULL, model INTEGER NOT NULL,
        categories TEXT NOT NULL, sources TEXT NOT NULL
    )""",
    "CREATE INDEX papers_listed ON papers (listed)",
    "CREATE TABLE bodies (n INTEGER PRIMARY KEY, paper BLOB NOT NULL)",
    _WORDS,
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row)",
)
"""Narrow rows stand apart from the papers' JSON: a condition on numbers then reads 5 MB of 50,000 papers, not 150.

``n`` is the paper's day and a number within it (``rownumbers``), so that rows, and the lists of words in FTS5, stand
in the order of days: the newest papers with a word are found without a look at the others.
"""

_READINGS = """CREATE TABLE readings (
    id TEXT, day TEXT, upvotes INTEGER, stars INTEGER, comments INTEGER, PRIMARY KEY (id, day)
) WITHOUT ROWID"""
"""A paper's numbers over time stay when its row moves to another day."""

_SETTINGS = (
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "secure_delete = OFF",
    "temp_store = MEMORY",
    "cache_size = -8000",
)
"""In a cache of 8 MB the lengths of 50,000 papers stay beside papers that were shown, in SQLite's own 2 MB not."""

_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NO_WRITE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR}
_HEADER = 100
"""Bytes. SQLite takes a shorter file for a new one."""
_STEPS = 20_000
"""SQLite's own steps between two looks at the clock: about a millisecond."""


class Database:
    """The connection and its thread. ``prepare`` is called once with each file that is opened."""

    def __init__(self, folder: Path, prepare: Callable[[Connection], None]) -> None:
        self.path = folder / "papers.sqlite"
        self._prepare = prepare
        self._thread = Thread("papers")
        self._connection: Connection | None = None

    async def run(self, call: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``call`` on the thread, in one transaction. Raises ``StoreError``, and then nothing was changed."""
        return await self._thread.run(lambda: self._work(lambda db: call(db, *args, **kwargs)))

    async def aclose(self) -> None:
        """Finish what is queued and close the file."""
        await self._thread.aclose(self._close)

    async def open(self) -> None:
        """Open the file now rather than when it is first needed. Without room for that, say so and go on."""
        try:
            await self.run(sqlite3.Connection.commit)
        except StoreFull as error:
            log.warning("Papers cannot be searched at present: %s", error)

    def _work(self, call: Callable[[Connection], T]) -> T:
        try:
            db = self._connection or self._opened()
            with db:
                return call(db)
        except sqlite3.Error as error:
            if _code(error) in _BROKEN:
                raise StoreError(self._set_aside()) from error
            raise _refusal(error, self.path) from error

    def _opened(self) -> Connection:
        """Open the file; one that is broken is set aside first."""
        try:
            self._connection = _connect(self.path, self._prepare)
        except sqlite3.Error as error:
            if _code(error) not in _BROKEN:
                raise
            self._set_aside()
            self._connection = _connect(self.path, self._prepare)
        return self._connection

    def _set_aside(self) -> str:
        """Keep the broken file under another name and say so."""
        self._close()
        aside = f"{self.path.name}.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        with in_words(self.path):
            for ending in ("", "-wal", "-shm"):
                part = self.path.with_name(self.path.name + ending)
                if part.exists():
                    part.rename(part.with_name(aside + ending))
        told = (
            f"The archive of papers was damaged. It was kept as {aside} and a new one begun;"
            " fill it again with: broadsheet fetch"
        )
        log.error("%s", told)
        return told

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None


@contextmanager
def time_limit(db: sqlite3.Connection, seconds: float) -> Iterator[Callable[[], None]]:
    """Stop SQL that takes longer, with a ``StoreError``. Gives what to call in long work that is not SQL's."""
    end = monotonic() + seconds
    told = f"This took longer than {seconds:g} seconds and was stopped. Ask for something narrower."

    def check() -> None:
        if monotonic() > end:
            raise StoreSlow(told)

    db.set_progress_handler(lambda: monotonic() > end, _STEPS)
    try:
        yield check
    except sqlite3.OperationalError as error:
        if _code(error) != sqlite3.SQLITE_INTERRUPT:
            raise
        raise StoreSlow(told) from error
    finally:
        db.set_progress_handler(None, 0)


def _connect(path: Path, prepare: Callable[[Connection], None]) -> Connection:
    with in_words(path):
        if path.exists() and path.stat().st_size < _HEADER:
            log.warning("%s is empty. Fill it again with: broadsheet fetch", path)
        # SQLite would create it readable for everybody; its side files take over the mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    db = sqlite3.connect(path, factory=Connection)
    try:
        _set_up(db, path)
        with db:
            prepare(db)
    except (sqlite3.Error, StoreError):
        db.close()
        raise
    return db


def _set_up(db: sqlite3.Connection, path: Path) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA:
        raise StoreTooNew(
            f"{path} was written by a later Broadsheet (schema {version}, this one knows up to {SCHEMA})."
            " Upgrade Broadsheet, or choose another --data folder."
        )
    for setting in _SETTINGS:
        db.execute(f"PRAGMA {setting}")
    try:
        db.execute("SELECT pow(1, 1)")
    except sqlite3.OperationalError:  # SQLite was built without its mathematics
        db.create_function("pow", 2, math.pow, deterministic=True)
    if not version:
        with db:
            db.execute("BEGIN")
            db.execute("CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
            db.execute(_READINGS)
            create(db)
            db.execute(f"PRAGMA user_version = {SCHEMA}")
    elif version < SCHEMA:
        with db:
            db.execute("BEGIN")
            db.execute("DROP TABLE IF EXISTS readings")
            db.execute(_READINGS)
            db.execute("DELETE FROM about WHERE key = 'rules'")
            db.execute(f"PRAGMA user_version = {SCHEMA}")


def create(db: sqlite3.Connection) -> None:
    """Make the tables of papers."""
    for statement in _PAPERS:
        db.execute(statement)


def _refusal(error: sqlite3.Error, path: Path) -> StoreError:
    if _code(error) == sqlite3.SQLITE_FULL:
        return StoreFull(
            f"Cannot save to {path}: the disk is full. Nothing was changed."
            " Free some space; saving then works again by itself."
        )
    if _code(error) in _NO_WRITE:
        return StoreFull(
            f"Cannot use {path} as user {os.geteuid()}: {error}. Nothing was changed."
            " Check that the disk has room and that this user may write there."
        )
    return StoreError(f"The archive of papers refused: {error}. Nothing was changed.")


def _code(error: sqlite3.Error) -> int:
    """The primary result code; 0 when the error is not SQLite's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
