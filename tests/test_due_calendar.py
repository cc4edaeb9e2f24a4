from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.due import due, next_slot, slot, window
from bot.models import Cadence
from tests.ticking import DAY, FIRST, HALF_HOURS, LAST, MINUTE, NOTHING, ZONES, channel, clock, days, run

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def offsets(tz: ZoneInfo, day: date) -> set[timedelta]:
    """Every offset from UTC that the zone has on this date, the day before and the day after."""
    noon = datetime.combine(day, time(12), UTC)
    return {(noon + timedelta(hours=h)).astimezone(tz).utcoffset() or timedelta() for h in range(-28, 29, 4)}


def ticks_of_a_year(at: time, year: dict[date, set[timedelta]]) -> Iterator[datetime]:
    """One tick when a steady day's local time has just come, one every half hour on days around a change."""
    for day, known in year.items():
        midnight = datetime.combine(day, time(), UTC) - max(known)
        if len(known) == 1:
            yield midnight + timedelta(hours=at.hour, minutes=at.minute)
        else:
            yield from clock(midnight, midnight + timedelta(hours=25), timedelta(minutes=30))


@pytest.mark.parametrize("name", ZONES)
def test_a_year_has_exactly_one_digest_for_each_date_at_every_half_hour(name: str) -> None:
    year = {day: offsets(ZoneInfo(name), day) for day in days(FIRST, LAST)}
    for at in HALF_HOURS:
        sent = run(channel(name, at), ticks_of_a_year(at, year))
        assert [digest.date for digest in sent] == days(FIRST, LAST), at
        assert not any(digest.late for digest in sent), at


@pytest.mark.parametrize("name", ZONES)
def test_no_digest_leaves_before_its_local_time(name: str) -> None:
    tz = ZoneInfo(name)
    for at in HALF_HOURS[::7]:
        asked = channel(name, at)
        for day in days(FIRST, LAST)[::5]:
            moment = slot(asked, day)
            assert moment is not None
            assert moment.astimezone(tz).replace(tzinfo=None) >= datetime.combine(day, at)
            early = due(asked, moment - MINUTE, NOTHING)
            assert early is None or early.date < day


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("Pacific/Apia", date(2011, 12, 30)),
        ("Pacific/Kiritimati", date(1994, 12, 31)),
        ("Pacific/Kwajalein", date(1993, 8, 21)),
    ],
)
def test_a_date_that_a_zone_never_had_gets_no_digest_and_its_neighbours_one_each(name: str, missing: date) -> None:
    tz = ZoneInfo(name)
    start = datetime.combine(missing - 2 * DAY, time(), tz).astimezone(UTC)
    end = datetime.combine(missing + 3 * DAY, time(), tz).astimezone(UTC)
    for at in HALF_HOURS:
        asked = channel(name, at, created=start - MINUTE)
        assert slot(asked, missing) is None
        dates = [digest.date for digest in run(asked, clock(start, end - MINUTE, 15 * MINUTE))]
        assert dates == [missing - 2 * DAY, missing - DAY, missing + DAY, missing + 2 * DAY], at


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(ZONES),
    at=st.sampled_from(HALF_HOURS),
    steps=st.lists(st.sampled_from([-24, -1, 1, 24]), max_size=8),
    start=st.integers(0, 350 * 24).map(lambda hours: NEW_YEAR + timedelta(hours=hours)),
)
def test_a_stepping_clock_never_sends_twice_for_a_date(name: str, at: time, steps: list[int], start: datetime) -> None:
    ticks: list[datetime] = []
    for hours in [0, *steps]:
        start += timedelta(hours=hours)
        ticks += clock(start, start + timedelta(hours=7), timedelta(minutes=20))
        start = ticks[-1]
    dates = [digest.date for digest in run(channel(name, at), ticks)]
    assert len(dates) == len(set(dates))


@pytest.mark.parametrize(
    ("cadence", "weekdays"),
    [(Cadence.DAILY, range(7)), (Cadence.WEEKDAYS, range(5)), (Cadence.WEEKLY, [3])],
)
def test_a_cadence_picks_its_weekdays_in_the_local_calendar(cadence: Cadence, weekdays: Iterable[int]) -> None:
    asked = channel("Pacific/Kiritimati", time(8), cadence=cadence, day=3)
    ticks = clock(datetime(2026, 2, 28, 17, tzinfo=UTC), datetime(2026, 4, 30, tzinfo=UTC), timedelta(hours=1))
    wanted = [day for day in days(date(2026, 3, 1), date(2026, 4, 30)) if day.weekday() in weekdays]
    assert [digest.date for digest in run(asked, ticks)] == wanted


@settings(max_examples=100, deadline=None)
@given(
    name=st.sampled_from(ZONES),
    at=st.sampled_from(HALF_HOURS),
    cadence=st.sampled_from(Cadence),
    day=st.integers(0, 6),
    now=st.integers(0, 366 * 24 * 60).map(lambda minutes: NEW_YEAR + minutes * MINUTE),
)
def test_the_next_slot_is_the_first_after_now_and_is_due_when_it_comes(
    name: str, at: time, cadence: Cadence, day: int, now: datetime
) -> None:
    asked = channel(name, at, cadence=cadence, day=day)
    moment = next_slot(asked, now)
    around = days(now.date() - 2 * DAY, now.date() + 9 * DAY)
    assert moment == min(found for d in around if (found := slot(asked, d)) and found > now)
    assert (sent := due(asked, moment, NOTHING))
    assert slot(asked, sent.date) == moment


@pytest.mark.parametrize("name", ZONES)
def test_windows_leave_no_day_out(name: str) -> None:
    asked = channel(name, time(23, 30))
    for earlier, later in pairwise(days(FIRST, LAST)[::3]):
        assert window(asked, later)[0] <= window(asked, earlier)[1] + (later - earlier - DAY)
