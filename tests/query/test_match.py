from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Evidence, Paper
from bot.query import And, Leaf, Node, Not, Or, Query, Word, fold_paper, match, parse, positive_leaves, printed
from tests.query.papers import PAPER, SOME, TODAY, mentions, wants, with_
from tests.query.trees import WORDS, simple, trees


@pytest.mark.parametrize(
    "query",
    [
        "diffusion policy",
        '"diffusion policy"',
        "visuomotor",
        "robots",
        "robotics",
        '"imitation learning"',
        "il",
        "RAG",
        "zebra, policy",
        "diffusion -survey",
        "diffusion NOT (survey OR zebra)",
        "(zebra OR policy) (zebra OR robot)",
        "visuo-motor",
        "generat*",
        "outperf*",
        "optimal, polic*",
        "generation~",
        "title:diffusion",
        "abstract:robots",
        'title:"policy learning via"',
        "tag:robotics",
        "tag:imitation",
        "tag:robot*",
        "author:levine",
        'author:"Sergey Levine"',
        "author:muller",
        "author:MÜLLER",
        "author:lev*",
        "org:deepmind",
        "cat:cs.RO",
        "cat:CS.lg",
        "cat:cs",
        "source:arXiv",
        "has:code",
        "upvotes>=283 upvotes<=283 upvotes=283",
        "upvotes>282 upvotes<284",
        "comments=0",
        "age=3",
        "age<=7",
        "* -survey",
        'exact:"RAG"',
        'exact:"Diffusion Policy"',
        'exact:"(BC)"',
        "exact:robotics",
        '"12 tasks from 4 benchmarks"',
        "π0",
    ],
)
def test_a_query_that_wants_the_paper(query: str) -> None:
    assert wants(query)


@pytest.mark.parametrize(
    "query",
    [
        "zebra",
        "diffusion zebra",
        '"policy diffusion"',
        '"action diffusion this paper"',
        '"robotics imitation"',
        "diffusion -policy",
        "diffusion -(zebra, policy)",
        "* -robots",
        "tor",
        "use",
        "visuomotorik*",
        "abstract:visuomotor",
        "title:robots",
        "tag:diffusion",
        "levine",
        "deepmind",
        "author:sergey author:wang",
        'author:"cheng levine"',
        'author:"chi zhenjia"',
        "author:levines",
        "author:levin",
        "author:sergei",
        "org:mind",
        "cat:cs.R",
        "cat:math",
        "cat:c",
        "source:arx",
        "has:model",
        "has:project",
        "upvotes>283",
        "upvotes<283",
        "upvotes=282",
        "stars>=0",
        "stars<5",
        "stars=0",
        "age<3",
        "age>3",
        'exact:"rag"',
        'exact:"diffusion Policy"',
        "exact:RA",
        'exact:"obot"',
        "diffusion-policy.example.org",
        "github",
        "https://github.com/example/diffusion_policy",
    ],
)
def test_a_query_that_does_not_want_the_paper(query: str) -> None:
    assert not wants(query)


@pytest.mark.parametrize("name", ["upvotes", "stars", "comments", "age"])
@pytest.mark.parametrize("operator", [">=", "<=", ">", "<", "="])
def test_an_unknown_number_satisfies_no_comparison_and_its_opposite_holds(name: str, operator: str) -> None:
    paper = Paper(id="x", title="agents")
    assert not wants(f"{name}{operator}0", paper)
    assert wants(f"agents -{name}{operator}0", paper)


def test_zero_is_a_number() -> None:
    assert wants("upvotes<1", with_(upvotes=0))
    assert wants("upvotes=0 upvotes>=0", with_(upvotes=0))


@pytest.mark.parametrize(
    ("listed", "published", "days"),
    [
        (TODAY, date(2020, 1, 1), 0),
        (None, TODAY - timedelta(days=9), 9),
        (TODAY + timedelta(days=1), None, -1),
    ],
)
def test_age_counts_from_the_day_it_was_listed(listed: date | None, published: date | None, days: int) -> None:
    paper = with_(listed=listed, published=published)
    evidence = match(parse("age<1000"), paper, TODAY)
    assert evidence == (Evidence("age", "age<1000", str(days), 0, len(str(days))),)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("with C++11", "C++"),
        ("with C++", "C++"),
        ("ASP.NET core", ".NET"),
        ("Zipf's law", "Zipf's law"),
        ("Zipf’s law", "Zipf"),
    ],
)
def test_exact_takes_punctuation_as_it_stands(text: str, wanted: str) -> None:
    assert mentions(f'exact:"{wanted}"', text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("GraphRAG", "RAG"), ("RAGs", "RAG"), ("Zipf's law", "s"), ("see http://a.org/RAG", "RAG"), ("RAG\u0301", "RÁ")],
)
def test_exact_keeps_to_word_boundaries_and_out_of_links(text: str, wanted: str) -> None:
    assert not mentions(f'exact:"{wanted}"', text)


def truth(node: Node, present: set[str]) -> bool:
    match node:
        case Not():
            return not truth(node.child, present)
        case And():
            return all(truth(child, present) for child in node.children)
        case Or():
            return any(truth(child, present) for child in node.children)
        case Word():
            return node.text in present
    raise AssertionError(node)


def proofs(node: Node, present: set[str]) -> list[Leaf]:
    """The positive leaves that hold in branches that hold."""
    if isinstance(node, Not) or not truth(node, present):
        return []
    if isinstance(node, And | Or):
        return [leaf for child in node.children for leaf in proofs(child, present)]
    return [node]


@given(trees(simple), st.sets(st.sampled_from(WORDS)))
@SOME
def test_the_boolean_structure_agrees_with_the_truth_table(root: Node, present: set[str]) -> None:
    query = parse(printed(root))
    paper = Paper(id="x", title=" ".join(sorted(present)))
    evidence = match(query, paper, TODAY)
    assert (evidence is not None) is truth(root, present)
    if evidence is not None:
        assert [e.term for e in evidence] == [leaf.term for leaf in proofs(query.root, present)]
        assert {e.term for e in evidence} <= {leaf.term for leaf in positive_leaves(query.root)}


def test_a_folded_paper_may_be_handed_in() -> None:
    query: Query = parse("robots")
    assert match(query, PAPER, TODAY, fold_paper(PAPER)) == match(query, PAPER, TODAY)
