"""Papers that are asked many queries say of each what the plain matcher says."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.models import Paper
from bot.query import Batch, Pair, bits, fold_paper, parse, table
from bot.query import batch as batches
from tests.query.generated import PAPERS, QUERIES, REAL, plainly
from tests.query.papers import PAPER, SOME, TODAY, recorded


def over(*papers: Paper, today: date = TODAY) -> Batch:
    return Batch([(paper, fold_paper(paper)) for paper in papers], today)


def found(batch: Batch, text: str) -> list[int]:
    return list(bits(batch.wanted(parse(text))))


@given(st.lists(QUERIES, min_size=1, max_size=8), st.lists(PAPERS, max_size=6))
@settings(SOME, max_examples=100)
def test_each_query_finds_what_it_finds_alone(texts: list[str], papers: list[Paper]) -> None:
    batch = over(*papers)
    for text in texts:
        assert found(batch, text) == plainly(parse(text), papers)


def test_a_real_day_is_found_alike() -> None:
    batch = over(*recorded())
    wanted = [found(batch, text) for text in REAL]
    assert wanted == [plainly(parse(text), recorded()) for text in REAL]
    assert sum(0 < len(places) < len(recorded()) for places in wanted) > 0.7 * len(REAL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one two", [0, 1, 2]),
        ('"one two"', [0]),
        ('"two three"', []),
        ('title:"one two"', []),
        ('"one two three"', []),
        ('author:"ada king"', [2]),
        ('author:"king ada"', []),
        ("-one two", [3]),
    ],
)
def test_words_that_stand_together_stand_in_one_text_and_in_order(text: str, expected: list[int]) -> None:
    batch = over(
        Paper(id="0", title="Zero", abstract="One two."),
        Paper(id="1", title="Two one", abstract="Three."),
        Paper(id="2", title="One", abstract="Two", tags=("two", "three"), authors=("Ada King", "Ada Two")),
        Paper(id="3", title="Two"),
    )
    assert found(batch, text) == expected


def test_acronyms_are_those_of_the_query() -> None:
    batch = over(Paper(id="x", title="World models"))
    assert batch.wanted(parse("wm", table(also=[Pair("wm", "world model")])))
    assert not batch.wanted(parse("wm"))


def test_numbers_are_of_the_day_and_of_no_papers_nothing_is_wanted() -> None:
    assert found(over(PAPER), "age<=3") == [0]
    assert found(over(PAPER, today=date(2027, 1, 1)), "age<=3") == []
    assert found(over(), "*") == []


def test_what_papers_said_is_remembered_and_that_is_bounded() -> None:
    batch = over(PAPER, *recorded())
    every = plainly(parse("upvotes>=20"), [PAPER, *recorded()])
    for n in range(batches.REMEMBERED + 1):
        batch.wanted(parse(f"upvotes>={n}"))
        assert len(batch._told) <= batches.REMEMBERED
    assert found(batch, "upvotes>=20") == every
