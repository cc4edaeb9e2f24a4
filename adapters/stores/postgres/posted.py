"""What was posted: from the outbox while its rows are there, and remembered when they are gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import LiteralString

from bot.models import Channel

from .channels import columns
from .schema import Connection

REMEMBERED = timedelta(days=400)
"""How long a paper counts as posted after its digest was compacted."""


_POSTED: LiteralString = (
    "SELECT h.platform, h.tenant, h.room, p.paper, max(p.date)"
    " FROM unnest(%b::text[], %b::text[], %b::text[]) AS h (platform, tenant, room),"
    " LATERAL (SELECT paper, date FROM posted AS o"
    " WHERE (o.platform, o.tenant, o.room) = (h.platform, h.tenant, h.room)"
    " UNION ALL SELECT unnest(d.papers), coalesce(p.date, d.planned::date) FROM deliveries AS d"
    " LEFT JOIN plans AS p ON p.id = d.plan"
    " WHERE (d.platform, d.tenant, d.room) = (h.platform, h.tenant, h.room)"
    " AND d.state NOT IN ('dead', 'expired')) AS p GROUP BY 1, 2, 3, 4"
)


async def posted(db: Connection, some: Collection[Channel]) -> Mapping[Channel, Mapping[str, date]]:
    """Give for each of these channels the paper ids that it has, each with the local date of its latest digest."""
    papers: dict[Channel, dict[str, date]] = {channel: {} for channel in some}
    found = await db.execute(_POSTED, columns(papers))
    for platform, tenant, room, paper, day in await found.fetchall():
        papers[Channel(platform, tenant, room)][paper] = day
    return papers


async def compact(db: Connection, before: datetime) -> int:
    """Fold finished plans older than this into what was posted, for 400 days; give how many rows went."""
    await db.execute(
        "CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT platform, tenant, room, id, date FROM plans"
        " WHERE planned < %s AND NOT EXISTS (SELECT FROM deliveries AS d"
        " WHERE (d.platform, d.tenant, d.room, d.plan) = (plans.platform, plans.tenant, plans.room, plans.id)"
        " AND d.state NOT IN ('sent', 'dead', 'expired'))",
        (before,),
    )
    await db.execute(
        "INSERT INTO posted SELECT d.platform, d.tenant, d.room, paper, max(gone.date) FROM deliveries AS d JOIN gone"
        " ON (gone.platform, gone.tenant, gone.room, gone.id) = (d.platform, d.tenant, d.room, d.plan),"
        " unnest(d.papers) AS paper WHERE d.state = 'sent' GROUP BY 1, 2, 3, 4"
        " ON CONFLICT (platform, tenant, room, paper) DO UPDATE SET date = greatest(posted.date, excluded.date)"
    )
    done = await db.execute(
        "DELETE FROM deliveries AS d USING gone"
        " WHERE (d.platform, d.tenant, d.room, d.plan) = (gone.platform, gone.tenant, gone.room, gone.id)"
    )
    await db.execute("DELETE FROM plans USING gone WHERE plans.id = gone.id")
    await db.execute("DELETE FROM posted WHERE date < %s", ((before - REMEMBERED).date(),))
    await db.execute("DELETE FROM pace WHERE full_at < clock_timestamp()")
    return done.rowcount
