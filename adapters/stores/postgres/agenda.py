"""Which channels a tick has to look at. A row of settings rests until ``wake``, and a change of it wakes it.

A mark is where a row stands in the order of ``settings_wake``, and its version (``xmin``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import orjson

from adapters.stores import _rows as rows
from bot.ports import Awake

from .schema import Connection

_AFTER = " AND (wake, platform, tenant, room) > (%s::timestamptz, %s, %s, %s)"
_SLEEP = (
    "UPDATE settings SET wake = n.wake"
    " FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::timestamptz[])"
    " AS n (platform, tenant, room, version, wake)"
    " WHERE (settings.platform, settings.tenant, settings.room) = (n.platform, n.tenant, n.room)"
    " AND settings.xmin::text = n.version"
)


async def awake(
    db: Connection, platforms: Collection[str], between: tuple[datetime, datetime], after: str, limit: int
) -> Sequence[Awake]:
    """Give channels whose rest is over, those first that woke first; then those that a wrong clock sent to rest."""
    begun = orjson.loads(after) if after else None
    found: list[Awake] = []
    for number, (bound, moment) in enumerate(zip(("<=", ">"), between, strict=True)):
        if begun is not None and begun[0] > number:
            continue
        place = begun[1:5] if begun is not None and begun[0] == number else ()
        chosen = await db.execute(
            "SELECT json_build_array(%s::int, wake, platform, tenant, room, xmin::text)::text, settings FROM settings"  # noqa: S608
            f" WHERE wake {bound} %s AND platform = ANY(%s){_AFTER if place else ''}"
            " ORDER BY wake, platform, tenant, room LIMIT %s",
            (number, moment, list(platforms), *place, limit - len(found)),
        )
        found += [Awake(rows.settings_from_json(orjson.loads(kept)), mark) async for mark, kept in chosen]
    return found


async def rest(db: Connection, until: Mapping[str, datetime]) -> None:
    """Let rows rest that are as they were."""
    named = [(*orjson.loads(mark)[2:], moment) for mark, moment in until.items()]
    if named:
        await db.execute(_SLEEP, [list(column) for column in zip(*named, strict=True)])
