"""Marks, spans, limits, the shelf and charts, each alone."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from adapters.web.starlette import chart, shelf
from adapters.web.starlette.limits import Meter, network
from adapters.web.starlette.marking import SHOWN, excerpt, marked, places
from adapters.web.starlette.spans import span
from bot.models import Match
from bot.query import match, parse
from bot.trend import Tally, trend
from tests.adapters.web.starlette.kit import Parsed, words
from tests.hostile import hostile
from tests.making import paper

spots = st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=6)


@given(hostile, spots)
def test_marks_change_nothing_of_a_text_and_leave_nothing_live(text: str, places: list[tuple[int, int]]) -> None:
    page = marked(text, places)
    assert {tag for tag, _ in Parsed(page).elements} <= {"mark", "bdi"}
    plain = page.removeprefix('<bdi dir="auto">').removesuffix("</bdi>")
    assert unescape(plain.replace("<mark>", "").replace("</mark>", "")) == text


@given(st.text("ab .", max_size=900), st.lists(st.integers(0, 899), max_size=4))
def test_an_excerpt_is_short_and_its_marks_stand_on_the_same_words(text: str, starts: list[int]) -> None:
    places = [(n, n + 3) for n in sorted(set(starts)) if n + 3 <= len(text)]
    cut, moved = excerpt(text, places)
    assert len(cut) <= SHOWN + 4
    for a, b in moved:
        assert cut[a:b] in {text[start:end] for start, end in places}
    if places:
        assert moved != []


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (
            "agents",
            "<mark>Agents</mark>, agentic <mark>agent</mark>, <mark>agents</mark>, RAG and rag, <mark>AGENTs</mark>",
        ),
        ('exact:"RAG"', "Agents, agentic agent, agents, <mark>RAG</mark> and rag, AGENTs"),
        ("rag", "Agents, agentic agent, agents, <mark>RAG</mark> and <mark>rag</mark>, AGENTs"),
        ("has:code", "Agents, agentic agent, agents, RAG and rag, AGENTs"),
    ],
)
def test_a_word_that_was_found_is_marked_wherever_it_stands(asked: str, shown: str) -> None:
    text = "Agents, agentic agent, agents, RAG and rag, AGENTs"
    item = paper(abstract=text, code="https://a.org")
    evidence = match(parse(asked), item, date(2026, 8, 2)) or ()
    assert marked(text, places([Match(item, asked, evidence)], "abstract", text)) == shown


@given(st.dates(date(1991, 8, 14), date(2100, 1, 1)), st.sampled_from(["day", "week", "month"]))
def test_every_day_lies_in_one_span_and_the_next_begins_where_it_ends(day: date, period: str) -> None:
    shown = span(day, period)
    assert shown.since <= day <= shown.until
    assert span(shown.since, period) == span(shown.until, period) == shown
    assert span(shown.until + timedelta(days=1), period).since == shown.until + timedelta(days=1)
    assert (shown.until - shown.since).days + 1 in {"day": {1}, "week": {7}, "month": {28, 29, 30, 31}}[period]


def test_a_meter_lets_a_burst_through_and_then_the_rate() -> None:
    meter = Meter(rate=2, burst=4)
    assert [meter.wait("a", 100.0) for _ in range(4)] == [0.0] * 4
    assert meter.wait("a", 100.0) == pytest.approx(0.5)
    assert meter.wait("b", 100.0) == 0.0
    assert meter.wait("a", 100.5) == 0.0
    assert meter.wait("a", 100.5) > 0
    assert meter.wait("a", 100.5, cost=4) > meter.wait("a", 100.5)


def test_a_meter_forgets_whom_it_has_not_seen_for_longest() -> None:
    meter = Meter(rate=1, burst=1, most=2)
    for client in ("a", "b", "c"):
        assert meter.wait(client, 0.0) == 0.0
    assert meter.wait("a", 0.0) == 0.0
    assert meter.wait("c", 0.0) > 0


@pytest.mark.parametrize(
    ("client", "one"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::"),
        ("2001:db8::ffff:1", "2001:db8::"),
        ("", ""),
        ("x", "x"),
    ],
)
def test_one_subscriber_is_one_client(client: str, one: str) -> None:
    assert network(client) == one


async def test_a_page_that_many_wait_for_is_made_once_and_one_that_failed_is_tried_again() -> None:
    kept, made = shelf.Shelf(), []

    async def make() -> str:
        made.append(1)
        await asyncio.sleep(0.01)
        if len(made) == 1:
            raise ValueError
        return "page" * 1000

    asked = Request({"type": "http", "method": "GET", "headers": [(b"accept-encoding", b"gzip")]})
    failed = await asyncio.gather(*(kept.answer(asked, "k", make) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in failed] == [ValueError] * 3
    answers = await asyncio.gather(*(kept.answer(asked, "k", make) for _ in range(5)))
    assert len(made) == 2
    assert {answer.headers["content-encoding"] for answer in answers} == {"gzip"}
    assert len(answers[0].body) < 200


async def test_the_shelf_keeps_what_fits() -> None:
    kept = shelf.Shelf()
    asked = Request({"type": "http", "method": "GET", "headers": []})

    async def make() -> str:
        return "ü" * (shelf.ROOM // 5)

    for n in range(5):
        await kept.answer(asked, n, make)
    assert list(kept._pages) == [3, 4]
    assert 0 < kept._bytes <= shelf.ROOM


def test_a_trend_of_nothing_is_a_picture_too() -> None:
    page = chart.bars(trend("<x>", [], date(2026, 8, 3)))
    assert "&lt;x&gt;: no papers" in page
    drawn = chart.bars(trend("x", [Tally(date(2026, 8, 3), 4, 9)], date(2026, 8, 3)))
    assert "Week of 3 Aug 2026: 4 papers, 9 votes" in words(drawn)
