"""conversations.*: what a bot may know and read of a conversation, by scope and membership."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from tests.emulators.slack.rules import Refused, invalid
from tests.emulators.slack.state.limits import DISTRIBUTED_HISTORY, TIERS
from tests.emulators.slack.state.nouns import JSON, Channel, Kind, Message
from tests.emulators.slack.state.shapes import channel_json, message_json
from tests.emulators.slack.web.call import Call, Method
from tests.emulators.slack.web.places import direct, find, joined

PREFIX = {Kind.PUBLIC: "channels", Kind.PRIVATE: "groups", Kind.IM: "im"}
READ = tuple(f"{kind}:read" for kind in ("channels", "groups", "mpim", "im"))
HISTORY = tuple(f"{kind}:history" for kind in ("channels", "groups", "mpim", "im"))
OPEN = tuple(f"{kind}:write" for kind in ("channels", "groups", "mpim", "im"))
PAGE = 100
MOST = 999
DISTRIBUTED_PAGE = 15


def info(call: Call) -> JSON:
    """What a conversation is."""
    channel = find(call)
    call.needs_scope(f"{PREFIX[channel.kind]}:read")
    return {"channel": channel_json(channel, call.installation.bot_user)}


def history(call: Call) -> JSON:
    """Messages, newest first, without the replies in threads."""
    channel = _readable(call)
    messages = [m for m in call.workspace.history(channel.id) if not m.is_reply]
    return _page(call, list(reversed(_between(call, messages))))


def replies(call: Call) -> JSON:
    """A thread, its root first."""
    channel = _readable(call)
    thread = call.workspace.thread(channel.id, str(call.need("ts")))
    if not thread:
        raise Refused("thread_not_found")
    return _page(call, _between(call, thread))


def open_(call: Call) -> JSON:
    """Open the direct messages with one person."""
    users = [user for user in call.text("users").split(",") if user]
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 1:
        raise invalid("group messages are not emulated")
    channel = direct(call, users[0])
    shape = channel_json(channel, call.installation.bot_user) if call.flag("return_im") else {"id": channel.id}
    return {"channel": shape}


def _readable(call: Call) -> Channel:
    channel = find(call)
    call.needs_scope(f"{PREFIX[channel.kind]}:history")
    if not joined(call, channel):
        raise Refused("not_in_channel")
    if call.limits.distributed:
        call.spend((("history", call.installation.key), DISTRIBUTED_HISTORY))
    return channel


def _between(call: Call, messages: Sequence[Message]) -> list[Message]:
    oldest, latest = call.moment("oldest"), call.moment("latest", float("inf"))
    inclusive = call.flag("inclusive")
    return [
        message
        for message in messages
        if oldest < float(message.ts) < latest or (inclusive and float(message.ts) in {oldest, latest})
    ]


def _page(call: Call, messages: Sequence[Message]) -> JSON:
    """Cut a list at the cursor and the limit."""
    limit = call.number("limit", PAGE, MOST)
    limit = min(limit, DISTRIBUTED_PAGE) if call.limits.distributed else limit
    start = _start(call, messages)
    page, more = messages[start : start + limit], len(messages) > start + limit
    metadata = call.flag("include_all_metadata")
    answer: JSON = {
        "messages": [message_json(message, call.workspace, metadata=metadata) for message in page],
        "has_more": more,
    }
    if more:
        cursor = urlsafe_b64encode(f"next_ts:{messages[start + limit].ts}".encode()).decode()
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _start(call: Call, messages: Sequence[Message]) -> int:
    """The place that a cursor names."""
    cursor = call.text("cursor")
    if not cursor:
        return 0
    try:
        word, _, ts = urlsafe_b64decode(cursor).decode().partition(":")
    except ValueError:
        raise Refused("invalid_cursor") from None
    places = [i for i, message in enumerate(messages) if message.ts == ts]
    if word != "next_ts" or not places:
        raise Refused("invalid_cursor")
    return places[0]


METHODS = (
    Method("conversations.info", info, TIERS[3], READ, takes_json=False),
    Method("conversations.history", history, TIERS[3], HISTORY, takes_json=False),
    Method("conversations.replies", replies, TIERS[3], HISTORY, takes_json=False),
    Method("conversations.open", open_, TIERS[3], OPEN),
)
