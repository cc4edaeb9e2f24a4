"""Slack's adapter and an emulated Slack, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

from pydantic import SecretStr

from adapters.chats.slack.chat import SlackChat
from adapters.chats.slack.limits import PACING
from adapters.chats.slack.settings import Settings
from bot.models import Channel
from bot.ports import Pacing
from tests.emulators.slack import APP_TOKEN, BOT_TOKEN, Slack, Workspace, acme, serving
from tests.fakes import MemoryStore

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


def readable(without: tuple[str, ...] = ()) -> Workspace:
    """Acme, with the history scopes granted."""
    workspace = acme(without)
    for value, token in list(workspace.tokens.items()):
        if value == BOT_TOKEN:
            workspace.tokens[value] = replace(token, scopes=token.scopes | frozenset(HISTORY))
    return workspace


def secret(value: str) -> SecretStr:
    return SecretStr(value)
