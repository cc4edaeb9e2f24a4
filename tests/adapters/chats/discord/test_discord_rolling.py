"""A rolling restart: the new process listens to the same shards before the old one leaves, and one of them answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import time

import pytest
from discord.utils import time_snowflake

from adapters.chats.discord.chat import DiscordChat
from adapters.chats.discord.claims import ASKED, Claims, Standing
from adapters.chats.discord.limits import FIRST_SECONDS
from adapters.chats.discord.listen import Patience
from adapters.chats.discord.shards import PROCESSES, SHARDS
from bot.app import open_store
from bot.errors import BroadsheetError
from bot.models import JSON
from tests.adapters.chats.discord.kit import QUICK, Outside, desk_of, given, outside
from tests.adapters.chats.discord.test_discord_shards import QUICK as RHYTHM
from tests.adapters.chats.discord.test_discord_shards import Process, running
from tests.emulators.discord import Answer as Typed
from tests.emulators.discord import Timing
from tests.emulators.discord.wire.sessions import IDENTIFY
from tests.fakes import MemoryStore
from tests.house import FullStore
from tests.talking import Pondering, fortnight

SHORT = Patience(pause=0.1, look=0.05, apart=0.01)
RESTARTS = 3
TYPED = "/papers help", "/papers subscribe", "/papers list"
"""One of them opens a form, which has to be the first answer."""
PATIENT = Standing(noting=10, turn=60)
"""So that a busy machine is not taken for a store or a process that is away: then two may work on one command."""


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    Pondering.asked = 0


@asynccontextmanager
async def process(out: Outside, database: str, patience: Patience = SHORT, **more: object) -> AsyncIterator[None]:
    """One that listens in here, and ends in an orderly way."""
    async with AsyncExitStack() as stack:
        store = await open_store(database, Path())
        stack.push_async_callback(store.aclose)
        chat, stop = DiscordChat(given(out.discord.url, **more), QUICK), asyncio.Event()
        stack.push_async_callback(chat.aclose)
        chat.patience, chat.rhythm, chat.standing = patience, RHYTHM, PATIENT
        chat.remember(store)
        own = replace(out, chat=chat, store=store)  # type: ignore[arg-type]
        listening = asyncio.create_task(chat.listen(desk_of(own, Pondering), stop))
        async with asyncio.timeout(10):
            while chat.deaf():  # noqa: ASYNC110  (it rings no bell)
                await asyncio.sleep(0.01)
        yield
        stop.set()
        await listening


async def test_commands_typed_throughout_rolling_restarts_are_each_answered_once(database: str) -> None:
    typed: list[asyncio.Task[Typed]] = []
    over = asyncio.Event()

    async def type_all_the_time() -> None:
        while not over.is_set():
            text = TYPED[len(typed) % len(TYPED)]
            typed.append(asyncio.create_task(out.discord.command("ada", "ml", text)))
            await asyncio.sleep(0.02)

    async with outside() as out, AsyncExitStack() as last:
        store = await open_store(database, Path())
        await store.add_papers(fortnight(), datetime.now(UTC))
        old = await last.enter_async_context(AsyncExitStack())
        await old.enter_async_context(process(out, database))
        await out.discord.until(lambda: out.discord.state.commands)
        typing = asyncio.create_task(type_all_the_time())
        for _ in range(RESTARTS):
            new = await last.enter_async_context(AsyncExitStack())
            await new.enter_async_context(process(out, database))
            await asyncio.sleep(0.1)
            await old.aclose()
            old = new
        over.set()
        await typing
        answers = await asyncio.gather(*typed)
        await out.discord.until(lambda: all(answer.posts or answer.modal for answer in answers))
        await old.aclose()
        assert not [answer.error for answer in answers if answer.error]
        assert {len(answer.posts) + bool(answer.modal) for answer in answers} == {1}
        assert Pondering.asked == len(answers)
        refused = [call for call in out.discord.ledger.calls() if call.outcome != "ok"]
        assert refused == []
        assert await store.notes(SHARDS) == await store.notes(PROCESSES) == {}
        assert len(await store.notes(ASKED)) == len(answers)
        await store.aclose()


async def test_processes_that_start_together_begin_their_sessions_one_by_one(database: str) -> None:
    """Discord takes one in five seconds of the whole bot, and tells who comes too soon that the session is invalid."""
    ranges = [{"shards": 4, "first_shard": first, "last_shard": first + 1} for first in (0, 2)]
    patience = replace(SHORT, apart=0.3)
    async with outside(scale=1.0, timing=Timing(identify=0.3)) as out, AsyncExitStack() as crew:
        ready = [crew.enter_async_context(process(out, database, patience, **range_)) for range_ in ranges]
        await asyncio.gather(*ready)
        assert len(out.discord.gateway.sessions) == out.discord.gateway.heard[IDENTIFY] == 4


async def holders(store: MemoryStore) -> set[str]:
    return {str(note["process"]) for note in (await store.notes(SHARDS)).values()}


async def test_a_twin_runs_beside_another_and_takes_the_shards_when_that_leaves() -> None:
    store = MemoryStore()
    async with running(Process(store, 4, 0, 1, twins=True)) as old:
        before = await holders(store)
        async with running(Process(store, 4, 0, 1, twins=True)):
            assert await holders(store) == before
            assert not old.done()
    async with running(one := Process(store, 0, twins=True)), running(Process(store, 0, twins=True)):
        before = await holders(store)
        one.ends.set()
        async with asyncio.timeout(5):
            while await holders(store) in (before, set()):  # noqa: ASYNC110  (it rings no bell)
                await asyncio.sleep(0.01)
    assert await store.notes(SHARDS) == await store.notes(PROCESSES) == {}


async def test_a_twin_begins_at_once_beside_a_dead_one_and_takes_its_shards() -> None:
    store = MemoryStore()
    await store.note(f"{PROCESSES}dead", {"beat": 7, "runs": ["0", "1"], "of": 2})
    for shard in range(2):
        await store.note(f"{SHARDS}{shard}", {"process": "dead", "of": 2})
    async with running(Process(store, 2, twins=True)):
        assert await holders(store) == {"dead"}
        async with asyncio.timeout(5):
            while "dead" in await holders(store):  # noqa: ASYNC110  (it rings no bell)
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("mine", "other"), [((8, 3, 5), (8, 0, 3)), ((0,), (8, 2, 3)), ((8, 2, 3), (0,)), ((4,), (8,))]
)
async def test_who_runs_something_else_is_no_twin(mine: tuple[int, ...], other: tuple[int, ...]) -> None:
    store = MemoryStore()
    async with running(Process(store, *other, twins=True)) as task:
        with pytest.raises(BroadsheetError, match=r"runs|counts"):
            await Process(store, *mine, twins=True).run()
        assert not task.done()


async def test_a_process_that_was_held_up_goes_on_beside_the_twin_that_took_its_shards() -> None:
    store = MemoryStore()
    async with running(Process(store, 2, twins=True)) as task:
        await store.note(f"{PROCESSES}twin", {"beat": 1, "runs": ["0", "1"], "of": 2})
        await store.note(f"{SHARDS}1", {"process": "twin", "of": 2})
        await asyncio.sleep(0.1)
        assert not task.done()
        await store.note(f"{SHARDS}1", {"process": "stranger", "of": 3})
        await store.note(f"{PROCESSES}stranger", {"beat": 1, "runs": ["0", "1", "2"], "of": 3})
        await asyncio.wait([task])
        with pytest.raises(BroadsheetError, match="stranger runs its shards now"):
            await task


async def test_who_is_about_to_leave_takes_nothing_more() -> None:
    store, stop = MemoryStore(), asyncio.Event()
    old, new = Claims(store, stop), Claims(store, asyncio.Event())
    assert [await old.take("1"), await new.take("1")] == [True, False]
    stop.set()
    assert [await old.take("2"), await new.take("2")] == [False, True]


class Hanging(MemoryStore):
    """It does not answer."""

    async def note(self, key: str, value: JSON, *, once: bool = False, over: JSON | None = None) -> bool:
        await asyncio.Event().wait()
        return await super().note(key, value, once=once, over=over)


async def test_while_the_store_is_away_whoever_hears_of_something_answers() -> None:
    store = FullStore()
    store.full = frozenset({"note"})
    assert await Claims(store, asyncio.Event()).take("1")
    async with asyncio.timeout(FIRST_SECONDS):
        assert await Claims(Hanging(), asyncio.Event()).take("1")


async def test_what_is_long_over_is_forgotten_also_that_of_processes_before() -> None:
    store = MemoryStore()
    old, fresh = (str(time_snowflake(datetime.fromtimestamp(time() - ago, UTC))) for ago in (600, 10))
    for asked in (old, fresh):
        assert await Claims(store, asyncio.Event()).take(asked)
    ours = Claims(store, asyncio.Event())
    assert await ours.take(str(int(fresh) + 1))
    tidying = asyncio.create_task(ours.tidy(every=0.01, kept=300))
    async with asyncio.timeout(5):
        while len(await store.notes(ASKED)) > 2:  # noqa: ASYNC110  (it rings no bell)
            await asyncio.sleep(0.01)
    tidying.cancel()
    assert set(await store.notes(ASKED)) == {f"{ASKED}{fresh}", f"{ASKED}{int(fresh) + 1}"}
    tidying = asyncio.create_task(ours.tidy(every=0.01, kept=0))
    async with asyncio.timeout(5):
        while await store.notes(ASKED):  # noqa: ASYNC110  (it rings no bell)
            await asyncio.sleep(0.01)
    tidying.cancel()
