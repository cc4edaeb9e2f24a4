"""Making and changing messages: what a body becomes, and whom it notifies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tests.emulators.discord.rules.components import parts
from tests.emulators.discord.rules.messages import check_message
from tests.emulators.discord.state.nouns import (
    COMPONENTS_V2,
    EPHEMERAL,
    JSON,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    Channel,
    Message,
    Upload,
)
from tests.emulators.discord.state.permissions import Right
from tests.emulators.discord.state.server import State

SETTABLE = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2
USER_MENTION, ROLE_MENTION = re.compile(r"<@!?(\d{1,20})>"), re.compile(r"<@&(\d{1,20})>")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
EMBED_FIELDS = ("title", "description", "url", "color", "timestamp", "footer", "author", "image", "thumbnail", "fields")


def written(state: State, channel: Channel, body: JSON, files: tuple[Upload, ...], flags: int, author: int) -> Message:
    """A new message from a body that has been checked. It is not kept yet."""
    message = Message(
        id=state.new_id(),
        channel=channel.id,
        author=author,
        nonce=str(body.get("nonce") or ""),
        flags=int(body.get("flags") or 0) & SETTABLE | flags,
        reference=int((body.get("message_reference") or {}).get("message_id") or 0),
    )
    return notified(state, channel, filled(message, body, files), body)


def rewritten(state: State, channel: Channel, old: Message, body: JSON, files: tuple[Upload, ...]) -> Message:
    """A message after a change: what the body does not name stays. Raises ``Refused``."""
    check_message(body, (*old.files, *files), was_v2=bool(old.flags & COMPONENTS_V2))
    flags = int(body.get("flags") or 0) & SETTABLE
    kept = old.files
    if body.get("attachments") is not None:
        wanted = {str(one["id"]) for one in body["attachments"]}
        kept = tuple(one for one in old.files if str(one.id) in wanted)
    fresh = replace(old, flags=old.flags | flags, files=kept, edited=state.clock.now())
    return notified(state, channel, filled(fresh, body, files), body, quietly=True)


def filled(message: Message, body: JSON, files: tuple[Upload, ...]) -> Message:
    """A message with what a body says of its content, embeds, components and files."""
    if "content" in body:
        message = replace(message, content=str(body["content"] or "").strip())
    if "embeds" in body:
        message = replace(message, embeds=tuple(embedded(one) for one in body["embeds"] or ()))
    if "components" in body:
        message = replace(message, components=numbered(body["components"] or ()))
    described = {str(one["id"]): str(one.get("description") or "") for one in body.get("attachments") or ()}
    fresh = (replace(one, description=described.get(str(i), "")) for i, one in enumerate(files))
    return replace(message, files=(*message.files, *fresh))


def embedded(embed: JSON) -> JSON:
    """An embed as Discord gives it back."""
    return {"type": "rich", **{name: embed[name] for name in EMBED_FIELDS if embed.get(name) is not None}}


def numbered(components: Iterable[JSON]) -> tuple[JSON, ...]:
    """Components with the ids that Discord fills in, counting from one."""
    copied: list[JSON] = [_copy(one) for one in components]
    taken = {one.get("id") for one, _ in parts(copied)}
    number = 0
    for one, _ in parts(copied):
        if not one.get("id"):
            number += 1
            while number in taken:
                number += 1
            one["id"] = number
    return tuple(copied)


def _copy(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items() if item is not None}
    return [_copy(one) for one in value] if isinstance(value, list) else value


def shown_text(message: Message) -> str:
    """All text in which a mention is live: the content, and the text of V2 components."""
    return "\n".join(
        [message.content, *(str(one["content"]) for one, _ in parts(message.components) if one.get("content"))]
    )


def notified(state: State, channel: Channel, message: Message, body: JSON, *, quietly: bool = False) -> Message:
    """A message with those whom it mentions. Without ``allowed_mentions`` everything that is written counts."""
    allowed = body.get("allowed_mentions")
    text = CODE.sub("", shown_text(message))
    if quietly and allowed is None and not body.keys() & {"content", "components"}:
        return message
    users = [int(one) for one in USER_MENTION.findall(text) if int(one) in state.users]
    roles = [int(one) for one in ROLE_MENTION.findall(text)]
    may = Right.MENTION_EVERYONE in state.rights(channel, message.author) and not channel.is_dm
    everyone = may and ("@everyone" in text or "@here" in text)
    if allowed is not None:
        parse = set(allowed.get("parse") or ())
        users = (
            users
            if "users" in parse
            else [one for one in users if str(one) in set(map(str, allowed.get("users") or ()))]
        )
        roles = (
            roles
            if "roles" in parse
            else [one for one in roles if str(one) in set(map(str, allowed.get("roles") or ()))]
        )
        everyone = everyone and "everyone" in parse
    return replace(
        message,
        mentions=tuple(dict.fromkeys(users)),
        mention_roles=tuple(dict.fromkeys(roles)),
        mention_everyone=everyone,
    )


def is_hidden(body: JSON) -> bool:
    """Whether an answer is for one person alone."""
    return bool(int(body.get("flags") or 0) & EPHEMERAL)
