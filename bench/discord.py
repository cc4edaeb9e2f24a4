"""Discord: how soon a command has its first answer while a digest goes out, and whether that keeps its pace.

The emulated Discord runs in a process of its own, with Discord's own limits, types the commands and counts what it had
to refuse. The peer of the first is a bare discord.py app that answers with a word while the same digest goes out beside
it; the peer of the second is the rate that the limits allow: 50 requests a second for the whole app.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import discord
from discord import app_commands

from adapters.chats.discord.chat import DiscordChat
from adapters.chats.discord.settings import Settings
from bench.chats import WARM, Far, deliverer, emulated, listening, percentile, plan, temporary
from bench.figures import RATE, Benchmark, Figure
from bench.papers import papers
from bot.models import Channel
from tests.emulators.discord import BOT_TOKEN

TYPED = 50
"""Commands a second."""
ALLOWED = 50
"""Requests that Discord takes from an app in a second."""
CHANNELS, SERVERS = 1000, 50
INVALID = ("429", "0", "50001", "50013")
"""Outcomes that Discord counts against an address: too soon, not known, not allowed."""
PEOPLE = 50


def measure(commands: int = 200, channels: int = CHANNELS, servers: int = SERVERS, rounds: int = 2) -> Sequence[Figure]:
    """So many commands for us and for the peer, each during a digest for so many channels; then such a digest alone.

    Peer and we take turns, and the best round of each counts: what else the machine does spoils a round.
    """
    both = [
        [asyncio.run(_answered(commands, channels, servers, bare=bare)) for bare in (False, True)]
        for _ in range(rounds)
    ]
    ours, peer = (min(found, key=lambda times: percentile(times, 50)) for found in zip(*both, strict=True))
    rate = asyncio.run(_paced(channels, servers))
    return [
        Figure(f"command to first answer at {TYPED}/s, p50", percentile(ours, 50), percentile(peer, 50)),
        Figure(f"command to first answer at {TYPED}/s, p99", percentile(ours, 99), percentile(peer, 99)),
        Figure(f"a digest for {channels:,} channels in {servers} servers, messages", rate, ALLOWED, RATE),
    ]


async def _rooms(far: Far, channels: int, servers: int) -> tuple[DiscordChat, list[Channel]]:
    """Spread channels over servers, with a chat for all of them; people are in the first."""
    found, token = list[Channel](), ""
    for n in range(servers):
        names = [f"room{number}" for number in range(n, channels, servers)]
        made = await far.ask("guilds", {"name": f"server{n}", "channels": names, "people": 0 if n else PEOPLE})
        found += [Channel("discord", made["guild"], room) for room in made["channels"].values()]
        token = made["token"]
    return DiscordChat(Settings.model_validate({"token": token, "api_url": f"{far.url}/api/v10"})), found


async def _answered(commands: int, channels: int, servers: int, *, bare: bool) -> list[float]:
    """Milliseconds from each command to its first answer, while a digest goes out. Raises when one was refused."""
    async with AsyncExitStack() as stack:
        far = await stack.enter_async_context(emulated("discord", "1"))
        chat, rooms = await _rooms(far, channels, servers)
        stack.push_async_callback(chat.aclose)
        opened = await stack.enter_async_context(temporary())
        chat.remember(opened)
        await opened.add_papers(papers(60), datetime.now(UTC))
        await plan(opened, chat, rooms)
        stop = asyncio.Event()
        await stack.enter_async_context(_bare(far) if bare else listening(chat, opened, stop))
        sending = asyncio.create_task(deliverer(opened, chat).drain(stop))
        await asyncio.sleep(WARM)
        wanted = {"channel": rooms[0].room, "text": "/papers today", "rate": TYPED, "count": commands}
        found = await far.ask("commands", wanted)
        stop.set()
        await sending
        if found["errors"]:
            raise RuntimeError(f"{found['errors']} commands were not answered in time")
        if not bare:  # the peer logs in without regard to the digest beside it
            await _none_refused(far)
        return list(found["ms"])


@asynccontextmanager
async def _bare(far: Far) -> AsyncIterator[None]:
    client = Bare(intents=discord.Intents(guilds=True), max_messages=None)
    group = app_commands.Group(name="papers", description="Papers.")

    @group.command(description="Papers.")
    async def today(interaction: discord.Interaction[Bare]) -> None:
        await interaction.response.send_message("Papers.", ephemeral=True)

    client.tree.add_command(group)
    discord.http.Route.BASE = f"{far.url}/api/v10"
    answering = asyncio.create_task(client.start(BOT_TOKEN))
    yield
    await client.close()
    await answering


class Bare(discord.Client):
    """A client with a command, as discord.py's own examples have it."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  (discord.py's)
        super().__init__(**options)
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Connect where the API says, and register the command."""
        _, address, _ = await self.http.get_bot_gateway()
        socket = discord.gateway.DiscordWebSocket
        socket.DEFAULT_GATEWAY = type(socket.DEFAULT_GATEWAY)(address)
        await self.tree.sync()


async def _paced(channels: int, servers: int) -> float:
    """Messages a second. Raises when Discord had to refuse one."""
    async with AsyncExitStack() as stack:
        far = await stack.enter_async_context(emulated("discord", "1"))
        chat, rooms = await _rooms(far, channels, servers)
        stack.push_async_callback(chat.aclose)
        opened = await stack.enter_async_context(temporary())
        await plan(opened, chat, rooms)
        start = perf_counter()
        await deliverer(opened, chat).drain(asyncio.Event())
        took = perf_counter() - start
        await _none_refused(far)
        return channels / took


async def _none_refused(far: Far) -> None:
    if refused := sum([await far.count(outcome=outcome) for outcome in INVALID]):
        raise RuntimeError(f"{refused} requests were refused")


BENCHMARK = Benchmark("Discord", "bare discord.py / the limits", measure)
