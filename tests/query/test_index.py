"""The index gives the verdicts of the plain matcher, for all papers and queries, whatever was added and removed."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.models import Paper
from bot.query import KNOWN, Pair, Query, bits, fold_paper, parse, table
from bot.query.atoms import Atoms
from bot.query.formula import formula
from bot.query.index import Index
from tests.query.generated import PAPERS, QUERIES, REAL, plainly
from tests.query.papers import PAPER, SOME, TODAY, recorded


def found(index: Index, papers: Sequence[Paper], today: date = TODAY) -> dict[int, list[int]]:
    folded = [(paper, fold_paper(paper)) for paper in papers]
    return {number: list(bits(bitmap)) for number, bitmap in index.match(folded, today).items()}


@given(st.lists(QUERIES, min_size=1, max_size=8), st.lists(PAPERS, min_size=1, max_size=6))
@settings(SOME, max_examples=200)
def test_many_at_once_find_what_each_finds_alone(texts: list[str], papers: list[Paper]) -> None:
    queries = list(map(parse, texts))
    index = Index()
    numbers = [index.add(query) for query in queries]
    together = found(index, papers)
    for number, query in zip(numbers, queries, strict=True):
        assert together.get(number, []) == plainly(query, papers)
    assert set(together) <= set(numbers)


@given(st.lists(st.tuples(QUERIES, st.booleans()), max_size=25), st.lists(PAPERS, min_size=1, max_size=4))
@settings(SOME, max_examples=150)
def test_whatever_was_added_and_removed_what_is_left_counts(
    changes: list[tuple[str, bool]], papers: list[Paper]
) -> None:
    index = Index()
    held: list[tuple[Query, int]] = []
    for text, add in changes:
        query = parse(text)
        if add or not held:
            held.append((query, index.add(query)))
        else:
            index.remove(held.pop(len(text) % len(held))[0])
    together = found(index, papers)
    for query, number in held:
        assert together.get(number, []) == plainly(query, papers)
    assert set(together) == {number for query, number in held if plainly(query, papers)}


@given(st.lists(QUERIES, min_size=1, max_size=8))
@settings(SOME, max_examples=200)
def test_what_can_only_be_said_one_way_is_written_as_all_else_is(texts: list[str]) -> None:
    known = Atoms()
    for query in map(
        parse, [*texts, "reinforcement learning, multi agent", "author:ada, title:ada", "machine -learning"]
    ):
        assert (known.plain(query.root, KNOWN) or formula(query, known.add, known.plain)) == formula(query, known.add)


def test_a_phrase_may_be_as_long_as_a_query() -> None:
    text = " ".join("ab"[n % 2] for n in range(450))
    index = Index([parse(f'"{text}"')])
    papers = [Paper(id="x", title=text), Paper(id="y", title=text[2:])]
    assert list(found(index, papers).values()) == [[0]]
    index.remove(parse(f'"{text}"'))
    assert not any(index._atoms.numbers.held)


def test_many_are_added_at_once_and_garbage_is_looked_for_again() -> None:
    def broken() -> Iterator[Query]:
        yield parse("agents")
        raise ValueError

    index = Index()
    one, two = parse("agents"), parse("rl, llm")
    assert index.add_all([one, two]) == [index.add(one), index.add(two)]
    assert gc.isenabled()
    with pytest.raises(ValueError):  # noqa: PT011
        index.add_all(broken())
    assert gc.isenabled()


@given(st.lists(QUERIES, max_size=12))
@SOME
def test_what_is_removed_leaves_nothing_behind(texts: list[str]) -> None:
    index, empty = Index(map(parse, texts)), Index()
    for text in reversed(texts):
        index.remove(parse(text))
    everything = found(index, [PAPER])
    assert everything == {}
    for name in ("_numbers", "_formulas", "_hanging", "_either", "_loose"):
        assert getattr(index, name) == getattr(empty, name)
    assert not any(index._atoms.numbers.held)
    assert not any(
        vars(space).get(name)
        for space in index._atoms._spaces.values()
        for name in ("_words", "_pairs", "_longer", "_known")
    )


def test_a_real_day_is_found_alike() -> None:
    queries, papers = list(map(parse, REAL)), recorded()
    index = Index()
    numbers = [index.add(query) for query in queries]
    together = found(index, papers)
    assert [together.get(number, []) for number in numbers] == [plainly(query, papers) for query in queries]
    assert sum(0 < len(places) < len(papers) for places in together.values()) > 0.7 * len(REAL)


@pytest.mark.parametrize(
    ("one", "other"),
    [("agent", "Agents"), ("a, b", "b OR a"), ("rl", '"reinforcement learning"'), ("multi-agent", '"multi agent"'),
     ("optimal~", "optimize~"), ("a b -c", "b a NOT c")],
)  # fmt: skip
def test_queries_that_ask_the_same_share_a_number(one: str, other: str) -> None:
    index = Index()
    assert index.add(parse(one)) == index.add(parse(other))
    index.remove(parse(one))
    paper = Paper(id="x", title="agents a b rl multiagent optimal")
    assert len(found(index, [paper])) == 1


@pytest.mark.parametrize(("one", "other"), [("a b", "a, b"), ("a, b c", "a (b, c)"), ("-(a, b) c", "-(a b) c")])
def test_all_of_some_words_and_any_of_them_are_two_queries(one: str, other: str) -> None:
    index = Index()
    assert index.add(parse(one)) != index.add(parse(other))


def test_a_query_keeps_the_table_of_acronyms_that_it_was_read_with() -> None:
    learned = table(also=[Pair("bc", "behavior cloning")])
    index = Index()
    known, wider = index.add(parse("bc")), index.add(parse("bc", learned))
    assert known != wider
    assert found(index, [Paper(id="x", title="Behavior cloning")]) == {wider: [0]}


@pytest.mark.parametrize("text", ["policy", "robot -arm", "robot*", "robot, arm", '"diffusion policy"', "cat:cs", "*"])
def test_what_is_not_there_cannot_be_removed(text: str) -> None:
    index = Index(map(parse, ["robot", "cat:math", "robotic*", "arm", '"diffusion policy learning"']))
    before = found(index, [PAPER])
    for _ in range(2):
        with pytest.raises(KeyError):
            index.remove(parse(text))
        index.add(parse(text))
        index.remove(parse(text))
    assert found(index, [PAPER]) == before


@pytest.mark.parametrize(("first", "then"), [("robo*", "robot*"), ("robust~", "robotics~"), ("cat:math", "cat:cs")])
def test_what_is_added_after_a_match_counts_in_the_next(first: str, then: str) -> None:
    index = Index([parse(first)])
    found(index, [PAPER])
    number = index.add(parse(then))
    assert found(index, [PAPER])[number] == [0]
    index.remove(parse(then))
    assert number not in found(index, [PAPER])


def test_an_index_may_be_asked_again_on_another_day_and_of_no_papers() -> None:
    index = Index([parse("age<=3")])
    assert found(index, []) == {}
    assert len(found(index, [PAPER])) == 1
    assert found(index, [PAPER], date(2027, 1, 1)) == {}


@given(st.integers(0, 2**80))
@SOME
def test_bits_are_the_places_of_a_bitmap(bitmap: int) -> None:
    assert sum(1 << place for place in bits(bitmap)) == bitmap
    assert list(bits(bitmap)) == sorted(bits(bitmap))
