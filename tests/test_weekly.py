from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from bot import pipeline, weekly
from bot.errors import StoreError
from bot.models import Cadence, Channel, Digest, Message
from bot.pipeline import Fetching
from bot.ports import Chat, Draw
from bot.query import Query, parse
from bot.trend import Tally, Trend
from tests.chats import BlindChat
from tests.fakes import MemoryStore
from tests.making import DAY, NOW, OTHER_ROOM, ROOM, paper, settings, subscription


class ShowingChat(BlindChat):
    """A chat that can show pictures, and the digests that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: dict[Channel, Digest] = {}

    def illustrate(self, draw: Draw) -> None:
        pass

    def render(self, digest: Digest) -> Sequence[Message]:
        self.given[digest.channel] = digest
        return super().render(digest)

    def trend(self, channel: Channel = ROOM) -> Trend | None:
        return self.given[channel].trend


class Counting(MemoryStore):
    """Counts how often it is asked to count."""

    def __init__(self) -> None:
        super().__init__()
        self.counted: list[str] = []

    async def tally(self, query: Query, since: date, until: date, now: datetime) -> Sequence[Tally]:
        self.counted.append(query.canonical)
        return await super().tally(query, since, until, now)


class Hurried(MemoryStore):
    """A store in which counting takes too long."""

    async def tally(self, query: Query, since: date, until: date, now: datetime) -> Sequence[Tally]:
        raise StoreError("This took longer than 5 seconds and was stopped.")


async def following(
    *queries: str, channel: Channel = ROOM, store: MemoryStore | None = None, weeks: int = 8, weekly: bool = True
) -> MemoryStore:
    """A store with a paper a week, and a channel whose digest is due."""
    store = store or MemoryStore()
    await store.add_papers([paper(f"2608.{n:05}", listed=DAY - timedelta(weeks=n)) for n in range(weeks)], NOW)
    for n, text in enumerate(queries):
        made = subscription(text, channel, created=NOW - timedelta(days=30 - n))
        wish = {"cadence": Cadence.WEEKLY if weekly else Cadence.DAILY, "day": DAY.weekday(), "quiet": False}
        await store.subscribe(made, settings(channel, **wish))
    return store


async def planned(store: MemoryStore, chat: Chat) -> int:
    return await pipeline.plan(store, {"fake": chat}, NOW, fetching=Fetching())


async def test_a_weekly_digest_has_the_half_year_of_the_first_query_that_its_channel_follows() -> None:
    chat = ShowingChat()
    assert await planned(await following("Agents", "robots"), chat) == 1
    found = chat.trend()
    assert found
    assert (found.query, len(found.weeks)) == ("agents", 26)
    assert [week.papers for week in found.weeks] == [0] * 18 + [1] * 8


async def test_a_daily_digest_and_a_chat_that_shows_no_pictures_have_none_and_nothing_is_counted() -> None:
    for daily, chat in ((True, ShowingChat()), (False, BlindChat())):
        store = Counting()
        assert await planned(await following("agents", store=store, weekly=not daily), chat) == 1
        assert store.counted == []
        assert not isinstance(chat, ShowingChat) or chat.trend() is None


@pytest.mark.parametrize(("weeks", "told"), [(3, False), (4, True)])
async def test_a_young_archive_has_no_trend_yet(weeks: int, told: bool) -> None:
    chat = ShowingChat()
    await planned(await following("agents", weeks=weeks), chat)
    assert (chat.trend() is not None) is told


async def test_what_takes_too_long_to_count_costs_the_picture_and_not_the_digest() -> None:
    chat = ShowingChat()
    assert await planned(await following("agents", store=Hurried()), chat) == 1
    assert chat.trend() is None
    assert chat.given[ROOM].entries


async def test_a_query_is_counted_once_for_all_and_so_many_in_all() -> None:
    chat, store = ShowingChat(), Counting()
    await following("agents", store=store)
    await following("AGENTS", channel=OTHER_ROOM, store=store)
    await planned(store, chat)
    assert store.counted == ["agents"]
    assert chat.trend() == chat.trend(OTHER_ROOM) is not None
    trends = weekly.Trends(store, {"fake": chat}, NOW)
    wish = settings(cadence=Cadence.WEEKLY)
    for n in range(weekly.MOST + 5):
        await trends.beside(wish, iter([parse(f"topic{n}")]))
    assert len(store.counted) == 1 + weekly.MOST
