"""Channels, their threads and posts, and direct messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.emulators.discord.rules import Refused, insist
from tests.emulators.discord.rules.filters import unblocked
from tests.emulators.discord.rules.messages import check_message, is_empty
from tests.emulators.discord.rules.schema import anything, array, boolean, integer, one_of, record, snowflake, string
from tests.emulators.discord.state.nouns import Channel, Kind
from tests.emulators.discord.state.permissions import Right
from tests.emulators.discord.state.shapes import channel_json, ids, message_json
from tests.emulators.discord.web.call import Body, Call, Route
from tests.emulators.discord.web.messages import post

DURATION = one_of(60, 1440, 4320, 10080)
THREAD = record({"name": string(1, 100)}, {"auto_archive_duration": DURATION, "type": one_of(10, 11, 12)})
POST = record(
    {"name": string(1, 100), "message": anything},
    {"auto_archive_duration": DURATION, "applied_tags": array(snowflake, 0, 5)},
)
CHANGE = record(
    {},
    {
        "name": string(1, 100),
        "archived": boolean,
        "locked": boolean,
        "auto_archive_duration": DURATION,
        "rate_limit_per_user": integer(0, 21600),
        "applied_tags": array(snowflake, 0, 5),
    },
)


def get(call: Call) -> Body:
    return channel_json(call.channel(), call.state)


def change(call: Call) -> Body:
    """Rename a channel; archive, lock or tag a thread."""
    channel = call.channel()
    rights = call.bot_rights(channel)
    own = channel.is_thread and channel.owner == call.state.app.bot
    if not own and (Right.MANAGE_THREADS if channel.is_thread else Right.MANAGE_CHANNELS) not in rights:
        raise Refused(50013)
    insist(CHANGE(call.body, ()))
    body: Any = call.body
    fresh = replace(
        channel,
        name=str(body.get("name") or channel.name),
        archived=bool(body.get("archived", channel.archived)),
        locked=bool(body.get("locked", channel.locked)),
        archive_after=int(body.get("auto_archive_duration") or channel.archive_after),
        applied=ids(body["applied_tags"]) if body.get("applied_tags") is not None else channel.applied,
    )
    shown = channel_json(call.state.add(fresh), call.state)
    call.state.tell("THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE", shown, channel.guild)
    return shown


def start(call: Call) -> Body:
    """Begin a thread without a message, or a post in a forum."""
    channel = call.channel()
    if channel.is_forum:
        return _post(call, channel)
    if channel.kind not in {Kind.TEXT, Kind.ANNOUNCEMENT}:
        raise Refused(50024)
    if Right.CREATE_PUBLIC_THREADS not in call.bot_rights(channel):
        raise Refused(50013)
    insist(THREAD(call.body, ()))
    kind = (
        Kind.ANNOUNCEMENT_THREAD
        if channel.kind is Kind.ANNOUNCEMENT
        else Kind(call.body.get("type") or Kind.PRIVATE_THREAD)
    )
    return channel_json(_begin(call, channel, kind, call.state.new_id()), call.state)


def start_from(call: Call) -> Body:
    """Begin a thread at a message; it has the message's id."""
    channel = call.channel()
    if channel.kind not in {Kind.TEXT, Kind.ANNOUNCEMENT}:
        raise Refused(50024)
    if Right.CREATE_PUBLIC_THREADS not in call.bot_rights(channel):
        raise Refused(50013)
    insist(THREAD(call.body, ()))
    message = call.id("message")
    if call.state.message(channel.id, message) is None:
        raise Refused(10008)
    if message in call.state.channels:
        raise Refused(160004)
    kind = Kind.ANNOUNCEMENT_THREAD if channel.kind is Kind.ANNOUNCEMENT else Kind.PUBLIC_THREAD
    return channel_json(_begin(call, channel, kind, message), call.state)


def _post(call: Call, forum: Channel) -> Body:
    """A post: a thread and its first message, which has the same id. Only the right to write is needed."""
    rights = call.bot_rights(forum)
    if Right.SEND_MESSAGES not in rights:
        raise Refused(50013)
    insist(POST(call.body, ()))
    body: Any = call.body
    message = body["message"]
    check_message(message, call.files, path=("message",))
    if is_empty(message, call.files):
        raise Refused(50006)
    unblocked(call.state.guilds.get(forum.guild), message, str(body["name"]))
    needs = (Right.EMBED_LINKS if message.get("embeds") else Right(0)) | (
        Right.ATTACH_FILES if call.files else Right(0)
    )
    if needs not in rights:
        raise Refused(50013)
    tags, known = ids(body.get("applied_tags") or ()), {tag.id for tag in forum.tags}
    if unknown := [tag for tag in tags if tag not in known]:
        insist([(("applied_tags",), "FORUM_TAG_INVALID", f"Tag {unknown[0]} is not one of this channel's")])
    if forum.needs_tag and not tags:
        raise Refused(40067)
    thread = _begin(call, forum, Kind.PUBLIC_THREAD, call.state.new_id(), tags)
    first = post(call, thread, message, call.files, number=thread.id)
    return channel_json(thread, call.state) | {"message": message_json(first, call.state)}


def _begin(call: Call, parent: Channel, kind: Kind, number: int, tags: tuple[int, ...] = ()) -> Channel:
    state = call.state
    thread = Channel(
        id=number,
        name=str(call.body["name"]),
        kind=kind,
        guild=parent.guild,
        parent=parent.id,
        owner=state.app.bot,
        applied=tags,
        archive_after=int(call.body.get("auto_archive_duration") or 4320),
        made=state.clock.now(),
    )
    state.add(thread)
    state.tell("THREAD_CREATE", channel_json(thread, state) | {"newly_created": True}, thread.guild)
    return thread


def open_dm(call: Call) -> Body:
    """Open direct messages; whether they arrive is another question."""
    insist(record({"recipient_id": snowflake}, {})(call.body, ()))
    person = call.state.users.get(int(call.body["recipient_id"]))
    if person is None:
        raise Refused(10013)
    if person.bot:
        raise Refused(50007)
    return channel_json(call.state.dm(person.id), call.state)


ROUTES = (
    Route("GET /channels/{channel}", get),
    Route("PATCH /channels/{channel}", change),
    Route("POST /channels/{channel}/threads", start),
    Route("POST /channels/{channel}/messages/{message}/threads", start_from),
    Route("POST /users/@me/channels", open_dm),
)
