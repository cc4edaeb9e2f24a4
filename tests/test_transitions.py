from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import transitions
from bot.errors import DeliveryError, Verdict
from bot.models import Delivery, Message, State
from bot.ports import Pacing
from tests.making import NOW, plan, rows, sending

PACING = Pacing(per_channel=inf, per_tenant=inf, settle=120.0)
ROW = sending(rows(plan())[0], attempts=2)

Arrow = Callable[[Delivery, datetime], Delivery]
ARROWS: dict[str, tuple[Arrow, State]] = {
    "sent": (lambda row, now: transitions.sent(row, "m1"), State.SENT),
    "wait": (lambda row, now: fail(row, Verdict.WAIT, now), State.RETRY_WAIT),
    "retry": (lambda row, now: fail(row, Verdict.RETRY, now), State.RETRY_WAIT),
    "unknown": (lambda row, now: fail(row, Verdict.UNKNOWN, now), State.UNKNOWN),
    "degrade": (lambda row, now: fail(row, Verdict.DEGRADE, now), State.DEAD),
    "pause": (lambda row, now: fail(row, Verdict.PAUSE, now), State.EXPIRED),
    "tenant": (lambda row, now: fail(row, Verdict.TENANT, now), State.EXPIRED),
    "drop": (lambda row, now: fail(row, Verdict.DROP, now), State.DEAD),
    "bug": (lambda row, now: fail(row, Verdict.BUG, now), State.DEAD),
    "simpler": (lambda row, now: transitions.simpler(row, Message({"text": "less"}), now, "too long"), State.PENDING),
    "absent": (transitions.absent, State.PENDING),
    "unreadable": (lambda row, now: transitions.unreadable(row, now, "no"), State.UNKNOWN),
    "abandoned": (lambda row, now: transitions.abandoned(row, "no"), State.UNKNOWN),
    "again": (transitions.again, State.PENDING),
    "expired": (lambda row, now: transitions.expired(row, "too old"), State.EXPIRED),
}


def fail(row: Delivery, verdict: Verdict, now: datetime = NOW, seconds: float | None = None) -> Delivery:
    return transitions.failed(row, DeliveryError("they said no", verdict, seconds=seconds), now, PACING)


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_an_arrow_that_keeps_its_sentence(verdict: Verdict) -> None:
    assert verdict.value in ARROWS
    assert fail(ROW, verdict).error == "they said no"


@pytest.mark.parametrize("name", ARROWS)
@given(later=st.timedeltas(timedelta(), timedelta(days=6)), attempts=st.integers(0, 99))
def test_an_arrow_changes_where_a_row_stands_and_not_what_it_is(name: str, later: timedelta, attempts: int) -> None:
    arrow, state = ARROWS[name]
    row = replace(ROW, attempts=attempts, state=State.UNKNOWN if name == "abandoned" else State.SENDING)
    if name == "unreadable":
        row = replace(row, state=State.UNKNOWN)
    new = arrow(row, NOW + later)
    assert new.state is state
    assert (new.key, new.planned, new.first_try) == (row.key, row.planned, row.first_try)
    assert new.message.papers == row.message.papers or name == "simpler"
    assert new.message == row.message or name in {"simpler", "sent"}
    assert new.attempts >= 0
    assert new.lease_owner == "" or name == "unreadable"


@pytest.mark.parametrize("name", ARROWS)
def test_only_a_row_that_is_being_settled_keeps_a_lease_and_nobody_holds_it(name: str) -> None:
    new = ARROWS[name][0](replace(ROW, lease_owner="me"), NOW)
    assert (new.lease_until is not None) == (name in {"unknown", "unreadable"})


def test_a_sent_row_has_its_remote_id_and_no_error_and_lets_go_of_its_payload() -> None:
    new = transitions.sent(replace(ROW, error="slow"), "m7")
    assert (new.state, new.remote_id, new.error) == (State.SENT, "m7", "")
    assert ROW.message.payload
    assert new.message.payload == {}


@pytest.mark.parametrize(
    ("seconds", "wait"),
    [(None, 60), (7.5, 7.5), (899, 899), (1e9, 900), (1e300, 900), (inf, 900), (0, 1), (-30, 1), (nan, 1)],
    ids=str,
)
def test_a_wait_is_as_long_as_asked_within_reason_and_costs_no_attempt(seconds: float | None, wait: float) -> None:
    new = fail(ROW, Verdict.WAIT, seconds=seconds)
    assert new.next_at - NOW == timedelta(seconds=wait)
    assert new.attempts == ROW.attempts - 1


def test_attempts_never_fall_below_none() -> None:
    assert fail(replace(ROW, attempts=0), Verdict.WAIT).attempts == 0


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(0, 1), (1, 1), (2, 5), (3, 15), (4, 60), (5, 180), (6, 180), (99, 180)]
)
def test_retries_follow_the_schedule_give_or_take_a_fifth(attempts: int, minutes: int) -> None:
    wait = fail(replace(ROW, attempts=attempts), Verdict.RETRY).next_at - NOW
    assert 0.8 * minutes <= wait / timedelta(minutes=1) <= 1.2 * minutes


def test_jitter_spreads_rows_and_is_the_same_after_a_restart() -> None:
    many = [replace(ROW, part=part) for part in range(50)]
    waits = [transitions.pause(row) for row in many]
    assert waits == [transitions.pause(row) for row in many]
    assert len(set(waits)) == 50
    assert max(waits) - min(waits) > timedelta(minutes=1)


def test_an_unconfirmed_row_waits_for_the_settle_time() -> None:
    new = transitions.unconfirmed(ROW, NOW, PACING, "no answer")
    assert new.next_at == new.lease_until == NOW + timedelta(seconds=120)
    assert transitions.unconfirmed(new, NOW, PACING, "no answer").unclear == 2


def test_an_absent_row_may_go_at_once_and_remembers_its_first_try() -> None:
    new = transitions.absent(replace(ROW, state=State.UNKNOWN), NOW)
    assert (new.next_at, new.first_try, new.attempts) == (NOW, ROW.first_try, ROW.attempts)


def test_a_row_that_cannot_be_read_back_is_asked_after_ever_longer_and_given_up_after_a_day() -> None:
    row, now, gaps = replace(ROW, state=State.UNKNOWN, first_try=NOW), NOW, list[timedelta]()
    while row.lease_until is not None:
        row = transitions.unreadable(row, now, "no right to read")
        gaps += [row.next_at - now] if row.lease_until else []
        now = row.next_at if row.lease_until else now
    assert gaps == sorted(gaps)
    assert (gaps[0], gaps[-1]) == (timedelta(minutes=1), timedelta(hours=1))
    assert timedelta(hours=24) < now - NOW <= timedelta(hours=25)
    assert (row.state, row.error) == (State.UNKNOWN, "no right to read")


def test_the_day_counts_from_the_planning_where_no_try_is_known() -> None:
    row = replace(ROW, state=State.UNKNOWN, first_try=None, planned=NOW - timedelta(hours=25))
    assert transitions.unreadable(row, NOW, "no").lease_until is None


def test_a_clock_that_was_put_back_still_gives_a_time_to_come() -> None:
    row = replace(ROW, state=State.UNKNOWN, first_try=NOW + timedelta(days=1))
    assert transitions.unreadable(row, NOW, "no").next_at > NOW


def test_a_simpler_row_counts_its_steps() -> None:
    first = transitions.simpler(ROW, Message({"text": "less"}), NOW, "too long")
    second = transitions.simpler(first, Message({"text": "least"}), NOW, "too long")
    assert (first.step, second.step) == (1, 2)
    assert second.message.payload == {"text": "least"}
    assert second.next_at == NOW
