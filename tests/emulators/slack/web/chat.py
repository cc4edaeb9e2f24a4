"""chat.*: posting, editing and taking back messages."""

from __future__ import annotations

from dataclasses import replace

from tests.emulators.slack import rules
from tests.emulators.slack.rules import Refused
from tests.emulators.slack.state.limits import CHANNEL, TIERS, WORKSPACE
from tests.emulators.slack.state.nouns import JSON, Channel, Kind, Message
from tests.emulators.slack.state.shapes import message_json
from tests.emulators.slack.text.live import of_message
from tests.emulators.slack.web.call import Call, Method
from tests.emulators.slack.web.content import Content, read
from tests.emulators.slack.web.places import find, here, joined


def post_message(call: Call) -> JSON:
    """Post for everybody in the channel; a user's id opens the direct messages with them."""
    channel = find(call, opens_dm=True)
    _may_post(call, channel)
    key = call.installation.key
    call.spend((("post", key, channel.id), CHANNEL), (("post", key, channel.team), WORKSPACE))
    thread = thread_root(call, channel)
    content = read(call, call.workspace, channel.team, cuts=True)
    message = call.workspace.put(replace(_message(call, channel, content), thread_ts=thread))
    warnings = {"response_metadata": {"warnings": ["message_truncated"]}} if content.cut else {}
    return {"channel": channel.id, "ts": message.ts, "message": message_json(message, call.workspace), **warnings}


def post_ephemeral(call: Call) -> JSON:
    """Show a message to one person, who has to be in the channel."""
    channel = find(call)
    _may_post(call, channel)
    if not joined(call, channel):
        raise Refused("not_in_channel")
    if call.text("user") not in channel.members:
        raise Refused("user_not_in_channel")
    thread = thread_root(call, channel)
    content = read(call, call.workspace, channel.team, files=False)
    message = _message(call, channel, content)
    call.workspace.put(replace(message, thread_ts=thread, only_for=call.text("user"), metadata=None))
    return {"message_ts": message.ts}


def update(call: Call) -> JSON:
    """Edit an own message. Blocks and attachments that are not given stay."""
    channel, old = _own(call, "cant_update_message")
    if channel.archived:
        raise Refused("is_inactive")
    content = read(call, call.workspace, channel.team, longest=rules.EDITED_TEXT, parse="client", old=old)
    edited = call.workspace.put(
        replace(
            old,
            text=content.text,
            blocks=content.blocks,
            attachments=content.attachments,
            metadata=content.metadata,
            live=content.live,
            edited=call.workspace.new_ts(),
        )
    )
    shown = message_json(edited, call.workspace)
    return {"channel": channel.id, "ts": old.ts, "text": edited.text, "message": shown}


def delete(call: Call) -> JSON:
    """Take back an own message."""
    channel, old = _own(call, "cant_delete_message")
    call.workspace.remove(channel.id, old.ts)
    return {"channel": channel.id, "ts": old.ts}


def unfurl(call: Call) -> JSON:
    """Hang a card below a message for each of its links; the message is named by channel and ts or by unfurl_id."""
    cards = call.json("unfurls")
    if not isinstance(cards, dict) or not all(isinstance(card, dict) for card in cards.values()):
        raise Refused("missing_unfurls" if not cards else "cannot_parse_attachment")
    named, _, ts = call.text("unfurl_id").partition("-")
    channel = call.workspace.channels.get(named or call.text("channel"))
    if channel is None or not here(call, channel):
        raise Refused("cannot_find_channel")
    message = call.workspace.message(channel.id, ts or call.text("ts"))
    if message is None:
        raise Refused("cannot_find_message")
    if any(url not in message.text for url in cards):
        raise Refused("cannot_unfurl_message")
    rules.check_attachments(list(cards.values()), rules.Pictures(call.workspace.broken_images))
    live = of_message("", (), cards.values(), {}, by_name=False)
    call.workspace.put(replace(message, unfurls=tuple(cards.items()), live=message.live + live))
    return {}


def _may_post(call: Call, channel: Channel) -> None:
    """Raise ``Refused`` for the first rule of the channel that stands in the way."""
    if channel.archived:
        raise Refused("is_archived")
    if not joined(call, channel) and "chat:write.public" not in call.token.scopes:
        raise Refused("not_in_channel")
    if channel.kind is Kind.IM and not call.workspace.app.messages_tab:
        raise Refused("messages_tab_disabled")
    if channel.restricted:
        raise Refused("restricted_action")
    if channel.read_only:
        raise Refused("restricted_action_read_only_channel")


def thread_root(call: Call, channel: Channel) -> str:
    """Where a reply goes: to the thread's root, also when it names another reply. Empty at the top level."""
    wanted = call.text("thread_ts")
    if not wanted:
        if channel.thread_only:
            raise Refused("restricted_action_thread_only_channel")
        return ""
    if channel.non_threadable:
        raise Refused("restricted_action_non_threadable_channel")
    root = call.workspace.message(channel.id, wanted)
    if root is None:
        raise Refused("cannot_reply_to_message")
    ts = root.thread_ts or root.ts
    if (channel.id, ts) in call.workspace.locked_threads:
        raise Refused("restricted_action_thread_locked")
    return ts


def _message(call: Call, channel: Channel, content: Content) -> Message:
    installation = call.installation
    return Message(
        channel=channel.id,
        ts=call.workspace.new_ts(),
        user=installation.bot_user,
        team=installation.team or channel.team,
        bot_id=installation.bot_id,
        text=content.text,
        blocks=content.blocks,
        attachments=content.attachments,
        metadata=content.metadata,
        live=content.live,
    )


def _own(call: Call, refusal: str) -> tuple[Channel, Message]:
    """The message that the arguments name, when this bot wrote it."""
    channel = find(call)
    message = call.workspace.message(channel.id, call.text("ts"))
    if message is None:
        raise Refused("message_not_found")
    if message.bot_id != call.installation.bot_id:
        raise Refused(refusal)
    return channel, message


METHODS = (
    Method("chat.postMessage", post_message, None, ("chat:write",)),
    Method("chat.postEphemeral", post_ephemeral, TIERS[4], ("chat:write",)),
    Method("chat.update", update, TIERS[3], ("chat:write",)),
    Method("chat.delete", delete, TIERS[3], ("chat:write",)),
    Method("chat.unfurl", unfurl, TIERS[3], ("links:write",)),
)
