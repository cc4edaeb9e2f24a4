"""Everything out of the folder, and back into it, as JSON (``bot.ports.Movable``)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from adapters.stores._rows import channel_key, paper_from_json, subscription_key
from bot.errors import StoreError
from bot.models import JSON

from . import archive
from .file import File
from .subscriptions import REFUSE_AT

KEYS: Mapping[str, Callable[[Any], str]] = {
    "settings": lambda one: channel_key(one.channel),
    "subscriptions": lambda one: subscription_key(one.channel, one.canonical),
    "plans": lambda one: str(one.id),
    "deliveries": lambda one: str(one.key),
    "posted": lambda one: channel_key(one.channel),
}
"""Kind -> how a value of it is named in its table."""
MOST = {"subscriptions": REFUSE_AT}
"""Rows of a kind that the folder takes."""
_READINGS = ("id", "day", "upvotes", "stars", "comments")
_GAP = "\n"
"""Stands between a paper's id and the day in the key of a reading."""


def page(file: File, kind: str, after: str, limit: int) -> Sequence[tuple[str, JSON]]:
    """Give rows of a table after this key, by key."""
    rows = file.rows(kind)
    keys = sorted(key for key in rows.values if key > after)[:limit]
    if kind == "notes":
        return [(key, {"key": key, "value": rows.values[key]}) for key in keys]
    return [(key, rows.to_json(rows.values[key])) for key in keys]


def put(file: File, kind: str, some: Sequence[JSON]) -> None:
    """Insert or replace rows. Raises ``StoreError`` when there would be more than this store can serve."""
    rows = file.rows(kind)
    if kind == "notes":
        values = {row["key"]: row["value"] for row in some}
    else:
        values = {KEYS[kind](value): value for value in map(rows.from_json, some)}
    if (count := len(rows.values.keys() | values.keys())) > MOST.get(kind, count):
        raise StoreError(f"More than {MOST[kind]:,} {kind} are too many for this store. Nothing of this page was kept.")
    file.change(rows.edit(values))


def papers(db: sqlite3.Connection, after: str, limit: int) -> Sequence[tuple[str, JSON]]:
    """Give papers, by id."""
    found = db.execute(
        "SELECT id, paper FROM papers JOIN bodies USING (n) WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
    )
    return [(id_, orjson.loads(paper)) for id_, paper in found]


def readings(db: sqlite3.Connection, after: str, limit: int) -> Sequence[tuple[str, JSON]]:
    """Give readings, by paper and day."""
    id_, _, day = after.partition(_GAP)
    found = db.execute(
        f"SELECT {', '.join(_READINGS)} FROM readings WHERE (id, day) > (?, ?) ORDER BY id, day LIMIT ?",  # noqa: S608
        (id_, day, limit),
    )
    return [(f"{row[0]}{_GAP}{row[1]}", dict(zip(_READINGS, row, strict=True))) for row in found]


def put_papers(db: sqlite3.Connection, some: Sequence[JSON]) -> None:
    """Insert papers or merge them."""
    archive.add(db, map(paper_from_json, some), None)


def put_readings(db: sqlite3.Connection, some: Sequence[JSON]) -> None:
    """Insert or replace readings."""
    db.executemany(
        "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?)", [[row[name] for name in _READINGS] for row in some]
    )
