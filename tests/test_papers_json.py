from __future__ import annotations

import json
from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import ids, text
from bot.models import Paper
from bot.papers_json import LARGEST, MOST, from_json, to_json

names = st.lists(st.text(max_size=20).map(text.name).filter(bool), max_size=4).map(tuple)
links = st.sampled_from(["", "https://github.com/a/b", "https://xn--bcher-kva.example/%C3%BC"])
counts = st.one_of(st.none(), st.integers(0, LARGEST))
days = st.one_of(st.none(), st.dates(date(1900, 1, 1)))
papers = st.builds(
    Paper,
    id=st.one_of(
        st.sampled_from(["2610.00001", "math/0309136", "10.1000/abc", "hackernews:42", "my_source:a/b.c"]),
        st.text(max_size=30).map(lambda raw: ids.canonical(raw, "other")),
    ),
    title=st.text(max_size=40).map(text.title).filter(bool),
    abstract=st.text(max_size=80).map(text.abstract),
    authors=names,
    organization=st.text(max_size=20).map(text.name),
    published=days,
    listed=days,
    upvotes=counts,
    stars=counts,
    comments=counts,
    url=links,
    code=links,
    project=links,
    model=links,
    image=links,
    ai_summary=st.text(max_size=40).map(text.abstract),
    tldr=st.text(max_size=40).map(text.plain),
    model_summary=st.text(max_size=40).map(text.plain),
    model_name=st.text(max_size=20).map(text.name),
    citations=counts,
    discussion=links,
    points=counts,
    replies=counts,
    tags=names,
    categories=st.sampled_from([(), ("cs.RO", "cs.AI")]),
    sources=st.sampled_from([(), ("huggingface",), ("huggingface", "arxiv")]),
    version=counts,
    withdrawn=st.booleans(),
)


@settings(max_examples=100, deadline=None)
@given(papers)
def test_every_paper_comes_back_the_same(paper: Paper) -> None:
    assert from_json(json.loads(json.dumps(to_json(paper)))) == paper


def test_every_field_is_written_under_its_name_and_in_its_order() -> None:
    full = Paper(
        id="2610.00001",
        title="0",
        abstract="A.\n\nB.",
        authors=("Ana", "Bo"),
        organization="Lab",
        published=date(2026, 10, 1),
        listed=date(2026, 10, 6),
        upvotes=0,
        stars=1,
        comments=2,
        url="https://a.org",
        code="https://b.org",
        project="https://c.org",
        model="https://d.org",
        image="https://e.org",
        ai_summary="S.",
        tldr="T.",
        model_summary="M.",
        model_name="small",
        citations=2,
        discussion="https://f.org",
        points=4,
        replies=5,
        tags=("x",),
        categories=("cs.RO",),
        sources=("arxiv",),
        version=3,
        withdrawn=True,
    )
    row = to_json(full)
    assert list(row) == [each.name for each in fields(Paper)]
    assert (row["upvotes"], row["listed"], row["authors"]) == (0, "2026-10-06", ["Ana", "Bo"])
    assert from_json(row) == full


def test_what_is_empty_is_left_out_and_may_be_missing() -> None:
    assert to_json(Paper(id="2610.00001", title="T")) == {"id": "2610.00001", "title": "T"}
    nothing = dict.fromkeys([each.name for each in fields(Paper)])
    assert from_json({**nothing, "id": "2610.00001", "title": "T"}) == Paper(id="2610.00001", title="T")


def test_what_comes_from_outside_is_cleaned() -> None:
    paper = from_json(
        {
            "id": " https://arxiv.org/abs/2610.00001v2 ",
            "title": "\u202eA  \\emph{title}\x1b[31m",
            "authors": ["Ren\\'e", "", "\u200b"],
            "abstract": "One\nline.\n\n\nTwo",
            "url": "javascript:alert(1)",
            "listed": "2026-10-06T12:00:00Z",
            "upvotes": 3.0,
            "unknown": {"x": 1},
        }
    )
    assert paper == Paper(
        id="2610.00001",
        title="A title",
        authors=("René",),
        abstract="One line.\n\nTwo",
        listed=date(2026, 10, 6),
        upvotes=3,
    )


@pytest.mark.parametrize(
    ("raw", "sources", "id_"),
    [
        ("42", ["hackernews"], "hackernews:42"),
        ("42", [], "file:42"),
        ("hackernews:42", ["huggingface"], "hackernews:42"),
        ("DOI:10.1000/ABC", [], "10.1000/abc"),
        ("arXiv:2610.00001", [], "2610.00001"),
    ],
)
def test_an_id_becomes_canonical_by_the_first_source(raw: str, sources: list[str], id_: str) -> None:
    assert from_json({"id": raw, "title": "T", "sources": sources}).id == id_


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"id": None}, "it has no id"),
        ({"id": "  "}, "it has no id"),
        ({"id": 2610.00001}, "its id is not text"),
        ({"title": "\u200b "}, "it has no title"),
        ({"title": ["T"]}, "its title is not text"),
        ({"authors": "Ana"}, "its authors is not a list of texts"),
        ({"authors": ["Ana", None]}, "its authors is not a list of texts"),
        ({"tags": {"a": 1}}, "its tags is not a list of texts"),
        ({"listed": "yesterday"}, "its listed is not a date like 2026-08-01"),
        ({"published": 20261006}, "its published is not a date like 2026-08-01"),
        ({"upvotes": "12"}, "its upvotes is not a whole number"),
        ({"upvotes": True}, "its upvotes is not a whole number"),
        ({"upvotes": -1}, "its upvotes is not a whole number"),
        ({"stars": 1.5}, "its stars is not a whole number"),
        ({"stars": float("inf")}, "its stars is not a whole number"),
        ({"stars": float("nan")}, "its stars is not a whole number"),
        ({"comments": 10**13}, "its comments is not a whole number"),
        ({"withdrawn": "no"}, "its withdrawn is not true or false"),
        ({"url": 1}, "its url is not text"),
    ],
)
def test_a_wrong_value_is_named(wrong: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        from_json({"id": "2610.00001", "title": "T"} | wrong)


@pytest.mark.parametrize("row", [None, 1, "x", [], ["id"]])
def test_what_is_no_object_is_no_paper(row: object) -> None:
    with pytest.raises(ValueError, match="it is not a JSON object"):
        from_json(row)


def test_lists_have_an_end() -> None:
    assert len(from_json({"id": "2610.00001", "title": "T", "authors": ["A"] * (MOST + 1)}).authors) == MOST
