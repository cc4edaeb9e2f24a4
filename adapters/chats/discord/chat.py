"""Discord as a chat: what the core asks for, handed to the part that does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.chats.discord import limits, markup, render
from adapters.chats.discord.post import Poster, direct
from adapters.chats.discord.rest import Rest
from adapters.chats.discord.settings import Settings
from bot.errors import DeliveryError, Verdict
from bot.models import Channel, Digest, Message
from bot.ports import Pacing
from bot.talk import said

_UNREACHABLE = {Verdict.PAUSE, Verdict.DROP, Verdict.BUG}


class DiscordChat:
    """Posts digests."""

    name = "discord"

    def __init__(self, settings: Settings, pacing: Pacing = limits.PACING, *, budget: int = limits.BUDGET) -> None:
        self.pacing = pacing
        self._budget = budget
        self._settings = settings
        self._rest = Rest(settings, pacing.timeout)
        self._poster = Poster(self._rest, threads=settings.threads)

    def render(self, digest: Digest) -> Sequence[Message]:
        """An embed for each paper."""
        return render.render(digest, budget=self._budget)

    def degrade(self, message: Message, step: int) -> Message | None:
        """Titles only, text only."""
        return render.degrade(message, step)

    async def post(self, channel: Channel, message: Message, key: str, thread: str) -> str:
        """Send one message and give its id."""
        return await self._poster.post(channel, message, key, thread)

    async def find(self, channel: Channel, key: str, since: datetime) -> str | None:
        """Look for a message by the key in its buttons."""
        return await self._poster.find(channel, key, since)

    async def tell(self, channel: Channel, owner: str, text: str) -> bool:
        """Say a sentence about a channel to its owner, in their direct messages."""
        del channel
        try:
            room = await self._poster.room(direct(owner))
            await self._poster.send(room, {"content": markup.words(said(text))})
        except DeliveryError as error:
            if error.verdict in _UNREACHABLE:
                return False
            raise
        return True

    async def aclose(self) -> None:
        """Close the connections."""
        await self._rest.aclose()
