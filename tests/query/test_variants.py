from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.query import Exact, Phrase, Prefix, Stem, Word, alternatives, fold_word, prefixes, same_stem, stem
from bot.query.compounds import is_compound, splits, stands_alone
from bot.query.lexicon import COMPOUNDS, IRREGULAR, KEPT, SECOND, SPELLING, STRONG, SUFFIXES, WEAK
from bot.query.variants import MOST
from tests.query.papers import SOME

words = st.from_regex("[a-z]{1,10}|[0-9]{1,3}", fullmatch=True)


@pytest.mark.parametrize(
    ("leaf", "found"),
    [
        (Word("agents"), {"agent"}),
        (Word("multi-agent"), {"multi agent", "multiagent"}),
        (Word("multiagent"), {"multiagent", "multi agent"}),
        (Word("foo-bar"), {"foo bar", "foobar"}),
        (Phrase("foo bar"), {"foo bar"}),
        (Word("state-of-the-art"), {"state of the art", "sota"}),
        (Word("rl"), {"rl", "reinforcement learn"}),
        (Word("drl"), {"drl", "deep reinforcement learn", "deep rl"}),
        (Word("gpt-4o"), {"gpt 4o", "gpt4o", "gpt 4 o", "gpt4 o"}),
        (Phrase("multi-agent rl"), {
            "multi agent rl", "multiagent rl", "marl",
            "multi agent reinforcement learn", "multiagent reinforcement learn",
        }),
        (Word("rl", "author"), {"rl"}),
        (Word("multi-agent", "org"), {"multi agent"}),
        (Phrase("sergey levines", "author"), {"sergey levines"}),
        (Exact("Multi-Agent RL"), {"multi agent rl"}),
        (Stem("optimize"), set()),
    ],
)  # fmt: skip
def test_what_a_leaf_looks_for(leaf: Word | Phrase | Exact | Stem, found: set[str]) -> None:
    assert {" ".join(sequence) for sequence in alternatives(leaf)} == found


@pytest.mark.parametrize(
    ("text", "begun", "whole"),
    [
        ("quantiz", {"quantiz", "quantis"}, set()),
        ("behaviou", {"behavio"}, set()),
        ("plann", {"plann"}, {"plan"}),
        ("runn", {"runn"}, {"run"}),
        ("studi", {"studi"}, {"study"}),
        ("robotic", {"robotic"}, set()),
        ("pre-train", {"pre train", "pretrain"}, {"pretra"}),
        ("multiage", {"multiage", "multi age"}, {"multiag"}),
        ("trai", {"trai"}, set()),
        ("traini", {"traini"}, {"train", "trainy"}),
        ("polici", {"polici"}, {"policy", "polic"}),
    ],
)
def test_what_a_prefix_looks_for(text: str, begun: set[str], whole: set[str]) -> None:
    assert {" ".join(sequence) for sequence in prefixes(Prefix(text))} == begun
    assert {" ".join(sequence) for sequence in alternatives(Prefix(text))} == whole


def test_a_prefix_of_a_name_is_only_that() -> None:
    leaf = Prefix("levi", "author")
    assert prefixes(leaf) == (("levi",),)
    assert alternatives(leaf) == ()


def test_the_first_alternative_is_the_one_as_written() -> None:
    assert alternatives(Phrase("multi agents"))[0] == ("multi", "agent")


@given(words, words)
@SOME
def test_joining_and_splitting_are_one_rule(first: str, second: str) -> None:
    together = first + second
    if is_compound(first, second) and len(first) > 1 and len(second) > 1:
        assert (first, second) in splits(together) or not together.isalpha()
    assert all(is_compound(*pair) and "".join(pair) == together for pair in splits(together))


@pytest.mark.parametrize(
    "pair",
    [*((first, second) for first, seconds in COMPOUNDS.items() for second in seconds), *((s, "agent") for s in STRONG)],
)
def test_a_listed_compound_is_found_in_both_spellings(pair: tuple[str, str]) -> None:
    joined, parted = Word("".join(pair)), Phrase(" ".join(pair))
    both = {(fold_word("".join(pair)),), tuple(map(fold_word, pair))}
    assert both <= set(alternatives(joined))
    assert both <= set(alternatives(parted))


@given(st.lists(words, min_size=1, max_size=40).map(" ".join))
@SOME
def test_alternatives_are_bounded_distinct_and_never_empty(text: str) -> None:
    found = alternatives(Phrase(text))
    assert 1 <= len(found) <= MOST
    assert len(set(found)) == len(found)
    assert all(sequence and all(sequence) for sequence in found)


def test_a_phrase_of_acronyms_stops_at_the_limit() -> None:
    assert len(alternatives(Phrase("rl " * 20))) == MOST


@pytest.mark.parametrize(
    "family",
    [
        ["optimize", "optimise", "optimized", "optimal", "optimizer", "optimiser"],
        ["generate", "generation", "generative", "generated", "generator"],
        ["quantize", "quantization", "quantisation", "quantizer"],
        ["general", "generalize", "generalise", "generally"],
        ["robot", "robots", "robotic", "robotics"],
    ],
)
def test_a_stem_joins_what_inflection_keeps_apart(family: list[str]) -> None:
    assert len({stem(fold_word(word)) for word in family}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("optimal", "optician"), ("general", "gender"), ("die", "dying"), ("a", "aing")]
)
def test_words_with_another_stem_or_start_are_kept_apart(one: str, other: str) -> None:
    assert not same_stem(fold_word(one), fold_word(other))
    assert not same_stem(fold_word(other), fold_word(one))


@given(st.from_regex("[a-z]{1,12}", fullmatch=True), st.sampled_from(["", "s", "ing", "er", "al", "ation"]))
@SOME
def test_the_same_stem_means_the_same_start_and_is_mutual(word: str, ending: str) -> None:
    one, other = fold_word(word), fold_word(word + ending)
    assert same_stem(one, one)
    assert same_stem(one, other) is same_stem(other, one)
    assert not same_stem(one, other) or one[:2] == other[:2]


@pytest.mark.parametrize("ending", ["", "s", "es", "d", "ed", "r", "ing"])
def test_a_second_part_in_any_form_makes_a_compound_and_no_other_word_does(ending: str) -> None:
    listed = [second for seconds in COMPOUNDS.values() for second in seconds]
    words = {*SECOND, *listed, *(second.removesuffix("e") for second in (*SECOND, *listed))}
    forms = {word + ending for word in words.union(IRREGULAR, SPELLING, KEPT)} - SUFFIXES
    for first in COMPOUNDS.keys() | {"inter"}:
        seconds = COMPOUNDS.get(first, frozenset()) | (SECOND if first in WEAK else frozenset())
        expected = set(map(fold_word, seconds))
        assert {form for form in forms if is_compound(first, form)} == {f for f in forms if fold_word(f) in expected}


@given(st.lists(st.sampled_from(sorted({*STRONG, *SECOND, *COMPOUNDS, "agent", "likewise", "models", "large"}))))
def test_words_that_stand_alone_are_neither_parted_nor_joined(words: list[str]) -> None:
    alone = [word for word in words if stands_alone(word)]
    assert not any(map(splits, alone))
    assert not any(is_compound(word, other) for word in alone for other in alone)
