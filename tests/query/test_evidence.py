from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Paper
from bot.query import match, parse
from bot.query.hits import exact_in
from tests.query.papers import PAPER, SOME, TODAY, recorded, with_


def test_everything_matches_with_nothing_to_quote() -> None:
    assert match(parse("*"), PAPER, TODAY) == ()


def evidence_of(query: str, paper: Paper = PAPER) -> list[tuple[str, str, str]]:
    return [(e.field, e.term, e.quote) for e in match(parse(query), paper, TODAY) or ()]


@pytest.mark.parametrize(
    ("query", "evidence"),
    [
        ("Robot", [("abstract", "Robot", "robot"), ("abstract", "Robot", "robots")]),
        ("visuo-motor", [("title", "visuo-motor", "Visuomotor")]),
        ("robotics", [("tags", "robotics", "robotics")]),
        ('tag:"Imitation Learning"', [("tags", 'tag:"Imitation Learning"', "imitation learning")]),
        ("author:levine", [("authors", "author:levine", "Sergey Levine")]),
        ("org:google", [("organization", "org:google", "Google DeepMind")]),
        ("cat:cs", [("categories", "cat:cs", "cs.RO")]),
        ("source:arxiv", [("sources", "source:arxiv", "arxiv")]),
        ("has:code", [("code", "has:code", "https://github.com/example/diffusion_policy")]),
        ("upvotes >= 20", [("upvotes", "upvotes >= 20", "283")]),
        ("zebra, visuomotor, via", [("title", "visuomotor", "Visuomotor"), ("title", "via", "via")]),
        ("(visuomotor zebra), via", [("title", "via", "via")]),
        ("via -survey", [("title", "via", "via")]),
        ("exact:BC", [("abstract", "exact:BC", "BC")]),
        ("exact:learning", [("tags", "exact:learning", "imitation learning")]),
        ("outperf*", [("abstract", "outperf*", "outperforms")]),
        ("generation~", [("abstract", "generation~", "generating")]),
        (
            "policy",
            [("title", "policy", "Policy"), ("abstract", "policy", "Policy"), ("abstract", "policy", "policies")],
        ),
    ],
)
def test_the_evidence_of_a_match(query: str, evidence: list[tuple[str, str, str]]) -> None:
    assert evidence_of(query) == evidence


LETTERS = st.text("aB_-1é\u0301 .", max_size=9)


@given(LETTERS.filter(bool), LETTERS)
def test_exact_characters_stand_where_no_letter_or_digit_goes_on(wanted: str, text: str) -> None:
    before, after = (r"(?<![^\W_])" * wanted[0].isalnum(), r"(?![^\W_])" * wanted[-1].isalnum())
    found = [one.span() for one in re.finditer(before + re.escape(wanted) + after, text)]
    assert list(exact_in(wanted, text)) == found


def test_a_leaf_gives_at_most_three_quotes() -> None:
    paper = with_(abstract="plan plans planned planning")
    assert [quote for _, _, quote in evidence_of("plan", paper)] == ["plan", "plans", "planned"]


def test_all_the_words_of_an_alternative_are_quoted() -> None:
    paper = with_(title="A multi-agent world", abstract="")
    assert evidence_of("multiagent", paper) == [("title", "multiagent", "multi-agent")]


def test_quotes_of_one_leaf_do_not_overlap() -> None:
    paper = with_(title="plan planned plans planning", abstract="")
    assert [quote for _, _, quote in evidence_of('"plan plan"', paper)] == ["plan planned", "plans planning"]


QUERIES = [
    "model*",
    "learning",
    '"language model"',
    "rl, agents, video",
    "llm",
    "optimize~",
    "multi-modal",
    "exact:LLM",
    "*",
]


@pytest.mark.parametrize("query", QUERIES)
def test_every_quote_of_a_real_day_stands_word_for_word_in_its_field(query: str) -> None:
    found = [(paper, match(parse(query), paper, TODAY)) for paper in recorded()]
    assert any(evidence is not None for _, evidence in found)
    for paper, evidence in found:
        for e in evidence or ():
            value = getattr(paper, e.field)
            text = value if isinstance(value, str) else e.quote
            assert isinstance(value, str) or e.quote in value
            assert e.quote
            assert text[e.start : e.end] == e.quote


HOSTILE = [
    "a",
    "A ",
    "ﬁ",
    "é",
    "e\u0301",
    "\u00ad",
    "policy",
    "policies ",
    "-",
    "(PO)",
    "'s",
    "\\emph{",
    " ",
    "policy optimization (PO) ",
]


@given(
    st.lists(st.sampled_from(HOSTILE), max_size=12).map("".join),
    st.sampled_from(["policy", "a", "po", "fia*", "exact:A"]),
)
@SOME
def test_quotes_stand_in_hostile_text_too(text: str, query: str) -> None:
    paper = Paper(id="x", title=text, abstract=text[::-1] + text)
    for e in match(parse(query), paper, TODAY) or ():
        assert getattr(paper, e.field)[e.start : e.end] == e.quote != ""
