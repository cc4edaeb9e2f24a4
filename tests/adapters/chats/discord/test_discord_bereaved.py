"""A process that dies with a command in its hand: another one of the same shards answers it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from adapters.chats.discord.chat import DiscordChat
from adapters.chats.discord.claims import ASKED, MOST, Claims, Standing
from adapters.chats.discord.listen import Patience
from adapters.chats.discord.shards import PROCESSES
from bot.desk import FrontDesk
from bot.errors import StoreError
from bot.models import JSON
from bot.ports import Turn
from bot.talk import Answer, Request
from tests.adapters.chats.discord.kit import QUICK, Outside, desk_of, given, outside, said
from tests.adapters.chats.discord.test_discord_shards import QUICK as RHYTHM
from tests.fakes import MemoryStore
from tests.house import FullStore
from tests.talking import Pondering

SHORT = Patience(pause=0.1, look=0.05, apart=0.01)
SOON = Standing(turn=0.1, look=0.02, silence=0.2, window=5.0)


class SharedStore(MemoryStore):
    """One that several processes use, or seem to."""

    def __init__(self, shared: MemoryStore | None = None) -> None:
        super().__init__()
        self._notes = shared._notes if shared else self._notes

    async def take(self, asked: Sequence[Sequence[Turn]]) -> list[list[float]]:
        return [[0.0 for _ in turns] for turns in asked]

    async def book(self, turns: Sequence[Turn]) -> list[float]:
        return [0.0 for _ in turns]

    async def hold(self, turn: Turn, seconds: float) -> None:
        del turn, seconds


class Bereaved(SharedStore):
    """Another process takes everything first, and dies at once."""

    async def note(self, key: str, value: JSON, *, once: bool = False, over: JSON | None = None) -> bool:
        if once and key.startswith(ASKED):
            await super().note(key, {"by": "dead"})
            return False
        return await super().note(key, value, once=once, over=over)


class Second(SharedStore):
    """It comes to a command when the other process has it."""

    async def note(self, key: str, value: JSON, *, once: bool = False, over: JSON | None = None) -> bool:
        if once and key.startswith(ASKED):
            await asyncio.sleep(0.2)
        return await super().note(key, value, once=once, over=over)


class Dying(SharedStore):
    """Its process gives no sign of life any more once it has something to answer."""

    async def note(self, key: str, value: JSON, *, once: bool = False, over: JSON | None = None) -> bool:
        if key.startswith(PROCESSES) and await self.notes(ASKED):
            raise StoreError("dead")
        return await super().note(key, value, once=once, over=over)


class Stuck(FrontDesk):
    """It thinks until the end."""

    async def answer(self, request: Request) -> Answer:
        await self.end.wait()
        return await super().answer(request)

    end: asyncio.Event


@asynccontextmanager
async def process(out: Outside, store: SharedStore, kind: type[FrontDesk] = Pondering) -> AsyncIterator[FrontDesk]:
    """One that listens in here."""
    chat, stop = DiscordChat(given(out.discord.url), QUICK), asyncio.Event()
    chat.patience, chat.rhythm, chat.standing = SHORT, RHYTHM, SOON
    chat.remember(store)
    desk = desk_of(replace(out, chat=chat, store=store), kind)
    listening = asyncio.create_task(chat.listen(desk, stop))
    try:
        async with asyncio.timeout(10):
            while chat.deaf():  # noqa: ASYNC110  (it rings no bell)
                await asyncio.sleep(0.01)
        yield desk
    finally:
        stop.set()
        await listening
        await chat.aclose()


async def done(store: MemoryStore) -> None:
    """Wait until it is noted that everything is answered."""
    async with asyncio.timeout(5):
        while not all(note.get("done") for note in (await store.notes(ASKED)).values()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("text", ["help", "subscribe"])
async def test_a_command_whose_process_died_before_the_first_answer_is_answered_once(text: str) -> None:
    Pondering.asked = 0
    async with outside() as out, process(out, store := Bereaved()):
        await out.discord.until(lambda: out.discord.state.commands)
        answer = await out.discord.command("ada", "ml", f"/papers {text}")
        told = said(await answer.post())
        await done(store)
        assert ("the form expired" in told) is (text == "subscribe")
        assert len(answer.posts) == Pondering.asked == len(await store.notes(ASKED)) == 1


async def test_a_command_whose_process_died_over_it_is_answered_by_the_other_one() -> None:
    Pondering.asked = 0
    async with outside() as out:
        first = Dying()
        async with process(out, first, Stuck) as stuck, process(out, Second(first)):
            assert isinstance(stuck, Stuck)
            stuck.end = asyncio.Event()
            await out.discord.until(lambda: out.discord.state.commands)
            answer = await out.discord.command("ada", "ml", "/papers help")
            assert "/papers subscribe" in said(await answer.post())
            await done(first)
            assert len(answer.posts) == Pondering.asked == 1
            stuck.end.set()


async def there_is_one() -> bool:
    """A first answer: Discord takes no other."""
    return False


async def there_is_none() -> bool:
    return True


async def test_what_is_answered_needs_nobody_who_stands_by() -> None:
    store = MemoryStore()
    one, two = Claims(store, asyncio.Event(), "1"), Claims(store, asyncio.Event(), "2", SOON)
    for moment in ("before", "after"):
        assert await one.take(moment)
        standing = asyncio.create_task(two.inherit(moment, there_is_one))
        await asyncio.sleep(0 if moment == "before" else 2 * SOON.turn)
        await one.done(moment)
        assert not await standing
        assert await store.noted(f"{ASKED}{moment}") == {"by": "1", "done": True}


async def test_whoever_gives_signs_of_life_is_left_its_work() -> None:
    store = MemoryStore()
    one, two = Claims(store, asyncio.Event(), "1"), Claims(store, asyncio.Event(), "2", SOON)
    assert await one.take("7")
    standing = asyncio.create_task(two.inherit("7", there_is_one))
    for beat in range(30):
        await store.note(f"{PROCESSES}1", {"beat": beat})
        await asyncio.sleep(0.02)
    assert not standing.done()
    assert await standing
    await one.done("7")
    assert await store.noted(f"{ASKED}7") == {"by": "2"}


async def test_of_several_who_stand_by_one_inherits() -> None:
    store = MemoryStore()
    crew = [Claims(store, asyncio.Event(), str(number), SOON) for number in range(4)]
    assert [await one.take("7") for one in crew] == [True, False, False, False]

    async def answers(one: Claims) -> bool:
        ours = await one.inherit("7", there_is_one)
        await one.done("7")
        return ours

    assert sorted(await asyncio.gather(*map(answers, crew[1:]))) == [False, False, True]
    assert (await store.noted(f"{ASKED}7") or {})["by"] != "0"


async def test_who_leaves_or_has_no_store_or_stands_by_for_many_stands_by_no_more() -> None:
    stop, store = asyncio.Event(), FullStore()
    stop.set()
    leaving, full = Claims(store, stop, "1", SOON), Claims(store, asyncio.Event(), "2", SOON)
    for name in ("7", "8"):
        await store.note(f"{ASKED}{name}", {"by": "dead"})
    assert not await leaving.inherit("7", there_is_none)
    store.full = frozenset({"note"})
    assert not await full.inherit("7", there_is_none)
    store.full = frozenset()
    many = [asyncio.create_task(full.inherit("7", there_is_one)) for _ in range(MOST)]
    await asyncio.sleep(0)
    assert not await full.inherit("8", there_is_none)
    await store.note(f"{ASKED}7", {"by": "dead", "done": True})
    assert not any(await asyncio.gather(*many))
    assert await full.inherit("8", there_is_none)
