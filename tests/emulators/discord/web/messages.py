"""Messages of channels: send, read back, change, delete, publish."""

from __future__ import annotations

from dataclasses import replace

from tests.emulators.discord.rules import Refused, insist
from tests.emulators.discord.rules.filters import unblocked
from tests.emulators.discord.rules.messages import check_message, is_empty
from tests.emulators.discord.rules.schema import integer
from tests.emulators.discord.state.nouns import JSON, Channel, Kind, Message, Upload
from tests.emulators.discord.state.permissions import Right
from tests.emulators.discord.state.shapes import channel_json, message_json
from tests.emulators.discord.web.call import Body, Call, Route
from tests.emulators.discord.web.writing import rewritten, written

WRITABLE = frozenset({Kind.TEXT, Kind.DM, Kind.VOICE, Kind.ANNOUNCEMENT})


def send(call: Call) -> Body:
    """Post a message, unless one with this nonce was made in the last minutes: then give that one."""
    channel = call.channel()
    may_write(call, channel, call.body, call.files)
    check_message(call.body, call.files)
    if is_empty(call.body, call.files):
        raise Refused(50006)
    unblocked(call.state.guilds.get(channel.guild), call.body)
    if earlier := _by_nonce(call, call.body):
        return message_json(earlier, call.state)
    if channel.is_thread and channel.archived:
        revive(call, channel)
    return message_json(post(call, channel, call.body, call.files), call.state)


def post(call: Call, channel: Channel, body: JSON, files: tuple[Upload, ...], *, number: int = 0) -> Message:
    """Keep a message of the bot's, remember its nonce, and tell whoever listens."""
    state = call.state
    message = written(state, channel, body, files, 0, state.app.bot)
    message = state.put(replace(message, id=number or message.id))
    if message.nonce:
        state.remember(message)
    state.tell("MESSAGE_CREATE", message_json(message, state) | _where(channel), channel.guild)
    return message


def may_write(call: Call, channel: Channel, body: object, files: tuple[Upload, ...]) -> None:
    """Raise ``Refused`` unless the bot may post here what this is."""
    if channel.is_forum:
        raise Refused(40058)
    if channel.kind not in WRITABLE and not channel.is_thread:
        raise Refused(50008)
    if channel.is_dm:
        _may_write_dm(call, channel)
        return
    rights = call.bot_rights(channel)
    needs = Right.SEND_MESSAGES_IN_THREADS if channel.is_thread else Right.SEND_MESSAGES
    if channel.is_thread and channel.locked and channel.archived and Right.MANAGE_THREADS not in rights:
        raise Refused(50083)
    embeds = isinstance(body, dict) and body.get("embeds")
    needs |= Right.EMBED_LINKS if embeds else Right(0)
    needs |= Right.ATTACH_FILES if files else Right(0)
    if needs not in rights:
        raise Refused(50013)


def _may_write_dm(call: Call, channel: Channel) -> None:
    person = next(call.state.users[one] for one in channel.recipients if one != call.state.app.bot)
    if person.dms_closed:
        raise Refused(50007)
    if not call.state.shares_guild(person.id) and person.id not in call.state.app.user_installs:
        raise Refused(50278)


def _by_nonce(call: Call, body: JSON) -> Message | None:
    """The message that this nonce made before. Raises ``Refused`` when it was deleted since."""
    nonce = str(body.get("nonce") or "")
    seen = call.state.remembered(call.state.app.bot, nonce) if nonce and body.get("enforce_nonce") else None
    if seen is None:
        return None
    found = call.state.message(*seen)
    if found is None:
        raise Refused(10008)
    return found


def revive(call: Call, channel: Channel) -> None:
    """A message brings an archived thread back."""
    fresh = call.state.add(replace(channel, archived=False))
    call.state.tell("THREAD_UPDATE", channel_json(fresh, call.state), channel.guild)


def history(call: Call) -> Body:
    """Read messages, newest first; without the right to it there are none."""
    channel = call.channel()
    insist(integer(1, 100)(call.query.get("limit", "50"), ("limit",)))
    limit = int(call.query.get("limit", "50"))
    shown = call.state.history(channel.id)[::-1]
    if not channel.is_dm and Right.READ_MESSAGE_HISTORY not in call.bot_rights(channel):
        shown = []
    if "before" in call.query:
        shown = [one for one in shown if one.id < int(call.query["before"])]
    if "after" in call.query:
        shown = [one for one in shown if one.id > int(call.query["after"])][-limit:]
    if "around" in call.query:
        middle = int(call.query["around"])
        newer = [one for one in shown if one.id > middle][-(limit // 2) :] if limit > 1 else []
        shown = [*newer, *(one for one in shown if one.id <= middle)]
    return [_readable(call, channel, one) for one in shown[:limit]]


def one(call: Call) -> Body:
    """Read one message."""
    channel = call.channel()
    if not channel.is_dm and Right.READ_MESSAGE_HISTORY not in call.bot_rights(channel):
        raise Refused(50013)
    return _readable(call, channel, _message(call, channel))


def edit(call: Call) -> Body:
    """Change a message of one's own."""
    channel = call.channel()
    old = _message(call, channel)
    if old.author != call.state.app.bot:
        raise Refused(50005)
    message = rewritten(call.state, channel, old, call.body, call.files)
    if is_empty(
        {"content": message.content, "embeds": message.embeds, "components": message.components}, message.files
    ):
        raise Refused(50006)
    unblocked(call.state.guilds.get(channel.guild), call.body)
    call.state.put(message)
    shown = message_json(message, call.state)
    call.state.tell("MESSAGE_UPDATE", shown | _where(channel), channel.guild)
    return shown


def delete(call: Call) -> Body:
    """Delete a message; somebody else's needs the right to."""
    channel = call.channel()
    message = _message(call, channel)
    if message.author != call.state.app.bot and Right.MANAGE_MESSAGES not in call.bot_rights(channel):
        raise Refused(50013)
    call.state.remove(message)
    gone = {"id": str(message.id), "channel_id": str(channel.id)} | _where(channel)
    call.state.tell("MESSAGE_DELETE", gone, channel.guild)
    return None


def crosspost(call: Call) -> Body:
    """Publish a message of an announcement channel to its followers."""
    channel = call.channel(Right.SEND_MESSAGES)
    if channel.kind is not Kind.ANNOUNCEMENT:
        raise Refused(50024)
    message = _message(call, channel)
    if message.crossposted:
        raise Refused(40033)
    return message_json(call.state.put(replace(message, crossposted=True)), call.state)


def typing(call: Call) -> Body:
    """Say that an answer is being written."""
    call.channel(Right.SEND_MESSAGES)
    return None


def _message(call: Call, channel: Channel) -> Message:
    found = call.state.message(channel.id, call.id("message"))
    if found is None:
        raise Refused(10008)
    return found


def _readable(call: Call, channel: Channel, message: Message) -> JSON:
    """A message as the bot may read it: what others wrote needs a privileged intent, but not in direct messages."""
    shown = message_json(message, call.state)
    own = message.author == call.state.app.bot or channel.is_dm or call.state.app.bot in message.mentions
    return shown if own else shown | {"content": "", "embeds": [], "components": [], "attachments": []}


def _where(channel: Channel) -> JSON:
    return {"guild_id": str(channel.guild)} if channel.guild else {}


ROUTES = (
    Route("POST /channels/{channel}/messages", send),
    Route("GET /channels/{channel}/messages", history),
    Route("GET /channels/{channel}/messages/{message}", one),
    Route("PATCH /channels/{channel}/messages/{message}", edit),
    Route("DELETE /channels/{channel}/messages/{message}", delete),
    Route("POST /channels/{channel}/messages/{message}/crosspost", crosspost),
    Route("POST /channels/{channel}/typing", typing),
)
