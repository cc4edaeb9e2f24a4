from __future__ import annotations

import pytest

from bot.query import (
    And,
    Compare,
    Everything,
    Exact,
    Has,
    Label,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Stem,
    Word,
    leaves,
    parse,
    positive_leaves,
    walk,
)

A, B, C = Word("a"), Word("b"), Word("c")


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("diffusion policy", And((Word("diffusion"), Word("policy")))),
        ('"Diffusion  Policy"', Phrase("diffusion policy")),
        ("“world model”", Phrase("world model")),
        ('"agents"', Word("agents")),
        ("Multi‑Agent", Word("multi-agent")),
        ("quantiz*", Prefix("quantiz")),
        ("optimize~", Stem("optimize")),
        ("title:MoE", Word("moe", "title")),
        ("TITLE:MoE", Word("moe", "title")),
        ("abstract: moe", Word("moe", "abstract")),
        ("author:levine", Word("levine", "author")),
        ('author:"Sergey Levine"', Phrase("sergey levine", "author")),
        ("org:DeepMind", Word("deepmind", "org")),
        ("tag:robot*", Prefix("robot", "tag")),
        ("cat:cs.RO", Label("cat", "cs.ro")),
        ('cat:"cs.RO"', Label("cat", "cs.ro")),
        ("cat:cs.*", Label("cat", "cs")),
        ("source:arXiv", Label("source", "arxiv")),
        ("has:Code", Has("code")),
        ("upvotes>=20", Compare("upvotes", ">=", 20)),
        ("Upvotes >= 20", Compare("upvotes", ">=", 20)),
        ("stars≥100", Compare("stars", ">=", 100)),
        ("comments=0", Compare("comments", "=", 0)),
        ("age<7", Compare("age", "<", 7)),
        ('exact:"RAG time"', Exact("RAG time")),
        ("exact:RAG", Exact("RAG")),
        ("*", Everything()),
        ("3:1", Word("3:1")),
        ("https://example.org/a", Word("https://example.org/a")),
        ("std::vector", Word("std::vector")),
        ("RLHF: survey", And((Word("rlhf"), Word("survey")))),
        ("p<0.05", Word("p<0.05")),
        ("<think>", Word("think")),
        ("C++", Word("c")),
        ('"and"', Word("and")),
        ("a and b", And((A, Word("and"), B))),
        ('"A* search"', Phrase("a* search")),
        (r'"$\alpha$-divergence"', Word("divergence")),
        ("(a)", A),
        ("((a b))", And((A, B))),
        ("a, b", Or((A, B))),
        ("a OR b | c", Or((A, B, C))),
        ("a AND b c", And((A, B, C))),
        ("a b, c", Or((And((A, B)), C))),
        ("a, b -c", Or((A, And((B, Not(C)))))),
        ("a (b, c)", And((A, Or((B, C))))),
        ("-a b", And((Not(A), B))),
        ("a NOT b", And((A, Not(B)))),
        ("a AND NOT b", And((A, Not(B)))),
        ("a -(b, c)", And((A, Not(Or((B, C)))))),
        ("NOT NOT a", A),
        ("a --b", And((A, B))),
        ("a -(-b)", And((A, B))),
        ("a,b，c、a", Or((A, B, C))),
        (",a,,b, ", Or((A, B))),
        ("(a,) b", And((A, B))),
        ("a (b (a c))", And((A, B, C))),
    ],
)
def test_what_is_written_becomes_this_tree(text: str, root: Node) -> None:
    assert parse(text).root == root


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Diffusion   Policy", "diffusion policy"),
        ("a, b -c", "a OR (b -c)"),
        ("(rlhf OR dpo) AND “Reward Model”", '(rlhf OR dpo) "reward model"'),
        ("!a b", "-a b"),
        ("a NOT (b | c)", "a -(b OR c)"),
        ('"3:1"', '"3:1"'),
        ("title: “World Models”", 'title:"world models"'),
        ("exact:RAG", 'exact:"RAG"'),
        ("CAT:cs.RO Has:Code", "cat:cs.ro has:code"),
        ("upvotes > 3", "upvotes>3"),
        ("Quantiz* OPTIMIZE~", "quantiz* optimize~"),
        ("* -survey", "* -survey"),
    ],
)
def test_the_canonical_form(text: str, canonical: str) -> None:
    assert parse(text).canonical == str(parse(text)) == canonical


@pytest.mark.parametrize(
    "spellings",
    [
        ["agents -survey", "Agents NOT survey", "agents !survey", "agents AND NOT SURVEY", " agents -survey "],
        ["a, b", "a OR b", "a|b", "(a) OR (b)", "a, b, a", "((a, b))", "a ， b", "a,b,"],
        ["a b", "a AND b", "(a b)", "a b a", "a (b)", "A\tB\n"],
        ['"world model"', "“World Model”", '"world  model "', "«world model»"],
        ["multi-agent", "Multi–agent", "multi‐agent", '"multi-agent"', "multi-agent."],
        ["upvotes>=20", "upvotes >= 20", "UPVOTES≥20", "upvotes>=020"],
    ],
)
def test_equal_meaning_has_one_form(spellings: list[str]) -> None:
    assert {parse(text).canonical for text in spellings} == {parse(spellings[0]).canonical}
    assert len({parse(text) for text in spellings}) == 1


def test_the_order_of_first_appearance_stays() -> None:
    assert parse("zebra, apple, Zebra, mango").canonical == "zebra OR apple OR mango"


def test_a_query_remembers_how_it_was_written() -> None:
    query = parse("RLHF,  Title:“World Model” -Survey")
    assert query.text == "RLHF,  Title:“World Model” -Survey"
    assert [leaf.term for leaf in leaves(query.root)] == ["RLHF", "Title:“World Model”", "Survey"]


def test_equal_queries_are_equal_however_they_were_written() -> None:
    assert parse("RLHF") == parse("rlhf")
    assert parse("rlhf") != parse("dpo")
    assert hash(parse("a,b")) == hash(parse("A OR B"))


def test_walking_gives_parents_first_and_leaves_from_left_to_right() -> None:
    root = parse("a (b, c) -(a b)").root
    kinds = [type(node).__name__ for node in walk(root)]
    assert kinds == ["And", "Word", "Or", "Word", "Word", "Not", "And", "Word", "Word"]
    assert leaves(root) == (A, B, C, A, B)
    assert positive_leaves(root) == (A, B, C)
