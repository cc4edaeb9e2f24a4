"""A TinyDB storage that a crash, a full disk or a foreign hand cannot turn into nothing.

TinyDB's own ``JSONStorage`` rewrites its file in place: killed half way, or on a full disk, it leaves a file
that nobody can read. Here the decoded data stays in memory, ``commit`` adds a line to a journal beside the file, and
now and then writes a new file and renames it. A copy of an earlier good state lies next to it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Any

import orjson
from tinydb.storages import Storage

from bot.errors import StoreError, StoreTooNew

from .disk import in_words, replace
from .journal import Journal

log = logging.getLogger(__name__)

SCHEMA = 2
"""Raise it when an older Broadsheet would misread the rows. The second has a journal."""
BACKUP_EVERY = 3600.0
"""Seconds. The first commit of a process makes a backup too."""
LONG = 1024 * 1024
"""Bytes of a journal, or as many as the file has: a start has no more to read twice, and a whole write pays off."""
_ABOUT = "broadsheet"
"""The table that holds the schema's number and the journal's mark."""

Tables = dict[str, dict[str, Any]]
"""Table -> row id -> row, as TinyDB keeps it."""


class DurableStorage(Storage):
    """One JSON file and its journal. ``read`` and ``write`` touch memory, ``commit`` the disk.

    A commit that fails drops what is in memory: the next ``read`` gives what is on disk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.backup = path.with_name(f"{path.name}.bak")
        self._journal = Journal(path.with_name(f"{path.name}.journal"))
        self._tables: Tables | None = None
        self._changed = False
        self._backup_due = 0.0
        self._seen = False
        self._whole: os.stat_result | None = None

    def read(self) -> Tables:
        """Give the tables. Raises ``StoreTooNew``, or ``StoreError`` when the disk refuses."""
        if self._tables is None:
            self._tables = self._load()
        return self._tables

    def write(self, data: Tables) -> None:
        """Take the tables, to be committed."""
        self._tables = data
        self._changed = True

    def commit(self, changes: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Put what was written on disk. Raises ``StoreError``; what is there is then as before.

        ``changes`` are all that was written, by table and row, ``None`` for a row that went: a line of the journal.
        """
        tables, changed = self._tables, self._changed
        if tables is None or not changed:
            return
        whole, self._whole, self._tables, self._changed = self._whole, None, None, False
        with in_words(self.path):
            if changes is None or not self._goes_on(whole):
                whole = self._write_whole(tables)
            else:
                self._journal.append(orjson.dumps(changes))
        self._tables, self._seen, self._whole = tables, True, whole

    def close(self) -> None:
        """Leave one file that has everything. On a disk that refuses, the journal stays."""
        if self._whole is None:
            return
        with suppress(StoreError, OSError):
            if self._journal.length:
                self.write(self.read())
                self.commit()
            self._journal.remove()

    def _goes_on(self, whole: os.stat_result | None) -> bool:
        """Whether a line is enough: the file is still the one that we wrote, and neither it nor its journal is old."""
        if whole is None or monotonic() >= self._backup_due or not self.path.exists():
            return False
        return os.path.samestat(whole, self.path.stat()) and self._journal.length < max(LONG, whole.st_size)

    def _write_whole(self, tables: Tables) -> os.stat_result:
        self._back_up()
        mark = token_hex(8)
        tables[_ABOUT] = {"schema": {"version": SCHEMA, "journal": mark}}
        replace(self.path, orjson.dumps(tables))
        self._journal.begin(mark)
        return self.path.stat()

    def _back_up(self) -> None:
        """Keep what is on disk as a copy, not a link: what damages one must not reach the other."""
        if monotonic() < self._backup_due or not self.path.exists():
            return
        try:
            if tables := self._on_disk(self.path):
                replace(self.backup, orjson.dumps(tables))
        except OSError as error:
            log.warning("Could not renew %s: %s.", self.backup, error.strerror)
        self._backup_due = monotonic() + BACKUP_EVERY

    def _load(self) -> Tables:
        with in_words(self.path):
            tables = self._on_disk(self.path)
            if tables is None and (tables := self._on_disk(self.backup)) is not None:
                kept = datetime.fromtimestamp(self.backup.stat().st_mtime, UTC).isoformat(" ", "minutes")
                log.error("%s is lost: going on from its backup of %s. Later changes are gone.", self.path, kept)
        if tables is None and self._seen:
            raise StoreError(f"{self.path} is gone. Nothing was changed. Put it back, or restart Broadsheet.")
        self._seen = tables is not None
        return tables or {_ABOUT: {"schema": {"version": SCHEMA}}}

    def _on_disk(self, path: Path) -> Tables | None:
        """Read a file and what was added to it since."""
        tables = _readable(path)
        if tables is not None:
            for line in self._journal.lines(_about(tables).get("journal", "")):
                for name, rows in orjson.loads(line).items():
                    _apply(tables.setdefault(name, {}), rows)
        return tables


def _apply(table: dict[str, Any], rows: dict[str, Any]) -> None:
    for key, row in rows.items():
        if row is None:
            table.pop(key, None)
        else:
            table[key] = row


def _readable(path: Path) -> Tables | None:
    """Read one file; move it aside when it cannot be understood, so that nothing is ever written over it."""
    if not path.exists():
        return None
    tables = _parse(path.read_bytes(), path)
    if tables is None:
        aside = path.with_name(f"{path.name}.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
        path.rename(aside)
        log.error("%s cannot be read. It was kept as %s.", path, aside.name)
    return tables


def _parse(data: bytes, path: Path) -> Tables | None:
    try:
        tables = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    version = _version(tables)
    if version is not None and version > SCHEMA:
        raise StoreTooNew(
            f"{path} was written by a later Broadsheet (schema {version}, this one knows up to {SCHEMA})."
            " Upgrade Broadsheet, or choose another --data folder."
        )
    return tables if version is not None else None


def _version(tables: object) -> int | None:
    """Give the schema's number, ``None`` when these are not our tables."""
    version = _about(tables).get("version")
    return version if isinstance(version, int) else None


def _about(tables: object) -> dict[str, Any]:
    """Give what a file says about itself; nothing when these are not our tables."""
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        return {}
    about = tables.get(_ABOUT, {}).get("schema")
    return about if isinstance(about, dict) else {}
