from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pacing import Buckets

STEPS = st.floats(0, 10, allow_nan=False)


def test_a_new_key_has_a_full_bucket_and_an_empty_one_says_how_long() -> None:
    buckets = Buckets(rate=2, burst=3)
    for _ in range(3):
        assert buckets.wait("a", 0.0) == 0.0
        buckets.take("a", 0.0)
    assert buckets.wait("a", 0.0) == pytest.approx(0.5)
    assert buckets.wait("a", 0.4) == pytest.approx(0.1)
    assert buckets.wait("a", 0.5) == 0.0


def test_one_keys_traffic_is_not_anothers() -> None:
    buckets = Buckets(rate=1)
    buckets.take("a", 0.0)
    assert buckets.wait("a", 0.0) == pytest.approx(1.0)
    assert buckets.wait("b", 0.0) == 0.0


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    buckets = Buckets(rate=1, burst=2)
    buckets.take("a", 0.0)
    for _ in range(2):
        assert buckets.wait("a", 1000.0) == 0.0
        buckets.take("a", 1000.0)
    assert buckets.wait("a", 1000.0) == pytest.approx(1.0)


def test_a_clock_that_stands_still_or_goes_back_gives_nothing_away() -> None:
    buckets = Buckets(rate=1)
    buckets.take("a", 100.0)
    assert buckets.wait("a", 40.0) == pytest.approx(1.0)


def test_an_infinite_rate_waits_only_when_closed() -> None:
    buckets = Buckets(rate=inf)
    for _ in range(1000):
        buckets.take("a", 0.0)
    assert buckets.wait("a", 0.0) == 0.0
    buckets.close("a", 5.0)
    assert buckets.wait("a", 2.0) == pytest.approx(3.0)
    assert buckets.wait("a", 5.0) == 0.0


def test_a_closed_key_stays_closed_until_the_later_of_two_times() -> None:
    buckets = Buckets(rate=1)
    buckets.close("a", 9.0)
    buckets.close("a", 3.0)
    assert buckets.wait("a", 4.0) == pytest.approx(5.0)
    assert buckets.wait("b", 4.0) == 0.0


def test_a_closed_key_that_is_empty_too_waits_for_both() -> None:
    buckets = Buckets(rate=0.1)
    buckets.take("a", 0.0)
    buckets.close("a", 4.0)
    assert buckets.wait("a", 0.0) == pytest.approx(10.0)
    buckets.close("a", 30.0)
    assert buckets.wait("a", 0.0) == pytest.approx(30.0)


def test_waiting_lists_the_keys_without_a_token() -> None:
    buckets = Buckets(rate=1)
    buckets.take("a", 0.0)
    buckets.close("b", 7.0)
    buckets.take("c", -10.0)
    assert buckets.waiting(0.0) == {"a": pytest.approx(1.0), "b": pytest.approx(7.0)}
    assert buckets.waiting(7.0) == {}


def test_what_is_forgotten_is_what_made_no_difference() -> None:
    buckets = Buckets(rate=1, burst=2)
    buckets.take("full again", 0.0)
    buckets.take("half full", 9.5)
    buckets.close("open again", 9.0)
    buckets.close("closed", 12.0)
    buckets.forget(10.0)
    assert set(buckets._filled) == {"half full"}
    assert set(buckets._closed) == {"closed"}
    assert buckets.wait("closed", 10.0) == pytest.approx(2.0)


@given(
    rate=st.floats(0.1, 100),
    burst=st.integers(1, 20),
    steps=st.lists(st.tuples(STEPS, st.booleans()), min_size=1, max_size=40),
)
def test_no_window_holds_more_than_burst_and_rate_allow(
    rate: float, burst: int, steps: list[tuple[float, bool]]
) -> None:
    buckets, now, taken = Buckets(rate, burst), 0.0, list[float]()
    for pause, forget in steps:
        now += pause
        if forget:
            buckets.forget(now)
        if buckets.wait("a", now) == 0.0:
            buckets.take("a", now)
            taken.append(now)
    for first, start in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= burst + rate * (taken[last] - start) + 1e-6


@given(rate=st.floats(0.1, 100), burst=st.integers(1, 5), at=st.lists(STEPS, min_size=1, max_size=20))
def test_who_waits_as_long_as_told_gets_a_token(rate: float, burst: int, at: list[float]) -> None:
    buckets, now = Buckets(rate, burst), 0.0
    for pause in at:
        now += pause
        now += buckets.wait("a", now) * (1 + 1e-9)
        assert buckets.wait("a", now) == pytest.approx(0.0, abs=1e-6)
        buckets.take("a", now)


def test_what_is_booked_comes_one_by_one_however_far_away() -> None:
    buckets = Buckets(rate=2, burst=2)
    assert [buckets.book("a", 0.0) for _ in range(5)] == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.5])
    assert buckets.book("b", 0.0) == 0.0
    assert buckets.book("a", 1.0) == pytest.approx(1.0)
    assert Buckets(rate=inf).book("a", 0.0) == 0.0
