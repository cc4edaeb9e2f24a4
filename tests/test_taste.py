from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.taste import MOST, NONE, REMEMBERED, Taste, affinity, factor, from_note, heaviest, learn, to_note
from bot.terms import Term, best
from tests.making import paper

ROBOTS = paper("1", title="Robots that grasp", abstract="Grasping with tactile hands.")
VIDEO = paper("2", title="Video diffusion", abstract="Frames of a long video.")


def judged(taste: Taste, item: object = ROBOTS, *, liked: bool) -> Taste:
    assert item in (ROBOTS, VIDEO)
    chosen = ROBOTS if item is ROBOTS else VIDEO
    return learn(taste, chosen.id, best(chosen, {}, 100), liked=liked)


def test_what_was_liked_rises_and_what_was_not_sinks_a_fifth_as_far() -> None:
    liked, disliked = judged(NONE, liked=True), judged(NONE, liked=False)
    assert affinity(liked, ROBOTS) > 0 > affinity(disliked, ROBOTS)
    assert affinity(liked, VIDEO) == affinity(disliked, VIDEO) == 0
    for word, liking in liked.terms.items():
        assert disliked.terms[word].weight == pytest.approx(-liking.weight / 5, abs=1e-3)


def test_the_same_judgement_again_counts_once_and_the_opposite_takes_its_place() -> None:
    once = judged(NONE, liked=True)
    assert judged(once, liked=True) == once
    turned = judged(once, liked=False)
    assert {word: liking.weight for word, liking in turned.terms.items()} == pytest.approx(
        {word: liking.weight for word, liking in judged(NONE, liked=False).terms.items()}, abs=1e-3
    )
    assert turned.judged == {"1": False}


def test_a_factor_lies_between_a_half_and_two_and_is_one_without_a_taste() -> None:
    taste = NONE
    assert factor(taste, ROBOTS) == 1
    for number in range(200):
        taste = learn(taste, str(number), best(ROBOTS, {}, 100), liked=True)
    assert 1.9 < factor(taste, ROBOTS) <= 2
    assert all(-1 <= liking.weight <= 1 for liking in taste.terms.values())


def test_the_heaviest_come_first_in_either_direction() -> None:
    taste = judged(judged(NONE, liked=True), VIDEO, liked=False)
    weights = [abs(liking.weight) for liking in heaviest(taste, 99)]
    assert weights == sorted(weights, reverse=True)
    assert len(heaviest(taste, 2)) == 2


judgements = st.lists(
    st.tuples(
        st.integers(0, 80).map(str),
        st.lists(st.builds(Term, st.from_regex("[a-z]{3}", fullmatch=True), st.just("said"), st.floats(0, 1))),
        st.booleans(),
    ),
    max_size=80,
)


@given(judgements)
def test_a_taste_stays_small_bounded_and_comes_back_from_json(said: list[tuple[str, list[Term], bool]]) -> None:
    taste = NONE
    for id_, terms, liked in said:
        taste = learn(taste, id_, terms, liked=liked)
    assert len(taste.terms) <= MOST
    assert len(taste.judged) <= REMEMBERED
    assert all(-1 <= liking.weight <= 1 for liking in taste.terms.values())
    back = from_note(json.loads(json.dumps(to_note(taste), sort_keys=True)))
    assert back == taste
    assert list(back.judged) == list(taste.judged)
    assert 0.5 <= factor(back, ROBOTS) <= 2


def test_nothing_noted_is_no_taste() -> None:
    assert from_note(None) == NONE


@pytest.mark.parametrize(
    "note", [{}, {"terms": [["a", "b", 0.1, "more"]], "judged": []}, {"terms": None, "judged": []}, {"terms": [1]}]
)
def test_what_cannot_be_read_is_no_taste_and_costs_no_digest(note: dict[str, object]) -> None:
    assert from_note(note) == NONE
