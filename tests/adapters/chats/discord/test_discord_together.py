"""Several processes of one bot: whatever they do, in sum they make no more requests than Discord allows the bot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from adapters.chats.discord.chat import DiscordChat
from adapters.chats.discord.pace import Together, token_turn
from adapters.chats.discord.rest import Rest
from bot.app import open_store
from bot.errors import DeliveryError, StoreError, Verdict
from bot.ports import Shared, Store, Turn
from tests.adapters.chats.discord.kit import given
from tests.emulators.discord import BOT_TOKEN, Discord, State, acme, limited, serving
from tests.emulators.discord.state.world import add_channel

ROOMS = 40


@pytest.fixture
async def stores(database: str) -> AsyncIterator[list[Store]]:
    """What three processes have open."""
    async with AsyncExitStack() as stack:
        opened = [await open_store(database, Path()) for _ in range(3)]
        for one in opened:
            stack.push_async_callback(one.aclose)
        yield opened


def process(stack: AsyncExitStack, discord: Discord, store: Store) -> Rest:
    """What a process asks Discord with."""
    chat = DiscordChat(given(discord.url))
    chat.remember(store)
    stack.push_async_callback(chat.aclose)
    return chat._rest


def building() -> tuple[State, Sequence[str]]:
    state = acme()
    home = next(iter(state.guilds))
    return state, [str(add_channel(state, home, f"room{n}").id) for n in range(ROOMS)]


async def test_many_processes_make_no_more_requests_than_one_may(stores: list[Store]) -> None:
    state, rooms = building()
    async with serving(state, scale=1.0) as discord, AsyncExitStack() as stack:
        crew = [process(stack, discord, one) for one in stores]
        asked = [one.read("GET", "/channels/{channel_id}/messages", channel_id=room) for one in crew for room in rooms]
        await asyncio.gather(*asked)
        assert discord.ledger.count(outcome="ok") == len(crew) * (ROOMS + 1)
        times = sorted(call.at for call in discord.ledger.calls())
    assert [n for n, (first, later) in enumerate(zip(times, times[51:], strict=False)) if later - first < 1.0] == []


async def test_a_rate_limit_of_everything_that_one_process_met_holds_for_all(stores: list[Store]) -> None:
    async with serving(acme(), scale=float("inf")) as discord, AsyncExitStack() as stack:
        first = process(stack, discord, stores[0])
        await first.ready()
        discord.faults.on("*", limited(600.0, "global"))
        room = str(discord.channel("ml").id)
        with pytest.raises(DeliveryError) as met:
            await first.read("GET", "/channels/{channel_id}/messages", channel_id=room)
        assert met.value.verdict is Verdict.WAIT
    assert isinstance(stores[1], Shared)
    (wait,) = await stores[1].book([token_turn(BOT_TOKEN)])
    assert 590 < wait <= 600


class Books:
    """A store that only keeps the pace. It can be away, and a booking can find the process held up."""

    def __init__(self) -> None:
        self.booked: list[int] = []
        self.held: list[float] = []
        self.away = False
        self.stall, self.seconds = 0, 0.3
        """At which booking, and for how long."""
        self.gap = 0.01

    async def take(self, asked: Sequence[Sequence[Turn]]) -> Sequence[Sequence[float]]:
        raise NotImplementedError

    async def book(self, turns: Sequence[Turn]) -> Sequence[float]:
        if self.away:
            raise StoreError("I can't save right now.")
        self.booked.append(len(turns))
        if len(self.booked) == self.stall:
            time.sleep(self.seconds)  # noqa: ASYNC251  (the process is held up)
        return [self.gap * (n + 1) for n in range(len(turns))]

    async def hold(self, turn: Turn, seconds: float) -> None:
        if self.away:
            raise StoreError("I can't save right now.")
        self.held.append(seconds)


class Own:
    """The pace of a process that nobody else knows of."""

    turns = 0

    async def turn(self) -> None:
        self.turns += 1

    async def session(self, seconds: float, *, first: bool) -> float:
        return 0.0 if first else seconds


async def test_some_turns_are_booked_at_once_and_used_one_by_one() -> None:
    books, own = Books(), Own()
    pace = Together(books, "token", own)
    await asyncio.gather(*(pace.turn() for _ in range(5)))
    assert (books.booked[:2], own.turns) == ([1, 4], 0)


async def test_of_a_booking_that_took_far_too_long_only_the_last_turn_is_used() -> None:
    books = Books()
    books.stall = 2
    pace = Together(books, "token", Own())
    await asyncio.gather(*(pace.turn() for _ in range(9)))
    assert books.booked[:3] == [1, 8, 7]


async def test_of_a_booking_that_took_long_a_part_is_used() -> None:
    books = Books()
    books.stall, books.seconds, books.gap = 2, 0.06, 0.05
    pace = Together(books, "token", Own())
    await asyncio.gather(*(pace.turn() for _ in range(9)))
    assert books.booked[:2] == [1, 8]
    assert 5 <= books.booked[2] < 8


async def test_a_turn_that_is_over_is_let_go() -> None:
    books = Books()
    pace = Together(books, "token", Own())
    turns = [asyncio.create_task(pace.turn()) for _ in range(4)]
    await asyncio.wait(turns[:2])
    time.sleep(0.1)  # noqa: ASYNC251  (the process is held up)
    await asyncio.wait(turns)
    assert books.booked[:3] == [1, 3, 2]


async def test_while_the_store_is_away_each_process_goes_its_own_pace() -> None:
    books, own = Books(), Own()
    books.away = True
    pace = Together(books, "token", own)
    await pace.turn()
    await pace.hold(5.0)
    assert [await pace.session(5.0, first=first) for first in (True, False)] == [0.0, 5.0]
    assert (own.turns, books.booked, books.held) == (1, [], [])
    books.away = False
    await pace.turn()
    await pace.hold(5.0)
    assert (own.turns, books.held) == (1, [5.0])


class Nobody(Own):
    """Gives no turn."""

    async def turn(self) -> None:
        await asyncio.Event().wait()


async def test_a_request_that_gets_no_turn_was_certainly_not_sent() -> None:
    async with serving(acme(), scale=float("inf")) as discord, AsyncExitStack() as stack:
        rest = Rest(given(discord.url), timeout=0.3)
        stack.push_async_callback(rest.aclose)
        await rest.ready()
        rest.pace = Nobody()
        with pytest.raises(DeliveryError, match="many others") as met:
            await rest.call("POST", "/channels/{channel_id}/messages", body={"content": "x"}, channel_id="1")
        assert (met.value.verdict, met.value.alone) == (Verdict.WAIT, True)
        assert discord.ledger.count() == 1
