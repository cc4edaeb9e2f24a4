from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters import _http_waits as waits

NOW = datetime(2026, 10, 6, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("0", 1.0),
        ("0.2", 1.0),
        ("1000000000", 3600.0),
        ("9" * 5000, 3600.0),
        ("Tue, 06 Oct 2026 12:00:30 GMT", 30.0),
        ("Tue, 06 Oct 2026 14:00:30 +0200", 30.0),
        ("Tue, 06 Oct 2026 12:00:30 -0000", 30.0),
        ("Tuesday, 06-Oct-26 12:00:30 GMT", 30.0),
        ("Tue, 06 Oct 2026 11:00:00 GMT", 1.0),
        ("Tue, 06 Oct 2036 12:00:00 GMT", 3600.0),
    ],
)
def test_retry_after_is_read_in_every_form_and_bounded(value: str, seconds: float) -> None:
    assert waits.asked({"retry-after": value}, NOW) == seconds


HUGE = "Tue, 06 Oct 99999999999999999999 12:00:00 GMT"


@pytest.mark.parametrize(
    "value", ["", " ", "-5", "soon", "1e9", "nan", "inf", "٣", "7;8", "Tue, 99 Oct 2026", "\x00", HUGE]
)
def test_a_retry_after_that_says_nothing_is_none(value: str) -> None:
    assert waits.asked({"retry-after": value}, NOW) is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} Oct \d{1,6} \d\d:\d\d:\d\d [+-]\d{1,12}"))
def test_no_header_is_too_strange(value: str) -> None:
    seconds = waits.asked({"retry-after": value, "ratelimit": value}, NOW)
    assert seconds is None or 1.0 <= seconds <= 3600.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ('"api";r=0;t=12', 13.0),
        ('"api"; r=0; t=12', 13.0),
        ('"api";r=0;t=12, "pages";r=0;t=40', 41.0),
        ('"api";r=0;t=12, "pages";r=3;t=40', 13.0),
        ('"api";r=1;t=12', None),
        ('"api";r=0', None),
        ('"api";r=-1;t=5', None),
        ("", None),
    ],
)
def test_an_empty_bucket_is_waited_for_and_a_second_more(value: str, seconds: float | None) -> None:
    assert waits.spent(value) == seconds


def test_retry_after_comes_before_the_bucket() -> None:
    assert waits.asked({"retry-after": "5", "ratelimit": '"api";r=0;t=200'}, NOW) == 5.0
    assert waits.asked({"ratelimit": '"api";r=0;t=200'}, NOW) == 201.0
    assert waits.asked({"ratelimit": '"api";r=0;t=999999999'}, NOW) == 3600.0


def test_refusals_without_a_wait_double_it_from_a_minute_to_an_hour() -> None:
    assert [waits.after_refusals(n) for n in (1, 2, 3, 6, 7, 8, 10_000)] == [60, 120, 240, 1920, 3600, 3600, 3600]
