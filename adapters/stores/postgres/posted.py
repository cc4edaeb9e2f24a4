"""What was posted: from the outbox while its rows are there, and remembered when they are gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from bot.models import Channel

from .channels import HERE, key
from .schema import Connection

REMEMBERED = timedelta(days=400)
"""How long a paper counts as posted after its digest was compacted."""


async def posted(db: Connection, channel: Channel) -> Mapping[str, date]:
    """Give the paper ids that this channel has, each with the local date of its latest digest."""
    found = await db.execute(
        f"SELECT paper, max(date) FROM (SELECT paper, date FROM posted WHERE {HERE}"  # noqa: S608
        " UNION ALL SELECT unnest(d.papers), coalesce(p.date, d.planned::date) FROM deliveries AS d"
        " LEFT JOIN plans AS p ON p.id = d.plan WHERE d.platform = %s AND d.tenant = %s AND d.room = %s"
        " AND d.state NOT IN ('dead', 'expired')) AS papers GROUP BY paper",
        key(channel) * 2,
    )
    return {paper: day async for paper, day in found}


async def compact(db: Connection, before: datetime) -> int:
    """Fold finished plans older than this into what was posted, for 400 days; give how many rows went."""
    await db.execute(
        "CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT id, date FROM plans WHERE planned < %s AND NOT EXISTS"
        " (SELECT FROM deliveries AS d WHERE d.plan = plans.id AND d.state NOT IN ('sent', 'dead', 'expired'))",
        (before,),
    )
    await db.execute(
        "INSERT INTO posted SELECT platform, tenant, room, paper, max(gone.date) FROM deliveries AS d"
        " JOIN gone ON gone.id = d.plan, unnest(d.papers) AS paper WHERE d.state = 'sent' GROUP BY 1, 2, 3, 4"
        " ON CONFLICT (platform, tenant, room, paper) DO UPDATE SET date = greatest(posted.date, excluded.date)"
    )
    done = await db.execute("DELETE FROM deliveries USING gone WHERE plan = gone.id")
    await db.execute("DELETE FROM plans USING gone WHERE plans.id = gone.id")
    await db.execute("DELETE FROM posted WHERE date < %s", ((before - REMEMBERED).date(),))
    await db.execute("DELETE FROM pace WHERE full_at < clock_timestamp()")
    return done.rowcount
