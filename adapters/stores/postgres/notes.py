"""Small facts that a restart must not forget: JSON objects by key."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import orjson

from bot.errors import StoreError
from bot.models import JSON

from .schema import Connection

_LAST = "\U0010ffff"


def written(value: object, where: str) -> str:
    """Write JSON. Raises ``StoreError`` for what is none."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError as error:
        raise StoreError(f"This cannot be kept as JSON in {where}: {error}.") from error


def sayable(text: str) -> bool:
    """Whether PostgreSQL can hold this text; if not, nothing of that name is there."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


async def note(db: Connection, key: str, value: str, once: bool, over: str | None) -> bool:
    """Keep JSON under a key; with ``once`` only under a free one, with ``over`` only over this value."""
    if over is not None:
        done = await db.execute("UPDATE notes SET value = %s WHERE key = %s AND value = %s", (value, key, over))
        return done.rowcount == 1
    taken = "NOTHING" if once else "UPDATE SET value = excluded.value"
    done = await db.execute(f"INSERT INTO notes VALUES (%s, %s) ON CONFLICT (key) DO {taken}", (key, value))  # noqa: S608
    return done.rowcount == 1


async def holds(db: Connection, key: str, value: str) -> bool | None:
    """True when this value is under the key, else ``None``."""
    found = await (await db.execute("SELECT 1 FROM notes WHERE key = %s AND value = %s", (key, value))).fetchone()
    return True if found else None


async def forget(db: Connection, key: str, value: str | None) -> bool:
    """Remove a key, or only with this value; True when it was there."""
    gone = await db.execute("DELETE FROM notes WHERE key = %s AND value = coalesce(%s, value)", (key, value))
    return gone.rowcount == 1


async def noted(db: Connection, key: str) -> JSON | None:
    """Give it back."""
    found = await (await db.execute("SELECT value FROM notes WHERE key = %s", (key,))).fetchone()
    return orjson.loads(found[0]) if found else None


async def known(db: Connection, keys: Collection[str]) -> Mapping[str, JSON]:
    """Give those of these keys that are there."""
    asked = [key for key in keys if sayable(key)]
    found = await db.execute("SELECT key, value FROM notes WHERE key = ANY(%s)", (asked,))
    return {key: orjson.loads(value) for key, value in await found.fetchall()}


async def notes(db: Connection, prefix: str) -> Mapping[str, JSON]:
    """Give all under a prefix, by key."""
    found = await db.execute(
        "SELECT key, value FROM notes WHERE key >= %s AND key < %s ORDER BY key", (prefix, prefix + _LAST)
    )
    return {key: orjson.loads(value) for key, value in await found.fetchall()}
