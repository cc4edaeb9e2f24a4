"""Sending: one message of the outbox, a word to one person.

A message carries its outbox key twice. As ``nonce``, which Discord enforces for a few minutes: within those a second
send gives the first message back. And in the ids of its buttons, where we find it again for as long as it stands.
A post in a forum has no nonce, so it is never sent again before somebody has looked.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from adapters.chats.discord import limits, markup
from adapters.chats.discord.controls import marked
from adapters.chats.discord.errors import CODES, FORUM, GONE, HAS_THREAD, NEEDS, OPENING
from adapters.chats.discord.filtered import is_filtered, one_by_one, too_often
from adapters.chats.discord.publish import Publisher
from adapters.chats.discord.readback import Reader
from adapters.chats.discord.rest import File, Rest
from adapters.chats.discord.rights import POSTING, missing
from adapters.chats.discord.spot import DIRECT
from bot.errors import DeliveryError, Verdict
from bot.models import JSON, Channel, Message
from bot.ports import Notes

log = logging.getLogger(__name__)

KNOWN = "discord/rooms/"
SILENT: Mapping[str, Any] = {"allowed_mentions": {"parse": []}}
_TAG_REQUIRED = 1 << 4
_KEPT = 10_000


class Poster:
    """Posts once."""

    def __init__(self, rest: Rest, *, threads: bool = False, publish: bool = False) -> None:
        self._rest = rest
        self._threads = threads
        self._reader = Reader(rest, threads=threads)
        self._publisher = Publisher(rest) if publish else None
        self.notes: Notes | None = None
        """Where it is kept in which channels something was announced, for whoever looks after permissions."""
        self._forums: dict[str, Mapping[str, Any]] = {}
        self._directs: dict[str, str] = {}
        self._opening = 0.0
        """When direct messages may be opened again, by the monotonic clock."""

    async def post(self, channel: Channel, message: Message, key: str, thread: str) -> str:
        """Send one message and give its id. Raises only ``DeliveryError``."""
        under = thread if message.reply else ""
        try:
            return await self._posted(channel, message.payload, key, under)
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
            if is_filtered(error) and (said := await self._piecemeal(channel, message.payload, key, under)):
                return said
            raise

    async def _piecemeal(self, channel: Channel, payload: JSON, key: str, thread: str) -> str:
        """Post what a filter takes of a message. A second try may come a day later, and finds what stands by then."""
        await too_often(self.notes, channel)
        since = datetime.now(UTC) - timedelta(days=1)

        async def send(part: JSON, own: str) -> str:
            try:
                return await self._posted(channel, part, own, thread)
            except DeliveryError as error:
                if error.code == str(GONE):
                    return f"deleted-{own}"
                raise

        async def look(keys: Sequence[str]) -> Mapping[str, str] | None:
            try:
                return await self._reader.find(channel, await self.room(channel), keys, since)
            except DeliveryError as error:
                if error.verdict is Verdict.PAUSE:
                    return None
                raise

        return await one_by_one(payload, key, send, look)

    async def _posted(self, channel: Channel, said: JSON, key: str, thread: str) -> str:
        room = await self.room(channel)
        said = {**said, "components": marked(said.get("components", ()), key)}
        if thread and self._threads and channel.tenant != DIRECT and room not in self._forums:
            room = await self._in_thread(room, thread, str(said.get("content", "")))
        id_ = await self._put(room, said, key, thread=thread)
        if self._publisher and room == channel.room and room not in self._forums:
            await self._publisher.publish(room, id_)
        return id_

    async def _put(self, room: str, said: JSON, key: str = "", files: tuple[File, ...] = (), thread: str = "") -> str:
        """Post in a room, or in a forum, which is known by its refusal of plain messages."""
        if room not in self._forums:
            try:
                return await self.send(room, said, key, files)
            except DeliveryError as error:
                if error.code != str(FORUM):
                    raise
            self._forums[room] = await self._rest.read("GET", "/channels/{channel_id}", channel_id=room)
        return await self._in_forum(room, said, key, files, thread)

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
            try:
                lacking = await missing(self._rest, channel.tenant, room, POSTING)
            except DeliveryError as error:
                if error.verdict is not Verdict.RETRY:
                    raise
                lacking = ()  # Discord does not say: the post itself will tell
            if lacking:
                raise DeliveryError(f"I need: {', '.join(lacking)}.", Verdict.PAUSE, code="50013")
            if self.notes:
                await self.notes.note(f"{KNOWN}{channel.tenant}/{room}", {"guild": channel.tenant, "room": room})
        return await self._put(room, said, files=files)

    async def room(self, channel: Channel) -> str:
        """The id of a channel, or of the direct messages with a person, which are opened for it."""
        if not markup.is_id(channel.room):
            raise DeliveryError("The channel's name is not one of Discord's. Use its id.", Verdict.DROP, code="no_id")
        if channel.tenant != DIRECT:
            return channel.room
        if channel.room not in self._directs:
            self._directs[channel.room] = await self._opened(channel.room)
            if len(self._directs) > _KEPT:
                del self._directs[next(iter(self._directs))]
        return self._directs[channel.room]

    async def _opened(self, person: str) -> str:
        """Open direct messages. When Discord found that too fast, nobody's are opened for an hour or somewhat more.

        Those who wait ask in 10 to 15 minutes each, so that not all of them are there at once when it is over.
        """
        jitter = zlib.crc32(person.encode()) / 0xFFFFFFFF
        wait = 600.0 + 300.0 * jitter
        if monotonic() < self._opening:
            raise DeliveryError(CODES[int(OPENING)][1], Verdict.WAIT, code=OPENING, seconds=wait, alone=True)
        try:
            return _id(await self._rest.read("POST", "/users/@me/channels", body={"recipient_id": person}))
        except DeliveryError as error:
            if error.code != OPENING:
                raise
            self._opening = monotonic() + limits.OPENING_SECONDS * (1 + 0.2 * jitter)
            raise DeliveryError(str(error), Verdict.WAIT, code=OPENING, seconds=wait, alone=True) from error

    async def _in_forum(self, room: str, said: JSON, key: str, files: tuple[File, ...], thread: str) -> str:
        """A post with the tags that its words name; what belongs to an earlier post goes under that."""
        if thread:
            return await self.send(thread, said, key, files)
        body = {
            "name": name(said),
            "message": {**said, **SILENT},
            "applied_tags": tags(self._forums[room], _words(said)),
        }
        path = "/channels/{channel_id}/threads"
        return _id(await self._rest.call("POST", path, channel_id=room, body=body, files=files))

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
        return (await self._reader.find(channel, await self.room(channel), (key,), since)).get(key)


def _id(answer: object) -> str:
    """The id of what was made. Raises when an answer names none: it may still have been."""
    found = answer.get("id") if isinstance(answer, Mapping) else None
    if not isinstance(found, str) or not found:
        raise DeliveryError("Discord's answer names no message", Verdict.UNKNOWN, code="no_id")
    return found


def _title(content: str) -> str:
    """The name of a thread: the first line without its marks."""
    first = content.partition("\n")[0].removeprefix("-# ").replace("\\", "").strip("* ")
    return markup.quoted(first, limits.THREAD_NAME) or "Papers"


def name(said: JSON) -> str:
    """The name of a forum's post: its headline, or the title of its one paper, whose message has only small print."""
    content, titles = str(said.get("content", "")), [one["title"] for one in said.get("embeds", ()) if "title" in one]
    return _title(content if content.startswith("**") or len(titles) != 1 else titles[0])


def _words(said: JSON) -> str:
    """What tags are looked for in: the headline and titles; of one paper alone, all that it shows."""
    papers = [one for one in said.get("embeds", ()) if "title" in one]
    shown = [str(one["title"]) for one in papers] + [
        str(one.get("description", "")) for one in papers if len(papers) == 1
    ]
    return " ".join([str(said.get("content", "")), *shown]).replace("\\", "")


def tags(forum: Mapping[str, Any], words: str) -> list[str]:
    """A forum's tags whose names stand in the words of a post; where it wants one, else its first."""
    free = [tag for tag in forum.get("available_tags") or () if not tag.get("moderated")]
    named = [str(tag["id"]) for tag in free if tag.get("name") and _stands(str(tag["name"]), words)]
    required = int(forum.get("flags") or 0) & _TAG_REQUIRED
    return named[: limits.TAGS] or ([str(free[0]["id"])] if required and free else [])


def _stands(name: str, words: str) -> bool:
    """Whether a name stands among words, as a word."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words, re.IGNORECASE) is not None
