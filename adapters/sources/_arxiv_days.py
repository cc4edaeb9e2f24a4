"""arXiv's calendar (https://info.arxiv.org/help/availability.html), in New York's time.

What arrives until 14:00 on a working day is announced that evening, and stands in the next day's feed; what arrives on
Thursday after 14:00 and until Friday 14:00 is announced on Sunday evening. Holidays are not known here: they only
move papers to a later day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
_DEADLINE = time(14)
_MONDAY, _FRIDAY = 0, 4
_REBUILT = timedelta(hours=1)


def feed_day(now: datetime) -> date:
    """The day whose announcements the feed holds. It is rebuilt at midnight, which is given an hour."""
    return (now.astimezone(NEW_YORK) - _REBUILT).date()


def submitted(day: date) -> tuple[datetime, datetime] | None:
    """Between which moments, in UTC, the papers arrived that this day's feed announced; ``None`` on a weekend."""
    if day.weekday() > _FRIDAY:
        return None
    end = day - timedelta(days=3 if day.weekday() == _MONDAY else 1)
    start = end - timedelta(days=3 if end.weekday() == _MONDAY else 1)
    return _deadline(start), _deadline(end)


def _deadline(day: date) -> datetime:
    return datetime.combine(day, _DEADLINE, NEW_YORK).astimezone(UTC)
