"""A TinyDB storage that a crash, a full disk or a foreign hand cannot turn into nothing.

TinyDB's own ``JSONStorage`` rewrites its file in place: killed half way, or on a full disk, it leaves a file
that nobody can read. Here the decoded data stays in memory, ``commit`` writes a new file beside the old one
and renames it, and a copy of an earlier good state lies next to it.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import orjson
from tinydb.storages import Storage

from bot.errors import StoreError, StoreTooNew

from .disk import in_words, replace

log = logging.getLogger(__name__)

SCHEMA = 1
"""Raise it when an older Broadsheet would misread the rows."""
BACKUP_EVERY = 3600.0
"""Seconds. The first commit of a process makes a backup too."""
_ABOUT = "broadsheet"
"""The table that holds the schema's number."""

Tables = dict[str, dict[str, Any]]
"""Table -> row id -> row, as TinyDB keeps it."""


class DurableStorage(Storage):
    """One JSON file. ``read`` and ``write`` touch memory, ``commit`` the disk.

    A commit that fails drops what is in memory: the next ``read`` gives what is on disk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.backup = path.with_name(f"{path.name}.bak")
        self._tables: Tables | None = None
        self._changed = False
        self._backup_due = 0.0
        self._seen = False

    def read(self) -> Tables:
        """Give the tables. Raises ``StoreTooNew``, or ``StoreError`` when the disk refuses."""
        if self._tables is None:
            self._tables = self._load()
        return self._tables

    def write(self, data: Tables) -> None:
        """Take the tables, to be committed."""
        self._tables = data
        self._changed = True

    def commit(self) -> None:
        """Put what was written on disk. Raises ``StoreError``; the file is then as before."""
        if not self._changed:
            return
        tables, self._tables, self._changed = self._tables, None, False
        with in_words(self.path):
            self._back_up()
            replace(self.path, orjson.dumps(tables))
        self._tables, self._seen = tables, True

    def _back_up(self) -> None:
        """Keep the present file as a copy, not a link: what damages one must not reach the other."""
        if monotonic() < self._backup_due or not self.path.exists():
            return
        try:
            replace(self.backup, self.path.read_bytes())
        except OSError as error:
            log.warning("Could not renew %s: %s.", self.backup, error.strerror)
        self._backup_due = monotonic() + BACKUP_EVERY

    def _load(self) -> Tables:
        with in_words(self.path):
            tables = _readable(self.path)
            if tables is None and (tables := _readable(self.backup)) is not None:
                kept = datetime.fromtimestamp(self.backup.stat().st_mtime, UTC).isoformat(" ", "minutes")
                log.error("%s is lost: going on from its backup of %s. Later changes are gone.", self.path, kept)
        if tables is None and self._seen:
            raise StoreError(f"{self.path} is gone. Nothing was changed. Put it back, or restart Broadsheet.")
        self._seen = tables is not None
        return tables or {_ABOUT: {"schema": {"version": SCHEMA}}}


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
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        return None
    about = tables.get(_ABOUT, {}).get("schema")
    version = about.get("version") if isinstance(about, dict) else None
    return version if isinstance(version, int) else None
