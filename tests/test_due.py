from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.due import Due, due, local_date, next_slot, slot, window, zone
from bot.errors import SettingsError
from bot.models import Cadence
from tests.ticking import DAY, FIRST, MINUTE, NOTHING, channel, clock, days, run


@pytest.mark.parametrize(
    ("name", "local", "expected"),
    [
        pytest.param("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:30", id="skipped hour"),
        pytest.param("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30", id="hour that comes twice"),
        pytest.param("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30", id="twice, west"),
        pytest.param("America/Santiago", "2026-09-06 00:00", "2026-09-06 04:00", id="skipped midnight"),
        pytest.param("Africa/Cairo", "2026-04-24 00:30", "2026-04-23 22:30", id="skipped half past midnight"),
        pytest.param("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:45", id="half an hour skipped"),
        pytest.param("Asia/Dhaka", "2009-06-19 23:30", "2009-06-19 17:30", id="skipped into the next date"),
        pytest.param("Asia/Kathmandu", "2026-05-05 09:00", "2026-05-05 03:15", id="quarter hours"),
        pytest.param("Pacific/Kiritimati", "2026-05-05 09:00", "2026-05-04 19:00", id="fourteen hours ahead"),
        pytest.param("Pacific/Apia", "2011-12-29 18:00", "2011-12-30 04:00", id="eve of a skipped date"),
        pytest.param("Pacific/Apia", "2011-12-31 09:00", "2011-12-30 19:00", id="morning after a skipped date"),
    ],
)
def test_a_slot_is_the_moment_that_pep_495_gives(name: str, local: str, expected: str) -> None:
    wanted = datetime.fromisoformat(local)
    moment = slot(channel(name, wanted.time()), wanted.date())
    assert moment == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_time_whose_first_turn_came_before_midnight_was_turned_back_is_due_at_that_turn() -> None:
    asked = channel("America/St_Johns", time(0, 0))
    now = datetime(2010, 11, 7, 2, 40, tzinfo=UTC)
    assert now.astimezone(zone("America/St_Johns")).date() == date(2010, 11, 6)
    assert due(asked, now, NOTHING) == Due(date(2010, 11, 7))


def test_a_time_that_was_pushed_into_the_next_date_is_still_ahead_after_midnight() -> None:
    asked = channel("Asia/Dhaka", time(23, 30))
    now = datetime(2009, 6, 19, 17, 10, tzinfo=UTC)
    assert now.astimezone(zone("Asia/Dhaka")).date() == date(2009, 6, 20)
    assert next_slot(asked, now) == datetime(2009, 6, 19, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "at", "now", "expected"),
    [
        ("Europe/Berlin", time(23, 30), datetime(2026, 5, 6, 3, tzinfo=UTC), date(2026, 5, 5)),
        ("Pacific/Apia", time(18), datetime(2011, 12, 30, 15, tzinfo=UTC), date(2011, 12, 29)),
    ],
)
def test_a_late_digest_keeps_the_date_that_it_belongs_to(name: str, at: time, now: datetime, expected: date) -> None:
    assert due(channel(name, at), now, NOTHING) == Due(expected, late=True)


def test_a_day_split_by_restarts_and_a_second_process_still_has_one_digest() -> None:
    asked = channel("Europe/Helsinki", time(7, 30))
    first = run(asked, clock(datetime(2026, 5, 5, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC), MINUTE))
    planned = frozenset({(digest.date, "digest") for digest in first})
    assert planned == {(date(2026, 5, 5), "digest")}
    for now in clock(datetime(2026, 5, 5, 3, tzinfo=UTC), datetime(2026, 5, 6, tzinfo=UTC), MINUTE):
        assert due(asked, now, planned) is None


@pytest.mark.parametrize(
    ("asleep", "expected"),
    [
        pytest.param(timedelta(0), Due(date(2026, 5, 5)), id="on time"),
        pytest.param(timedelta(hours=1), Due(date(2026, 5, 5)), id="an hourly cron"),
        pytest.param(timedelta(hours=1, seconds=1), Due(date(2026, 5, 5), late=True), id="just late"),
        pytest.param(timedelta(hours=3), Due(date(2026, 5, 5), late=True), id="laptop asleep"),
        pytest.param(timedelta(hours=12), Due(date(2026, 5, 5), late=True), id="last moment"),
        pytest.param(timedelta(hours=12, seconds=1), None, id="folded"),
        pytest.param(timedelta(hours=24), Due(date(2026, 5, 6)), id="the next one"),
    ],
)
def test_a_long_sleep_sends_late_or_folds(asleep: timedelta, expected: Due | None) -> None:
    asked = channel("UTC", time(9))
    assert due(asked, datetime(2026, 5, 5, 9, tzinfo=UTC) + asleep, NOTHING) == expected


def test_after_days_of_silence_only_the_latest_date_is_sent() -> None:
    asked = channel("Asia/Kolkata", time(9))
    now = datetime(2026, 5, 20, 4, tzinfo=UTC)
    assert run(asked, clock(now, now + timedelta(hours=20), MINUTE)) == [Due(date(2026, 5, 20))]


@pytest.mark.parametrize("paused", ["asked by <@U1>", "not in the channel"])
def test_a_paused_channel_gets_nothing_and_still_knows_its_next_moment(paused: str) -> None:
    asked = channel("UTC", paused=paused)
    now = datetime(2026, 5, 5, 9, tzinfo=UTC)
    assert due(asked, now, NOTHING) is None
    assert next_slot(asked, now) == now + DAY


def test_no_digest_is_due_for_a_moment_before_the_channel_was_set_up() -> None:
    nine = datetime(2026, 5, 5, 9, tzinfo=UTC)
    assert due(channel("UTC", created=nine), nine + MINUTE, NOTHING) is None
    assert due(channel("UTC", created=nine - MINUTE), nine, NOTHING) == Due(date(2026, 5, 5))


def test_only_a_plan_of_kind_digest_takes_the_date() -> None:
    now = datetime(2026, 5, 5, 9, tzinfo=UTC)
    assert due(channel("UTC"), now, frozenset({(date(2026, 5, 5), "trial")})) == Due(date(2026, 5, 5))
    assert due(channel("UTC"), now, frozenset({(date(2026, 5, 5), "digest")})) is None


def test_a_clock_that_is_put_right_loses_no_date() -> None:
    asked = channel("UTC", time(9))
    wrong = clock(datetime(2026, 5, 6, 8, tzinfo=UTC), datetime(2026, 5, 6, 12, tzinfo=UTC), MINUTE)
    right = clock(datetime(2026, 5, 5, 8, tzinfo=UTC), datetime(2026, 5, 7, 12, tzinfo=UTC), MINUTE)
    assert sorted(digest.date for digest in run(asked, [*wrong, *right])) == days(date(2026, 5, 5), date(2026, 5, 7))


@pytest.mark.parametrize(
    ("cadence", "day", "expected"),
    [
        pytest.param(Cadence.DAILY, date(2026, 5, 5), ("2026-05-02", "2026-05-05"), id="daily"),
        pytest.param(Cadence.WEEKDAYS, date(2026, 5, 4), ("2026-04-29", "2026-05-04"), id="over the weekend"),
        pytest.param(Cadence.WEEKLY, date(2026, 5, 5), ("2026-04-26", "2026-05-05"), id="weekly"),
        pytest.param(Cadence.WEEKLY, date(2026, 5, 7), ("2026-05-03", "2026-05-07"), id="asked for in between"),
    ],
)
def test_a_window_reaches_two_days_behind_the_digest_before(
    cadence: Cadence, day: date, expected: tuple[str, str]
) -> None:
    asked = channel("Europe/Berlin", cadence=cadence, day=1)
    first, last = window(asked, day)
    assert (first.isoformat(), last.isoformat()) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Pacific/Kiritimati", date(2026, 5, 6)), ("UTC", date(2026, 5, 5)), ("Pacific/Niue", date(2026, 5, 4))],
)
def test_a_channels_date_is_that_of_its_zone(name: str, expected: date) -> None:
    assert local_date(channel(name), datetime(2026, 5, 5, 10, 30, tzinfo=UTC)) == expected


def test_a_window_counts_in_days_of_utc() -> None:
    assert window(channel("Pacific/Kiritimati", time(9)), date(2026, 5, 5)) == (
        date(2026, 5, 1),
        date(2026, 5, 4),
    )
    assert window(channel("America/Los_Angeles", time(20)), date(2026, 5, 5)) == (
        date(2026, 5, 3),
        date(2026, 5, 6),
    )


def test_a_window_steps_over_a_missing_date() -> None:
    asked = channel("Pacific/Apia", time(9))
    assert window(asked, date(2011, 12, 31)) == (date(2011, 12, 27), date(2011, 12, 30))


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "America", "../../etc/passwd", "/etc/passwd", "\0", "x" * 5000])
def test_a_name_that_is_no_zone_is_refused_in_a_short_sentence(name: str) -> None:
    with pytest.raises(SettingsError, match="is not a time zone") as caught:
        slot(channel(name), FIRST)
    assert len(str(caught.value)) < 150
