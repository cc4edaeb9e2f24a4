"""Slack as a chat: what the core asks for, handed to the part that does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.chats.slack import limits, render
from adapters.chats.slack.access import Clients, OneWorkspace
from adapters.chats.slack.post import Poster
from adapters.chats.slack.rich import fallback
from adapters.chats.slack.settings import Settings
from bot.errors import DeliveryError, Verdict
from bot.models import Channel, Digest, Message
from bot.ports import Notes, Pacing

_UNREACHABLE = {Verdict.PAUSE, Verdict.DROP, Verdict.BUG}


class SlackChat:
    """Posts digests and answers people."""

    name = "slack"

    def __init__(self, settings: Settings, pacing: Pacing = limits.PACING, *, budget: int = limits.BUDGET) -> None:
        self.pacing = pacing
        self._budget = budget
        self._settings = settings
        self._clients = Clients(settings.base_url, pacing.timeout)
        token = settings.bot_token
        self._accesses = OneWorkspace(self._clients, token.get_secret_value() if token else "")
        self._poster = Poster(self._clients, self._accesses)

    def remember(self, notes: Notes) -> None:
        """Keep installations, and where direct messages are, there."""
        self._poster.notes = notes

    def render(self, digest: Digest) -> Sequence[Message]:
        """Compact cards."""
        return render.render(digest, images=self._settings.images, budget=self._budget)

    def degrade(self, message: Message, step: int) -> Message | None:
        """Without pictures, titles only, text only."""
        return render.degrade(message, step)

    async def post(self, channel: Channel, message: Message, key: str, thread: str) -> str:
        """Send one message and give its ``ts``."""
        return await self._poster.post(channel, message, key, thread)

    async def find(self, channel: Channel, key: str, since: datetime) -> str | None:
        """Look for a message by the key in its metadata, where the history scope was granted."""
        return await self._poster.find(channel, key, since)

    async def tell(self, channel: Channel, owner: str, text: str) -> bool:
        """Say a sentence about a channel to its owner, in their direct messages."""
        direct = Channel(channel.platform, channel.tenant, owner)
        try:
            await self._poster.send(direct, {"text": fallback([text])})
        except DeliveryError as error:
            if error.verdict in _UNREACHABLE:
                return False
            raise
        return True

    async def aclose(self) -> None:
        """Close the connections."""
        await self._clients.aclose()
