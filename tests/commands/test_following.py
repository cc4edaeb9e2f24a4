from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.commands.following import MOST, subscribe, unsubscribe
from bot.errors import CommandError, QueryError
from bot.models import Channel, State
from tests.fakes import MemoryStore
from tests.making import NOW, OTHER_ROOM, ROOM, plan, rows, settings


async def follow(store: MemoryStore, *texts: str, channel: Channel = ROOM) -> None:
    for n, text in enumerate(texts):
        at = NOW + timedelta(minutes=n)
        await subscribe(store, text, settings=settings(channel), owner="U1", now=at)


async def queries(store: MemoryStore, channel: Channel = ROOM) -> list[str]:
    return [item.query for item in await store.subscriptions(channel)]


async def test_a_new_subscription_is_kept_with_its_author_and_says_when_it_starts() -> None:
    store = MemoryStore()
    done = await subscribe(store, " Agents ", settings=settings(), owner="U7", now=NOW)
    assert (done.subscription.canonical, done.subscription.owner, done.subscription.created) == ("agents", "U7", NOW)
    assert done.first == datetime(2026, 8, 4, 9, 0, tzinfo=UTC)
    assert list(await store.subscriptions(ROOM)) == [done.subscription]
    assert await store.settings(ROOM) == done.settings == settings()


async def test_the_first_subscription_brings_the_channels_settings_and_later_ones_leave_them() -> None:
    store = MemoryStore()
    await subscribe(store, "agents", settings=settings(count=3), owner="U1", now=NOW)
    done = await subscribe(store, "robots", settings=settings(count=9), owner="U2", now=NOW)
    assert done.settings.count == 3
    assert (await store.settings(ROOM) or settings()).count == 3


@pytest.mark.parametrize("again", ["agents", "AGENTS", " agents "])
async def test_two_spellings_of_one_query_are_one_subscription(again: str) -> None:
    store = MemoryStore()
    await follow(store, "agents")
    with pytest.raises(CommandError, match="already subscribed to `agents`"):
        await follow(store, again)
    await follow(store, again, channel=OTHER_ROOM)
    assert len(await store.subscriptions()) == 2


async def test_a_query_that_cannot_be_read_changes_nothing() -> None:
    store = MemoryStore()
    with pytest.raises(QueryError, match="bracket"):
        await follow(store, "(agents OR")
    assert await store.subscriptions() == []
    assert await store.settings(ROOM) is None


async def test_a_channel_has_a_most_and_then_still_says_what_is_there() -> None:
    store = MemoryStore()
    await follow(store, *(f"topic{n}" for n in range(MOST)))
    with pytest.raises(CommandError, match=rf"{MOST} subscriptions, the most I can keep.*unsubscribe"):
        await follow(store, "one too many")
    with pytest.raises(CommandError, match="already subscribed"):
        await follow(store, "topic3")
    assert len(await store.subscriptions()) == MOST


@pytest.mark.parametrize(
    ("text", "gone"), [("robots", "robots"), (" ROBOTS ", "robots"), ("2", "robots"), ("1", "agents")]
)
async def test_one_is_dropped_by_any_spelling_or_by_its_number_in_the_list(text: str, gone: str) -> None:
    store = MemoryStore()
    await follow(store, "agents", "robots", "zebras")
    assert [item.query for item in await unsubscribe(store, ROOM, text)] == [gone]
    assert await queries(store) == [query for query in ("agents", "robots", "zebras") if query != gone]


async def test_a_number_is_a_query_when_the_list_is_shorter() -> None:
    store = MemoryStore()
    await follow(store, "agents", "2026")
    (gone,) = await unsubscribe(store, ROOM, "2026")
    assert gone.query == "2026"


@pytest.mark.parametrize("text", ["zebra", "0", "3", "²"])
async def test_what_the_channel_does_not_follow_cannot_be_dropped(text: str) -> None:
    store = MemoryStore()
    await follow(store, "agents", "robots")
    await follow(store, "zebra", channel=OTHER_ROOM)
    with pytest.raises(CommandError, match=f"isn't subscribed to `{text}`. See `list`"):
        await unsubscribe(store, ROOM, text)
    assert len(await store.subscriptions()) == 3


async def test_everything_goes_at_once_and_only_here() -> None:
    store = MemoryStore()
    await follow(store, "agents", "robots")
    await follow(store, "agents", channel=OTHER_ROOM)
    assert [item.query for item in await unsubscribe(store, ROOM, None)] == ["agents", "robots"]
    assert await unsubscribe(store, ROOM, None) == []
    assert await queries(store, OTHER_ROOM) == ["agents"]


@pytest.mark.parametrize(("dropped", "states"), [
    ("agents", [State.PENDING, State.PENDING]),
    ("robots, agents", [State.EXPIRED, State.EXPIRED]),
    (None, [State.EXPIRED, State.EXPIRED]),
])  # fmt: skip
async def test_fault_109_a_channel_that_follows_nothing_any_more_gets_nothing_of_what_waits(
    dropped: str | None, states: list[State]
) -> None:
    store = MemoryStore()
    await follow(store, "agents", "robots")
    for room in (ROOM, OTHER_ROOM):
        await store.plan([(plan(room), rows(plan(room), parts=2))])
    for text in dropped.split(", ") if dropped else [None]:
        await unsubscribe(store, ROOM, text)
    assert [row.state for row in await store.deliveries(channel=ROOM)] == states
    assert {row.state for row in await store.deliveries(channel=OTHER_ROOM)} == {State.PENDING}
