"""Text with its styles apart from it: a renderer escapes ``text`` and draws ``style``. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """How a span is shown. What it points at stands in ``Span.target``."""

    PLAIN = "plain"
    BOLD = "bold"
    ITALIC = "italic"
    CODE = "code"
    LINK = "link"
    """``target`` is an https address."""
    PERSON = "person"
    """``target`` is the platform's id of a person, ``text`` the name for where ids mean nothing. Pings nobody."""
    ROOM = "room"
    """``target`` is the platform's id of a room."""
    MOMENT = "moment"
    """``target`` is an ISO 8601 moment in UTC, shown in the reader's zone where the platform can; else ``text``."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one style. ``text`` is plain and unescaped."""

    text: str
    style: Style = Style.PLAIN
    target: str = ""


Words = tuple[Span, ...]

_MARK = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|(?P<hole>\{\})")


def words(template: str, *parts: str | Span) -> Words:
    """Fill a sentence of ours: `` `code` `` and ``**bold**`` in the template are read, ``{}`` takes the next part.

    A part is data: whatever it holds, it stays one span. A text part inside no mark is plain.
    """
    waiting = iter(parts)
    spans: list[Span] = []
    end = 0
    for mark in _MARK.finditer(template):
        spans.append(Span(template[end : mark.start()]))
        end = mark.end()
        if mark["hole"]:
            part = next(waiting)
            spans.append(part if isinstance(part, Span) else Span(part))
        elif mark["code"]:
            spans.append(Span(_filled(mark["code"], waiting), Style.CODE))
        else:
            spans.append(Span(_filled(mark["bold"], waiting), Style.BOLD))
    spans.append(Span(template[end:]))
    return tuple(span for span in spans if span.text)


def _filled(template: str, waiting: object) -> str:
    first, *rest = template.split("{}")
    return first + "".join(f"{_text(next(waiting))}{piece}" for piece in rest)  # type: ignore[call-overload]


def _text(part: str | Span) -> str:
    return part if isinstance(part, str) else part.text


def said(text: str) -> Words:
    """Read the text of an error, which may quote a stranger: what stands between backticks is code, the rest plain."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return (Span(text),)
    styled = (Span(piece, Style.CODE if number % 2 else Style.PLAIN) for number, piece in enumerate(pieces))
    return tuple(span for span in styled if span.text)


def plain(some: Words) -> str:
    """The text alone, for terminals, notifications and screen readers."""
    return "".join(span.text for span in some)
