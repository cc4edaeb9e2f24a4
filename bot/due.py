"""When a channel's digest is due. Pure: the caller brings the clock and what was planned.

A digest belongs to a local date. It is due once its local time has passed and that date has no plan, so a
restart catches up, a change of clocks neither skips nor doubles, and a tick too many changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from zoneinfo import ZoneInfo

from bot.errors import SettingsError
from bot.models import Cadence, ChannelSettings

FOLD_AFTER = timedelta(hours=12)
"""A digest that is later than this is not sent: its papers come with the next one."""
LATE_AFTER = timedelta(hours=1)
"""A digest that is later than this says so. An hourly cron job is never later."""
GRACE = timedelta(days=2)
"""How far a digest looks back behind the one before it: votes still move, and papers arrive late."""
REACH = timedelta(days=14)
"""How far a digest looks back after an outage."""
SATURDAY = 5
DAY = timedelta(days=1)


_Rhythm = tuple[Cadence, int, time, str]


@dataclass(frozen=True, slots=True)
class Due:
    """A digest to plan now: the local date that it belongs to, and whether it is late."""

    date: date
    late: bool = False


def zone(name: str) -> ZoneInfo:
    """Find a time zone by its IANA name. Raises ``SettingsError`` when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SettingsError(f"{name[:64]!r} is not a time zone. Write it like Europe/Berlin or UTC.") from error


def slot(settings: ChannelSettings, day: date) -> datetime | None:
    """Give the moment, in UTC, at which the digest of this local date is due.

    ``None`` when the cadence leaves the date out, or the zone does (Samoa had no 30 December 2011). A local
    time that a change of clocks skips is read with the offset from before it, one that comes twice is its
    first (PEP 495, fold 0).
    """
    return _slot(_rhythm(settings), day)


def _slot(rhythm: _Rhythm, day: date) -> datetime | None:
    cadence, weekday, at, name = rhythm
    return _moment(day, at, zone(name)) if _wanted(cadence, weekday, day) else None


def due(settings: ChannelSettings, now: datetime, planned: frozenset[tuple[date, str]]) -> Due | None:
    """Decide whether a digest is to be planned now; see ``Moment.due``."""
    return Moment(now).due(settings, planned)


class Moment:
    """One moment at which many channels are looked at: for those with one rhythm, most of it is worked out once."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._latest: dict[_Rhythm, tuple[date, datetime] | None] = {}
        self._next: dict[_Rhythm, datetime] = {}

    def due(self, settings: ChannelSettings, planned: frozenset[tuple[date, str]]) -> Due | None:
        """Decide whether a digest is to be planned.

        ``planned`` holds the (local date, kind) that have a plan. Only the latest date whose moment has come is
        looked at: what is older is folded into it. A new channel waits for its first moment after it was made; a clock
        that stands before that (a trial of another day) is not held to it.
        """
        if settings.paused:
            return None
        rhythm = _rhythm(settings)
        if rhythm not in self._latest:
            self._latest[rhythm] = _latest(settings, self._now)
        found = self._latest[rhythm]
        if found is None:
            return None
        day, moment = found
        age = self._now - moment
        early = moment <= settings.created <= self._now
        gone = early or age > FOLD_AFTER or (day, "digest") in planned
        return None if gone else Due(day, age > LATE_AFTER)

    def next(self, settings: ChannelSettings) -> datetime:
        """Give the first moment after this one at which a digest will be due, paused or not."""
        rhythm = _rhythm(settings)
        if rhythm not in self._next:
            self._next[rhythm] = next_slot(settings, self._now)
        return self._next[rhythm]


def _rhythm(settings: ChannelSettings) -> _Rhythm:
    return settings.cadence, settings.day, settings.time, settings.timezone


def _latest(settings: ChannelSettings, now: datetime) -> tuple[date, datetime] | None:
    """Give the latest local date whose moment has come, and that moment."""
    for day in _recent(local_date(settings, now)):
        moment = slot(settings, day)
        if moment is not None and moment <= now:
            return day, moment
    return None


def local_date(settings: ChannelSettings, now: datetime) -> date:
    """Give the channel's own date at this moment."""
    return now.astimezone(zone(settings.timezone)).date()


def next_slot(settings: ChannelSettings, now: datetime) -> datetime:
    """Give the first moment after ``now`` at which a digest will be due, paused or not."""
    today = local_date(settings, now)
    moments = (slot(settings, today + DAY * ahead) for ahead in count(-1))
    return next(moment for moment in moments if moment is not None and moment > now)


def window(settings: ChannelSettings, day: date, last: date | None = None) -> tuple[date, date]:
    """Give the first and the last listed day (UTC) that the digest of this local date looks at.

    From the day of the digest before it, less two days of grace, to its own. ``last`` is the local date of the last
    digest that was planned: after an outage the window reaches back to it, two weeks at the most. It answers for
    dates without a digest too, because a person may ask for one at any time.
    """
    return _window(_rhythm(settings), day, last)


@lru_cache(maxsize=10_000)
def _window(rhythm: _Rhythm, day: date, last: date | None) -> tuple[date, date]:
    _, _, at, name = rhythm
    before = (_slot(rhythm, day - DAY * back) for back in count(1))
    previous = next(moment for moment in before if moment is not None).date()
    missed = max(last, day - REACH) if last else previous
    return min(previous, missed) - GRACE, datetime.combine(day, at, zone(name)).astimezone(UTC).date()


def _wanted(cadence: Cadence, weekday: int, day: date) -> bool:
    match cadence:
        case Cadence.DAILY:
            return True
        case Cadence.WEEKDAYS:
            return day.weekday() < SATURDAY
        case Cadence.WEEKLY:
            return day.weekday() == weekday


def _moment(day: date, at: time, tz: ZoneInfo) -> datetime | None:
    moment = datetime.combine(day, at, tz).astimezone(UTC)
    return moment if moment.astimezone(tz).date() == day or _exists(day, tz) else None


def _exists(day: date, tz: ZoneInfo) -> bool:
    """A midnight that was skipped lands on another date only when the whole day was skipped."""
    midnight = datetime.combine(day, time(), tz)
    return midnight.astimezone(UTC).astimezone(tz).date() == day


def _recent(today: date) -> Iterator[date]:
    """Dates whose moment can lie in the last twelve hours, latest first.

    Tomorrow's can when clocks go back over midnight, that of the day before yesterday when a date is skipped.
    """
    return (today + DAY * ahead for ahead in (1, 0, -1, -2))
