from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot import pipeline
from bot.commands.why import Why, why
from bot.models import Paper, State, Subscription
from bot.pipeline import Fetching
from tests.chats import FakeChat
from tests.fakes import MemoryStore
from tests.making import DAY, LONG_AGO, NOW, OTHER_ROOM, ROOM, paper, settings, subscription

AGENTS = paper("2608.00001", upvotes=5)
BETTER = paper("2608.00002", upvotes=50)


async def channel(*texts: str, count: int = 5, paused: str = "", timezone: str = "UTC") -> MemoryStore:
    store = MemoryStore()
    await store.add_papers([AGENTS, BETTER], NOW)
    for text in texts:
        await store.subscribe(subscription(text), settings())
    await store.save_settings(settings(count=count, paused=paused, timezone=timezone))
    return store


async def ask(store: MemoryStore, now: datetime = NOW, about: Paper = AGENTS) -> Why:
    return await why(store, about, ROOM, now)


async def planned(store: MemoryStore) -> None:
    await pipeline.plan(store, {"fake": FakeChat()}, NOW, fetching=Fetching())


async def test_a_channel_that_nobody_ever_subscribed_follows_nothing() -> None:
    assert await why(MemoryStore(), AGENTS, OTHER_ROOM, NOW) == Why(
        AGENTS, False, ("This channel follows nothing yet.",)
    )


async def test_a_paper_that_was_planned_names_its_digest_its_state_and_the_words() -> None:
    store = await channel("agents", "zebra")
    await planned(store)
    said = await ask(store)
    assert said.posted
    assert said.reasons == (
        "In the digest of 2026-08-03: pending.",
        "`agents`: matches, “Agents” in title.",
        "`zebra`: does not mention zebra.",
    )


async def test_an_unconfirmed_message_says_what_to_do() -> None:
    store = await channel("agents")
    await planned(store)
    row = next(row for row in await store.deliveries() if AGENTS.id in row.message.papers)
    await store.update(row, replace(row, state=State.UNKNOWN, error="not confirmed: no answer"))
    said = await ask(store)
    assert said.posted
    assert said.reasons[0] == (
        "In the digest of 2026-08-03: unknown, not confirmed: no answer."
        f" Look whether it is there; if not: broadsheet resend {row.key}."
    )


async def test_a_message_that_never_went_out_says_why_and_when_the_paper_comes() -> None:
    store = await channel("agents")
    await planned(store)
    row = next(row for row in await store.deliveries() if AGENTS.id in row.message.papers)
    await store.update(row, replace(row, state=State.DEAD, error="the platform refused it"))
    said = await ask(store)
    assert not said.posted
    assert said.reasons[0] == "In the digest of 2026-08-03: dead, the platform refused it."
    assert said.reasons[-1] == "It will be in the next digest, 4 August at 09:00 (UTC), unless better ones come."


async def test_what_was_posted_long_ago_still_has_its_date() -> None:
    store = await channel("agents")
    await planned(store)
    for row in await store.deliveries():
        await store.update(row, replace(row, state=State.SENT))
    await store.compact(NOW + timedelta(days=1))
    assert (await ask(store)).reasons[0] == "Posted here on 2026-08-03."


async def test_a_paper_over_the_budget_names_the_rule_of_its_day() -> None:
    store = await channel("agents", count=1)
    await planned(store)
    said = await ask(store)
    assert not said.posted
    assert said.reasons[0] == "Left out on 2026-08-03: over the budget of 1."


async def test_a_pause_stands_in_the_way() -> None:
    said = await ask(await channel("agents", paused="on holiday"))
    assert said.reasons == ("`agents`: matches, “Agents” in title.", "The digest is paused: on holiday.")


async def test_a_paper_of_other_days_is_told_which_days_are_looked_at() -> None:
    store = await channel("agents")
    old, undated = replace(AGENTS, listed=DAY - timedelta(days=40)), replace(AGENTS, listed=None)
    days = "The next digest looks at papers listed from 2026-08-01 to 2026-08-04; this one"
    assert (await ask(store, about=old)).reasons[-1] == f"{days} was listed on 2026-06-24."
    assert (await ask(store, about=undated)).reasons[-1] == f"{days} has no date on the list."


async def test_a_paper_that_waits_says_so_and_one_that_nothing_wants_says_which_rule() -> None:
    before = NOW - timedelta(hours=2)
    said = await ask(await channel("agents"), before)
    assert said.reasons[-1] == "It will be in the next digest, 3 August at 09:00 (UTC), unless better ones come."
    said = await ask(await channel("agents", timezone="America/New_York"), before)
    assert "3 August at 09:00 (America/New_York)" in said.reasons[-1]
    said = await ask(await channel("agents -plan"), before)
    assert said.reasons == ("`agents -plan`: excluded by -plan.", "Not in the next digest: excluded by -plan.")
    said = await ask(await channel("agents", count=1), before)
    assert said.reasons[-1] == "Not in the next digest: over the budget of 1."


async def test_a_subscription_that_cannot_be_read_any_more_says_so() -> None:
    store = await channel("agents")
    bad = Subscription(channel=ROOM, query="(agents OR", canonical="(agents or", owner="U1", created=LONG_AGO)
    await store.subscribe(bad, settings())
    said = await ask(store, NOW - timedelta(hours=2))
    assert sum("cannot be read any more" in reason and "(agents OR" in reason for reason in said.reasons) == 1
