"""Slack's adapter and an emulated Slack, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from adapters.chats.slack.chat import SlackChat
from adapters.chats.slack.limits import PACING
from adapters.chats.slack.settings import Settings
from bot.desk import Context, FrontDesk
from bot.models import Channel, ChannelSettings, Paper
from bot.pipeline import Fetching
from bot.ports import Chat, Draw, Pacing
from tests.emulators.slack import APP_TOKEN, BOT_TOKEN, Answer, Message, Slack, View, Workspace, acme, serving
from tests.fakes import MemoryStore
from tests.talking import fortnight

HISTORY = ("channels:history", "groups:history", "im:history")
QUICK = replace(PACING, timeout=5.0, settle=0.5)


def given(url: str, **more: object) -> Settings:
    """Settings for one workspace at this address."""
    ordinary: dict[str, object] = {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "base_url": f"{url}/api/"}
    return Settings.model_validate(ordinary | more)


@dataclass
class Outside:
    """A Slack that runs until it dies, and our chat in it."""

    slack: Slack
    chat: SlackChat
    channel: Channel
    store: MemoryStore
    running: AsyncExitStack = field(repr=False)

    async def die(self) -> None:
        await self.running.aclose()


@asynccontextmanager
async def outside(
    workspace: Workspace | None = None, *, pacing: Pacing = QUICK, scale: float = float("inf"), **more: object
) -> AsyncIterator[Outside]:
    """Serve a Slack, Acme unless it is given, and build the chat for it; ``scale`` is of the rate limits."""
    async with AsyncExitStack() as running:
        slack = await running.enter_async_context(serving(workspace or readable(), scale=scale))
        chat, store = SlackChat(given(slack.url, **more), pacing), MemoryStore()
        chat.remember(store)
        room = slack.channel("ml") if "ml" in {one.name for one in slack.workspace.channels.values()} else None
        channel = Channel("slack", room.team if room else "", room.id if room else "")
        try:
            yield Outside(slack, chat, channel, store, running)
        finally:
            await chat.aclose()


@dataclass
class Office(Outside):
    """The same with a desk, and people who can talk to it."""

    desk: FrontDesk
    url: str = ""
    """Where its hooks are served, over HTTP."""

    async def type(self, user: str, text: str, room: str = "ml") -> Message:
        """Type a command and give the first answer to it."""
        answer = await self.slack.command(user, room, f"/papers {text}".strip())
        assert not answer.error
        return await answer.post()

    async def press(self, user: str, where: Message | View, label: str) -> Answer:
        """Press the first button with these words on it."""
        answer = await self.slack.press(user, where, *button(where, label))
        assert not answer.error
        return answer

    async def modal(self, user: str, title: str) -> View:
        """Wait for a modal with this title."""
        return await self.slack.until(lambda: titled(self.slack.view(user), title)) or self._nothing()

    def _nothing(self) -> View:
        raise AssertionError("there is no modal")

    async def follow(self, query: str, user: str = "ada", room: str = "ml") -> None:
        """Subscribe a channel, all the way."""
        tried = await self.type(user, f"subscribe {query}", room)
        await (await self.press(user, tried, "Save")).post()


def titled(view: View | None, title: str) -> View | None:
    return view if view and view.body["title"]["text"] == title else None


def button(where: Message | View, label: str) -> tuple[str, str]:
    """The action_id and the value of a button."""
    blocks = where.body["blocks"] if isinstance(where, View) else where.blocks
    for block in blocks:
        for element in block.get("elements", ()) if block["type"] == "actions" else ():
            if element["type"] == "button" and element["text"]["text"] == label:
                return element["action_id"], element["value"]
    raise AssertionError(f"there is no button {label}")


@asynccontextmanager
async def office(
    workspace: Workspace | None = None,
    *,
    papers: Iterable[Paper] | None = None,
    opened: Callable[[Outside], FrontDesk] | None = None,
    scale: float = float("inf"),
    **more: object,
) -> AsyncIterator[Office]:
    """Serve a Slack with a fortnight of papers behind it, and connect through Socket Mode."""
    async with outside(workspace, scale=scale, pacing=QUICK, **more) as out:
        await out.store.add_papers(fortnight() if papers is None else papers, datetime.now(UTC))
        desk = (opened or desk_of)(out)
        stop = asyncio.Event()
        listening = asyncio.create_task(out.chat.listen(desk, stop))
        try:
            await out.slack.sockets.connected()
            yield Office(out.slack, out.chat, out.channel, out.store, out.running, desk)
        finally:
            stop.set()
            await listening


def desk_of(out: Outside, kind: type[FrontDesk] = FrontDesk, draw: Draw | None = None) -> FrontDesk:
    """The desk as the application opens it."""
    return desk_of_store(out.store, {"slack": out.chat}, kind, draw)


def desk_of_store(
    store: MemoryStore, chats: Mapping[str, Chat], kind: type[FrontDesk] = FrontDesk, draw: Draw | None = None
) -> FrontDesk:
    """The same over any chats."""
    return kind(
        Context(
            store=store,
            chats=chats,
            defaults=lambda channel, owner: ChannelSettings(channel=channel, created=datetime.now(UTC), owner=owner),
            fetching=Fetching(),
            draw=draw,
        ),
        lambda: datetime.now(UTC),
        "the help channel",
    )


def readable(without: tuple[str, ...] = ()) -> Workspace:
    """Acme, with the history scopes granted."""
    workspace = acme(without)
    for value, token in list(workspace.tokens.items()):
        if value == BOT_TOKEN:
            workspace.tokens[value] = replace(token, scopes=token.scopes | frozenset(HISTORY))
    return workspace
