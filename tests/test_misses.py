from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import pipeline, query
from bot.card import numbers
from bot.match import fold
from bot.misses import MOST, nearest
from bot.models import Paper
from bot.rank import rank
from tests.chats import FakeChat
from tests.fakes import MemoryStore
from tests.making import DAY, NOW, ROOM, paper, settings, subscription

AGENTS = paper("1", title="Agents", abstract="x", upvotes=7)
SURVEY = paper("2", title="A survey of agents", abstract="x", upvotes=30)
HALF = paper("3", title="Planning", abstract="x", upvotes=90)
NOTHING = paper("4", title="Legs", abstract="x", upvotes=900)


def close(text: str, papers: Sequence[Paper] = (NOTHING, HALF, SURVEY, AGENTS)) -> list[tuple[str, str]]:
    return [(item.paper.id, item.reason) for item in nearest([query.parse(text)], fold(papers), DAY)]


def test_a_number_is_less_than_an_exclusion_and_that_less_than_a_word() -> None:
    assert close("agents upvotes>=20 -survey") == [
        ("1", "below upvotes>=20 (has 7)"),
        ("2", "excluded by -survey"),
    ]
    assert close("agents planning") == [
        ("3", "does not mention agents"),
        ("2", "does not mention planning"),
        ("1", "does not mention planning"),
    ]


def test_a_paper_without_any_of_the_words_was_not_close_and_one_that_matches_is_no_miss() -> None:
    assert close("zebra") == []
    assert close("zebra, giraffe") == []
    assert close("agents", [AGENTS]) == []
    assert close("(zebra lion) OR (zebra tiger)") == []


def test_words_are_counted_and_not_the_commas_in_them() -> None:
    assert close('agents "legs, arms"', [AGENTS]) == [("1", 'does not mention "legs, arms"')]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("agents age>3", "below age>3 (has 0)"),
        ("agents upvotes<5", "above upvotes<5 (has 7)"),
        ("agents stars>=1", "stars unknown, wanted stars>=1"),
        ("agents has:code upvotes>=9", "no code, below upvotes>=9 (has 7)"),
        ("agents upvotes>=8 (upvotes>=80 OR stars>5)", "below upvotes>=8 (has 7), below upvotes>=80 (has 7)"),
        ("agents upvotes>=8 (has:code OR upvotes>=8)", "below upvotes>=8 (has 7), no code"),
    ],
)
def test_a_bound_is_told_with_what_the_paper_has(text: str, said: str) -> None:
    assert close(text, [AGENTS]) == [("1", said)]


def test_a_paper_of_a_day_that_is_still_to_come_is_no_days_old() -> None:
    ahead = replace(AGENTS, listed=DAY + timedelta(days=2))
    assert close("agents age>3", [ahead]) == [("1", "below age>3 (has 0)")]


def test_of_several_queries_the_one_that_lacked_least_speaks_and_there_are_three_at_the_most() -> None:
    queries = [query.parse("agents zebra"), query.parse("agents upvotes>=99999")]
    papers = [paper(str(n), upvotes=n) for n in range(9)]
    found = nearest(queries, fold(rank(papers, DAY)), DAY)
    assert len(found) == MOST
    assert [item.paper.id for item in found] == ["8", "7", "6"]
    assert found[0].reason == "below upvotes>=99999 (has 8)"


async def channel(*, quiet: bool = True) -> MemoryStore:
    store = MemoryStore()
    await store.add_papers([AGENTS, NOTHING], NOW)
    await store.subscribe(subscription("agents upvotes>=20"), settings(quiet=quiet))
    return store


async def test_an_empty_digest_that_is_posted_says_what_came_closest() -> None:
    store = await channel(quiet=False)
    made = await pipeline.preview(store, settings(quiet=False), NOW)
    assert [item.paper.id for item in made.nearest] == ["1"]
    assert numbers(made).endswith("closest “Agents”: below upvotes>=20 (has 7)")
    await pipeline.plan(store, {"fake": FakeChat()}, NOW, fetching=pipeline.Fetching())
    assert len(await store.deliveries(channel=ROOM)) == 1


async def test_a_digest_that_stays_silent_or_has_papers_looks_for_nothing() -> None:
    store = await channel()
    assert (await pipeline.preview(store, settings(), NOW)).nearest == ()
    await store.subscribe(subscription("legs"), settings())
    assert (await pipeline.preview(store, settings(quiet=False), NOW)).nearest == ()
