"""Sending: one message of the outbox, looking for it afterwards, a word to one person.

A message carries its outbox key twice. As ``nonce``, which Discord enforces for a few minutes: within those a second
send gives the first message back. And in the ids of its buttons, where we find it again for as long as it stands.
A post in a forum has no nonce, so it is never sent again before somebody has looked.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.chats.discord import limits, markup
from adapters.chats.discord.controls import key_of, marked
from adapters.chats.discord.errors import CODES, FORUM, GONE, HAS_THREAD, NEEDS
from adapters.chats.discord.rest import File, Rest
from adapters.chats.discord.rights import POSTING, missing
from bot.errors import DeliveryError, Verdict
from bot.models import JSON, Channel, Message
from bot.ports import Notes

log = logging.getLogger(__name__)

KNOWN = "discord/rooms/"
DIRECT = "@me"
"""The tenant of direct messages, as in Discord's own addresses; the room is the person."""
SILENT: Mapping[str, Any] = {"allowed_mentions": {"parse": []}}
WRONG_CLOCK = timedelta(days=1)
PAGES, PAGE = 40, 100
"""How far back a channel is read."""
EPOCH = 1_420_070_400_000
"""Milliseconds of Unix time at which Discord's ids begin."""
_TAG_REQUIRED = 1 << 4
_FORUMS = {15, 16}
_KEPT = 10_000


def direct(person: str) -> Channel:
    """A person's direct messages."""
    return Channel("discord", DIRECT, person)


class Poster:
    """Posts once."""

    def __init__(self, rest: Rest, *, threads: bool = False) -> None:
        self._rest = rest
        self._threads = threads
        self.notes: Notes | None = None
        """Where it is kept in which channels something was announced, for whoever looks after permissions."""
        self._forums: dict[str, Mapping[str, Any]] = {}
        self._directs: dict[str, str] = {}

    async def post(self, channel: Channel, message: Message, key: str, thread: str) -> str:
        """Send one message and give its id. Raises only ``DeliveryError``."""
        components = marked(message.payload.get("components", ()), key)
        said = {**message.payload, "components": components}
        try:
            return await self._posted(channel, said, key, thread if message.reply else "")
        except DeliveryError as error:
            if error.code == str(GONE):
                return f"deleted-{key}"  # it arrived, and somebody has deleted it since
            if error.code == "50001" and channel.tenant == DIRECT:
                # Discord says so now and then, wrongly, where only a person has the app (discord-api-docs #7666, #7275)
                self._directs.pop(channel.room, None)
                shut = "Discord does not open these direct messages at present"
                raise DeliveryError(shut, Verdict.RETRY, code=error.code) from error
            if error.code in {"50001", "50013"}:
                raise await self._explained(channel, error) from error
            raise

    async def _posted(self, channel: Channel, said: JSON, key: str, thread: str) -> str:
        room = await self.room(channel)
        if room in self._forums:
            return await self._in_forum(room, said, thread, key)
        if thread and self._threads and channel.tenant != DIRECT:
            room = await self._in_thread(room, thread, str(said.get("content", "")))
        try:
            return await self.send(room, said, key)
        except DeliveryError as error:
            if error.code != str(FORUM):
                raise
        self._forums[room] = await self._rest.read("GET", "/channels/{channel_id}", channel_id=room)
        return await self._in_forum(room, said, thread, key)

    async def send(self, room: str, said: JSON, key: str = "", files: tuple[File, ...] = ()) -> str:
        """Post a message in a room and give its id. With a key an unclear end is tried once more, at once."""
        body = {**said, **SILENT, **({"nonce": key[: limits.NONCE], "enforce_nonce": True} if key else {})}
        try:
            return _id(await self._send(room, body, files))
        except DeliveryError as error:
            if error.verdict is not Verdict.UNKNOWN or not key:
                raise
        return _id(await self._send(room, body, files))

    async def _send(self, room: str, body: JSON, files: tuple[File, ...]) -> Any:  # noqa: ANN401  (what Discord says)
        return await self._rest.call("POST", "/channels/{channel_id}/messages", channel_id=room, body=body, files=files)

    async def say(self, channel: Channel, said: JSON, files: tuple[File, ...] = ()) -> str:
        """Post something at once, outside the outbox, and give its id. It names what is missing before it tries."""
        room = await self.room(channel)
        if channel.tenant != DIRECT:
            lacking = await missing(self._rest, channel.tenant, room, POSTING)
            if lacking:
                raise DeliveryError(f"I need: {', '.join(lacking)}.", Verdict.PAUSE, code="50013")
            if self.notes:
                await self.notes.note(f"{KNOWN}{channel.tenant}/{room}", {"guild": channel.tenant, "room": room})
        return await self.send(room, said, files=files)

    async def room(self, channel: Channel) -> str:
        """The id of a channel, or of the direct messages with a person, which are opened for it."""
        if not markup.is_id(channel.room):
            raise DeliveryError("The channel's name is not one of Discord's. Use its id.", Verdict.DROP, code="no_id")
        if channel.tenant != DIRECT:
            return channel.room
        if channel.room not in self._directs:
            wanted = {"recipient_id": channel.room}
            self._directs[channel.room] = _id(await self._rest.read("POST", "/users/@me/channels", body=wanted))
            if len(self._directs) > _KEPT:
                del self._directs[next(iter(self._directs))]
        return self._directs[channel.room]

    async def _in_forum(self, room: str, said: JSON, thread: str, key: str) -> str:
        """A post with the tags that its words name; what belongs to an earlier post goes under that."""
        if thread:
            return await self.send(thread, said, key)
        name = _title(str(said.get("content", "")))
        body = {"name": name, "message": {**said, **SILENT}, "applied_tags": tags(self._forums[room], _words(said))}
        return _id(await self._rest.call("POST", "/channels/{channel_id}/threads", channel_id=room, body=body))

    async def _in_thread(self, room: str, first: str, content: str) -> str:
        """The thread under a message: it has the message's id."""
        path = "/channels/{channel_id}/messages/{message_id}/threads"
        try:
            await self._rest.read("POST", path, channel_id=room, message_id=first, body={"name": _title(content)})
        except DeliveryError as error:
            if error.code == str(HAS_THREAD):
                return first
            if error.verdict in {Verdict.WAIT, Verdict.RETRY}:
                raise
            return room  # no thread to be had: what belongs there stands in the channel
        return first

    async def _explained(self, channel: Channel, error: DeliveryError) -> DeliveryError:
        """The same refusal with the names of the permissions that are missing, where we may see that."""
        lacking: tuple[str, ...] = ()
        if channel.tenant != DIRECT:
            try:
                lacking = await missing(self._rest, channel.tenant, channel.room, POSTING)
            except DeliveryError as unknown:
                log.debug("%s: its permissions cannot be read: %s", channel, unknown)
        if not lacking:
            return error
        said = CODES[int(error.code)][1].replace(NEEDS, f"I need: {', '.join(lacking)}.")
        return DeliveryError(f"{said} Then `/papers digest action:resume`.", error.verdict, code=error.code)

    async def find(self, channel: Channel, key: str, since: datetime) -> str | None:
        """Look for a key among our messages of a channel, its threads and its posts."""
        if not markup.is_id(channel.room):
            return None  # no message can be there
        room = await self.room(channel)
        place = {} if channel.tenant == DIRECT else await self._place(room)
        oldest = since.astimezone(UTC) - WRONG_CLOCK
        if place.get("type") in _FORUMS:
            return await self._find_post(channel, room, key, oldest)
        found, ours = await self._look(room, key, oldest)
        if not found and self._threads and channel.tenant != DIRECT:
            for first in ours:
                found = found or await self._look_under(first, key, oldest)
        return found or None

    async def _place(self, room: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = await self._rest.read("GET", "/channels/{channel_id}", channel_id=room)
        return found

    async def _look(self, room: str, key: str, oldest: datetime) -> tuple[str, list[str]]:
        """Give the message with this key, or nothing and all others of ours."""
        ours: list[str] = []
        empty = True
        async for message in self._read(room, oldest):
            empty = False
            kept = key_of(message)
            if kept == key:
                return str(message["id"]), ours
            if kept:
                ours.append(str(message["id"]))
        if empty:
            await self._may_read(room)
        return "", ours

    async def _look_under(self, first: str, key: str, oldest: datetime) -> str:
        try:
            return (await self._look(first, key, oldest))[0]
        except DeliveryError as error:
            if error.code == "10003":
                return ""
            raise

    async def _find_post(self, channel: Channel, room: str, key: str, oldest: datetime) -> str | None:
        """The forum's posts of ours: each has the id of its first message."""
        path = "/guilds/{guild_id}/threads/active"
        answer = await self._rest.read("GET", path, guild_id=channel.tenant)
        for thread in answer.get("threads") or ():
            mine = str(thread.get("parent_id")) == room and str(thread.get("owner_id")) == self._rest.bot
            if (
                mine
                and moment(str(thread["id"])) >= oldest
                and (found := await self._look_under(thread["id"], key, oldest))
            ):
                return found
        return None

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


def _id(answer: object) -> str:
    """The id of what was made. Raises when an answer names none: it may still have been."""
    found = answer.get("id") if isinstance(answer, Mapping) else None
    if not isinstance(found, str) or not found:
        raise DeliveryError("Discord's answer names no message", Verdict.UNKNOWN, code="no_id")
    return found


def moment(snowflake: str) -> datetime:
    """When an id was made."""
    return datetime.fromtimestamp(((int(snowflake) >> 22) + EPOCH) / 1000, UTC)


def _title(content: str) -> str:
    """The name of a thread: the first line without its marks."""
    first = content.partition("\n")[0].removeprefix("-# ").replace("\\", "").strip("* ")
    return markup.quoted(first, limits.THREAD_NAME) or "Papers"


def _words(said: JSON) -> str:
    titles = (str(embed.get("title", "")) for embed in said.get("embeds", ()))
    return " ".join([str(said.get("content", "")), *titles]).replace("\\", "")


def tags(forum: Mapping[str, Any], words: str) -> list[str]:
    """A forum's tags whose names stand in the words of a post; where it wants one, else its first."""
    free = [tag for tag in forum.get("available_tags") or () if not tag.get("moderated")]
    named = [str(tag["id"]) for tag in free if str(tag.get("name") or "\n").casefold() in words.casefold()]
    required = int(forum.get("flags") or 0) & _TAG_REQUIRED
    return named[: limits.TAGS] or ([str(free[0]["id"])] if required and free else [])
