"""The chats that other tests rely on do what every chat does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from bot.errors import DeliveryError, Verdict
from bot.models import Channel
from tests.chats import BlindChat, FakeChat, Platform, loses_the_answer, refuses
from tests.contracts.chat import KEY, OTHER, ChatContract
from tests.emulators.httpchat import serving
from tests.httpchat import HttpChat, ReadableHttpChat
from tests.making import NOW, ROOM, digest, entry, paper


@dataclass
class Inside:
    """A platform in memory."""

    chat: BlindChat
    channel: Channel = ROOM

    async def die(self) -> None:
        self.chat.platform.dead = True


@dataclass
class Beside:
    """A platform behind a socket."""

    chat: HttpChat
    running: AsyncExitStack = field(repr=False)
    channel: Channel = ROOM

    async def die(self) -> None:
        await self.running.aclose()


class TestFakeChat(ChatContract):
    @pytest.fixture
    async def outside(self) -> Inside:
        return Inside(FakeChat())


class TestBlindChat(ChatContract):
    @pytest.fixture
    async def outside(self) -> Inside:
        return Inside(BlindChat())


class TestHttpChat(ChatContract):
    @pytest.fixture(params=[HttpChat, ReadableHttpChat])
    async def outside(self, request: pytest.FixtureRequest) -> AsyncIterator[Beside]:
        async with AsyncExitStack() as running:
            server = await running.enter_async_context(serving())
            chat = request.param(server.url)
            yield Beside(chat, running)
            await chat.aclose()


async def test_a_platform_counts_what_it_accepted_and_not_what_it_answered() -> None:
    chat = FakeChat(Platform())
    message = chat.render(digest(ROOM, entry(paper("1"))))[0]
    chat.platform.next(ROOM, loses_the_answer(), refuses(Verdict.WAIT))
    for key in (KEY, OTHER):
        with pytest.raises(DeliveryError):
            await chat.post(ROOM, message, key, "")
    assert await chat.post(ROOM, message, "f" * 24, "") == "m2"
    assert (chat.platform.count(KEY), chat.platform.count(OTHER), chat.platform.asked) == (1, 0, 3)
    assert chat.platform.papers(ROOM) == ["1", "1"]
    assert await chat.find(ROOM, KEY, NOW) == "m1"
