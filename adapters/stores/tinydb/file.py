"""The tables of one file, which change together and become durable together."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from bot.models import JSON

from .storage import DurableStorage
from .table import Documents, Edit, KeyedTable, Rows

log = logging.getLogger(__name__)


class File:
    """The tables of one TinyDB file. Not safe for threads: one worker owns it."""

    def __init__(self, path: Path, *tables: Rows[Any]) -> None:
        self.path = path
        self._storage = DurableStorage(path)
        self._tables = [(rows, KeyedTable(self._storage, rows.name)) for rows in tables]
        self._pending: dict[str, Documents] = {}
        self._loaded = False

    def rows(self, name: str) -> Rows[Any]:
        """Give a table's values."""
        return next(rows for rows, _ in self._tables if rows.name == name)

    def load(self) -> None:
        """Decode what is on disk, unless memory is known to equal it. Raises ``StoreError``."""
        if self._loaded:
            return
        for rows, table in self._tables:
            rows.clear()
            for row in table:
                _decode(rows, str(row.doc_id), row)
        self._loaded = True

    def change(self, *edits: Edit) -> None:
        """Change rows of several tables together. What memory then holds is what a restart would read."""
        for rows, documents, values in edits:
            if documents:
                self._pending.setdefault(rows.name, {}).update(documents)
            for key, value in values.items():
                rows.place(key, value)

    def commit(self) -> None:
        """Make every change durable.

        Raises ``StoreError``; the next ``load`` then goes back to what is on disk.
        """
        pending, self._pending, self._loaded = self._pending, {}, False
        for rows, table in self._tables:
            if rows.name in pending:
                table.apply(pending[rows.name])
        self._storage.commit(pending)
        self._loaded = True

    def close(self) -> None:
        """Leave one file on disk that has everything."""
        self._storage.close()


def _decode(rows: Rows[Any], key: str, row: JSON) -> None:
    """A row that makes no sense stays in the file for a person to look at."""
    try:
        value = rows.from_json(row)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        log.error("%s: row %r cannot be understood and is left alone: %r", rows.name, key, error)  # noqa: TRY400
    else:
        rows.place(key, value)
