"""discord.py, unmodified, pointed at an emulated Discord through the hooks that it has for that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import pytest

import discord
from discord import app_commands
from tests.emulators.discord.emulator import Discord
from tests.emulators.discord.state.world import BOT_TOKEN

GUILDS = discord.Intents(guilds=True)


class Quick(discord.Client):
    """A client with commands that does not wait before it identifies itself again."""

    def __init__(self, intents: discord.Intents = GUILDS, **options: Any) -> None:  # noqa: ANN401 - discord.py's
        super().__init__(intents=intents, guild_ready_timeout=0.05, max_messages=None, **options)
        self.tree = app_commands.CommandTree(self)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait for nothing."""


def point(emulated: Discord) -> None:
    """Let discord.py take this for Discord."""
    discord.http.Route.BASE = emulated.api_url
    socket = discord.gateway.DiscordWebSocket
    socket.DEFAULT_GATEWAY = type(socket.DEFAULT_GATEWAY)(emulated.gateway_url)


@asynccontextmanager
async def running(
    emulated: Discord, client: discord.Client, token: str = BOT_TOKEN
) -> AsyncIterator[asyncio.Task[None]]:
    """Run a client until the block ends, and give its task, which raises what ended the client before."""
    point(emulated)
    task = asyncio.create_task(client.start(token))
    try:
        yield task
    finally:
        await client.close()
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()


@asynccontextmanager
async def connected(emulated: Discord, client: discord.Client) -> AsyncIterator[discord.Client]:
    """Run a client, and wait until it is ready. What ends it before that is raised."""
    async with running(emulated, client) as task:
        ready = asyncio.create_task(_ready(emulated, client))
        done, _ = await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=15)
        if ready not in done:
            ready.cancel()
            task.result()
        yield client


async def _ready(emulated: Discord, client: discord.Client) -> None:
    await emulated.gateway.connected()
    await client.wait_until_ready()


async def refusal(call: Awaitable[object]) -> discord.HTTPException:
    """Discord's no."""
    with pytest.raises(discord.HTTPException) as caught:
        await call
    return caught.value
