from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Paper
from bot.rank import age, order, rank, score
from tests.making import DAY, paper

COUNTS = st.none() | st.integers(0, 10**6)
DATES = st.none() | st.dates(DAY - timedelta(days=400), DAY + timedelta(days=3))
PAPERS = st.builds(
    Paper,
    id=st.text("abc0", min_size=1, max_size=3),
    title=st.just("t"),
    published=DATES,
    listed=DATES,
    upvotes=COUNTS,
    stars=COUNTS,
    comments=COUNTS,
)


def test_the_formula_is_the_documented_one() -> None:
    item = paper(upvotes=9, comments=6, stars=99, listed=DAY - timedelta(days=1))
    assert score(item, DAY) == round((1 + 9 + 2 + 6) / 3**1.2, 4)


def test_a_number_that_nobody_gave_counts_as_zero_and_zero_still_scores() -> None:
    nothing = Paper(id="a", title="A")
    assert score(nothing, DAY) == score(replace(nothing, upvotes=0, comments=0, stars=0), DAY) > 0


def test_the_first_two_comments_count_for_nothing() -> None:
    scores = [score(paper(comments=count), DAY) for count in (0, 1, 2, 3)]
    assert scores[0] == scores[1] == scores[2] < scores[3]


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        ({"listed": DAY}, 0),
        ({"listed": DAY - timedelta(days=3), "published": DAY - timedelta(days=90)}, 3),
        ({"listed": None, "published": DAY - timedelta(days=90)}, 90),
        ({"listed": None, "published": None}, 0),
        ({"listed": DAY + timedelta(days=2)}, 0),
    ],
)
def test_age_counts_from_the_list_then_from_publication_and_never_ahead(dates: dict[str, Any], days: int) -> None:
    assert age(paper(**dates), DAY) == days


def test_what_has_votes_stands_first_and_older_ones_sink() -> None:
    young, voted, old = paper("a"), paper("b", upvotes=50), paper("c", listed=DAY - timedelta(days=9))
    assert [item.id for item in rank([old, young, voted], DAY)] == ["b", "a", "c"]


def test_ties_go_by_votes_then_by_age_then_by_id() -> None:
    same = [paper(id_, upvotes=0) for id_ in ("2", "10", "1")]
    assert [item.id for item in rank(same, DAY)] == ["1", "10", "2"]
    by_votes = [paper("a", upvotes=3, comments=2), paper("b", upvotes=1, comments=6)]
    assert score(by_votes[0], DAY) == score(by_votes[1], DAY)
    assert [item.id for item in rank(reversed(by_votes), DAY)] == ["a", "b"]


@given(st.lists(PAPERS, max_size=12, unique_by=lambda item: item.id), st.randoms(use_true_random=False))
def test_the_order_is_total_and_does_not_depend_on_the_order_before(papers: list[Paper], shuffle: Random) -> None:
    ranked = rank(papers, DAY)
    again = list(papers)
    shuffle.shuffle(again)
    assert rank(again, DAY) == ranked
    assert all(order(better, DAY) < order(worse, DAY) for better, worse in pairwise(ranked))
    assert sorted(item.id for item in ranked) == sorted(item.id for item in papers)


@given(PAPERS, st.sampled_from(["upvotes", "stars", "comments"]), st.integers(1, 1000))
def test_more_votes_stars_or_comments_never_lower_a_score(item: Paper, signal: str, more: int) -> None:
    changes: dict[str, Any] = {signal: (getattr(item, signal) or 0) + more}
    assert score(replace(item, **changes), DAY) >= score(item, DAY)
    assert signal != "upvotes" or order(replace(item, **changes), DAY) < order(item, DAY)


@given(PAPERS, st.integers(0, 400))
def test_a_paper_never_rises_by_waiting(item: Paper, days: int) -> None:
    assert 0 <= score(item, DAY + timedelta(days=days)) <= score(item, DAY)


@given(PAPERS, st.dates(date(2026, 1, 1), date(2027, 1, 1)))
def test_a_score_prints_as_it_sorts(item: Paper, today: date) -> None:
    assert float(f"{score(item, today):.4f}") == score(item, today)
