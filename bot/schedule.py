"""The ticker: the only file that knows APScheduler, and all that it may decide is when to look.

What is due is ``bot.due``'s to say, so a lost or a doubled tick changes nothing. The scheduler's job only
rings a bell; the ticks are awaited here, because a scheduler that shuts down cancels what it started.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]

from bot.errors import BroadsheetError

log = logging.getLogger(__name__)

MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC)
"""Ticks are counted from here, so they fall on whole minutes."""


async def ticker(tick: Callable[[], Awaitable[None]], *, every: float = 60, stop: asyncio.Event) -> None:
    """Call ``tick`` every so many seconds, one at a time, until ``stop`` is set; let the last one finish.

    A tick that raises is logged, and the next one runs. Ticks missed while one was running, or while the
    machine slept, become one.
    """
    bell = asyncio.Event()
    trigger = IntervalTrigger(seconds=every, start_date=MIDNIGHT)
    scheduler = AsyncIOScheduler(timezone=UTC)
    job = scheduler.add_job(_ring, trigger, [bell], misfire_grace_time=None, coalesce=True, max_instances=1)
    scheduler.start()
    try:
        while await _heard(bell, stop, patience=2 * every):
            if job.next_run_time > datetime.now(UTC) + timedelta(seconds=every):
                log.warning("The clock was put back; ticks are counted anew from here.")
                job.reschedule(trigger)
            bell.clear()
            await safely(tick)
    finally:
        scheduler.shutdown(wait=False)


async def _ring(bell: asyncio.Event) -> None:
    bell.set()


async def _heard(bell: asyncio.Event, stop: asyncio.Event, patience: float) -> bool:
    """Wait for the bell, at the most ``patience`` seconds by the steady clock; false means stop."""
    waits = [asyncio.ensure_future(event.wait()) for event in (bell, stop)]
    try:
        await asyncio.wait(waits, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return not stop.is_set()


async def safely(tick: Callable[[], Awaitable[object]]) -> bool:
    """Call ``tick``; log what it raises, an error of ours as its sentence. True when that was nothing."""
    try:
        await tick()
    except BroadsheetError as error:
        log.error("%s It is tried again.", error, exc_info=log.isEnabledFor(logging.DEBUG))  # noqa: TRY400
        return False
    except Exception:  # the outermost loop of the process: a bug in one tick must not end all of them
        log.exception("A tick failed. The next one runs as usual.")
        return False
    return True
