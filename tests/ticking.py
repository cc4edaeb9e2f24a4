"""A channel, a clock and a run of ticks, for the tests of what is due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from bot.due import Due, due
from bot.models import Cadence, Channel, ChannelSettings

ZONES = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Los_Angeles",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Helsinki",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "UTC",
]
HALF_HOURS = [time(hour, minute) for hour in range(24) for minute in (0, 30)]
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
NOTHING: frozenset[tuple[date, str]] = frozenset()


def channel(
    timezone: str,
    at: time = time(9),
    *,
    cadence: Cadence = Cadence.DAILY,
    day: int = 0,
    created: datetime = datetime(1990, 1, 1, tzinfo=UTC),
    paused: str = "",
) -> ChannelSettings:
    return ChannelSettings(
        channel=Channel("console", "", "test"),
        created=created,
        cadence=cadence,
        day=day,
        time=at,
        timezone=timezone,
        paused=paused,
    )


def days(first: date, last: date) -> list[date]:
    return [first + DAY * n for n in range((last - first).days + 1)]


def clock(first: datetime, last: datetime, step: timedelta) -> Iterator[datetime]:
    while first <= last:
        yield first
        first += step


def run(asked: ChannelSettings, ticks: Iterable[datetime]) -> list[Due]:
    """Tick like a process that keeps nothing but its last plans: every tick is a restart."""
    planned, sent = NOTHING, list[Due]()
    for now in ticks:
        if found := due(asked, now, planned):
            sent.append(found)
            planned = frozenset((digest.date, "digest") for digest in sent[-12:])
    return sent
