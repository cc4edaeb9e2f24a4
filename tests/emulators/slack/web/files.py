"""files.*: uploads in three steps: ask for an address, send the bytes there, share the file."""

from __future__ import annotations

from dataclasses import replace

from tests.emulators.slack.rules import Refused
from tests.emulators.slack.state.limits import TIERS
from tests.emulators.slack.state.nouns import JSON, Channel, File, Message
from tests.emulators.slack.state.shapes import file_json
from tests.emulators.slack.web.call import Call, Method
from tests.emulators.slack.web.chat import thread_root
from tests.emulators.slack.web.places import find, joined

ALT_TEXT = 1000
LARGEST = 10_000_000
"""Bytes; the real limit is a gigabyte, this is as much as a test keeps in memory."""


def address(call: Call) -> JSON:
    """Say where to send a file of this name and length."""
    length = call.text("length")
    if not call.text("filename") or not length.isdecimal() or not int(length):
        raise Refused("missing_argument")
    if int(length) > LARGEST:
        raise Refused("file_upload_size_restricted")
    if len(call.text("alt_txt")) > ALT_TEXT:
        raise Refused("alt_txt_too_large")
    workspace = call.workspace
    file = File(
        id=workspace.new_id("F"),
        installation=call.installation.key,
        name=call.text("filename"),
        size=int(length),
        ticket=workspace.new_secret(),
        alt_text=call.text("alt_txt"),
    )
    workspace.files[file.id] = file
    return {"upload_url": f"{workspace.url}/upload/v1/{file.ticket}", "file_id": file.id}


def complete(call: Call) -> JSON:
    """Make uploads into files, and share them in a channel if one is named."""
    files = [_uploaded(call, one) for one in call.need("files")]
    channel = _target(call)
    for file in files:
        call.workspace.files[file.id] = file
    if channel:
        _share(call, channel, files)
    return {"files": [file_json(file, call.workspace) for file in files]}


def _uploaded(call: Call, wanted: object) -> File:
    file = call.workspace.files.get(str(wanted.get("id"))) if isinstance(wanted, dict) else None
    if file is None or file.content is None or file.installation != call.installation.key:
        raise Refused("file_not_found")
    assert isinstance(wanted, dict)
    ready = call.workspace.clock.now() + call.workspace.processing
    return replace(file, done=True, ready=ready, title=str(wanted.get("title") or file.name))


def _target(call: Call) -> Channel | None:
    """Where to share; the bot has to be in there, also in a public channel."""
    if not call.text("channel_id"):
        return None
    channel = find(replace(call, args={**call.args, "channel": call.text("channel_id")}))
    if not joined(call, channel):
        raise Refused("not_in_channel")
    if channel.archived or channel.read_only or channel.restricted:
        raise Refused("posting_to_channel_denied")
    return channel


def _share(call: Call, channel: Channel, files: list[File]) -> None:
    installation = call.installation
    call.workspace.put(
        Message(
            channel=channel.id,
            ts=call.workspace.new_ts(),
            user=installation.bot_user,
            team=installation.team or channel.team,
            bot_id=installation.bot_id,
            text=call.text("initial_comment"),
            thread_ts=thread_root(call, channel),
            files=tuple(file.id for file in files),
        )
    )


METHODS = (
    Method("files.getUploadURLExternal", address, TIERS[4], ("files:write",), takes_json=False),
    Method("files.completeUploadExternal", complete, TIERS[4], ("files:write",)),
)
