"""How a query that cannot be read is refused: the query, the place, and what is wrong there."""

from __future__ import annotations

from bot.errors import QueryError

EXCERPT = 60


def visible(text: str) -> str:
    """Write characters that cannot be seen, or that turn the text around, as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def excerpt(text: str, place: int) -> str:
    """Cut at most 60 characters around a place (from 1), with an ellipsis where something is missing."""
    if len(text) <= EXCERPT and len(visible(text)) <= EXCERPT:
        return visible(text)
    room = EXCERPT - 2
    start = max(0, min(place - 20, len(text) - room))
    shown = visible(text[start : start + room])
    more = start + room < len(text) or len(shown) > room
    return ("…" if start else "") + shown[:room] + ("…" if more else "")


def complaint(text: str, place: int, what: str) -> QueryError:
    """Make the error for a query; ``place`` counts characters from 1, 0 when the whole of it is meant."""
    return QueryError(f'I can\'t read "{excerpt(text, place)}": {what}.', place)
