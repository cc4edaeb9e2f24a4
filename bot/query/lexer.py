"""Text -> tokens: operators, brackets and leaves, each with its place. One pass, no recursion, no backtracking."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

from bot.query.complaints import complaint
from bot.query.nodes import NUMBERS, Leaf, Phrase, Word
from bot.query.plain import straight
from bot.query.terms import Place, bare, comparison, field_of, quoted


class Kind(Enum):
    """What a token is."""

    LEAF = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    OPEN = auto()
    CLOSE = auto()


class Token(NamedTuple):
    """A piece of a query; ``place`` counts characters from 1."""

    kind: Kind
    text: str
    place: int
    leaf: Leaf | None = None


_MARKS = {"(": Kind.OPEN, ")": Kind.CLOSE, ",": Kind.OR, "|": Kind.OR}
_CAPITALS = {"AND": Kind.AND, "OR": Kind.OR, "NOT": Kind.NOT}
_CHUNK = re.compile(r'[^\s(),|"]*')
_SPACE = re.compile(r"\s*")
_PLAIN_WORD, _PLAIN_WORDS = "[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", "[A-Za-z0-9]+(?:[ -][A-Za-z0-9]+)*"
_ALONE = re.compile(rf'({_PLAIN_WORD})|"({_PLAIN_WORDS})"')
_JOINT = re.compile(" OR | ?[,|] ?")
_NEXT = re.compile(rf'\s*(?:({_PLAIN_WORD})(?![^\s(),|"])|"({_PLAIN_WORDS})"(?![*~])|([(),|]))?')
"""What most of any query is made of, and the space before it; where it takes only that, the rules say what follows."""
_WORD, _WORDS = 1, 2
"""Groups of both."""


def tokens(text: str) -> list[Token]:
    """Cut a query into tokens. Raises ``QueryError``."""
    return _Lexer(text).run()


def plain(text: str) -> Sequence[Word | Phrase]:
    """Read one plain word or quoted phrase, or alternatives of such, as most queries are; nothing of any other."""
    if one := _alone(text):
        return (one,)
    parts = _JOINT.split(text)
    found = [leaf for part in parts if (leaf := _alone(part))]
    return found if len(found) == len(parts) else ()


def _alone(text: str) -> Word | Phrase | None:
    found = _ALONE.fullmatch(text)
    if not found or text in _CAPITALS:
        return None
    return Word(text.lower(), "", text) if found.lastindex == _WORD else _words(found[_WORDS], text)


def _words(inside: str, term: str) -> Word | Phrase:
    return Phrase(inside.lower(), "", term) if " " in inside else Word(inside.lower(), "", term)


class _Lexer:
    """Reads ``plain``, the text with typographic marks made straight, character for character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = straight(text)
        self.at = 0
        self.found: list[Token] = []

    def run(self) -> list[Token]:
        while taken := _NEXT.match(self.plain, self.at):
            kind, self.at = taken.lastindex, taken.end()
            if kind == _WORD:
                self.word(taken.start(_WORD))
            elif kind == _WORDS:
                start = taken.start(_WORDS) - 1
                term = self.text[start : self.at]
                self.found.append(Token(Kind.LEAF, term, start + 1, _words(taken[_WORDS], term)))
            elif kind:
                self.add(_MARKS[taken[kind]], self.at - 1, self.at)
            elif self.at < len(self.plain):
                self.step()
            else:
                break
        return self.found

    def word(self, start: int) -> None:
        """Take a plain word that was read from here on; one that can begin a comparison is read again."""
        word, term = self.plain[start : self.at], self.text[start : self.at]
        if word in _CAPITALS:
            self.found.append(Token(_CAPITALS[word], term, start + 1))
        elif (text := word.lower()) in NUMBERS:
            self.at = start
            self.chunk()
        else:
            self.found.append(Token(Kind.LEAF, term, start + 1, Word(text, "", term)))

    def step(self) -> None:
        char = self.plain[self.at]
        if char in "-!":
            self.sign()
        elif char == '"':
            self.phrase(self.at, "")
        else:
            self.chunk()

    def sign(self) -> None:
        """Read ``-`` or ``!``, which must touch what it negates."""
        after = self.plain[self.at + 1 : self.at + 2]
        if not after or after.isspace() or after in "),|":
            raise Place(self.text, self.at, self.at + 1).complaint("needs a word right after it")
        self.add(Kind.NOT, self.at, self.at + 1)

    def chunk(self) -> None:
        """Read what stands up to the next space, bracket, bar, comma or quote."""
        start = self.at
        if found := comparison(self.plain, self.text, start):
            self.add(Kind.LEAF, start, found[1], found[0])
            return
        word = self.to(_CHUNK)
        place = Place(self.text, start, self.at)
        if word in _CAPITALS:
            self.add(_CAPITALS[word], start, self.at)
        elif field := field_of(place, self.plain.startswith('"', self.at)):
            self.value(start, field)
        else:
            self.add(Kind.LEAF, start, self.at, bare(place, place.term))

    def value(self, start: int, field: str) -> None:
        """Read what stands after ``field:``, spaces allowed before it."""
        self.at = start + len(field) + 1
        self.to(_SPACE)
        if self.plain.startswith('"', self.at):
            self.phrase(start, field)
            return
        inside = self.at
        here = Place(self.text, start, start + len(field) + 1)
        if self.plain.startswith(("-", "!"), inside):
            raise here.complaint(f"needs its minus in front: -{field}:")
        if not self.to(_CHUNK):
            raise here.complaint("needs a word or a quoted phrase after it")
        self.add(Kind.LEAF, start, self.at, bare(Place(self.text, start, self.at), self.text[inside : self.at], field))

    def phrase(self, start: int, field: str) -> None:
        """Read a quoted phrase that opens here; ``start`` is where its field stands."""
        inside = self.at + 1
        end = self.plain.find('"', inside)
        if end < 0:
            raise complaint(self.text, inside, f"a quote opens at {inside} and never closes")
        place = Place(self.text, start, end + 1)
        if self.plain.startswith(("*", "~"), end + 1):
            raise Place(self.text, start, end + 2).complaint("is a phrase; the star and the ~ work on one word")
        self.add(Kind.LEAF, start, end + 1, quoted(place, self.text[inside:end], field))

    def add(self, kind: Kind, start: int, end: int, leaf: Leaf | None = None) -> None:
        self.found.append(Token(kind, self.text[start:end], start + 1, leaf))
        self.at = end

    def to(self, pattern: re.Pattern[str]) -> str:
        """Go on to the end of a pattern that matches everywhere; give what it took."""
        start = self.at
        found = pattern.match(self.plain, start)
        self.at = found.end() if found else start
        return self.plain[start : self.at]
