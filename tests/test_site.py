from __future__ import annotations

from datetime import timedelta

import pytest

from bot import acronyms
from bot.errors import CommandError, QueryError
from bot.pipeline import Fetching
from bot.site import NEAR, Library
from tests.fakes import MemoryStore
from tests.making import DAY, Clock, paper

ONE = timedelta(days=1)


async def library(*listed: int) -> Library:
    """One with a paper for each number of days ago."""
    store, clock = MemoryStore(), Clock()
    await store.add_papers([paper(f"p{n}", listed=DAY - n * ONE, upvotes=n) for n in listed], clock())
    return Library(store, {}, now=clock, fetching=Fetching())


async def test_the_days_beside_a_list_are_those_that_have_papers() -> None:
    site = await library(0, 3, 4, 9)
    found = await site.listing(DAY - 4 * ONE, DAY - 3 * ONE, "trending", 0, 10)
    assert [entry.paper.id for entry in found.entries] == ["p3", "p4"]
    assert (found.before, found.after) == (DAY - 9 * ONE, DAY)
    assert (await site.listing(DAY, DAY, "newest", 0, 10)).after is None
    assert (await site.listing(DAY - 9 * ONE, DAY - 9 * ONE, "newest", 0, 10)).before is None


async def test_over_a_long_gap_the_way_on_is_to_the_newest_day() -> None:
    site = await library(0, 1, NEAR.days + 30)
    old = DAY - (NEAR.days + 30) * ONE
    found = await site.listing(old, old, "trending", 0, 10)
    assert (found.before, found.after) == (None, DAY)


async def test_the_scores_of_a_past_day_are_those_of_its_end() -> None:
    site = await library(*range(8))
    day = DAY - 5 * ONE
    then = await site.listing(day, day, "trending", 0, 10)
    clock = Clock()
    clock.move(days=100)
    later = Library(site._store, {}, now=clock, fetching=Fetching())
    assert (await later.listing(day, day, "trending", 0, 10)).entries == then.entries


async def test_a_list_is_cut_and_counted_and_its_orders_are_two() -> None:
    site = await library(*range(8))
    found = await site.listing(DAY - 7 * ONE, DAY, "newest", 2, 3)
    assert (found.total, [entry.paper.id for entry in found.entries]) == (8, ["p2", "p3", "p4"])
    with pytest.raises(CommandError, match="trending or newest"):
        await site.listing(DAY, DAY, "best", 0, 1)


async def test_a_search_brings_summaries_and_evidence() -> None:
    site = await library(1)
    results = await site.search("AGENTS, x", period="any", sort="newest", offset=0, limit=5)
    assert (results.canonical, results.total) == ("agents OR x", 1)
    (entry,) = results.entries
    assert entry.summary.text
    assert {evidence.term for match in entry.matches for evidence in match.evidence} == {"AGENTS"}
    with pytest.raises(QueryError):
        await site.search("(", period="any", sort="newest", offset=0, limit=5)
    with pytest.raises(CommandError):
        await site.search("x", period="age", sort="newest", offset=0, limit=5)


async def test_a_search_and_a_trend_know_the_acronyms_that_were_learned() -> None:
    store, clock = MemoryStore(), Clock()
    site = Library(store, {}, now=clock, fetching=Fetching())
    await store.add_papers([paper("x", title="Flow matching policies", listed=DAY)], clock())
    assert (await site.search("fmp", period="any", sort="newest", offset=0, limit=5)).total == 0
    await acronyms.add(store, "FMP", "flow matching policy")
    found = await site.search("fmp", period="any", sort="newest", offset=0, limit=5)
    assert [evidence.quote for match in found.entries[0].matches for evidence in match.evidence] == [
        "Flow matching policies"
    ]
    assert sum(week.papers for week in (await site.trend("fmp")).weeks) == 1


async def test_the_first_page_of_a_search_says_what_was_perhaps_meant() -> None:
    site = await library(1)
    first = await site.search("agnets", period="any", sort="newest", offset=0, limit=5)
    assert (first.total, first.meant) == (0, "agents")
    assert not (await site.search("agents", period="any", sort="newest", offset=0, limit=5)).meant
    assert not (await site.search("agnets", period="any", sort="newest", offset=5, limit=5)).meant


async def test_a_trend_counts_by_week_up_to_now() -> None:
    site = await library(0, 1, 8)
    found = await site.trend("*")
    assert [week.papers for week in found.weeks][-3:] == [1, 1, 1]
    assert sum(week.votes for week in found.weeks) == 9
    with pytest.raises(QueryError):
        await site.trend("-x")


async def test_a_paper_that_is_not_there_is_told() -> None:
    site = await library(1)
    assert (await site.dossier("p1", ())).entry.paper.id == "p1"
    with pytest.raises(CommandError, match="couldn't find"):
        await site.dossier("2607.99999", ())
