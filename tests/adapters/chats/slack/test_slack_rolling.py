"""A rolling restart: the new process listens before the old one leaves, and every command is answered, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from adapters.chats.slack.chat import SlackChat
from adapters.chats.slack.socket import Patience
from tests.adapters.chats.slack.kit import QUICK, Outside, desk_of, desk_of_store, given, outside
from tests.adapters.chats.slack.payloads import read
from tests.adapters.chats.slack.web import app_settings, serving_hooks
from tests.emulators.slack import BOT_TOKEN, Slack, Upgrade, serving
from tests.emulators.slack import Answer as Typed
from tests.fakes import MemoryStore
from tests.talking import Pondering

SHORT = Patience(hello=2.0, ping=0.1, silence=1.0, pause=0.1, look=0.05)
COMMANDS = 60
RESTARTS = 6


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    Pondering.asked = 0


async def test_a_new_socket_takes_over_and_the_old_one_gives_the_answers_that_it_owes() -> None:
    async with outside() as out:
        out.chat.patience = SHORT
        fresh = SlackChat(given(out.slack.url), QUICK)
        fresh.patience = SHORT
        fresh.remember(out.store)
        leave, end = asyncio.Event(), asyncio.Event()
        old = asyncio.create_task(out.chat.listen(desk_of(out, Pondering), leave))
        await hears(out.chat)
        assert fresh.deaf()
        new = asyncio.create_task(fresh.listen(desk_of(out, Pondering), end))
        await hears(fresh)
        await out.slack.until(lambda: len(out.slack.sockets.connections) == 2)
        typing = [asyncio.create_task(typed(out.slack)) for _ in range(COMMANDS // 2)]
        while len(out.slack.sockets._waiting) < COMMANDS // 2:  # noqa: ASYNC110  (it rings no bell)
            await asyncio.sleep(0)
        leave.set()
        await old
        assert out.chat.deaf()
        typing += [asyncio.create_task(typed(out.slack)) for _ in range(COMMANDS // 2)]
        heard = await asyncio.gather(*typing)
        end.set()
        await new
        await fresh.aclose()
    assert all(heard)
    assert Pondering.asked == COMMANDS


@asynccontextmanager
async def process(out: Outside) -> AsyncIterator[None]:
    """One that listens in here, and ends in an orderly way."""
    chat, stop = SlackChat(given(out.slack.url), QUICK), asyncio.Event()
    chat.patience = SHORT
    chat.remember(out.store)
    listening = asyncio.create_task(chat.listen(desk_of(out, Pondering), stop))
    await hears(chat)
    yield
    stop.set()
    await listening
    await chat.aclose()


async def test_commands_typed_throughout_rolling_restarts_are_each_answered_once() -> None:
    """Also those that Slack sends while a goodbye is on its way to it, though it then hears of no acknowledgement."""
    typed: list[asyncio.Task[Typed]] = []
    over = asyncio.Event()

    async def type_all_the_time() -> None:
        while not over.is_set():
            typed.append(asyncio.create_task(out.slack.command("ada", "ml", "/papers help")))
            await asyncio.sleep(0.02)

    async with outside() as out, AsyncExitStack() as last:
        out.slack.hurry()
        out.slack.sockets.far = 0.1
        old = await last.enter_async_context(AsyncExitStack())
        await old.enter_async_context(process(out))
        typing = asyncio.create_task(type_all_the_time())
        for _ in range(RESTARTS):
            new = await last.enter_async_context(AsyncExitStack())
            await new.enter_async_context(process(out))
            await asyncio.sleep(0.1)
            await old.aclose()
            old = new
        over.set()
        await typing
        answers = await asyncio.gather(*typed)
        await out.slack.until(lambda: all(answer.posts for answer in answers))
    unheard = [answer.error for answer in answers if answer.error]
    assert set(unheard) == {"operation_timeout"}
    assert len(unheard) < len(answers) / 4
    assert {len(answer.posts) for answer in answers} == {1}
    assert Pondering.asked == len(answers)


async def test_over_http_a_new_server_takes_over_without_a_gap() -> None:
    """Requests come all the time; a balancer turns to the new server, and the old one ends in an orderly way."""
    async with serving(scale=float("inf")) as slack, AsyncExitStack() as servers:
        settings = app_settings(slack, client_id="", client_secret=None, bot_token=BOT_TOKEN)
        store = MemoryStore()
        old, new = SlackChat(settings, QUICK), SlackChat(settings, QUICK)
        servers.push_async_callback(new.aclose)
        first, second = [
            await servers.enter_async_context(
                serving_hooks(chat.hooks(desk_of_store(store, {"slack": chat}, Pondering)))
            )
            for chat in (old, new)
        ]
        slack.use_http(f"{first}/slack/events")
        typing = [asyncio.create_task(typed(slack, 0.01 * number)) for number in range(COMMANDS)]
        while Pondering.asked < COMMANDS // 3:  # noqa: ASYNC110  (it rings no bell)
            await asyncio.sleep(0.01)
        slack.use_http(f"{second}/slack/events")
        await asyncio.sleep(0.02)
        await old.aclose()
        heard = await asyncio.gather(*typing)
    assert all(heard)
    assert Pondering.asked == COMMANDS


async def hears(chat: SlackChat) -> None:
    async with asyncio.timeout(5):
        while chat.deaf():  # noqa: ASYNC110  (it rings no bell)
            await asyncio.sleep(0.01)


async def typed(slack: Slack, wait: float = 0.0) -> str:
    """Type a command, and give the answer."""
    await asyncio.sleep(wait)
    answer = await slack.command("ada", "ml", "/papers help")
    assert not answer.error
    return read({"blocks": (await answer.post()).blocks})


async def test_a_process_that_finds_no_connection_is_not_ready() -> None:
    async with outside() as out:
        out.chat.patience = SHORT
        out.slack.sockets.plan(Upgrade.REFUSE, 3)
        stop = asyncio.Event()
        listening = asyncio.create_task(out.chat.listen(desk_of(out), stop))
        await out.slack.until(lambda: out.slack.sockets.upgrades[Upgrade.REFUSE] == 1)
        assert out.chat.deaf() == "Slack's socket is not connected."
        await hears(out.chat)
        stop.set()
        await listening
