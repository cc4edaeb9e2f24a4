from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import query
from bot.commands.backtest import DROPPED, READ, Backtest, backtest, beside, replay, sentence
from bot.errors import StoreError
from bot.models import Subscription
from bot.ports import Outlines
from tests.fakes import MemoryStore
from tests.making import DAY, LONG_AGO, NOW, ROOM, paper, settings, subscription

BEFORE = DAY - timedelta(days=1)
PAPERS = [
    paper("1", upvotes=1),
    paper("2", upvotes=9),
    paper("3", title="A survey of agents"),
    paper("4", title="Robots", abstract="Legs."),
    paper("5", listed=BEFORE),
    paper("6", listed=DAY - timedelta(days=30)),
    paper("7", listed=None),
]


class Unable(MemoryStore):
    """Looks nothing up but everything."""

    async def outlines(self, wanted: query.Query, since: date, until: date, now: datetime, most: int) -> Outlines:
        if wanted.canonical != "*":
            return Outlines(until + timedelta(days=1), ())
        return await super().outlines(wanted, since, until, now, most)


def tried(text: str, *, days: int = 3, budget: int = 5) -> Backtest:
    return backtest(query.parse(text), PAPERS, until=DAY, days=days, budget=budget)


def test_each_paper_counts_on_its_own_day_best_first_and_empty_days_are_there_too() -> None:
    days = tried("agents -survey").days
    assert [(day.date, [item.id for item in day.papers]) for day in days] == [
        (DAY - timedelta(days=2), []),
        (BEFORE, ["5"]),
        (DAY, ["2", "1"]),
    ]


def test_the_budget_holds_for_each_day() -> None:
    result = tried("agents", budget=1)
    assert [(day.matched, day.posted) for day in result.days] == [(0, 0), (1, 1), (3, 1)]
    assert (result.matched, result.posted) == (4, 2)


def test_each_exclusion_counts_what_it_dropped() -> None:
    assert tried("agents -survey").dropped == {"-survey": 1}
    assert tried("agents").dropped == {}
    assert tried("agents -survey -zebra").dropped == {"-survey": 1}


@pytest.mark.parametrize(
    ("text", "budget", "said"),
    [
        ("agents -survey", 5, "would have posted 3 papers in 3 days (1.0 a day); 1 dropped by -survey"),
        ("agents", 1, "would have posted 2 papers in 3 days (0.7 a day); 2 over the budget of 1 a day"),
        ("zebra", 5, "would have posted 0 papers in 3 days (0.0 a day)"),
        ("robots", 5, "would have posted 1 paper in 3 days (0.3 a day)"),
    ],
)
def test_the_result_is_said_in_one_line(text: str, budget: int, said: str) -> None:
    assert sentence(tried(text, budget=budget)) == said


def test_one_day_is_one_day() -> None:
    assert sentence(tried("robots", days=1)) == "would have posted 1 paper in 1 day (1.0 a day)"


@given(st.sampled_from(["agents", "*", "agents -survey", "zebra"]), st.integers(1, 40), st.integers(1, 10))
def test_no_paper_is_counted_twice_or_outside_its_day(text: str, days: int, budget: int) -> None:
    result = tried(text, days=days, budget=budget)
    assert [day.date for day in result.days] == [DAY - timedelta(days=back) for back in reversed(range(days))]
    assert all(item.listed == day.date for day in result.days for item in day.papers)
    assert max(Counter(item.id for day in result.days for item in day.papers).values(), default=1) == 1
    assert all(day.posted == min(budget, day.matched) for day in result.days)


QUERIES = (
    "agents -survey",
    "agents, robots -survey",
    "* -(agents, legs)",
    "agents (plan -survey)",
    "upvotes>=5",
    "age<=0",
    "(agents -survey), (robots -legs)",
    "agents -(survey, exact:robots) -plan*",
    "agents (robots, -survey)",
    "agents (robots, (-survey -legs))",
    "agents " + " ".join(f"-word{n}" for n in range(20)) + " -plan -survey",
    "agents, (robots -legs -survey), (plan -(paper, survey) -zebra -word -legs)",
)


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("days", [1, 3, 40])
async def test_the_archive_tells_the_same_as_its_papers(text: str, days: int) -> None:
    store = MemoryStore()
    await store.add_papers(PAPERS, NOW)
    wanted = query.parse(text)
    since = DAY - timedelta(days=days - 1)
    listed = backtest(wanted, await store.listed(since, DAY), until=DAY, days=days, budget=2)
    assert await replay(store, wanted, until=DAY, days=days, budget=2) == listed


@pytest.mark.parametrize("text", QUERIES)
async def test_what_cannot_be_looked_up_is_matched_with_the_same_result(text: str) -> None:
    store = Unable()
    await store.add_papers(PAPERS, NOW)
    wanted = query.parse(text)
    listed = backtest(wanted, PAPERS, until=DAY, days=3, budget=2)
    assert await replay(store, wanted, until=DAY, days=3, budget=2) == listed


async def test_what_asks_for_too_much_is_tried_on_fewer_days_and_says_so() -> None:
    store = Unable()
    old, new = BEFORE - timedelta(days=1), [paper(str(n)) for n in range(READ - 2)]
    await store.add_papers([*new, paper("x", listed=BEFORE), paper("y", listed=old), paper("z", listed=old)], NOW)
    result = await replay(store, query.parse("agents"), until=DAY, days=9, budget=5)
    assert [(day.date, day.matched, len(day.papers)) for day in result.days] == [(BEFORE, 1, 1), (DAY, READ - 2, 10)]
    assert "; this asks for so much that the 7 days before were left out" in sentence(result)
    await store.add_papers([paper(f"more {n}") for n in range(3)], NOW)
    with pytest.raises(StoreError, match="too much to look through one day"):
        await replay(store, query.parse("agents"), until=DAY, days=9, budget=5)


async def test_which_of_several_exclusions_did_it_is_said_of_so_many_papers() -> None:
    store = MemoryStore()
    await store.add_papers([paper(str(n), title=("Agents", "Survey")[n % 2]) for n in range(DROPPED + 40)], NOW)
    result = await replay(store, query.parse("* -agents -survey"), until=DAY, days=1, budget=5)
    assert (sum(result.dropped.values()), result.unsaid) == (DROPPED, 40)
    assert sentence(result).endswith("; 40 more dropped")
    one = await replay(store, query.parse("* -agents"), until=DAY, days=1, budget=5)
    assert (one.dropped, one.unsaid) == ({"-agents": DROPPED + 40}, 0)


def test_the_sentence_names_the_exclusions_that_dropped_most() -> None:
    papers = [paper(f"{n}-{m}", title=f"word{n}") for n in range(9) for m in range(9 - n)]
    barred = " ".join(f"-word{n}" for n in range(9))
    said = sentence(backtest(query.parse(f"* {barred}"), papers, until=DAY, days=1, budget=5))
    assert "; 9 dropped by -word0; 8 dropped by -word1; 7 dropped by -word2; 6 dropped by -word3; 5 dropped" in said
    assert said.endswith("-word4; 10 more dropped")


def test_each_exclusion_names_the_best_of_what_it_dropped() -> None:
    best = tried("agents -plan").examples["-plan"]
    assert len(best) == 3
    assert best[0].id == "3"
    assert tried("agents").examples == {}


async def test_beside_a_channel_it_counts_what_comes_already_and_what_would_not_fit_any_more() -> None:
    store = MemoryStore()
    await store.add_papers([*PAPERS, paper("8", title="Robots and agents", abstract="x", upvotes=5)], NOW)
    for text in ("agents -robots", "zebra"):
        await store.subscribe(subscription(text), settings())
    bad = Subscription(channel=ROOM, query="(agents OR", canonical="(agents or", owner="U1", created=LONG_AGO)
    await store.subscribe(bad, settings())
    result = await replay(store, query.parse("robots, survey"), until=DAY, days=3, budget=2)
    told = (await beside(store, result, ROOM)).beside
    assert told is not None
    assert told.have == 1
    assert [item.id for item in told.displaced] == ["2"]
    said = sentence(await beside(store, result, ROOM))
    assert said.endswith("; 1 come to this channel already; 1 other paper would not fit any more")
