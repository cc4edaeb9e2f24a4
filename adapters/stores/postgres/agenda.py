"""Which channels a tick has to look at. A row of settings rests until ``wake``, and a change of it wakes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import orjson

from adapters.stores import _rows as rows
from bot.models import Channel, ChannelSettings

from .channels import columns
from .schema import Connection

_IN_ORDER = "SET LOCAL enable_sort = off"
"""Go along the index of ``wake``. With old statistics PostgreSQL sorts all who are awake to give the first 500."""
_REST = (
    "UPDATE settings SET wake = n.wake"
    " FROM unnest(%b::text[], %b::text[], %b::text[], %b::timestamptz[]) AS n (platform, tenant, room, wake)"
    " WHERE (settings.platform, settings.tenant, settings.room) = (n.platform, n.tenant, n.room) AND settings.wake = %s"
)


async def awake(
    db: Connection, platforms: Collection[str], between: tuple[datetime, datetime], limit: int, until: datetime | None
) -> Sequence[ChannelSettings]:
    """Give channels whose rest is over, those first that woke first; then those that a wrong clock sent to rest.

    Two who take at once: the second skips what the first has locked. A row that changes meanwhile is left for the next.
    """
    found: list[ChannelSettings] = []
    await db.execute(_IN_ORDER)
    for bound, moment in zip(("<=", ">"), between, strict=True):
        chosen = f"FROM settings WHERE wake {bound} %s AND platform = ANY(%s) ORDER BY wake LIMIT %s"
        values = [moment, list(platforms), limit - len(found)]
        if until is None:
            done = await db.execute(f"SELECT settings {chosen}", values)
        else:
            done = await db.execute(
                f"UPDATE settings SET wake = %s WHERE ctid = ANY(ARRAY(SELECT ctid {chosen} FOR UPDATE SKIP LOCKED))"  # noqa: S608
                " RETURNING settings",
                [until, *values],
            )
        found += [rows.settings_from_json(orjson.loads(kept)) for (kept,) in await done.fetchall()]
    return found


async def rest(db: Connection, moments: Mapping[Channel, datetime], until: datetime) -> None:
    """Let rows rest that still have this ``wake``."""
    if moments:
        await db.execute(_REST, [*columns(moments), list(moments.values()), until])
