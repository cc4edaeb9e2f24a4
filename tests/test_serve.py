from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from adapters.queues.inprocess import InProcessQueue, Settings
from bot import serve
from bot.app import App
from bot.errors import DeliveryError, SettingsError, Verdict
from bot.ports import Chat, Desk
from bot.settings import Core, read
from tests.chats import FakeChat, Platform
from tests.house import FOR_EVER, House
from tests.making import ROOM

Ear = Callable[[Desk, asyncio.Event], Awaitable[None]]


class ListeningChat(FakeChat):
    """Listens as it is told."""

    def __init__(self, name: str, ear: Ear) -> None:
        super().__init__(Platform(), name=name)
        self._ear = ear

    async def listen(self, desk: Desk, stop: asyncio.Event) -> None:
        await self._ear(desk, stop)


@pytest.fixture
def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Core:
    monkeypatch.chdir(tmp_path)
    return read(None).model_copy(update={"sources": ()})


def an_app(core: Core, *chats: Chat) -> App:
    house = House()
    return App(
        core=core,
        store=house.store,
        sources=(),
        queue=InProcessQueue(Settings()),
        chats={chat.name: chat for chat in chats},
        now=house.clock,
    )


async def ends(desk: Desk, stop: asyncio.Event) -> None:
    """Hear one thing, then ask the process to stop as an operator does."""
    assert (await desk.installed(ROOM)).parts
    os.kill(os.getpid(), signal.SIGTERM)
    await stop.wait()


async def is_wrong(desk: Desk, stop: asyncio.Event) -> None:
    raise SettingsError("slack.bot_token: is not a bot's token.")


async def is_dark(desk: Desk, stop: asyncio.Event) -> None:
    raise DeliveryError("I cannot reach the platform", Verdict.RETRY)


async def never(desk: Desk, stop: asyncio.Event) -> None:
    raise AssertionError("nobody asked for this role")


async def run(app: App, *roles: str) -> None:
    async with asyncio.timeout(FOR_EVER):
        await serve.serve(app, frozenset(roles))


async def test_every_chat_that_listens_is_listened_to_until_the_end(core: Core) -> None:
    await run(an_app(core, ListeningChat("one", ends), FakeChat(Platform(), name="mute")), "all")


async def test_a_role_listens_to_its_chat_only(core: Core) -> None:
    await run(an_app(core, ListeningChat("one", ends), ListeningChat("two", never)), "one")


async def test_one_chats_wrong_settings_cost_that_chat(core: Core, caplog: pytest.LogCaptureFixture) -> None:
    await run(an_app(core, ListeningChat("wrong", is_wrong), ListeningChat("one", ends)), "all")
    assert "slack.bot_token: is not a bot's token." in caplog.text


async def test_a_process_that_has_nothing_left_to_listen_to_ends_with_the_reason(core: Core) -> None:
    with pytest.raises(SettingsError, match=r"^slack\.bot_token: is not a bot's token\.$"):
        await run(an_app(core, ListeningChat("wrong", is_wrong)), "wrong")


@pytest.mark.parametrize(("role", "told"), [("slack", "slack: it is not set up"), ("mute", "mute: nobody speaks")])
async def test_a_role_without_anybody_to_listen_to_is_wrong_settings(core: Core, role: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        await run(an_app(core, ListeningChat("one", never), FakeChat(Platform(), name="mute")), role, "worker")


async def test_a_chat_that_cannot_get_through_ends_the_process_with_a_sentence(core: Core) -> None:
    with pytest.raises(DeliveryError, match="I cannot reach the platform"):
        await run(an_app(core, ListeningChat("dark", is_dark)), "all")
