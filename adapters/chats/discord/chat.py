"""Discord as a chat: what the core asks for, handed to the part that does it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from adapters.chats.discord import answers, limits, markup, render
from adapters.chats.discord.check import check
from adapters.chats.discord.commands import sync
from adapters.chats.discord.post import Poster
from adapters.chats.discord.rest import Rest
from adapters.chats.discord.settings import Settings
from adapters.chats.discord.shards import Rhythm, Shards
from adapters.chats.discord.spot import direct
from bot.errors import DeliveryError, Verdict
from bot.models import Channel, Digest, Message
from bot.ports import Desk, Finding, Notes, Pacing, Shared
from bot.talk import Reply, said, written

if TYPE_CHECKING:
    from adapters.chats.discord.claims import Standing
    from adapters.chats.discord.listen import Gateway, Patience

log = logging.getLogger(__name__)

AGAIN = 600.0
"""Seconds between two tries to register the command."""
_UNREACHABLE = {Verdict.PAUSE, Verdict.DROP, Verdict.BUG}


class DiscordChat:
    """Posts digests and answers people."""

    name = "discord"

    def __init__(self, settings: Settings, pacing: Pacing = limits.PACING, *, budget: int = limits.BUDGET) -> None:
        self.pacing = pacing
        self.patience: Patience | None = None
        self.rhythm = Rhythm()
        self.standing: Standing | None = None
        """What it gives the store and other processes, when that is not the usual."""
        self._gateway: Gateway | None = None
        self._budget = budget
        self._notes: Notes | None = None
        self._settings = settings
        self._rest = Rest(settings, pacing.timeout)
        self._poster = Poster(self._rest, threads=settings.threads, publish=settings.publish)

    def remember(self, notes: Notes) -> None:
        """Keep there which commands Discord was told, and where something was announced; share the pace there."""
        self._notes = self._poster.notes = notes
        if isinstance(notes, Shared):
            self._rest.share(notes)

    def render(self, digest: Digest) -> Sequence[Message]:
        """An embed for each paper, in as few messages as hold them, or in one each."""
        singly = digest.channel.room in self._settings.post_per_paper
        return render.render(digest, budget=self._budget, singly=singly)

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

    async def announce(self, channel: Channel, reply: Reply) -> None:
        """Post a reply publicly, at once. What is missing for that is named before anything is posted."""
        for page in answers.pages(reply, written, self.render):
            await self._poster.say(channel, page.body, page.files)

    async def listen(self, desk: Desk, stop: asyncio.Event) -> None:
        """Answer people through the gateway."""
        from adapters.chats.discord.claims import Claims
        from adapters.chats.discord.front import Front
        from adapters.chats.discord.listen import Gateway, serve
        from adapters.chats.discord.speak import Speaker

        def connected(patience: Patience) -> Gateway:
            self._gateway = Gateway(front, self._settings, patience, self._rest.pace)
            return self._gateway

        async def work() -> None:
            await serve(connected, self._settings, stop, self.patience)

        twins = self._notes is not None and isinstance(self._notes, Shared)
        shards = Shards(self._notes, self._settings, self.rhythm, twins=twins) if self._notes else None
        claims = Claims(self._notes, stop, shards.name, self.standing) if self._notes and shards and twins else None
        front = Front(desk, Speaker(self._rest, self._poster, desk, self.render), claims)
        beside = [
            asyncio.create_task(work) for work in (self._tell_commands(stop), *([claims.tidy()] if claims else []))
        ]
        try:
            await (shards.run(work) if shards else work())
        finally:
            self._gateway = None
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
            await front.finish()

    def deaf(self) -> str:
        """Say why people are not heard."""
        return "" if self._gateway and self._gateway.is_whole else "Discord's gateway is not connected."

    async def _tell_commands(self, stop: asyncio.Event) -> None:
        """Register the command when it has changed; where that fails, later."""
        while not stop.is_set():
            try:
                await sync(self._rest, self._notes)
            except DeliveryError as error:
                log.warning("Discord: /papers could not be registered: %s", error)
                await asyncio.sleep(max(error.seconds or 0.0, AGAIN))
            else:
                return

    async def check(self, now: datetime) -> Sequence[Finding]:
        """Token, gateway, commands, permissions."""
        del now
        return await check(self._rest, self._notes)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._rest.aclose()
