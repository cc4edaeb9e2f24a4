from __future__ import annotations

import time
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Paper
from bot.query import BARRIER, SCOPES, FoldedPaper, fold_paper, fold_text, match, parse
from bot.query.aliases import aliases, own_acronyms, rewritings
from tests.query.papers import SOME, TODAY, recorded, with_


def pairs(text: str) -> set[tuple[str, str]]:
    return set(own_acronyms(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We use behavior cloning (BC) here.", {("bc", "behavior clone")}),
        ("many world action models (WAMs)", {("wam", "world action model")}),
        ("BC (behavior cloning) is old", {("bc", "behavior clone")}),
        ("video action-of-thought (VAoT)", {("vaot", "video action of thought")}),
        ("Schrödinger Bridges (SB)", {("sb", "schrodinger bridg")}),
        ("direct preference optimization (DPO)", set()),
        ("we tune proximal policy tuning (PPT)", {("ppt", "proximal policy tune")}),
        ("it is self-supervised hearing (SSH)", {("ssh", "self supervis hearing")}),
        ("Tiny\nTree of Mind (TOM)", {("tom", "tree of mind")}),
        ("a proper code for the policy operator (PPO)", {("ppo", "policy operator")}),
        ("a bold chain of green days (BCD)", {("bcd", "bold chain of green day")}),
        ("the model (see below) is good (GOOD)", set()),
        ("tests on ImageNet (IN)", set()),
        ("a bold claim (bc)", set()),
        ("behavior cloning (Bc)", set()),
        ("in the zoo (XYZ)", set()),
        ("Robots behave. Cloning (BC)", set()),
        ("a lab cloning (BC)", set()),
        ("(BC)", set()),
        ("no bracket BC", set()),
        ("BC (before christ and more behavior)", set()),
        ("İzmir behavior\n  cloning (BC)", {("bc", "behavior clone")}),
        ("behavior. cloning (BC)", set()),
        ("behavior cloning. (BC)", set()),
        ("behavior of two or more people cloning (BC)", set()),
    ],
)
def test_the_acronyms_that_a_text_defines(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found


PAPER = Paper(
    id="x",
    title="Scaling BC Policies",
    abstract="We study behavior cloning (BC) for robots. A good BC policy wins; behaviour-cloned agents win.",
)


@pytest.mark.parametrize(
    ("query", "field", "quote"),
    [
        ('"behavior cloning policy"', "title", "BC Policies"),
        ('"scaling behaviour cloning"', "title", "Scaling BC"),
        ('"BC agents"', "abstract", "behaviour-cloned agents"),
        ('"good behavior cloning policy wins"', "abstract", "good BC policy wins"),
        ('"cloning policy wins"', "abstract", "BC policy wins"),
        ("behavior-clon*", "abstract", "behavior cloning"),
    ],
)
def test_a_phrase_with_the_other_form_is_found_where_this_one_stands(query: str, field: str, quote: str) -> None:
    evidence = match(parse(query), PAPER, TODAY)
    assert evidence
    assert (evidence[0].field, evidence[0].quote) == (field, quote)


@pytest.mark.parametrize("query", ['title:"behavior cloning"', '"BC behavior"', '"behavior BC"'])
def test_an_alias_invents_nothing_else(query: str) -> None:
    assert match(parse(query), PAPER, TODAY) is None


def test_an_acronym_that_is_not_defined_means_nothing() -> None:
    assert match(parse('"behavior cloning policy"'), Paper(id="x", title="Scaling BC Policies"), TODAY) is None


def test_an_alias_tells_which_words_stand_behind_it() -> None:
    ways = rewritings([("bc", "behavior clon")])
    (alias,) = aliases("a b c d e bc f g h i j", ways)
    assert (alias.left, alias.form, alias.right) == (list("bcde"), ["behavior", "clon"], list("fghi"))
    assert alias.original(0, 2) == (1, 3)
    assert alias.original(3, 5) == (4, 6)
    assert alias.original(5, 7) == (5, 7)
    assert alias.original(6, 10) == (6, 10)
    (shorter,) = aliases("x behavior clon y", ways)
    assert (shorter.left, shorter.form, shorter.right) == (["x"], ["bc"], ["y"])
    assert [shorter.original(word, word + 1) for word in range(3)] == [(0, 1), (1, 3), (3, 4)]


def test_a_definition_itself_is_no_place_for_an_alias() -> None:
    assert aliases("behavior clon bc", rewritings([("bc", "behavior clon")])) == []


def test_a_paper_is_folded_field_by_field() -> None:
    paper = with_(title="Zipf's Agents", abstract="See https://a.org/b.", tags=("RL agents", "+", "robots"))
    assert fold_paper(paper) == FoldedPaper(
        title="zipf agent",
        abstract="see",
        tags=f"rl agent {BARRIER} robot",
        authors=f"cheng chi {BARRIER} zhenjia xu {BARRIER} sergey levine {BARRIER} jurgen muller",
        organization="google deepmind",
    )


def test_the_aliases_of_a_real_day_are_few_and_short() -> None:
    for paper in recorded():
        folded = fold_paper(paper)
        assert folded.abstract == fold_text(paper.abstract)
        assert len(folded.aliases) < 2 * len(folded.abstract)


@given(st.text(alphabet="AaBb ().-", max_size=80))
@SOME
def test_no_text_breaks_the_search_for_definitions(text: str) -> None:
    for short, long in own_acronyms(text):
        assert short
        assert " " in long
    assert fold_paper(Paper(id="x", title=text, abstract=text)).title == fold_text(text)


@pytest.mark.parametrize("piece", ["(AB)", "a b (AB) ", "AB (", "(", "AB (a b) ", "A"])
def test_hostile_definitions_take_seconds_not_hours(piece: str) -> None:
    start = time.process_time()
    fold_paper(Paper(id="x", title="", abstract=piece * (100_000 // len(piece))))
    assert time.process_time() - start < 5


@pytest.mark.parametrize("field", SCOPES)
def test_the_words_that_folding_knew_are_those_of_the_streams(field: str) -> None:
    for folded in map(fold_paper, (*recorded(), PAPER, Paper(id="y", title="Bare", abstract=""))):
        assert folded.words(field) == FoldedPaper(*astuple(folded)).words(field)
