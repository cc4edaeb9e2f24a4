"""Discord's markdown as a small tree: what is bold, what is a link, and what Discord makes live."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of text. ``kind`` is ``text``, a style, or something live with its ``target``."""

    kind: str
    target: str = ""
    inside: tuple[Node, ...] = ()
    text: str = ""


LIVE = frozenset({"user", "role", "channel", "command", "time", "emoji", "link", "everyone"})
ANGLE = (
    ("user", re.compile(r"<@!?(\d{1,20})>")),
    ("role", re.compile(r"<@&(\d{1,20})>")),
    ("channel", re.compile(r"<#(\d{1,20})>")),
    ("command", re.compile(r"</([^:<>]{1,100}:\d{1,20})>")),
    ("time", re.compile(r"<t:(-?\d{1,17}(?::[tTdDfFR])?)>")),
    ("emoji", re.compile(r"<a?:(\w{2,32}:\d{1,20})>")),
    ("channel", re.compile(r"<id:(customize|browse|guide|linked-roles)>")),
    ("link", re.compile(r"<(https?://[^\s<>]+)>")),
)
EVERYONE = re.compile(r"@(everyone|here)\b")
BARE = re.compile(r"https?://[^\s<>]*[^\s<>.,:;\"'\]}]", re.IGNORECASE)
MASKED = re.compile(
    r"\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\]\(\s*<?((?:https?|discord)://[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?"
    r"(?:\s+\"[^\"]*\")?\s*\)",
    re.IGNORECASE,
)
BLOCK, SPAN = re.compile(r"```(?:[\w+-]*\n)?(.*?)```", re.DOTALL), re.compile(r"(`+)(?!`)(.*?[^`])\1(?!`)", re.DOTALL)
STYLES = (
    ("bold", re.compile(r"\*\*(.+?)\*\*(?!\*)", re.DOTALL)),
    ("underline", re.compile(r"__(.+?)__(?!_)", re.DOTALL)),
    ("italic", re.compile(r"\*(?=\S)((?:\*\*|[^*])+?)(?<=\S)\*(?!\*)", re.DOTALL)),
    ("italic", re.compile(r"\b_((?:__|[^_])+?)_\b", re.DOTALL)),
    ("strike", re.compile(r"~~(.+?)~~", re.DOTALL)),
    ("spoiler", re.compile(r"\|\|(.+?)\|\|", re.DOTALL)),
)
LINE = (
    ("heading", re.compile(r"#{1,3} +(.+)")),
    ("subtext", re.compile(r"-# +(.+)")),
    ("quote", re.compile(r">(?:>>)? (.+)")),
    ("item", re.compile(r" *(?:[-*]|\d+\.) +(.+)")),
)
DEEPEST = 12


def parse(text: str) -> tuple[Node, ...]:
    """A whole text, line by line outside code."""
    nodes: list[Node] = []
    end = 0
    for block in BLOCK.finditer(text):
        nodes += [*_lines(text[end : block.start()]), Node("block", text=block[1])]
        end = block.end()
    return (*nodes, *_lines(text[end:]))


def _lines(text: str) -> Iterator[Node]:
    """Lines that are something as a whole; what stands between them is inline."""
    gathered: list[str] = []
    for line in text.split("\n"):
        found = next(((kind, match) for kind, one in LINE if (match := one.fullmatch(line))), None)
        if found is None:
            gathered.append(line)
            continue
        yield from inline("\n".join(gathered))
        gathered = []
        yield Node(found[0], inside=inline(found[1][1]))
    yield from inline("\n".join(gathered))


def inline(text: str, depth: int = 0) -> tuple[Node, ...]:
    """Styles, mentions and links inside a line or a few."""
    nodes: list[Node] = []
    plain: list[str] = []
    at = 0
    while at < len(text):
        node, end = _at(text, at, depth)
        if node is None:
            plain.append(text[at:end])
        else:
            nodes += [Node("text", text="".join(plain))] * bool(plain) + [node]
            plain = []
        at = end
    return (*nodes, *([Node("text", text="".join(plain))] if plain else []))


def _at(text: str, at: int, depth: int) -> tuple[Node | None, int]:
    """What begins at a place, and where it ends."""
    one = text[at]
    if one == "\\" and at + 1 < len(text) and not text[at + 1].isalnum() and not text[at + 1].isspace():
        return Node("text", text=text[at + 1]), at + 2
    found = FIRST[one](text, at, depth) if one in FIRST else None
    return found or (None, at + 1)


def _code(text: str, at: int, _depth: int) -> tuple[Node, int] | None:
    found = SPAN.match(text, at)
    return (Node("code", text=found[2]), found.end()) if found else None


def _angle(text: str, at: int, _depth: int) -> tuple[Node, int] | None:
    for kind, pattern in ANGLE:
        if found := pattern.match(text, at):
            return Node(kind, found[1], text=found[0]), found.end()
    return None


def _everyone(text: str, at: int, _depth: int) -> tuple[Node, int] | None:
    found = EVERYONE.match(text, at)
    return (Node("everyone", found[1], text=found[0]), found.end()) if found else None


def _bare(text: str, at: int, _depth: int) -> tuple[Node, int] | None:
    found = BARE.match(text, at)
    return (Node("link", found[0], text=found[0]), found.end()) if found else None


def _masked(text: str, at: int, depth: int) -> tuple[Node, int] | None:
    found = MASKED.match(text, at) if depth < DEEPEST else None
    return (Node("link", found[2], inline(found[1], depth + 1)), found.end()) if found else None


def _styled(text: str, at: int, depth: int) -> tuple[Node, int] | None:
    for kind, pattern in STYLES if depth < DEEPEST else ():
        if found := pattern.match(text, at):
            return Node(kind, inside=inline(found[1], depth + 1)), found.end()
    return None


FIRST: Mapping[str, Callable[[str, int, int], tuple[Node, int] | None]] = {
    "`": _code,
    "<": _angle,
    "@": _everyone,
    "h": _bare,
    "H": _bare,
    "[": _masked,
    **dict.fromkeys("*_~|", _styled),
}
"""What can begin with a character."""


def live(text: str) -> list[Node]:
    """Everything in a text that is more than text: mentions, links, times, emoji."""

    def walk(nodes: tuple[Node, ...]) -> Iterator[Node]:
        for node in nodes:
            if node.kind in LIVE:
                yield node
            yield from walk(node.inside)

    return list(walk(parse(text)))


def plain(nodes: tuple[Node, ...]) -> str:
    """What a reader sees of it, without styles."""
    return "".join(node.text or plain(node.inside) for node in nodes)
