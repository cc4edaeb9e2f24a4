"""Sending: one message of the outbox, looking for it afterwards, a word to one person, an announcement.

A post carries its outbox key in the message's metadata, which is what ``find`` looks for. ``client_msg_id`` carries it
too: Slack's error list speaks of it and its documentation does not, so nothing relies on it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from slack_sdk.errors import SlackApiError

from adapters.chats.slack.access import Access, Accesses, Clients
from adapters.chats.slack.errors import AT_TOP_LEVEL, CALLS, failure, refusal, unsent
from bot.errors import DeliveryError, Verdict
from bot.models import JSON, Channel, Message
from bot.ports import Notes

EVENT = "broadsheet_digest"
"""Event type of the metadata. Every app of the workspace can read it, so it holds the opaque key and no more."""
STILL: Mapping[str, Any] = {"unfurl_links": False, "unfurl_media": False, "parse": "none", "link_names": False}
BACK = timedelta(hours=49)
"""How much further back than the first attempt we look: our clock may be a day wrong, and the message whose thread we
look into may have been sent a day before (with 24 hours the matrix repeated 2 messages of 75 under wrong clocks)."""
PAGES, PAGE = 40, 200
"""Messages that are read at the most."""


class Poster:
    """Posts with the right token, once."""

    def __init__(self, clients: Clients, accesses: Accesses) -> None:
        self._clients = clients
        self._accesses = accesses
        self.notes: Notes | None = None
        """Where the ids of direct messages are kept; without it those cannot be read back."""

    async def post(self, channel: Channel, message: Message, key: str, thread: str) -> str:
        """Send one message and give its ``ts``."""
        metadata = {"event_type": EVENT, "event_payload": {"key": key}}
        said = {
            **message.payload,
            "metadata": metadata,
            "client_msg_id": str(uuid5(NAMESPACE_URL, f"broadsheet:{key}")),
        }
        answer = await self.send(channel, said, thread if message.reply else "")
        return answer["ts"]

    async def send(self, channel: Channel, said: JSON, thread: str = "") -> Mapping[str, str]:
        """Post for everybody and give ``channel`` and ``ts``. Raises only ``DeliveryError``.

        What Slack has clearly refused is sent again at once where that can cure it: with a new token, or not as a
        reply. Nothing was posted then.
        """
        access = await self._accesses.of(channel.tenant)
        body = {**said, **STILL, "channel": channel.room}
        answer = await self._posted(access, {**body, "thread_ts": thread} if thread else body, channel, said=body)
        ts, room = answer.get("ts"), answer.get("channel")
        if not isinstance(ts, str) or not ts:
            raise DeliveryError("Slack's answer names no message", Verdict.UNKNOWN, code="no_ts")
        if self.notes and isinstance(room, str) and room != channel.room:
            await _keep(self.notes, _direct(channel), room)
        return {"ts": ts, "channel": str(room or channel.room)}

    async def _posted(self, access: Access, body: JSON, channel: Channel, *, said: JSON) -> Mapping[str, Any]:
        try:
            return await self._call(access, body)
        except SlackApiError as error:
            code = refusal(error).code
            if code == "token_expired":
                return await self._again(await self._accesses.renew(channel.tenant), body)
            if code in AT_TOP_LEVEL and "thread_ts" in body:
                return await self._again(access, said)
            raise refusal(error) from error
        except CALLS as error:
            raise failure(error) from error

    async def _again(self, access: Access, body: JSON) -> Mapping[str, Any]:
        try:
            return await self._call(access, body)
        except CALLS as error:
            raise failure(error) from error

    async def _call(self, access: Access, body: JSON) -> Mapping[str, Any]:
        answer = await self._clients.client(access.token).api_call("chat.postMessage", json=dict(body))
        return answer.data if isinstance(answer.data, dict) else {}

    async def find(self, channel: Channel, key: str, since: datetime) -> str | None:
        """Look for a key among the channel's messages and the replies to our own."""
        access = await self._accesses.of(channel.tenant)
        room = await self._readable(access, channel)
        oldest = f"{(since - BACK).timestamp():.6f}"
        ours = []
        async for message in self._read(access, "conversations.history", channel=room, oldest=oldest):
            kept = _key(message)
            if kept == key:
                return str(message["ts"])
            if kept:
                ours.append(str(message["ts"]))
        for ts in ours:
            async for reply in self._read(access, "conversations.replies", channel=room, ts=ts, oldest=oldest):
                if _key(reply) == key:
                    return str(reply["ts"])
        return None

    async def _readable(self, access: Access, channel: Channel) -> str:
        """The id of a conversation that we may read. Raises ``DeliveryError`` with the scope that is missing."""
        direct = channel.room[:1] in {"U", "W", "D"}
        wanted = ("im:history",) if direct else ("channels:history", "groups:history")
        if not access.scopes.intersection(wanted):
            need = f"I may not read there. Grant the scope {' or '.join(wanted)} and invite me, and I can look"
            raise DeliveryError(need, Verdict.PAUSE, code="missing_scope")
        if channel.room[:1] not in {"U", "W"}:
            return channel.room
        kept = await self.notes.noted(_direct(channel)) if self.notes else None
        if kept is None:
            raise DeliveryError("I do not know where my direct messages to this person are", Verdict.PAUSE)
        return str(kept["room"])

    async def _read(self, access: Access, method: str, **where: str) -> AsyncIterator[Mapping[str, Any]]:
        """Give messages, page by page."""
        cursor = ""
        for _ in range(PAGES):
            wanted = {
                **where,
                "limit": str(PAGE),
                "include_all_metadata": "true",
                **({"cursor": cursor} if cursor else {}),
            }
            try:
                answer = await self._clients.client(access.token).api_call(method, http_verb="GET", params=wanted)
            except CALLS as error:
                raise unsent(error) from error
            found = answer.get("messages")
            if not isinstance(found, list):
                raise DeliveryError("Slack's answer holds no messages", Verdict.RETRY, code="no_messages")
            for message in found:
                yield message
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
        raise DeliveryError("there is too much in this channel to look through", Verdict.PAUSE, code="too_much")


async def _keep(notes: Notes, key: str, room: str) -> None:
    """Note where a person's direct messages are."""
    if (await notes.noted(key) or {}).get("room") != room:
        await notes.note(key, {"room": room})


def _direct(channel: Channel) -> str:
    return f"slack/direct/{channel.tenant}/{channel.room}"


def _key(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT:
        return ""
    return str((metadata.get("event_payload") or {}).get("key") or "")
