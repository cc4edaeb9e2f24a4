"""Slack: how soon a command is acknowledged while digests go out, and whether a large digest keeps its pace.

The emulated Slack runs in a process of its own and types the commands. The peer of the first is a bare Bolt app that
answers with a word while the same digests go out beside it; the peer of the second is the time that the limits allow.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.chats.slack.chat import SlackChat
from adapters.chats.slack.install import Installed
from adapters.chats.slack.limits import PACING
from adapters.chats.slack.settings import Settings
from adapters.stores.tinydb import Settings as StoreSettings
from adapters.stores.tinydb import store
from bench.figures import Benchmark, Figure
from bench.papers import papers
from bot.deliver import Deliverer
from bot.desk import Context, FrontDesk
from bot.models import Channel, ChannelSettings, Delivery, Digest, Entry, Plan, Summary, SummaryKind
from bot.pipeline import Fetching
from bot.ports import Store

APP_TOKEN = "xapp-1-A0PAPERS01-1-emulated"
SCOPES = ["commands", "chat:write", "users:read"]
RATE = 50
"""Commands a second."""
WORKSPACES = 3
CHANNELS = 1000
SENDING = 300
"""Channels of the digest that goes out while people type: more than can be served in that time."""
SPEED = 3.0
"""How much faster than Slack's the limits are, theirs and ours, where only the pace is measured."""
WARM = 1.5
"""Seconds for the connection, and for the first digests to go out."""


def measure(commands: int = 200, channels: int = CHANNELS, speed: float = SPEED, rounds: int = 2) -> Sequence[Figure]:
    """So many commands for us and for the peer, then a digest for so many channels.

    Peer and we take turns, and the best round of each counts: what else the machine does spoils a round.
    """
    both = [[asyncio.run(_acknowledged(commands, bare=bare)) for bare in (False, True)] for _ in range(rounds)]
    ours, peer = (min(found, key=lambda times: _percentile(times, 50)) for found in zip(*both, strict=True))
    took, allowed = asyncio.run(_paced(channels, speed))
    return [
        Figure(f"command to ack at {RATE}/s, p50", _percentile(ours, 50), _percentile(peer, 50)),
        Figure(f"command to ack at {RATE}/s, p99", _percentile(ours, 99), _percentile(peer, 99)),
        Figure(f"a digest for {channels:,} channels in {WORKSPACES} workspaces", 1000 * took, 1000 * allowed),
    ]


@dataclass(frozen=True)
class Far:
    """The emulated Slack."""

    url: str
    session: aiohttp.ClientSession

    async def ask(self, path: str, said: dict[str, Any]) -> dict[str, Any]:
        async with self.session.post(f"{self.url}/control/{path}", json=said) as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def workspace(self, name: str, channels: int, people: int) -> dict[str, Any]:
        names = [f"{name}{n}" for n in range(channels)]
        return await self.ask("teams", {"name": name, "channels": names, "scopes": SCOPES, "people": people})

    async def refused(self) -> int:
        """Posts that came too soon."""
        where = {"method": "chat.postMessage", "outcome": "ratelimited"}
        async with self.session.get(f"{self.url}/control/requests", params=where) as answer:
            return len(await answer.json())


async def _acknowledged(commands: int, *, bare: bool) -> list[float]:
    """Milliseconds from each command to its acknowledgement, while digests go out at the pace of three workspaces."""
    pacing = replace(PACING, per_tenant=WORKSPACES * PACING.per_tenant)
    async with AsyncExitStack() as stack:
        far = await stack.enter_async_context(_slack("inf"))
        made = await far.workspace("bench", SENDING, 50)
        given = {"bot_token": made["token"], "app_token": APP_TOKEN, "base_url": f"{far.url}/api/"}
        chat = SlackChat(Settings.model_validate(given), pacing)
        stack.push_async_callback(chat.aclose)
        opened = await stack.enter_async_context(_store())
        chat.remember(opened)
        await opened.add_papers(papers(60), datetime.now(UTC))
        await _plan(opened, chat, [Channel("slack", made["team"], room) for room in made["channels"].values()])
        stop = asyncio.Event()
        sending = asyncio.create_task(_deliverer(opened, chat).drain(stop))
        answering = await stack.enter_async_context(_bare(far, made["token"]) if bare else _ours(chat, opened, stop))
        await answering.wait()
        room = next(iter(made["channels"].values()))
        wanted = {"channel": room, "text": "/papers today", "rate": RATE, "count": commands}
        found = await far.ask("commands", wanted)
        stop.set()
        await sending
        if found["errors"]:
            raise RuntimeError(f"{found['errors']} commands were not acknowledged in time")
        return list(found["ms"])


@asynccontextmanager
async def _ours(chat: SlackChat, opened: Store, stop: asyncio.Event) -> AsyncIterator[asyncio.Event]:
    desk = FrontDesk(
        Context(
            store=opened,
            chats={"slack": chat},
            defaults=lambda channel, owner: ChannelSettings(channel=channel, created=datetime.now(UTC), owner=owner),
            fetching=Fetching(),
        ),
        lambda: datetime.now(UTC),
    )
    listening, ready = asyncio.create_task(chat.listen(desk, stop)), asyncio.Event()
    asyncio.get_running_loop().call_later(WARM, ready.set)
    yield ready
    await listening


@asynccontextmanager
async def _bare(far: Far, token: str) -> AsyncIterator[asyncio.Event]:
    client = AsyncWebClient(token, base_url=f"{far.url}/api/")
    app = AsyncApp(client=client, signing_secret="")

    @app.command("/papers")
    async def answer(ack: Any, respond: Any) -> None:  # noqa: ANN401
        await ack()
        await respond("Papers.")

    handler, ready = AsyncSocketModeHandler(app, APP_TOKEN), asyncio.Event()
    await handler.connect_async()  # type: ignore[no-untyped-call]
    asyncio.get_running_loop().call_later(WARM, ready.set)
    yield ready
    await handler.close_async()  # type: ignore[no-untyped-call]


async def _paced(channels: int, speed: float) -> tuple[float, float]:
    """Seconds that a digest for all took, and that the limits allow. Raises when Slack had to say "too soon"."""
    pacing = replace(PACING, per_channel=speed * PACING.per_channel, per_tenant=speed * PACING.per_tenant)
    async with AsyncExitStack() as stack:
        far = await stack.enter_async_context(_slack(str(speed)))
        given = {"client_id": "1", "client_secret": "2", "signing_secret": "3", "base_url": f"{far.url}/api/"}
        chat = SlackChat(Settings.model_validate(given), pacing)
        stack.push_async_callback(chat.aclose)
        opened = await stack.enter_async_context(_store())
        chat.remember(opened)
        rooms: list[Channel] = []
        for n in range(WORKSPACES):
            share = channels // WORKSPACES + (n < channels % WORKSPACES)
            made = await far.workspace(f"workspace{n}", share, 0)
            rooms += [Channel("slack", made["team"], room) for room in made["channels"].values()]
            assert chat.installations
            await chat.installations.save(Installed(team=made["team"], enterprise="", token=made["token"]))
        await _plan(opened, chat, rooms)
        start = perf_counter()
        await _deliverer(opened, chat).drain(asyncio.Event())
        took = perf_counter() - start
        if refused := await far.refused():
            raise RuntimeError(f"{refused} messages were sent too soon")
        return took, (-(-channels // WORKSPACES) - 1) / pacing.per_tenant


def _deliverer(opened: Store, chat: SlackChat) -> Deliverer:
    return Deliverer(opened, {"slack": chat}, owner="bench", now=lambda: datetime.now(UTC))


async def _plan(opened: Store, chat: SlackChat, rooms: Sequence[Channel]) -> None:
    """A digest of five papers for each."""
    entries = tuple(Entry(one, 1.0, Summary(one.abstract[:400], SummaryKind.ABSTRACT)) for one in papers(5))
    now = datetime.combine(datetime.now(UTC), time(), UTC) + timedelta(seconds=1)
    made = []
    for room in rooms:
        plan = Plan(channel=room, date=date(2026, 7, 31), kind="digest", planned=now)
        messages = chat.render(Digest(channel=room, date=plan.date, query="*", seen=30, entries=entries))
        rows = [
            Delivery(channel=room, plan=plan.id, part=part, message=message, planned=now, next_at=now)
            for part, message in enumerate(messages)
        ]
        made.append(opened.plan(plan, rows))
    await asyncio.gather(*made)


@asynccontextmanager
async def _store() -> AsyncIterator[Store]:
    with TemporaryDirectory() as folder:
        opened = await store(StoreSettings(path=Path(folder)))
        try:
            yield opened
        finally:
            await opened.aclose()


@asynccontextmanager
async def _slack(scale: str) -> AsyncIterator[Far]:
    words = [sys.executable, "-m", "tests.emulators.slack", "--pipe", "--port", "0", "--scale", scale]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    assert process.stdout
    url = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession() as session:
        try:
            yield Far(url, session)
        finally:
            process.terminate()
            await process.wait()


def _percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100)[percent - 1]


BENCHMARK = Benchmark("Slack", "bare Bolt / the limits", measure)
