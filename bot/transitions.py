"""The arrows between a delivery's states, as pure functions: row and event in, next row out.

    pending -> sending -> sent
               sending -> retry_wait -> sending          nothing was sent
               sending -> unknown -> sent | pending      it may have been sent: settle, then read back
               sending -> dead | expired                 it never will be; the papers of both return to the pool
    pending, retry_wait -> expired                       older than 24 h: folded into the next digest

A row under a lease, and an unknown row while it is being settled, has a ``lease_until``; the rest have none.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import datetime, timedelta

from bot.errors import DeliveryError, Verdict
from bot.models import Delivery, Message, State
from bot.ports import Pacing

SCHEDULE = (1, 5, 15, 60, 180)
"""Minutes before the second, third ... attempt; the last one repeats."""
KEEP = timedelta(hours=24)
"""A message that could not go out for so long is folded into the next digest."""
UNASKED = timedelta(seconds=60)
"""How long to wait when a platform says "wait" and not how long."""
LONGEST = timedelta(minutes=15)
"""The longest wait that a platform can make us hold a row for at a time."""
SHORTEST = timedelta(seconds=1)
"""A platform that asks for less would be asked without end: a wait costs no attempt."""


def sent(row: Delivery, remote_id: str) -> Delivery:
    """The platform confirmed it. Its payload is not needed any more; which papers it showed is."""
    return _free(row, State.SENT, remote_id=remote_id, error="", message=replace(row.message, payload={}))


def failed(row: Delivery, error: DeliveryError, now: datetime, pacing: Pacing) -> Delivery:
    """The platform, or the way to it, said no. ``Degrade`` and its message are the caller's: see ``simpler``."""
    match error.verdict:
        case Verdict.WAIT:
            later = now + asked(error.seconds)
            return _free(row, State.RETRY_WAIT, next_at=later, attempts=max(0, row.attempts - 1), error=str(error))
        case Verdict.RETRY:
            return _free(row, State.RETRY_WAIT, next_at=now + pause(row), error=str(error))
        case Verdict.UNKNOWN:
            return unconfirmed(row, now, pacing, str(error))
        case Verdict.PAUSE | Verdict.TENANT:
            return _free(row, State.EXPIRED, error=str(error))
        case _:
            return _free(row, State.DEAD, error=str(error))


def simpler(row: Delivery, message: Message, now: datetime, error: str) -> Delivery:
    """The same, said more simply, at once."""
    return _free(row, State.PENDING, message=message, step=row.step + 1, next_at=now, error=error)


def unconfirmed(row: Delivery, now: datetime, pacing: Pacing, error: str) -> Delivery:
    """It may have been sent. Nobody touches the channel until the platform cannot commit it any more."""
    until = now + timedelta(seconds=pacing.settle)
    counted = replace(row, unclear=row.unclear + 1, next_at=until, lease_until=until)
    return replace(counted, state=State.UNKNOWN, lease_owner="", error=error)


def absent(row: Delivery, now: datetime) -> Delivery:
    """Read back, and surely not there: it may go again."""
    return _free(row, State.PENDING, next_at=now)


def unreadable(row: Delivery, now: datetime, error: str) -> Delivery:
    """It cannot be told at present whether it is there: ask again later, for a day, then leave it to a person."""
    began = row.first_try or row.planned
    if now - began > KEEP:
        return abandoned(row, error)
    later = now + timedelta(minutes=min(60.0, max(1.0, (now - began) / timedelta(minutes=1))))
    return replace(row, next_at=later, lease_until=later, error=error)


def abandoned(row: Delivery, error: str) -> Delivery:
    """Nobody can tell. It stays ``unknown``, counts as posted, and its owner may send it again."""
    return replace(row, lease_until=None, lease_owner="", error=error)


def again(row: Delivery, now: datetime) -> Delivery:
    """A person decided to send it again."""
    return _free(row, State.PENDING, next_at=now, error="")


def expired(row: Delivery, reason: str) -> Delivery:
    """It will not go out; its papers return to the pool."""
    return _free(row, State.EXPIRED, error=reason)


def asked(seconds: float | None) -> timedelta:
    """The wait that a platform asked for, within reason; whatever is no number of seconds is the shortest."""
    if seconds is None:
        return UNASKED
    return timedelta(seconds=min(max(SHORTEST.total_seconds(), seconds), LONGEST.total_seconds()))


def pause(row: Delivery) -> timedelta:
    """The wait before the next attempt, +-20 % by a hash of the row: spread out, and the same after a restart."""
    minutes = SCHEDULE[min(max(row.attempts, 1), len(SCHEDULE)) - 1]
    jitter = 0.8 + 0.4 * zlib.crc32(f"{row.key}{row.attempts}".encode()) / 0xFFFFFFFF
    return timedelta(minutes=minutes * jitter)


def _free(row: Delivery, state: State, **changes: object) -> Delivery:
    return replace(row, state=state, lease_owner="", lease_until=None, **changes)  # type: ignore[arg-type]
