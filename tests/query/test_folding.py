from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.query import BARRIER, fold_text, fold_word, plain_text
from bot.query.folding import occurrences, plain_texts
from bot.query.inflection import base
from bot.query.lexicon import IRREGULAR, KEPT, SPELLING
from tests.query.papers import SOME, mentions

TABLE = Path(__file__).with_name("folding.txt")
ROWS = [
    tuple(re.split(r" (!?=) ", line, maxsplit=1))
    for line in TABLE.read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]

TABLED = {*IRREGULAR, *KEPT, *SPELLING}


@pytest.mark.parametrize(("query", "sign", "text"), ROWS, ids=map(" ".join, ROWS))
def test_the_table_of_what_is_the_same(query: str, sign: str, text: str) -> None:
    assert mentions(query, text) is (sign == "=")


def test_the_table_is_large_and_has_both_kinds() -> None:
    signs = [sign for _, sign, _ in ROWS]
    assert signs.count("=") >= 100
    assert signs.count("!=") >= 50


@pytest.mark.parametrize(
    "word", ["gpt4", "l2", "ai", "rl", "was", "日本語", "привет", "x" * 70, "1980s", "bed", "red", "string", "sing"]
)
def test_words_that_have_no_inflection_stay(word: str) -> None:
    assert fold_word(word) == word[:64]


def test_a_folded_text_is_words_with_one_space_between() -> None:
    assert fold_text("  Multi-agent RL:\nplanned, *policies*!  ") == "multi agent rl plan policy"


@given(st.text())
@SOME
def test_folded_text_has_only_letters_digits_and_single_spaces(text: str) -> None:
    folded = fold_text(text)
    assert all(word and word.isalnum() for word in folded.split(" ")) or folded == ""
    assert not re.search("[A-Z]", folded)


NAME = st.one_of(
    st.text(st.sampled_from("aZ .-|\n'é/"), max_size=9),
    st.sampled_from(["Ada King", "J. K. Roe", "www.a.org", "x" * 70]),
)


@given(st.lists(NAME, max_size=4))
@SOME
@example(["Ada  King-Noel", "J. Roe Jr."])
@example(["Ada", "www.a.org"])
@example(["Ada|King", "Ada"])
def test_names_fold_together_as_each_does_alone(names: list[str]) -> None:
    assert plain_texts(names) == f" {BARRIER} ".join(filter(None, map(plain_text, names)))


@given(st.text(alphabet="abcdeginorsuyz", min_size=1, max_size=12))
@SOME
def test_inflection_never_empties_a_word_and_ends(word: str) -> None:
    assert base(word)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12))
@SOME
def test_a_plural_folds_like_its_singular_when_it_is_regular(word: str) -> None:
    assume(not word.endswith(("s", "i", "u", "y", "ic")) and not {word, word + "s"} & TABLED)
    assert base(word + "s") == base(word)


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), min_size=1, max_size=3))
@SOME
def test_occurrences_are_those_of_a_window_that_slides(words: list[str], wanted: list[str]) -> None:
    size = len(wanted)
    slid = [place for place in range(len(words)) if words[place : place + size] == wanted]
    assert list(occurrences(" ".join(words), tuple(wanted))) == slid


def test_a_begun_occurrence_needs_only_the_start_of_the_last_word() -> None:
    stream = "pre train quantis model dequantis"
    assert list(occurrences(stream, ("quant",), begun=True)) == [2]
    assert list(occurrences(stream, ("pre", "tr"), begun=True)) == [0]
    assert list(occurrences(stream, ("quant",))) == []
