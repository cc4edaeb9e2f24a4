"""A connection that counts each thing once, until something is changed."""

from __future__ import annotations

import sqlite3

_MOST = 20_000
"""Numbers that are remembered: 3 MB."""


class Connection(sqlite3.Connection):
    """SQLite's own, and ``number``. Nobody else may write to the file: changes of others go unnoticed."""

    _numbers: dict[tuple[str, ...], int]
    _changes = -1

    def number(self, sql: str, *values: str) -> int:
        """Give the number that a statement finds, 0 for none.

        Not for a transaction that has changed something and may not end well. How often a frequent word stands takes
        FTS5 as long to tell as a whole search for a rare one.
        """
        if self._changes != self.total_changes or len(self._numbers) >= _MOST:
            self._numbers, self._changes = {}, self.total_changes
        key = sql, *values
        if key not in self._numbers:
            row = self.execute(sql, values).fetchone()
            self._numbers[key] = (row and row[0]) or 0
        return self._numbers[key]
