"""A full-text index over folded papers finds exactly what the matcher finds: shown with SQLite's FTS5."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import astuple, fields
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Paper
from bot.query import (
    SCOPES,
    FoldedPaper,
    Phrase,
    Prefix,
    Word,
    alternatives,
    fold_paper,
    fold_text,
    match,
    parse,
    prefixes,
)
from tests.query.papers import PAPER, SOME, TODAY, recorded

COLUMNS = [field.name for field in fields(FoldedPaper)]


class Index:
    """The smallest archive there can be."""

    def __init__(self, papers: tuple[Paper, ...], tokenizer: str) -> None:
        self.db = sqlite3.connect(":memory:")
        self.db.execute(f"CREATE VIRTUAL TABLE papers USING fts5({', '.join(COLUMNS)}, tokenize='{tokenizer}')")
        marks = ", ".join("?" * len(COLUMNS))
        rows = [astuple(fold_paper(paper)) for paper in papers]
        self.db.executemany(f"INSERT INTO papers VALUES ({marks})", rows)

    def find(self, query: str) -> set[int]:
        leaf = parse(query).root
        assert isinstance(leaf, Word | Phrase | Prefix)
        wanted = [f'"{" ".join(words)}"' for words in alternatives(leaf)]
        if isinstance(leaf, Prefix):
            wanted += [f'"{" ".join(words)}"*' for words in prefixes(leaf)]
        text = f"{{{' '.join(SCOPES[leaf.field])}}}: ({' OR '.join(wanted)})"
        return {row - 1 for (row,) in self.db.execute("SELECT rowid FROM papers WHERE papers MATCH ?", (text,))}


DAY = (*recorded(), PAPER)


@pytest.fixture(scope="module", params=["ascii", "unicode61"])
def index(request: pytest.FixtureRequest) -> Iterator[Index]:
    made = Index(DAY, request.param)
    yield made
    made.db.close()


@cache
def folded(paper: Paper) -> FoldedPaper:
    return fold_paper(paper)


def matched(query: str, papers: tuple[Paper, ...]) -> set[int]:
    wanted = parse(query)
    return {n for n, paper in enumerate(papers) if match(wanted, paper, TODAY, folded(paper)) is not None}


QUERIES = [
    "model", "models", "learning", "trained", "policy", '"language model"', "llm", '"large language models"', "rl",
    '"reinforcement learning"', "multimodal", "multi-modal", '"multi modal"', "benchmark", "data-set", "post-training",
    '"chain of thought"', "moe", "gpt-4", "video*", "general*", "optimiz*", "behaviou*", "multi-mod*", "title:model",
    "abstract:agents", "author:li", 'author:"levine"', 'author:"sergey levine"', 'author:"chi zhenjia"', "author:mül*",
    "org:deepmind", "tag:robots", "tag:robotics", '"robotics imitation"', "zebra", '"behavior cloning policies"',
    '"BC policies"', "π0", "rag", "opsd", '"vanilla on-policy self-distillation"',
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_the_index_finds_what_the_matcher_finds(index: Index, query: str) -> None:
    assert index.find(query) == matched(query, DAY)


def test_the_queries_find_much_and_not_everything(index: Index) -> None:
    sizes = [len(index.find(query)) for query in QUERIES]
    assert sum(0 < size < len(DAY) for size in sizes) > len(QUERIES) * 0.7


def test_every_pair_of_words_of_a_real_title_is_found_alike(index: Index) -> None:
    for paper in recorded()[:5]:
        words = paper.title.replace('"', "").split()
        for first, second in pairwise(words):
            query = f'"{first} {second}"'
            assert index.find(query) == matched(query, DAY)


pieces = st.sampled_from(
    ["multi", "agent", "agents", "multiagent", "RL", "é", "中", "π0", "GPT", "4", "-", " ", ". ", "’s", "ﬁ"]
)


fields_of_text = st.sampled_from(["", "title:", "abstract:", "tag:", "author:", "org:"])
said = st.lists(pieces, max_size=8).map("".join)


@given(st.tuples(said, said, said, said, said), fields_of_text, st.lists(pieces, min_size=1, max_size=4).map("".join))
@SOME
def test_the_index_and_the_matcher_agree_on_any_text_in_any_field(
    texts: tuple[str, str, str, str, str], field: str, wanted: str
) -> None:
    if not fold_text(wanted):
        return
    title, abstract, tag, author, organization = texts
    papers = (
        Paper(
            id="x", title=title, abstract=abstract, tags=(tag, "agent"), authors=(author,), organization=organization
        ),
        Paper(id="y", title=wanted, abstract=title, tags=(abstract,), authors=(tag, wanted), organization=author),
    )
    small = Index(papers, "ascii")
    assert small.find(f'{field}"{wanted}"') == matched(f'{field}"{wanted}"', papers)
    small.db.close()
