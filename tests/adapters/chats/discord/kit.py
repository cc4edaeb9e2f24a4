"""Discord's adapter and an emulated Discord, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from adapters.chats.discord.chat import DiscordChat
from adapters.chats.discord.limits import PACING
from adapters.chats.discord.listen import Patience
from adapters.chats.discord.settings import Settings
from adapters.chats.discord.spot import direct
from bot.desk import Context, FrontDesk
from bot.models import Channel, ChannelSettings, Message, Paper
from bot.pipeline import Fetching
from bot.ports import Pacing
from tests.adapters.chats.discord.payloads import read
from tests.emulators.discord import BOT_TOKEN, Answer, Discord, State, Timing, acme, serving
from tests.emulators.discord import Message as Posted
from tests.fakes import MemoryStore
from tests.making import digest, entry, paper
from tests.talking import fortnight

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
    state: State | None = None,
    *,
    pacing: Pacing = QUICK,
    scale: float = float("inf"),
    timing: Timing | None = None,
    **more: object,
) -> AsyncIterator[Outside]:
    """Serve a Discord, Acme unless it is given, and build the chat for it; ``scale`` is of the rate limits."""
    async with AsyncExitStack() as running:
        discord = await running.enter_async_context(serving(state or acme(), scale=scale, timing=timing))
        chat, store = DiscordChat(given(discord.url, **more), pacing), MemoryStore()
        chat.remember(store)
        room = next((one for one in discord.state.channels.values() if one.name == "ml"), None)
        channel = Channel("discord", str(room.guild) if room else "", str(room.id) if room else "")
        try:
            yield Outside(discord, chat, channel, store, running)
        finally:
            await chat.aclose()


@dataclass
class Office(Outside):
    """The same with a desk, and people who can talk to it."""

    desk: FrontDesk

    async def type(self, user: str, text: str, room: str = "ml", **options: object) -> Posted:
        """Run a command and give the first answer to it."""
        return await (await self.ask(user, text, room, **options)).post()

    async def ask(self, user: str, text: str, room: str = "ml", **options: object) -> Answer:
        """Run a command."""
        answer = await self.discord.command(user, room, f"/papers {text}", **options)
        assert not answer.error
        return answer

    async def press(self, user: str, message: Posted, label: str) -> Answer:
        """Press a button."""
        answer = await self.discord.press(user, message, label)
        assert not answer.error
        return answer

    async def show(self, count: int = 1) -> Posted:
        """Post a digest whose papers are in the archive."""
        await self.store.add_papers([paper(f"2608.{number:05}") for number in range(1, count + 1)], datetime.now(UTC))
        await self.chat.post(self.channel, self.message(count), f"{count:024}", "")
        return self.discord.messages("ml")[-1]

    async def follow(self, query: str, user: str = "ada", room: str = "ml") -> Posted:
        """Subscribe a channel, all the way; give what was said publicly."""
        tried = await self.type(user, "subscribe", room, keywords=query)
        answer = await self.press(user, tried, "Save")
        await answer.edited(tried)
        return self.discord.messages(room)[-1]

    def seen(self, user: str) -> str:
        """What only this person sees, last."""
        return said(self.discord.ephemerals(user)[-1])


def said(message: Posted) -> str:
    """What a person reads in a message."""
    return read({"content": message.content, "embeds": message.embeds, "components": message.components})


@asynccontextmanager
async def office(
    state: State | None = None,
    *,
    papers: Iterable[Paper] | None = None,
    opened: Callable[[Outside], FrontDesk] | None = None,
    scale: float = float("inf"),
    patience: Patience | None = None,
    timing: Timing | None = None,
    **more: object,
) -> AsyncIterator[Office]:
    """Serve a Discord with a fortnight of papers behind it, and connect through the gateway."""
    async with outside(state, pacing=QUICK, scale=scale, timing=timing, **more) as out:
        await out.store.add_papers(fortnight() if papers is None else papers, datetime.now(UTC))
        desk = (opened or desk_of)(out)
        out.chat.patience = patience or Patience(pause=0.1, look=0.05)
        stop = asyncio.Event()
        listening = asyncio.create_task(out.chat.listen(desk, stop))
        try:
            await out.discord.gateway.connected()
            await out.discord.until(lambda: out.discord.state.commands)
            yield Office(out.discord, out.chat, out.channel, out.store, out.running, desk)
        finally:
            stop.set()
            await listening


def desk_of(out: Outside, kind: type[FrontDesk] = FrontDesk) -> FrontDesk:
    """The desk as the application opens it."""
    return kind(
        Context(
            store=out.store,
            chats={"discord": out.chat},
            defaults=lambda channel, owner: ChannelSettings(channel=channel, created=datetime.now(UTC), owner=owner),
            fetching=Fetching(),
        ),
        lambda: datetime.now(UTC),
        "the help channel",
    )
