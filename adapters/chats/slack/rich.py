"""Text for Slack. Whatever comes from outside goes through here, and nowhere else.

Rich text parses nothing, so a text in it is only ever text. What Slack does parse, the fallback ``text`` of a message,
has its three control characters escaped. plain_text objects parse nothing but ``:emoji:``, which is switched off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from adapters.chats.slack import limits
from bot import text
from bot.talk import Span, Style, Words

Block = dict[str, Any]
Element = dict[str, Any]
_READ = {"text", "alt_text", "title", "label", "fallback", "placeholder", "hint"}


def said(some: str, **style: bool) -> list[Element]:
    """A piece of text, with ``bold``, ``italic`` or ``code``; nothing for no text."""
    made = {"type": "text", "text": limits.sound(some), **({"style": style} if style else {})}
    return [made] if some else []


def link(some: str, url: str, **style: bool) -> list[Element]:
    """A text that leads somewhere; one without a safe address is only text."""
    safe = text.link(url)
    if not safe or not some:
        return said(some, **style)
    return [{"type": "link", "url": safe, "text": limits.sound(some), **({"style": style} if style else {})}]


def elements(some: Words, *, public: bool, most: int = limits.LINE) -> list[Element]:
    """Draw words. In public a person is only named: a mention would call them each time."""
    drawn: list[Element] = []
    for span in some:
        short = text.clip(span.text, most) if len(span.text) > most else span.text
        most = max(0, most - len(short))
        drawn += _drawn(Span(short, span.style, span.target), public=public) if short else []
    return drawn


def _drawn(span: Span, *, public: bool) -> list[Element]:
    match span.style:
        case Style.BOLD:
            return said(span.text, bold=True)
        case Style.ITALIC:
            return said(span.text, italic=True)
        case Style.CODE:
            return said(span.text, code=True)
        case Style.LINK:
            return link(span.text, span.target)
        case Style.PERSON if is_id(span.target, "UW") and not (public and span.text):
            return [{"type": "user", "user_id": span.target}]
        case Style.ROOM if is_id(span.target, "CG"):
            return [{"type": "channel", "channel_id": span.target}]
        case Style.MOMENT:
            return _moment(span)
    return said(span.text)


def _moment(span: Span) -> list[Element]:
    """A moment in the reader's own zone."""
    try:
        stamp = int(datetime.fromisoformat(span.target).timestamp())
    except (ValueError, OverflowError):
        return said(span.text)
    shown = "{date_short_pretty} at {time}"
    return [{"type": "date", "timestamp": stamp, "format": shown, "fallback": limits.sound(span.text)}]


def is_id(some: str, kinds: str) -> bool:
    """Whether this is an id of Slack's that begins with one of these letters."""
    return some[:1] in set(kinds) and some.isascii() and some.isalnum() and some.isupper()


def paragraph(*parts: Sequence[Element]) -> Element:
    """Parts of one paragraph, each on a line of its own."""
    joined: list[Element] = []
    for part in filter(None, parts):
        joined += [*said("\n" if joined else ""), *part]
    return {"type": "rich_text_section", "elements": joined}


def quote(*parts: Sequence[Element]) -> Element:
    """The same with a bar beside it."""
    return {**paragraph(*parts), "type": "rich_text_quote"}


def preformatted(some: str) -> Element:
    """Text as it is, in a fixed width."""
    return {"type": "rich_text_preformatted", "elements": said(some)}


def bullets(items: Iterable[Sequence[Element]]) -> Element:
    """A list with bullets."""
    return {"type": "rich_text_list", "style": "bullet", "elements": [paragraph(item) for item in items]}


def block(*parts: Element) -> Block:
    """A block of rich text."""
    return {"type": "rich_text", "elements": list(parts)}


def plain(some: str, most: int) -> Element:
    """A plain text object."""
    return {"type": "plain_text", "text": limits.cut(some, most), "emoji": False}


def header(some: str) -> Block:
    """A headline."""
    return {"type": "header", "text": plain(some, limits.HEADER)}


def quiet(*texts: str) -> Block:
    """Small grey text."""
    return {"type": "context", "elements": [plain(some, limits.QUIET) for some in texts[:10]]}


def image(file: str, alt: str) -> Block:
    """A picture among Slack's files."""
    return {"type": "image", "slack_file": {"id": file}, "alt_text": limits.cut(alt, limits.ALT)}


def escaped(some: str) -> str:
    """Text for what Slack parses: entities for its three control characters, and no others exist."""
    return limits.sound(some).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fallback(lines: Iterable[str]) -> str:
    """The ``text`` of a message: what notifications show and screen readers read."""
    kept = ""
    for line in lines:
        more = escaped(line)
        if len(kept) + len(more) + 1 > limits.FALLBACK:
            break
        kept = f"{kept}\n{more}" if kept else more
    return kept or " "


def size(blocks: Iterable[Block]) -> int:
    """Characters that people read in blocks, and a little for each block, as Slack seems to count."""
    waiting: list[Any] = list(blocks)
    count = 20 * len(waiting)
    while waiting:
        for key, item in waiting.pop().items():
            if isinstance(item, str):
                count += len(item) if key in _READ else 0
            elif isinstance(item, dict):
                waiting.append(item)
            elif isinstance(item, list):
                waiting += [one for one in item if isinstance(one, dict)]
    return count
