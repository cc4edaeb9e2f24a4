"""Text for Discord. Whatever comes from outside goes through here, and nowhere else.

Discord reads markdown in contents, titles, descriptions and text components. A backslash before any punctuation makes
it text; so every character that can begin something live or styled gets one: mentions, links, emoji, times, code.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from bot import text
from bot.talk import Span, Style, Words, plain

_LIVE = re.compile(r"[\\*_~|`<>@\[\]():/#]")
_FIRST = re.compile(r"^(?=[-+=])|(?<=^\d)(?=\.)|(?<=^\d\d)(?=\.)|(?<=^\d\d\d)(?=\.)|(?<=^\d\d\d\d)(?=\.)")
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def line(some: str) -> str:
    """Text on one line, without what no one can see or no wire can carry. Still unescaped."""
    return " ".join(_HIDDEN.sub(" ", some).split())


@lru_cache(maxsize=1024)
def escaped(some: str, most: int) -> str:
    """A text on one line that is only text, of ``most`` characters with its backslashes.

    Remembered, because the same papers stand in many channels.
    """
    some = line(some)
    room = most
    while len(made := _escape(text.clip(some, room))) > most:
        room -= (len(made) - most + 1) // 2
    return made


def _escape(some: str) -> str:
    return _FIRST.sub(r"\\", _LIVE.sub(r"\\\g<0>", some), count=1)


def quoted(some: str, most: int) -> str:
    """A text where Discord reads no markdown: an author's name, a foot, a label, an option."""
    return text.clip(line(some), most)


def bold(some: str, most: int) -> str:
    """A text in bold; nothing for none."""
    inner = escaped(some, most - 4)
    return f"**{inner}**" if inner else ""


def code(some: str, most: int) -> str:
    """A text in a fixed width, in which nothing is live. It cannot hold the mark that ends it."""
    inner = text.clip(line(some).replace("`", "\u02cb"), most - 2)
    return f"`{inner}`" if inner else ""


def link(some: str, url: str, most: int) -> str:
    """A text that leads somewhere; one without a safe address, or with one that could end the mark, is only text."""
    safe = text.link(url)
    label = escaped(some, most)
    if not safe or not label or set(safe) & set("()<>\"'") or len(label) + len(safe) + 6 > most:
        return label
    return f"[{label}](<{safe}>)"


def words(some: Words, most: int = 1_800) -> str:
    """Draw words. A person is only named: Discord shows a mention's name, and ours notify nobody."""
    drawn = ""
    for span in some:
        room = most - len(drawn)
        if room < 8:
            break
        drawn += _edged(span, room)
    return drawn


def _edged(span: Span, room: int) -> str:
    """A span between the spaces that stand at its ends, which a style cannot begin or end with."""
    bare = span.text.strip()
    if not bare:
        return " " if span.text else ""
    before = " " if span.text[0].isspace() else ""
    after = " " if span.text[-1].isspace() else ""
    return f"{before}{_span(Span(bare, span.style, span.target), room - 2)}{after}"


def _span(span: Span, most: int) -> str:
    match span.style:
        case Style.BOLD:
            return bold(span.text, most)
        case Style.ITALIC:
            inner = escaped(span.text, most - 2)
            return f"*{inner}*" if inner else ""
        case Style.CODE:
            return code(span.text, most)
        case Style.LINK:
            return link(span.text, span.target, most)
        case Style.PERSON if is_id(span.target):
            return f"<@{span.target}>"
        case Style.ROOM if is_id(span.target):
            return f"<#{span.target}>"
        case Style.MOMENT:
            return _moment(span, most)
    return escaped(span.text, most)


def _moment(span: Span, most: int) -> str:
    """A moment in the reader's own zone."""
    try:
        return f"<t:{int(datetime.fromisoformat(span.target).timestamp())}:f>"
    except (ValueError, OverflowError):
        return escaped(span.text, most)


def is_id(some: str) -> bool:
    """Whether this is an id of Discord's."""
    return some.isascii() and some.isdecimal() and 15 <= len(some) <= 20


def heading(some: Words) -> str:
    """A headline."""
    return f"### {words(some)}" if plain(some).strip() else ""


def small(some: str) -> str:
    """Small print, of drawn text."""
    return f"-# {some}" if some else ""
