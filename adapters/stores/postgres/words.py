"""Where folded words stand, as PostgreSQL can look it up: lexemes for the index, streams for what must be exact.

A paper's ``words`` hold each word of the streams that a query without a field looks in, and for each of the other
streams the word behind the stream's name: ``policy``, ``title policy``, ``authors levine``. Whatever a single word
asks for is decided by that index alone. A phrase asks it for papers with all of its words, and then looks for the
phrase itself in the streams, which are kept with a space at both ends. Folded words have 64 characters at the most, and
PostgreSQL takes lexemes of 2 KB.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, fields
from typing import NamedTuple

from bot.query import SCOPES, FoldedPaper

STREAMS = tuple(field.name for field in fields(FoldedPaper))
_OWN = {scope[0]: f"{scope[0]} " for field, scope in SCOPES.items() if field not in ("", "abstract")}
"""Stream -> what its own lexemes begin with. The abstract is nearly all of a paper: its words need no second place."""


class Sql(NamedTuple):
    """A condition on a row ``p`` of papers, and its values."""

    text: str
    values: tuple[object, ...] = ()


class Phrase(NamedTuple):
    """Words in a row, in one of these streams; with ``prefix`` the last one is only the start of a word."""

    words: tuple[str, ...]
    streams: tuple[str, ...]
    prefix: bool = False

    @property
    def text(self) -> str:
        """What to look for in a stream."""
        return f" {' '.join(self.words)}{'' if self.prefix else ' '}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The words as the index has them."""
        own = _OWN.get(self.streams[0], "") if len(self.streams) == 1 else ""
        return tuple(own + word for word in self.words)

    @property
    def lexemes(self) -> str:
        """The words as a ``tsquery``."""
        return " & ".join(map(_quoted, self.keys)) + ":*" * self.prefix

    @property
    def indexed(self) -> bool:
        """Whether the index alone decides."""
        return len(self.words) == 1 and (len(self.streams) > 1 or self.streams[0] in _OWN)


def lexemes(folded: FoldedPaper) -> list[str]:
    """Give what the index knows of a paper."""
    found: set[str] = set()
    for name in STREAMS:
        words = getattr(folded, name).split()
        if name in SCOPES[""]:
            found |= {*words}
        if name in _OWN:
            found |= {_OWN[name] + word for word in words}
    return sorted(found)


def streams(folded: FoldedPaper) -> list[str]:
    """Give the streams as they are kept."""
    return [f" {stream} " for stream in astuple(folded)]


def anywhere(word: str) -> str:
    """The ``tsquery`` for a word in any stream."""
    return " | ".join(_quoted(own + word) for own in ("", *_OWN.values()))


def standing(phrases: Iterable[Phrase]) -> Sql:
    """The condition that one of these phrases stands in a paper."""
    every = list(dict.fromkeys(phrases))
    parts = []
    if alone := [phrase.lexemes for phrase in every if phrase.indexed]:
        parts.append(Sql("p.words @@ %s::tsquery", (" | ".join(alone),)))
    for phrase in every:
        if not phrase.indexed:
            places = " OR ".join(f"strpos(p.{stream}, %s) > 0" for stream in phrase.streams)
            values = (phrase.lexemes, *[phrase.text] * len(phrase.streams))
            parts.append(Sql(f"p.words @@ %s::tsquery AND ({places})", values))
    return joined("OR", parts) if parts else Sql("false")


def joined(operator: str, parts: Iterable[Sql]) -> Sql:
    """Join conditions."""
    some = list(parts)
    text = f" {operator} ".join(f"({part.text})" for part in some)
    return Sql(text, tuple(value for part in some for value in part.values))


def _quoted(lexeme: str) -> str:
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
