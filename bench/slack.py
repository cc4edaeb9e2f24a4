"""Slack: how soon a command is acknowledged while digests go out, and whether a large digest keeps its pace.

The emulated Slack runs in a process of its own and types the commands. The peer of the first is a bare Bolt app that
answers with a word while the same digests go out beside it; the peer of the second is the time that the limits allow.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.chats.slack.chat import SlackChat
from adapters.chats.slack.installed import Installed
from adapters.chats.slack.limits import PACING
from adapters.chats.slack.settings import Settings
from bench.chats import WARM, Far, deliverer, emulated, listening, percentile, plan, temporary
from bench.figures import Benchmark, Figure
from bench.papers import papers
from bot.models import Channel

APP_TOKEN = "xapp-1-A0PAPERS01-1-emulated"
SCOPES = ["commands", "chat:write", "users:read"]
RATE = 50
"""Commands a second."""
WORKSPACES = 3
CHANNELS = 1000
SENDING = 1000
"""Channels of the digest that goes out while people type: more than can be served in that time."""
SPEED = 3.0
"""How much faster than Slack's the limits are, theirs and ours, where only the pace is measured."""


def measure(commands: int = 200, channels: int = CHANNELS, speed: float = SPEED, rounds: int = 2) -> Sequence[Figure]:
    """So many commands for us and for the peer, then a digest for so many channels.

    Peer and we take turns, and the best round of each counts: what else the machine does spoils a round.
    """
    both = [[asyncio.run(_acknowledged(commands, bare=bare)) for bare in (False, True)] for _ in range(rounds)]
    ours, peer = (min(found, key=lambda times: percentile(times, 50)) for found in zip(*both, strict=True))
    took, allowed = asyncio.run(_paced(channels, speed))
    return [
        Figure(f"command to ack at {RATE}/s, p50", percentile(ours, 50), percentile(peer, 50)),
        Figure(f"command to ack at {RATE}/s, p99", percentile(ours, 99), percentile(peer, 99)),
        Figure(f"a digest for {channels:,} channels in {WORKSPACES} workspaces", 1000 * took, 1000 * allowed),
    ]


async def _workspace(far: Far, name: str, channels: int, people: int) -> dict[str, Any]:
    names = [f"{name}{n}" for n in range(channels)]
    return await far.ask("teams", {"name": name, "channels": names, "scopes": SCOPES, "people": people})


async def _acknowledged(commands: int, *, bare: bool) -> list[float]:
    """Milliseconds from each command to its acknowledgement, while digests go out at the pace of three workspaces."""
    pacing = replace(PACING, per_tenant=WORKSPACES * PACING.per_tenant)
    async with AsyncExitStack() as stack:
        far = await stack.enter_async_context(emulated("slack", "inf"))
        made = await _workspace(far, "bench", SENDING, 50)
        given = {"bot_token": made["token"], "app_token": APP_TOKEN, "base_url": f"{far.url}/api/"}
        chat = SlackChat(Settings.model_validate(given), pacing)
        stack.push_async_callback(chat.aclose)
        opened = await stack.enter_async_context(temporary())
        chat.remember(opened)
        await opened.add_papers(papers(60), datetime.now(UTC))
        await plan(opened, chat, [Channel("slack", made["team"], room) for room in made["channels"].values()])
        stop = asyncio.Event()
        sending = asyncio.create_task(deliverer(opened, chat).drain(stop))
        await stack.enter_async_context(_bare(far, made["token"]) if bare else listening(chat, opened, stop))
        await asyncio.sleep(WARM)
        room = next(iter(made["channels"].values()))
        wanted = {"channel": room, "text": "/papers today", "rate": RATE, "count": commands}
        found = await far.ask("commands", wanted)
        stop.set()
        await sending
        if found["errors"]:
            raise RuntimeError(f"{found['errors']} commands were not acknowledged in time")
        return list(found["ms"])


@asynccontextmanager
async def _bare(far: Far, token: str) -> AsyncIterator[None]:
    client = AsyncWebClient(token, base_url=f"{far.url}/api/")
    app = AsyncApp(client=client, signing_secret="")

    @app.command("/papers")
    async def answer(ack: Any, respond: Any) -> None:  # noqa: ANN401
        await ack()
        await respond("Papers.")

    handler = AsyncSocketModeHandler(app, APP_TOKEN)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    yield
    await handler.close_async()  # type: ignore[no-untyped-call]


async def _paced(channels: int, speed: float) -> tuple[float, float]:
    """Seconds that a digest for all took, and that the limits allow. Raises when Slack had to say "too soon"."""
    pacing = replace(PACING, per_channel=speed * PACING.per_channel, per_tenant=speed * PACING.per_tenant)
    async with AsyncExitStack() as stack:
        far = await stack.enter_async_context(emulated("slack", str(speed)))
        given = {"client_id": "1", "client_secret": "2", "signing_secret": "3", "base_url": f"{far.url}/api/"}
        chat = SlackChat(Settings.model_validate(given), pacing)
        stack.push_async_callback(chat.aclose)
        opened = await stack.enter_async_context(temporary())
        chat.remember(opened)
        rooms: list[Channel] = []
        for n in range(WORKSPACES):
            share = channels // WORKSPACES + (n < channels % WORKSPACES)
            made = await _workspace(far, f"workspace{n}", share, 0)
            rooms += [Channel("slack", made["team"], room) for room in made["channels"].values()]
            assert chat.installations
            await chat.installations.save(Installed(team=made["team"], enterprise="", token=made["token"]))
        await plan(opened, chat, rooms)
        start = perf_counter()
        await deliverer(opened, chat).drain(asyncio.Event())
        took = perf_counter() - start
        if refused := await far.count(method="chat.postMessage", outcome="ratelimited"):
            raise RuntimeError(f"{refused} messages were sent too soon")
        return took, (-(-channels // WORKSPACES) - 1) / pacing.per_tenant


BENCHMARK = Benchmark("Slack", "bare Bolt / the limits", measure)
