"""Discord's adapter and an emulated Discord, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

from adapters.chats.discord.chat import DiscordChat
from adapters.chats.discord.limits import PACING
from adapters.chats.discord.post import direct
from adapters.chats.discord.settings import Settings
from bot.models import Channel, Message
from bot.ports import Pacing
from tests.emulators.discord import BOT_TOKEN, Discord, State, acme, serving
from tests.fakes import MemoryStore
from tests.making import digest, entry, paper

QUICK = replace(PACING, timeout=5.0, settle=0.5)


def given(url: str, **more: object) -> Settings:
    """Settings for the app at this address."""
    ordinary: dict[str, object] = {"token": BOT_TOKEN, "api_url": f"{url}/api/v10"}
    return Settings.model_validate(ordinary | more)


@dataclass
class Outside:
    """A Discord that runs until it dies, and our chat in it."""

    discord: Discord
    chat: DiscordChat
    channel: Channel
    store: MemoryStore
    running: AsyncExitStack = field(repr=False)

    def place(self, name: str) -> Channel:
        """One of its channels."""
        room = self.discord.channel(name)
        return Channel("discord", str(room.guild), str(room.id))

    def direct(self, name: str) -> Channel:
        """Somebody's direct messages."""
        return direct(str(self.discord.user(name).id))

    def message(self, count: int = 1) -> Message:
        """A digest's first message."""
        items = [entry(paper(f"2608.{number:05}")) for number in range(1, count + 1)]
        return self.chat.render(digest(self.channel, *items))[0]

    async def die(self) -> None:
        await self.running.aclose()


@asynccontextmanager
async def outside(
    state: State | None = None, *, pacing: Pacing = QUICK, scale: float = float("inf"), **more: object
) -> AsyncIterator[Outside]:
    """Serve a Discord, Acme unless it is given, and build the chat for it; ``scale`` is of the rate limits."""
    async with AsyncExitStack() as running:
        discord = await running.enter_async_context(serving(state or acme(), scale=scale))
        chat, store = DiscordChat(given(discord.url, **more), pacing), MemoryStore()
        room = next((one for one in discord.state.channels.values() if one.name == "ml"), None)
        channel = Channel("discord", str(room.guild) if room else "", str(room.id) if room else "")
        try:
            yield Outside(discord, chat, channel, store, running)
        finally:
            await chat.aclose()
