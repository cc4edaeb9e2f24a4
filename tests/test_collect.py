import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.collect import Collected, collect, dedupe, merge
from bot.errors import RateLimited, SourceError
from bot.models import Fetched, Paper

FEW = settings(max_examples=25, deadline=None)
DAY = date(2026, 10, 6)

DATES = st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 9))
COUNTS = st.none() | st.integers(0, 9)
TEXTS = st.sampled_from(["", "a", "b", "cc", "dd"])
WORDS = st.lists(st.sampled_from("pqrs"), unique=True, max_size=3).map(tuple)


def some_papers(ids: str = "1") -> st.SearchStrategy[Paper]:
    return st.builds(
        Paper,
        id=st.sampled_from(ids),
        title=st.sampled_from(["a", "b", "cc"]),
        abstract=TEXTS,
        authors=WORDS,
        organization=TEXTS,
        published=DATES,
        listed=DATES,
        upvotes=COUNTS,
        stars=COUNTS,
        comments=COUNTS,
        url=TEXTS,
        code=TEXTS,
        project=TEXTS,
        model=TEXTS,
        image=TEXTS,
        ai_summary=TEXTS,
        tldr=TEXTS,
        model_summary=TEXTS,
        model_name=TEXTS,
        citations=COUNTS,
        discussion=TEXTS,
        points=COUNTS,
        replies=COUNTS,
        tags=WORDS,
        categories=WORDS,
        sources=WORDS,
        version=COUNTS,
        withdrawn=st.booleans(),
    )


@FEW
@given(some_papers())
def test_merging_a_paper_with_itself_changes_nothing(paper: Paper) -> None:
    assert merge(paper, paper) == paper


@FEW
@given(some_papers(), some_papers(), some_papers())
def test_it_does_not_matter_where_the_brackets_stand(a: Paper, b: Paper, c: Paper) -> None:
    assert merge(merge(a, b), c) == merge(a, merge(b, c))


@FEW
@given(some_papers(), some_papers())
def test_a_second_telling_of_the_same_changes_nothing(a: Paper, b: Paper) -> None:
    assert merge(merge(a, b), b) == merge(a, b)


@FEW
@given(some_papers())
def test_a_paper_that_knows_only_its_name_takes_nothing_away(paper: Paper) -> None:
    bare = Paper(id=paper.id, title=paper.title)
    assert merge(bare, paper) == paper
    assert merge(paper, bare) == paper


@FEW
@given(some_papers(), some_papers())
def test_no_value_is_made_up(a: Paper, b: Paper) -> None:
    both = merge(a, b)
    for each in fields(Paper):
        old, new, got = (getattr(paper, each.name) for paper in (a, b, both))
        assert got in (old, new) or set(got) == {*old, *new}


@pytest.mark.parametrize(
    ("name", "old", "new", "both"),
    [
        ("title", "Old", "New", "New"),
        ("abstract", "A long one.", "Short", "A long one."),
        ("abstract", "Short", "A long one.", "A long one."),
        ("abstract", "Same length", "same length", "same length"),
        ("authors", ("A", "B"), ("A",), ("A", "B")),
        ("authors", ("A. One",), ("Ann One",), ("Ann One",)),
        ("organization", "Lab", "The Lab", "The Lab"),
        ("organization", "Lab", "", "Lab"),
        ("published", DAY, date(2026, 10, 5), date(2026, 10, 5)),
        ("listed", date(2026, 10, 5), DAY, DAY),
        ("listed", None, DAY, DAY),
        ("upvotes", 41, 40, 40),
        ("upvotes", 41, 0, 0),
        ("stars", 41, None, 41),
        ("comments", None, 2, 2),
        ("url", "https://huggingface.co/x", "https://arxiv.org/x", "https://huggingface.co/x"),
        ("url", "", "https://arxiv.org/x", "https://arxiv.org/x"),
        ("code", "https://github.com/a/b", "https://github.com/a/c", "https://github.com/a/c"),
        ("project", "https://a.example", "", "https://a.example"),
        ("model", "", "https://b.example", "https://b.example"),
        ("image", "https://a.example/1.png", "https://a.example/2.png", "https://a.example/2.png"),
        ("ai_summary", "One.", "Two.", "Two."),
        ("tldr", "One.", "", "One."),
        ("citations", 3, None, 3),
        ("citations", 3, 2, 2),
        ("model_summary", "One.", "Two.", "Two."),
        ("model_name", "small", "", "small"),
        ("discussion", "https://a.example", "", "https://a.example"),
        ("points", 30, 29, 29),
        ("replies", 3, None, 3),
        ("tags", ("b", "a"), ("c", "a"), ("b", "a", "c")),
        ("categories", ("cs.RO",), ("cs.AI", "cs.RO"), ("cs.RO", "cs.AI")),
        ("sources", ("huggingface",), ("arxiv",), ("huggingface", "arxiv")),
        ("version", 3, 2, 3),
        ("version", None, 1, 1),
        ("withdrawn", True, False, True),
        ("withdrawn", False, True, True),
    ],
)
def test_every_field_has_its_rule(name: str, old: object, new: object, both: object) -> None:
    def having(value: object) -> Paper:
        values: dict[str, Any] = {"title": "T", name: value}
        return Paper(id="1", **values)

    assert merge(having(old), having(new)) == having(both)


def test_two_papers_are_never_made_one() -> None:
    with pytest.raises(ValueError, match="1 and 2 are two papers"):
        merge(Paper(id="1", title="T"), Paper(id="2", title="T"))


@FEW
@given(st.lists(some_papers("123"), max_size=6))
def test_dedupe_keeps_every_id_once_at_its_first_place(papers: list[Paper]) -> None:
    kept = dedupe(papers)
    assert [paper.id for paper in kept] == list(dict.fromkeys(paper.id for paper in papers))
    assert dedupe(kept) == kept


@FEW
@given(st.lists(some_papers("123"), max_size=6), st.integers(0, 6))
def test_dedupe_may_be_done_in_parts(papers: list[Paper], cut: int) -> None:
    assert dedupe([*dedupe(papers[:cut]), *dedupe(papers[cut:])]) == dedupe(papers)


@dataclass
class Shelf:
    """A source that has what it is given, or fails as it is told, when all have been asked."""

    name: str
    papers: Sequence[Paper] = ()
    problems: tuple[str, ...] = ()
    error: BaseException | None = None
    asked: list[tuple[date, date]] = field(default_factory=list)
    everybody: asyncio.Barrier | None = None

    async def fetch(self, since: date, until: date) -> Fetched:
        self.asked.append((since, until))
        if self.everybody:
            await self.everybody.wait()
        if self.error:
            raise self.error
        return Fetched(tuple(replace(paper, sources=(self.name,)) for paper in self.papers), self.problems)

    async def aclose(self) -> None:
        return


ONE, TWO = Paper(id="1", title="One", upvotes=3), Paper(id="2", title="Two")


async def test_all_sources_are_asked_at_once_for_the_same_days() -> None:
    everybody = asyncio.Barrier(3)
    shelves = [Shelf(name, [ONE], everybody=everybody) for name in "abc"]
    await asyncio.wait_for(collect(shelves, date(2026, 10, 1), DAY), 1)
    assert [shelf.asked for shelf in shelves] == [[(date(2026, 10, 1), DAY)]] * 3


async def test_a_paper_that_several_sources_name_is_one_with_all_their_labels() -> None:
    shelves = [Shelf("huggingface", [TWO, ONE]), Shelf("arxiv", [replace(ONE, upvotes=None, categories=("cs.RO",))])]
    collected = await collect(shelves, DAY, DAY)
    assert [paper.id for paper in collected.papers] == ["2", "1"]
    both = collected.papers[1]
    assert (both.sources, both.upvotes, both.categories) == (("huggingface", "arxiv"), 3, ("cs.RO",))


@pytest.mark.parametrize("error", [SourceError("b is down."), RateLimited("b is down.", 60)])
async def test_a_source_that_fails_costs_only_itself(error: SourceError) -> None:
    collected = await collect([Shelf("a", [ONE]), Shelf("b", error=error), Shelf("c", [TWO])], DAY, DAY)
    assert [paper.id for paper in collected.papers] == ["1", "2"]
    assert collected.succeeded == ("a", "c")
    assert collected.problems == {"b": ("b is down.",)}


async def test_a_defect_of_an_adapter_costs_only_that_adapter_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "bot.collect")
    collected = await collect([Shelf("a", [ONE]), Shelf("b", error=KeyError("hf_secret"))], DAY, DAY)
    assert collected.succeeded == ("a",)
    assert collected.problems == {"b": ("b failed for a reason of its own (KeyError). The log has the details.",)}
    (record,) = caplog.records
    assert record.getMessage() == "The source b has a defect"
    assert record.exc_info


async def test_problems_of_a_source_that_succeeded_are_kept() -> None:
    collected = await collect([Shelf("a", [ONE], problems=("Row 3 was left out.",)), Shelf("b")], DAY, DAY)
    assert collected.succeeded == ("a", "b")
    assert collected.problems == {"a": ("Row 3 was left out.",)}


async def test_no_sources_give_nothing() -> None:
    assert await collect([], DAY, DAY) == Collected((), {}, ())


async def test_collecting_can_be_cancelled() -> None:
    task = asyncio.create_task(collect([Shelf("a", everybody=asyncio.Barrier(2))], DAY, DAY))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_source_that_cancels_itself_costs_only_itself() -> None:
    collected = await collect([Shelf("a", error=asyncio.CancelledError()), Shelf("b", [ONE])], DAY, DAY)
    assert (collected.succeeded, list(collected.problems)) == (("b",), ["a"])
