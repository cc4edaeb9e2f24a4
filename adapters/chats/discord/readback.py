"""Looking for messages of ours by the outbox keys in their buttons: in a channel, its threads, its posts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.chats.discord.controls import key_of
from adapters.chats.discord.errors import GONE
from adapters.chats.discord.rest import Rest
from adapters.chats.discord.spot import DIRECT
from bot.errors import DeliveryError, Verdict
from bot.models import Channel

WRONG_CLOCK = timedelta(days=1)
PAGES, PAGE = 40, 100
"""How far back a channel is read."""
EPOCH = 1_420_070_400_000
"""Milliseconds of Unix time at which Discord's ids begin."""
FORUMS = {15, 16}
Found = dict[str, str]
"""Ids of messages by their keys."""


class Reader:
    """Reads what stands somewhere."""

    def __init__(self, rest: Rest, *, threads: bool = False) -> None:
        self._rest = rest
        self._threads = threads

    async def find(self, channel: Channel, room: str, keys: Collection[str], since: datetime) -> Found:
        """Give those of the keys that stand in a channel or below it. Raises ``DeliveryError`` when it cannot tell."""
        place = {} if channel.tenant == DIRECT else await self._place(room)
        oldest = since.astimezone(UTC) - WRONG_CLOCK
        if place.get("type") in FORUMS:
            return await self._find_posts(channel, room, keys, oldest)
        found, ours = await self._look(room, keys, oldest)
        if self._threads and channel.tenant != DIRECT:
            for first in ours:
                if len(found) < len(keys):
                    found |= await self._look_under(first, keys, oldest)
        return found

    async def _place(self, room: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = await self._rest.read("GET", "/channels/{channel_id}", channel_id=room)
        return found

    async def _look(self, room: str, keys: Collection[str], oldest: datetime) -> tuple[Found, list[str]]:
        """Give the messages with these keys, and all others of ours that were read on the way."""
        found, ours, empty = Found(), list[str](), True
        async for message in self._read(room, oldest):
            empty = False
            kept = key_of(message)
            if kept in keys:
                found[kept] = str(message["id"])
                if len(found) == len(keys):
                    break
            elif kept:
                ours.append(str(message["id"]))
        if empty:
            await self._may_read(room)
        return found, ours

    async def _look_under(self, first: str, keys: Collection[str], oldest: datetime) -> Found:
        try:
            return (await self._look(first, keys, oldest))[0]
        except DeliveryError as error:
            if error.code == "10003":
                return {}
            raise

    async def _find_posts(self, channel: Channel, room: str, keys: Collection[str], oldest: datetime) -> Found:
        """Look through the forum's posts of ours: each has the id of its first message."""
        path = "/guilds/{guild_id}/threads/active"
        answer = await self._rest.read("GET", path, guild_id=channel.tenant)
        found = Found()
        for thread in answer.get("threads") or ():
            mine = str(thread.get("parent_id")) == room and str(thread.get("owner_id")) == self._rest.bot
            if mine and moment(str(thread["id"])) >= oldest and len(found) < len(keys):
                found |= await self._look_under(str(thread["id"]), keys, oldest)
        return found

    async def _may_read(self, room: str) -> None:
        """Raise unless nothing read means that nothing is there: without the right Discord gives no message at all."""
        path = "/channels/{channel_id}/messages/{message_id}"
        try:
            await self._rest.read("GET", path, channel_id=room, message_id=room)
        except DeliveryError as error:
            if error.code == str(GONE):
                return
            if error.code in {"50001", "50013"}:
                need = "I may not read there. Give me Read Message History, and I can look."
                raise DeliveryError(need, Verdict.PAUSE, code=error.code) from error
            raise

    async def _read(self, room: str, oldest: datetime) -> AsyncIterator[Mapping[str, Any]]:
        """Give messages, newest first, until they are older."""
        before: dict[str, str] = {}
        for _ in range(PAGES):
            wanted = {"limit": str(PAGE), **before}
            found = await self._rest.read("GET", "/channels/{channel_id}/messages", channel_id=room, query=wanted)
            if not isinstance(found, list):
                raise DeliveryError("Discord's answer holds no messages", Verdict.RETRY, code="no_messages")
            for message in found:
                if moment(str(message["id"])) < oldest:
                    return
                yield message
            if len(found) < PAGE:
                return
            before = {"before": str(found[-1]["id"])}
        raise DeliveryError("there is too much in this channel to look through", Verdict.PAUSE, code="too_much")


def moment(snowflake: str) -> datetime:
    """When an id was made."""
    return datetime.fromtimestamp(((int(snowflake) >> 22) + EPOCH) / 1000, UTC)
