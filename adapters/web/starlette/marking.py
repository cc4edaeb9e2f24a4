"""Text with the words marked that a query found. The only place that makes HTML of strangers' text by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import Markup, escape

from bot.models import Match
from bot.text import isolate

Place = tuple[int, int]
BEFORE, SHOWN = 120, 480
"""Characters of an abstract that stand before the first word found, and in all."""


def marked(text: str, places: Iterable[Place] = ()) -> Markup:
    """Escape a text and put ``<mark>`` around places of it, given in characters."""
    made, end = Markup(), 0
    for start, stop in _apart(places, len(text)):
        made += escape(text[end:start]) + Markup("<mark>%s</mark>") % text[start:stop]
        end = stop
    made += escape(text[end:])
    return made if isolate(text) == text else Markup('<bdi dir="auto">%s</bdi>') % made


def places(matches: Iterable[Match], field: str, text: str) -> list[Place]:
    """Where the words of the evidence stand in a field: everywhere, of which the evidence names a few places."""
    found = [e for match in matches for e in match.evidence if e.field == field and e.end > e.start]
    lower = text.lower() if len(text.lower()) == len(text) else text
    exact = {e.quote for e in found if e.term.lower().startswith("exact:")}
    said = dict.fromkeys((e.quote, text) if e.quote in exact else (e.quote.lower(), lower) for e in found)
    return [*((e.start, e.end) for e in found), *(place for words, where in said for place in _again(words, where))]


def _again(words: str, text: str) -> Iterator[Place]:
    """Give each place where words stand as such, and not as a part of others."""
    start = text.find(words)
    while start >= 0:
        end = start + len(words)
        if not (text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isalnum()):
            yield start, end
        start = text.find(words, end)


def excerpt(abstract: str, found: list[Place]) -> tuple[str, list[Place]]:
    """Cut an abstract to what surrounds the first word found, and give the places in the cut."""
    text = abstract.replace("\n\n", "  ")
    first = min((start for start, _ in found), default=0)
    start = _after_space(text, first - BEFORE) if first > SHOWN - BEFORE else 0
    end = _before_space(text, start + SHOWN)
    lead, tail = "… " * (start > 0), " …" * (end < len(text))
    moved = [(a - start + len(lead), b - start + len(lead)) for a, b in found if start <= a and b <= end]
    return f"{lead}{text[start:end]}{tail}", moved


def _apart(places: Iterable[Place], length: int) -> Iterator[Place]:
    end = 0
    for start, stop in sorted(places):
        if end <= start < stop <= length:
            yield start, stop
            end = stop


def _after_space(text: str, place: int) -> int:
    space = text.find(" ", max(place, 0))
    return space + 1 if 0 <= space < place + 40 else max(place, 0)


def _before_space(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    space = text.rfind(" ", place - 40, place)
    return space if space > 0 else place
