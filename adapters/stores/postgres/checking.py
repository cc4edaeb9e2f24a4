"""What ``broadsheet doctor`` looks at in a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.ports import Finding

from .schema import Connection

OLDEST = 15
"""The first version that is tested."""
SKEW = 30.0
"""Seconds by which its clock may differ from ours: leases are in the processes' time."""
FULL = 0.8
"""The part of its connections from which on it is time to do something."""
_LOOK = """SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000,
    current_setting('synchronous_commit'), clock_timestamp(), current_setting('max_connections')::int,
    (SELECT sum(numbackends)::int FROM pg_stat_database)"""
"""Of others' connections ``pg_stat_activity`` tells an ordinary user too little to count them."""


async def check(db: Connection, now: datetime) -> Sequence[Finding]:
    """Look at its version, its clock, its connections, and whether it keeps what it acknowledges."""
    row = await (await db.execute(_LOOK)).fetchone()
    return findings(*row, now=now) if row else ()


def findings(
    version: str, major: int, commit: str, clock: datetime, most: int, taken: int, *, now: datetime
) -> Sequence[Finding]:
    """Judge what was seen."""
    skew = abs((clock - now).total_seconds())
    return (
        Finding(
            major >= OLDEST, f"PostgreSQL {version}.", f"Broadsheet is tested with {OLDEST} and later: upgrade it."
        ),
        Finding(
            skew <= SKEW, f"The database's clock differs from ours by {skew:.0f} seconds.", "Keep NTP running on both."
        ),
        Finding(
            taken <= FULL * most,
            f"{taken} of the database's {most} connections are taken.",
            "Raise max_connections, lower pool in the setting store, or put PgBouncer between (session mode).",
        ),
        Finding(
            commit != "off",
            f"synchronous_commit is {commit}.",
            "Switch it on: a crash would forget what was sent, and it would be sent again.",
        ),
    )
