"""Markdown as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from tests.emulators.discord.text.markdown import Node, inline, parse
from tests.emulators.html import Html, join, link, tag

TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strike": "s",
    "heading": "h3",
    "subtext": "small",
    "quote": "blockquote",
    "item": "li",
}
SIGNS = {"user": "@", "role": "@", "channel": "#", "everyone": "@", "command": "/"}


def markdown(text: str, names: Mapping[str, str]) -> Html:
    """A text in which lines count."""
    return drawn(parse(text), names)


def line(text: str, names: Mapping[str, str]) -> Html:
    """A text in one line."""
    return drawn(inline(text), names)


def drawn(nodes: tuple[Node, ...], names: Mapping[str, str]) -> Html:
    return join(*(_node(node, names) for node in nodes))


def _node(node: Node, names: Mapping[str, str]) -> Html:
    if node.kind == "text":
        return join(node.text)
    if node.kind in {"code", "block"}:
        return tag("code" if node.kind == "code" else "pre", node.text)
    if node.kind == "link":
        return link(node.target, drawn(node.inside, names) if node.inside else node.text)
    if node.kind == "time":
        return tag("mark", _time(node.target))
    if node.kind in SIGNS:
        name = node.target.partition(":")[0]
        return tag(
            "mark", SIGNS[node.kind] + names.get(name, name), class_="special" if node.kind == "everyone" else None
        )
    if node.kind in TAGS:
        return tag(TAGS[node.kind], drawn(node.inside, names))
    return tag("span", drawn(node.inside, names) if node.inside else node.text, class_=node.kind)


def _time(target: str) -> str:
    try:
        return datetime.fromtimestamp(int(target.partition(":")[0]), UTC).strftime("%d %B %Y %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return f"<t:{target}>"
