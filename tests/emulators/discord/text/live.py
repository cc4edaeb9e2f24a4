"""All live text of a message, wherever Discord reads markdown: content, embeds, V2 texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.emulators.discord.rules.components import parts
from tests.emulators.discord.state.nouns import JSON, Message
from tests.emulators.discord.text.markdown import Node, live


@dataclass(frozen=True, slots=True)
class Live:
    """Something live and where it stands, as a path of fields."""

    kind: str
    target: str
    where: str


def of_message(message: Message) -> list[Live]:
    """What is live in a message, and not only in a field that is meant to be a link (an embed's ``url``)."""
    return [Live(node.kind, node.target, where) for where, text in texts(message) for node in _live(where, text)]


def _live(where: str, text: str) -> list[Node]:
    """In an embed's title, and in the names of its fields, mentions and masked links are not live."""
    found = live(text)
    if where.endswith(("title", "name")):
        return [node for node in found if node.kind in {"emoji", "time"}]
    return found


def texts(message: Message) -> Iterator[tuple[str, str]]:
    """Where Discord reads markdown."""
    yield "content", message.content
    for i, embed in enumerate(message.embeds):
        yield from _of_embed(f"embeds/{i}", embed)
    for one, path in parts(message.components):
        if one.get("content"):
            yield "/".join(("components", *path)), str(one["content"])


def _of_embed(where: str, embed: JSON) -> Iterator[tuple[str, str]]:
    for name in ("title", "description"):
        yield f"{where}/{name}", str(embed.get(name) or "")
    for i, field in enumerate(embed.get("fields") or ()):
        yield f"{where}/fields/{i}/name", str(field["name"])
        yield f"{where}/fields/{i}/value", str(field["value"])
