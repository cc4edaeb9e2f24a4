"""Papers and queries over the same few words, of all fields and operators, and what the plain matcher says of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hypothesis import strategies as st

from bot.models import Paper
from bot.query import Leaf, Query, match, printed
from bot.query.nodes import Compare, Everything, Exact, Has, Label, Phrase, Prefix, Stem, Word
from tests.query.papers import TODAY
from tests.query.trees import trees

PIECES = [
    "agent", "agents", "multi-agent", "multiagent", "multi", "RL", "reinforcement", "learning", "training", "pre-train",
    "pretrained", "optimal", "optimize", "BC", "behavior cloning", "behavior cloning (BC)", "GPT-4", "é", ".", "-",
]  # fmt: skip
TEXT = st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join)
NUMBER = st.none() | st.integers(0, 3)
PAPERS = st.builds(
    Paper, id=st.just("x"), title=TEXT, abstract=TEXT, authors=st.lists(TEXT, max_size=2).map(tuple), organization=TEXT,
    tags=st.lists(TEXT, max_size=2).map(tuple), upvotes=NUMBER, stars=NUMBER, comments=NUMBER,
    listed=st.none() | st.just(TODAY), code=st.sampled_from(["", "https://a.org"]),
    categories=st.lists(st.sampled_from(["cs.RO", "cs.LG", "math", "a.b.c"]), max_size=2).map(tuple),
    sources=st.lists(st.sampled_from(["arxiv", "HuggingFace"]), max_size=2).map(tuple),
)  # fmt: skip
FIELD = st.sampled_from(["", "", "", "title", "abstract", "tag", "author", "org"])
SINGLE = [
    "agent",
    "multi",
    "multi-agent",
    "multiagent",
    "rl",
    "reinforcement",
    "train",
    "optimal",
    "bc",
    "gpt-4",
    "é",
    "learning",
]
LEAVES: st.SearchStrategy[Leaf] = st.one_of(
    st.builds(Word, st.sampled_from(SINGLE), FIELD),
    st.builds(Phrase, st.lists(st.sampled_from(SINGLE), min_size=2, max_size=4).map(" ".join), FIELD),
    st.builds(
        Prefix, st.sampled_from(["age", "agent", "rei", "multi-age", "pre-tra", "optimi", "trai", "learn"]), FIELD
    ),
    st.builds(Stem, st.sampled_from(["optimal", "training", "agent", "learned", "pretrain"]), FIELD),
    st.builds(Exact, st.sampled_from(["RL", "BC", "agent", "multi-agent", "Agent"])),
    st.builds(Label, st.just("cat"), st.sampled_from(["cs", "cs.ro", "math", "a.b", "b"])),
    st.builds(Label, st.just("source"), st.sampled_from(["arxiv", "huggingface", "x"])),
    st.builds(Has, st.sampled_from(["code", "model"])),
    st.builds(
        Compare, st.sampled_from(["upvotes", "stars", "age"]), st.sampled_from([">=", "<", "="]), st.integers(0, 3)
    ),
    st.builds(Everything),
)
QUERIES = trees(LEAVES).map(printed).filter(lambda text: len(text) < 900)
REAL = [
    "model", "learning", '"language model"', "llm", "rl", "rl -survey", '"reinforcement learning"', "multi-modal",
    "optimiz*", "generat~", "title:model, abstract:video", "author:li", "upvotes>=20", "agents upvotes>=20", "has:code",
    "* -model", "exact:LLM", "pre-train*", "stars>5, zebra", '"chain of thought"', "(llm, vlm) -(video, image)",
]  # fmt: skip


def plainly(query: Query, papers: Sequence[Paper], today: date = TODAY) -> list[int]:
    return [n for n, paper in enumerate(papers) if match(query, paper, today) is not None]
