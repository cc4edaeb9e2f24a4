"""Turns of tenants and channels, counted for all senders by the database's clock.

A row is a bucket of ``burst`` tokens that is full again at ``full_at``: it has a token as long as that is no further
away than all tokens but one take to come back.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from bot.ports import Turn

from .channels import key
from .schema import Connection

_MISSING = (
    "INSERT INTO pace SELECT *, 'epoch'::timestamptz FROM unnest(%s::text[], %s::text[], %s::text[])"
    " ON CONFLICT DO NOTHING"
)
_LOCKED = (
    "SELECT platform, tenant, room, greatest(0, extract(epoch FROM full_at - clock_timestamp()))::float8 FROM pace"
    " WHERE (platform, tenant, room) IN (SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]))"
    " ORDER BY platform, tenant, room FOR UPDATE"
)
_FILLED = (
    "UPDATE pace SET full_at = clock_timestamp() + make_interval(secs => t.away)"
    " FROM unnest(%s::text[], %s::text[], %s::text[], %s::float8[]) AS t (platform, tenant, room, away)"
    " WHERE (pace.platform, pace.tenant, pace.room) = (t.platform, t.tenant, t.room)"
)


async def take(db: Connection, asked: Sequence[Sequence[Turn]]) -> Sequence[Sequence[float]]:
    """Take the turns of each group, all of it or none; give the seconds until each could be taken, 0.0 when it was."""
    limited = sorted({key(turn.channel) for group in asked for turn in group if turn.rate < inf})
    full = await _seconds(db, limited)
    answers, taken = [], set[tuple[str, str, str]]()
    for group in asked:
        waits = [_wait(turn, full.get(key(turn.channel), 0.0)) for turn in group]
        answers.append(waits)
        if not any(waits):
            for turn in group:
                if turn.rate < inf:
                    full[key(turn.channel)] += 1 / turn.rate
                    taken.add(key(turn.channel))
    await _fill(db, {name: full[name] for name in taken})
    return answers


async def book(db: Connection, turns: Sequence[Turn]) -> Sequence[float]:
    """Take each of these turns for when it comes; give the seconds until each."""
    full = await _seconds(db, sorted({key(turn.channel) for turn in turns if turn.rate < inf}))
    waits = []
    for turn in turns:
        waits.append(_wait(turn, full.get(key(turn.channel), 0.0)))
        if turn.rate < inf:
            full[key(turn.channel)] += 1 / turn.rate
    await _fill(db, full)
    return waits


async def hold(db: Connection, turn: Turn, seconds: float) -> None:
    """Give no turn for so many seconds."""
    name = key(turn.channel)
    full = await _seconds(db, [name])
    until = seconds + (0.0 if turn.rate == inf else (turn.burst - 1) / turn.rate)
    await _fill(db, {name: max(full[name], until)})


def _wait(turn: Turn, away: float) -> float:
    return 0.0 if turn.rate == inf else max(0.0, away - (turn.burst - 1) / turn.rate)


async def _seconds(db: Connection, names: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], float]:
    """Lock these buckets, and give the seconds until each is full."""
    if not names:
        return {}
    columns = [list(column) for column in zip(*names, strict=True)]
    await db.execute(_MISSING, columns)
    found = await db.execute(_LOCKED, columns)
    return {(platform, tenant, room): away for platform, tenant, room, away in await found.fetchall()}


async def _fill(db: Connection, full: dict[tuple[str, str, str], float]) -> None:
    if full:
        await db.execute(_FILLED, [*(list(column) for column in zip(*full, strict=True)), list(full.values())])
