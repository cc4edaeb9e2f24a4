from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.terms import MOST, best, candidates
from tests.making import paper

GRASP = paper(
    title="Grasping with diffusion policies",
    abstract="We propose a method. The policy grasps 17 objects; grasps are learned from a demonstration.",
    tags=("robotics",),
)


def test_words_that_say_nothing_are_no_candidates_and_those_of_the_title_count_three_times() -> None:
    found = candidates(GRASP)
    assert {"we", "the", "propos", "method", "17", "a", "from", "with"}.isdisjoint(found)
    assert found["policy"] == (3 + 1, "policies")
    assert found["robotics"] == (2, "robotics")
    assert found["demonstration"] == (1, "demonstration")


def test_rare_words_weigh_more_than_common_ones_and_a_word_of_every_paper_nothing() -> None:
    standing = {"policy": 1000, "grasp": 3, "diffusion": 1000, "robotics": 40, "object": 500}
    terms = best(GRASP, standing, 1000)
    assert terms[0].word == "grasp"
    assert {"policy", "diffusion"}.isdisjoint(term.word for term in terms)
    weights = {term.word: term.weight for term in terms}
    assert weights["robotics"] > weights["object"]


def test_terms_are_said_as_the_paper_says_them() -> None:
    assert {term.said for term in best(GRASP, {}, 10)} >= {"grasping", "policies", "diffusion"}


def test_a_paper_without_words_has_no_terms() -> None:
    assert best(paper(title="42", abstract=""), {}, 10) == ()


@given(st.dictionaries(st.sampled_from(sorted(candidates(GRASP))), st.integers(0, 200)), st.integers(0, 100))
def test_the_weights_are_a_direction_whatever_the_archive_says(standing: dict[str, int], papers: int) -> None:
    terms = best(GRASP, standing, papers, most=5)
    assert len(terms) <= 5 < MOST
    assert all(term.weight > 0 for term in terms)
    assert not terms or math.isclose(sum(term.weight**2 for term in terms), 1.0)
    assert [term.weight for term in terms] == pytest.approx(sorted((t.weight for t in terms), reverse=True))
