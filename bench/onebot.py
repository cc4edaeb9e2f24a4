"""Several processes of one Discord bot: in sum they may make fifty requests a second, whoever makes them.

``python -m bench.onebot [CHANNELS [WORKERS]]``. One process listens, so many workers send a digest for so many channels
to an emulated Discord that counts, and refuses the 51st request of a second. One worker goes first, for comparison.
"""

from __future__ import annotations

import asyncio
import os
import sys
from bisect import bisect_left
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapters.chats.discord import limits
from adapters.chats.discord.chat import DiscordChat
from adapters.chats.discord.settings import Settings
from bench.chats import Far, emulated, plan
from bench.crowd import processes, until
from bot.app import open_store
from bot.models import Channel
from tests.postgres import schema, server

SERVERS = 50
INTERACTIONS = "interactions", "webhooks"
"""What does not count."""


def main() -> None:
    """Play both rounds."""
    numbers = [int(word.replace(",", "")) for word in sys.argv[1:]]
    channels, workers = (*numbers, 1_000, 4)[:2] if len(numbers) != 1 else (numbers[0], 4)
    with server() as database:
        for crew in (1, workers):
            asyncio.run(_round(database, channels, crew))


async def _round(on: Any, channels: int, workers: int) -> None:  # noqa: ANN401  (a server of the tests)
    async with schema(on) as database, emulated("discord", "1") as far:
        token, rooms = await _rooms(far, channels)
        settings = Settings.model_validate({"token": token, "api_url": f"{far.url}/api/v10"})
        store, chat = await open_store(database, Path()), DiscordChat(settings)
        await plan(store, chat, rooms)
        await store.aclose()
        await chat.aclose()
        took = await asyncio.to_thread(_sent, database, _environment(database, token, far.url), channels, workers)
        asked = await _asked(far)
    refused = sum(one["outcome"] not in {"ok", ""} for one in asked)
    times = sorted(one["at"] for one in asked)
    most = max(bisect_left(times, first + 1.0) - number for number, first in enumerate(times))
    print(
        f"{workers} worker(s) and a listener of one bot sent {channels:,} messages at {channels / took:.1f}/s"
        f" ({limits.TOGETHER:.0f} wanted, 50 allowed): {most} requests in the busiest second, {refused} refused",
        flush=True,
    )


def _sent(database: str, environment: Mapping[str, str], channels: int, workers: int) -> float:
    with TemporaryDirectory() as folder, ExitStack() as stack:
        for role, count in (("discord", 1), ("worker", workers)):
            stack.enter_context(processes(role, count, environment, Path(folder)))
        return until(database, "SELECT count(*) FROM deliveries WHERE state = 'sent'", channels)


async def _rooms(far: Far, channels: int) -> tuple[str, list[Channel]]:
    found, token = list[Channel](), ""
    for n in range(SERVERS):
        names = [f"room{number}" for number in range(n, channels, SERVERS)]
        made = await far.ask("guilds", {"name": f"server{n}", "channels": names})
        found += [Channel("discord", made["guild"], room) for room in made["channels"].values()]
        token = made["token"]
    return token, found


async def _asked(far: Far) -> list[dict[str, Any]]:
    async with far.session.get(f"{far.url}/control/requests") as answer:
        return [one for one in await answer.json() if not any(word in one["method"] for word in INTERACTIONS)]


def _environment(database: str, token: str, url: str) -> Mapping[str, str]:
    own = {"STORE": database, "SOURCES": "[]", "CHATS": "discord"}
    own |= {"DISCORD__TOKEN": token, "DISCORD__API_URL": f"{url}/api/v10"}
    return {**os.environ, **{f"BROADSHEET_{name}": value for name, value in own.items()}}


if __name__ == "__main__":
    main()
