from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from bot import freeze, pipeline, returned
from bot.deliver import Deliverer
from bot.models import Plan, State
from bot.pipeline import Fetching
from bot.ports import Chat
from tests.chats import FakeChat
from tests.fakes import MemoryStore
from tests.making import DAY, FOREIGN_ROOM, NOW, ROOM, paper, settings, subscription

PAPERS = [paper(f"2608.0000{n}", listed=DAY - timedelta(days=n)) for n in range(8)]


async def after_a_week_in_the_dark() -> MemoryStore:
    """A channel whose last digest is eight days old, and a paper of each day since."""
    store = MemoryStore()
    await store.add_papers(PAPERS, NOW)
    asked = replace(settings(ROOM), time=time(), count=10, created=NOW - timedelta(days=20))
    await store.subscribe(subscription("agents", ROOM), asked)
    await store.plan([(Plan(channel=ROOM, date=DAY - timedelta(days=8), kind=freeze.KIND, planned=NOW), ())])
    return store


async def day(store: MemoryStore, chat: FakeChat, now: datetime) -> None:
    chats: Mapping[str, Chat] = {chat.name: chat}
    await pipeline.plan(store, chats, now, fetching=Fetching())
    await Deliverer(store, chats, owner="me", now=lambda: now).drain(asyncio.Event())


async def states(store: MemoryStore) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in await store.deliveries():
        for id_ in row.message.papers:
            found.setdefault(id_, set()).add(row.state)
    return found


async def test_papers_of_a_digest_that_could_not_go_out_come_later_however_old_they_are() -> None:
    store, chat = await after_a_week_in_the_dark(), FakeChat()
    chat.platform.dead = True
    await day(store, chat, NOW)
    await day(store, chat, NOW + timedelta(hours=24, minutes=10))
    assert await states(store) == {item.id: {State.EXPIRED} for item in PAPERS}
    chat.platform.dead = False
    await day(store, chat, NOW + timedelta(hours=48))
    arrived = {id_ for id_, found in (await states(store)).items() if State.SENT in found or State.PENDING in found}
    assert arrived == {item.id for item in PAPERS}


async def test_a_preview_shows_them_too() -> None:
    store, chat = await after_a_week_in_the_dark(), FakeChat()
    chat.platform.dead = True
    await day(store, chat, NOW)
    later = NOW + timedelta(hours=24, minutes=10)
    await day(store, chat, later)
    asked = await store.settings(ROOM)
    assert asked
    made = await pipeline.preview(store, asked, later)
    assert {entry.paper.id for entry in made.entries} == {item.id for item in PAPERS}


async def test_only_what_expired_lately_and_here_is_looked_for() -> None:
    store, chat = await after_a_week_in_the_dark(), FakeChat()
    chat.platform.dead = True
    await day(store, chat, NOW)
    assert await returned.reach(store, NOW, [ROOM]) == {}
    later = NOW + timedelta(hours=24, minutes=10)
    await day(store, chat, later)
    assert await returned.reach(store, later, [ROOM, FOREIGN_ROOM]) == {ROOM: PAPERS[-1].listed}
    assert await returned.reach(store, later, [ROOM]) == {ROOM: PAPERS[-1].listed}
    assert await returned.reach(store, later, [FOREIGN_ROOM]) == {}
    assert await returned.reach(store, later + timedelta(days=20), [ROOM]) == {}


@pytest.mark.parametrize(
    ("back", "since"), [(None, DAY), (DAY, DAY), (DAY + timedelta(days=1), DAY), (date(2026, 1, 1), date(2026, 1, 1))]
)
def test_a_window_is_widened_and_never_narrowed(back: date | None, since: date) -> None:
    assert returned.widen((DAY, DAY), back) == (since, DAY)
