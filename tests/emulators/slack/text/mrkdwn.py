"""Slack's own markup, read as Slack reads it: what is a mention or a link, and what is only text.

Three characters control it: ``&``, ``<`` and ``>``. What stands between angle brackets is a token when it names a
user, a channel, a group, a broadcast, a date or an address, also inside code. Outside code, and unless the text is
verbatim, bare addresses become links; with names, ``@name``, ``@here`` and ``#name`` become mentions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from tests.emulators.slack.state.nouns import Live

Names: TypeAlias = Mapping[str, str]
"""``@name`` and ``#name``, each with the id that it means."""
HOLE = "\0"
BROADCASTS = ("here", "channel", "everyone")
_DATE = re.compile(r"!date\^(?P<target>-?\d+)\^(?P<format>[^|^]+)(\^(?P<link>[^|]*))?\|(?P<label>.+)", re.DOTALL)
_TOKENS = (
    ("user", re.compile(r"@(?P<target>[UW][A-Z0-9]{2,})(\|(?P<label>.*))?", re.DOTALL)),
    ("channel", re.compile(r"#(?P<target>[CGD][A-Z0-9]{2,})(\|(?P<label>.*))?", re.DOTALL)),
    ("special", re.compile(r"!(?P<target>here|channel|everyone|group)(\|(?P<label>.*))?", re.DOTALL)),
    ("group", re.compile(r"!subteam\^(?P<target>S[A-Z0-9]+)(\|(?P<label>.*))?", re.DOTALL)),
    ("date", _DATE),
    ("link", re.compile(r"(?P<target>[A-Za-z][A-Za-z0-9+.-]*:[^|\s]+)(\|(?P<label>.*))?", re.DOTALL)),
)
_PIECE = re.compile(r"(?P<code>```.+?```|`[^`\n]+`)|<(?P<token>[^<>]+)>", re.DOTALL)
_ENDINGS = "com|org|net|io|ai|dev|edu|gov|co|app|me|info|uk|de|eu|fr|jp|cn"
_BARE = re.compile(
    r"(?P<url>\b(https?://|mailto:)[^\s<>|\"]+)"
    r"|(?P<mail>\b[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){1,8})"
    rf"|(?P<domain>(?<![\w@/.-])([a-zA-Z0-9-]{{1,63}}\.){{1,8}}({_ENDINGS})\b(/[^\s<>|]*)?)"
    r"|(?P<name>(?<![\w&])[@#][\w.-]{0,80}\w)",
)
_STYLES = (
    ("bold", re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])")),
    ("italic", re.compile(r"(?<![\w_])_(?=\S)([^_\n]+)(?<=\S)_(?![\w_])")),
    ("strike", re.compile(r"(?<![\w~])~(?=\S)([^~\n]+)(?<=\S)~(?![\w~])")),
)


@dataclass(frozen=True, slots=True)
class Text:
    """Characters as a person reads them."""

    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A token in its place."""

    live: Live


@dataclass(frozen=True, slots=True)
class Styled:
    """``bold``, ``italic``, ``strike``, ``code``, ``pre`` or ``quote`` around other nodes."""

    style: str
    inside: tuple[Node, ...]


Node: TypeAlias = Text | Mark | Styled
Plain: TypeAlias = Callable[[str], Iterator[Node]]
Style: TypeAlias = tuple[str, re.Pattern[str]]


def unescape(text: str) -> str:
    """Undo the three entities that there are, once."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def token(inner: str) -> Live | None:
    """What stands between angle brackets, if it is anything."""
    for kind, pattern in _TOKENS:
        if found := pattern.fullmatch(inner):
            return Live(kind, unescape(found["target"]), unescape(found["label"] or ""))
    return None


def live_tokens(text: str, names: Names | None = None, *, bare: bool = True) -> list[Live]:
    """Everything that Slack makes of a text, in order.

    ``bare`` says whether addresses in plain text count; ``names`` is ``None`` where names do not.
    """
    found: list[Live] = []
    end = 0
    for piece in _PIECE.finditer(text):
        found += _marks(_plain(text[end : piece.start()], names, bare=bare))
        end = piece.end()
        found += live_tokens(piece[0].strip("`"), bare=False) if piece["code"] else _marks([_tagged(piece)])
    return found + _marks(_plain(text[end:], names, bare=bare))


def parse(text: str, names: Names | None = None, *, bare: bool = True) -> tuple[Node, ...]:
    """The text as it is drawn: paragraphs with styles, code and tokens, and quotes."""
    nodes: list[Node] = []
    for quoted, part in _quotes(text):
        inside = tuple(_inline(part, names, bare=bare))
        nodes += [Styled("quote", inside)] if quoted else inside
    return tuple(nodes)


def _marks(nodes: Iterable[Node]) -> list[Live]:
    return [node.live for node in nodes if isinstance(node, Mark)]


def _tagged(piece: re.Match[str]) -> Node:
    live = token(piece["token"])
    return Mark(live) if live else Text(unescape(piece[0]))


def _plain(text: str, names: Names | None, *, bare: bool) -> Iterator[Node]:
    """Text between tokens, with what is recognised in it."""
    end = 0
    for found in _BARE.finditer(text) if bare or names is not None else ():
        live = _recognised(found, names, bare=bare)
        if live is None:
            continue
        yield from _text(text[end : found.start()])
        yield Mark(live)
        end = found.end()
    yield from _text(text[end:])


def _recognised(found: re.Match[str], names: Names | None, *, bare: bool) -> Live | None:
    word = found[0]
    if name := found["name"]:
        if names is None:
            return None
        if name[1:] in BROADCASTS and name[0] == "@":
            return Live("special", name[1:], name, auto=True)
        kind = "user" if name[0] == "@" else "channel"
        return Live(kind, names[name], name, auto=True) if name in names else None
    if not bare:
        return None
    prefix = "mailto:" if found["mail"] else "http://" if found["domain"] else ""
    return Live("link", unescape(prefix + word), unescape(word), auto=True)


def _text(text: str) -> Iterator[Node]:
    if text:
        yield Text(unescape(text))


def _quotes(text: str) -> Iterator[tuple[bool, str]]:
    """Runs of lines, quoted (a leading ``>``, escaped or not) or not."""
    run: list[str] = []
    quoted = False
    for line in text.split("\n"):
        found = re.match(r"(&gt;|>) ?", line)
        if run and bool(found) != quoted:
            yield quoted, "\n".join(run)
            run = []
        quoted = bool(found)
        run.append(line[found.end() :] if found else line)
    yield quoted, "\n".join(run)


def _inline(text: str, names: Names | None, *, bare: bool) -> Iterator[Node]:
    """Styles around plain text; code and tokens are taken out first, so that no style starts inside one."""
    pieces = list(_PIECE.finditer(text.replace(HOLE, "")))
    nodes = iter([_code(piece[0]) if piece["code"] else _tagged(piece) for piece in pieces])
    masked = _PIECE.sub(HOLE, text.replace(HOLE, ""))
    return _styled(masked, nodes, lambda part: _plain(part, names, bare=bare), _STYLES)


def _code(text: str) -> Node:
    return Styled("pre" if text.startswith("```") else "code", (Text(unescape(text.strip("`"))),))


def _styled(text: str, holes: Iterator[Node], plain: Plain, styles: Sequence[Style]) -> Iterator[Node]:
    """One style after the other, outermost first; the holes are filled in their order."""
    if not styles:
        for i, part in enumerate(text.split(HOLE)):
            yield from (next(holes),) if i else ()
            yield from plain(part)
        return
    (style, pattern), *inner = styles
    end = 0
    for found in pattern.finditer(text):
        yield from _styled(text[end : found.start()], holes, plain, inner)
        yield Styled(style, tuple(_styled(found[1], holes, plain, inner)))
        end = found.end()
    yield from _styled(text[end:], holes, plain, inner)


def placed(lives: list[Live], pointer: str) -> list[Live]:
    """Say of each where it stands."""
    return [replace(live, pointer=pointer) for live in lives]
