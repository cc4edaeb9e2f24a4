"""Everything out of the database, and back into it, as JSON (``bot.ports.Movable``). Rows come in by COPY."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from adapters.stores import _rows as rows
from bot.models import JSON

from . import archive, channels, outbox
from .notes import written
from .schema import Connection

_HOME = ("platform", "tenant", "room")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of row is read and written: the key's columns, what is selected, and the way to JSON and back."""

    table: str
    key: tuple[str, ...]
    selected: str
    to_json: Callable[[tuple[Any, ...]], JSON]
    columns: str
    values: Callable[[JSON], Sequence[tuple[object, ...]]]
    group: str = ""


def _text(row: tuple[Any, ...]) -> JSON:
    found: JSON = orjson.loads(row[0])
    return found


def _posted(row: JSON) -> Sequence[tuple[object, ...]]:
    return [(*row["channel"], paper, date.fromisoformat(day)) for paper, day in row["papers"].items()]


KINDS: Mapping[str, Kind] = {
    "readings": Kind(
        "readings", ("id", "day"), "id, day::text, upvotes, stars, comments",
        lambda row: dict(zip(("id", "day", "upvotes", "stars", "comments"), row, strict=True)),
        "id, day, upvotes, stars, comments",
        lambda row: [(row["id"], date.fromisoformat(row["day"]), row["upvotes"], row["stars"], row["comments"])],
    ),
    "settings": Kind(
        "settings", _HOME, "settings", _text, "platform, tenant, room, settings",
        lambda row: [channels.settings_row(rows.settings_from_json(row))],
    ),
    "subscriptions": Kind(
        "subscriptions", (*_HOME, "hash"), "subscription", _text,
        "platform, tenant, room, hash, canonical, created, subscription",
        lambda row: [channels.subscription_row(rows.subscription_from_json(row))],
    ),
    "plans": Kind(
        "plans", ("id",), "plan", _text, "id, platform, tenant, room, date, kind, planned, plan",
        lambda row: [outbox.plan_row(rows.plan_from_json(row))],
    ),
    "deliveries": Kind(
        "deliveries", ("key",), outbox.COLUMNS, lambda row: rows.delivery_to_json(outbox.delivery_of(row)),
        outbox.COLUMNS, lambda row: [outbox.delivery_row(rows.delivery_from_json(row))],
    ),
    "posted": Kind(
        "posted", _HOME, "platform, tenant, room, json_object_agg(paper, date)",
        lambda row: {"channel": list(row[:3]), "papers": row[3]},
        "platform, tenant, room, paper, date", _posted, group="GROUP BY platform, tenant, room",
    ),
    "notes": Kind(
        "notes", ("key",), "key, value", lambda row: {"key": row[0], "value": orjson.loads(row[1])},
        "key, value", lambda row: [(row["key"], written(row["value"], "notes"))],
    ),
    "papers": Kind("papers", ("id",), "paper", _text, "", lambda _: []),
}  # fmt: skip


async def page(db: Connection, kind: str, after: str, limit: int) -> Sequence[tuple[str, JSON]]:
    """Give rows after this key, by key. A key is the text of its columns as a JSON list."""
    what = KINDS[kind]
    names = ", ".join(what.key)
    texts = ", ".join(f"{name}::text" for name in what.key)
    marks = ", ".join("%s::bytea" if n == "hash" else "%s::date" if n == "day" else "%s" for n in what.key)
    since = f"WHERE ({names}) > ({marks})" if after else ""
    found = await db.execute(
        f"SELECT json_build_array({texts})::text, {what.selected} FROM {what.table}"  # noqa: S608  names of ours
        f" {since} {what.group} ORDER BY {names} LIMIT %s",
        (*(orjson.loads(after) if after else ()), limit),
    )
    return [(row[0], what.to_json(row[1:])) async for row in found]


async def put(db: Connection, kind: str, some: Sequence[JSON]) -> None:
    """Insert or replace rows."""
    if kind == "papers":
        await archive.put(db, [rows.paper_from_json(row) for row in some])
        return
    what = KINDS[kind]
    key = ("platform", "tenant", "room", "paper") if kind == "posted" else what.key
    rest = [name for name in what.columns.split(", ") if name not in key]
    await db.execute(
        f"CREATE TEMP TABLE coming ON COMMIT DROP AS SELECT {what.columns} FROM {what.table} LIMIT 0"  # noqa: S608
    )
    async with db.cursor().copy(f"COPY coming ({what.columns}) FROM STDIN") as copy:
        for row in some:
            for values in what.values(row):
                await copy.write_row(values)
    await db.execute(
        f"INSERT INTO {what.table} ({what.columns}) SELECT {what.columns} FROM coming ON CONFLICT ({', '.join(key)})"  # noqa: S608
        f" DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in rest)}"
    )
