"""Publishing what stands in an announcement channel to the servers that follow it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from time import monotonic

from adapters.chats.discord import limits
from adapters.chats.discord.rest import Rest
from bot.errors import DeliveryError

log = logging.getLogger(__name__)

ANNOUNCEMENTS = 5
"""The type of such a channel."""


class Publisher:
    """Publishes what it can. What it cannot stands in the channel all the same, so nothing here fails a message."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._announces: dict[str, bool] = {}
        self._done: dict[str, deque[float]] = {}

    async def publish(self, room: str, message: str) -> None:
        """Publish a message, where its channel is one of announcements."""
        try:
            async with asyncio.timeout(limits.PUBLISH_SECONDS):
                if await self._announced(room) and self._has_turn(room):
                    path = "/channels/{channel_id}/messages/{message_id}/crosspost"
                    await self._rest.call("POST", path, channel_id=room, message_id=message)
        except (DeliveryError, TimeoutError) as error:
            log.warning("discord: message %s in %s was posted and not published: %s", message, room, error)

    async def _announced(self, room: str) -> bool:
        if room not in self._announces:
            place = await self._rest.read("GET", "/channels/{channel_id}", channel_id=room)
            self._announces[room] = place.get("type") == ANNOUNCEMENTS
        return self._announces[room]

    def _has_turn(self, room: str) -> bool:
        """Whether Discord takes one more of this channel's in this hour."""
        now, done = monotonic(), self._done.setdefault(room, deque())
        while done and now - done[0] > limits.PUBLISHED_SECONDS:
            done.popleft()
        if len(done) >= limits.PUBLISHED:
            log.warning("discord: %s has had %d messages published in an hour; one stays there", room, len(done))
            return False
        done.append(now)
        return True
