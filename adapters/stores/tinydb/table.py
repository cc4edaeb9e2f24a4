"""TinyDB tables as values: decoded once, indexed, written back in one operation each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import orjson
from tinydb.table import Table

from bot.errors import StoreError
from bot.models import JSON, Channel

V = TypeVar("V")
Documents = dict[str, orjson.Fragment | None]
"""Row id -> its new JSON, encoded already, ``None`` to remove it."""


class KeyedTable(Table):
    """A TinyDB table with text for ids that takes many changes in one pass.

    TinyDB's own operations copy the whole table twice each, and none of them inserts, replaces and removes at once.
    """

    document_id_class = str  # type: ignore[assignment]  # TinyDB documents other types but does not type them

    def apply(self, changes: Documents) -> None:
        """Set these rows; ``None`` removes one."""
        tables: dict[str, dict[str, Any]] = self._storage.read() or {}
        rows = tables.setdefault(self.name, {})
        for key, row in changes.items():
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row
        self._storage.write(tables)
        self.clear_cache()


class Edit(NamedTuple):
    """A change of one table, ready to be made: documents for the file, values for memory."""

    rows: Rows[Any]
    documents: Documents
    values: Mapping[str, Any]


class Rows(Generic[V]):
    """One table's values by key. Only ``File.change`` changes them."""

    def __init__(self, name: str, to_json: Callable[[V], JSON], from_json: Callable[[JSON], V]) -> None:
        self.name = name
        self.values: dict[str, V] = {}
        self.to_json = to_json
        self.from_json = from_json

    def edit(self, values: Mapping[str, V | None]) -> Edit:
        """Prepare a change, ``None`` removes a row. Raises ``StoreError`` when a value cannot be written.

        Going through bytes and back proves that it can, and cuts the row loose from what the caller holds. The bytes
        stay: a write joins them and encodes nothing twice.
        """
        try:
            data = {key: None if value is None else _encoded(self.to_json(value)) for key, value in values.items()}
        except orjson.JSONEncodeError as error:
            raise StoreError(f"This cannot be kept as JSON in {self.name}: {error}.") from error
        documents = {key: None if row is None else orjson.Fragment(row) for key, row in data.items()}
        read = {key: None if row is None else self.from_json(orjson.loads(row)) for key, row in data.items()}
        return Edit(self, documents, read)

    def place(self, key: str, value: V | None) -> None:
        """Set or remove one value. A table that keeps an index extends this and ``clear``."""
        if value is None:
            self.values.pop(key, None)
        else:
            self.values[key] = value

    def clear(self) -> None:
        """Forget all values."""
        self.values.clear()


def _encoded(row: JSON) -> bytes:
    """Give the row's bytes, copied: orjson's own keep the buffer they grew in, seven times as large."""
    return memoryview(orjson.dumps(row)).tobytes()


class HasChannel(Protocol):
    """A value that belongs to a channel."""

    @property
    def channel(self) -> Channel:
        """Whose it is."""
        ...


C = TypeVar("C", bound=HasChannel)


class ChannelRows(Rows[C]):
    """A table's values, by key and by channel."""

    def __init__(self, name: str, to_json: Callable[[C], JSON], from_json: Callable[[JSON], C]) -> None:
        super().__init__(name, to_json, from_json)
        self.of: defaultdict[Channel, dict[str, C]] = defaultdict(dict)

    def place(self, key: str, value: C | None) -> None:
        """Keep the index in step."""
        index(self.of, key, self.values.get(key), value)
        super().place(key, value)

    def clear(self) -> None:
        """Forget the index too."""
        super().clear()
        self.of.clear()


def index(of: defaultdict[Channel, dict[str, C]], key: str, old: C | None, new: C | None) -> None:
    """Move a value in an index by channel; a channel without values leaves it."""
    if old and old.channel in of:
        of[old.channel].pop(key, None)
        if not of[old.channel]:
            del of[old.channel]
    if new:
        of[new.channel][key] = new
