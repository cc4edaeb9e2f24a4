from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.spelling import LONGEST, neighbours

words = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=LONGEST - 1)


@pytest.mark.parametrize("slip", ["difusion", "diffusionn", "diffusian", "diffusoin", "idffusion", "iffusion"])
def test_one_slip_is_found_whichever_it_is(slip: str) -> None:
    assert "diffusion" in neighbours(slip)


@given(words, words)
def test_neighbours_are_neighbours_both_ways(word: str, other: str) -> None:
    assert (other in neighbours(word)) == (word in neighbours(other))


@given(words)
def test_they_are_few_and_neither_the_word_nor_nothing(word: str) -> None:
    found = neighbours(word)
    assert not {word, ""} & found
    assert len(found) <= 74 * (len(word) + 1)


def test_a_very_long_word_has_none() -> None:
    assert neighbours("a" * (LONGEST + 1)) == frozenset()
