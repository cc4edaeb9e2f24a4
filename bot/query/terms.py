"""One term of a query -> a leaf: fields, comparisons, prefixes, stems, words, phrases."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from bot.errors import QueryError
from bot.query.complaints import complaint, visible
from bot.query.nodes import (
    LABEL_FIELDS,
    LINKS,
    NUMBERS,
    TEXT_FIELDS,
    Compare,
    Everything,
    Exact,
    Has,
    Label,
    Leaf,
    Operator,
    Phrase,
    Prefix,
    Stem,
    Word,
)
from bot.query.plain import BARE, normal, straight
from bot.query.words import term_words

FIELDS = (*TEXT_FIELDS, *LABEL_FIELDS, "has", "exact")

_OPERATORS: dict[str, Operator] = {
    ">=": ">=", "<=": "<=", ">": ">", "<": "<", "=": "=", "≥": ">=", "≤": "<=",
}  # fmt: skip
_COMPARISON = re.compile(rf'({"|".join(NUMBERS)})\s*([<>]=|[<>=≥≤])\s*([0-9]{{1,9}})(?![^\s(),|"])', re.IGNORECASE)
_ALMOST_COMPARISON = re.compile(r"([^\W\d_]*)!?[<>=≥≤]+(.*)", re.DOTALL)
_FIELD = re.compile(r"([A-Za-z][A-Za-z_-]+):(.*)", re.DOTALL)
_LABEL = re.compile(r"[a-z0-9][a-z0-9._-]*")
_SHORTEST_NAME = 3
_SHORTEST_PREFIX = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a query, for leaves that remember how they were written and for errors that point."""

    text: str
    start: int
    end: int

    @property
    def term(self) -> str:
        """The stretch as its author wrote it."""
        return self.text[self.start : self.end]

    def complaint(self, what: str) -> QueryError:
        """Make an error that names the stretch and where it is."""
        shown = visible(self.term)
        shown = shown if len(shown) <= 40 else shown[:39] + "…"
        return complaint(self.text, self.start + 1, f'"{shown}" at {self.start + 1} {what}')


def comparison(plain: str, text: str, start: int) -> tuple[Compare, int] | None:
    """Read a comparison that starts here, spaces allowed around its sign; give it and where it ends."""
    found = _COMPARISON.match(plain, start)
    if not found:
        return None
    name, sign, number = found.groups()
    term = text[start : found.end()]
    return Compare(name.casefold(), _OPERATORS[sign], int(number), term), found.end()


def field_of(place: Place, quote_follows: bool) -> str:
    """Give the known field that a chunk starts with, or nothing. Raises ``QueryError`` for an unknown one.

    A colon makes no field after a digit (``3:1``), before a slash or a colon (links, ``std::vector``), or at the end.
    """
    found = _FIELD.fullmatch(straight(place.term))
    if not found:
        return ""
    name, rest = found[1].casefold(), found[2]
    if name in FIELDS:
        return name
    if rest[:1] in ("/", ":") or not (rest or quote_follows):
        return ""
    raise Place(place.text, place.start, place.start + len(name) + 1).complaint(f"is not a field; {_hint(name)}")


def bare(place: Place, word: str, field: str = "") -> Leaf:
    """Read a term that was not quoted. ``place`` includes its field, ``word`` does not."""
    if field in LABEL_FIELDS or field in ("has", "exact"):
        return quoted(place, word, field)
    word = straight(word)
    if word == "*" and not field:
        return Everything(place.term)
    if not field:
        _check_comparison(place, word)
    if word.endswith("*"):
        return _prefix(place, word[:-1], field)
    if word.endswith("~"):
        return _stem(place, word[:-1], field)
    if "*" in word:
        raise place.complaint("has its star not at the end; quotes make it text")
    return _words(place, word, field)


def quoted(place: Place, inside: str, field: str = "") -> Leaf:
    """Read a term that was quoted."""
    if field in LABEL_FIELDS:
        return _label(place, inside, field)
    if field == "has":
        return _has(place, inside)
    if field == "exact":
        return _exact(place, inside)
    return _words(place, inside, field)


def _words(place: Place, inside: str, field: str) -> Word | Phrase:
    text = _checked(place, normal(inside))
    return Phrase(text, field, place.term) if " " in text else Word(text, field, place.term)


def _prefix(place: Place, start: str, field: str) -> Prefix:
    text = _simple(place, start)
    if len(term_words(text)[-1]) < _SHORTEST_PREFIX:
        raise place.complaint("is too short: a prefix needs at least 3 letters before the star")
    return Prefix(text, field, place.term)


def _stem(place: Place, word: str, field: str) -> Stem:
    text = _simple(place, word)
    if len(term_words(text)) > 1:
        raise place.complaint("is more than one word; the ~ works on one")
    return Stem(text, field, place.term)


def _simple(place: Place, word: str) -> str:
    text = _checked(place, normal(word))
    if not BARE.fullmatch(text):
        raise place.complaint("is more than letters, digits and hyphens; the star and the ~ work on those")
    return text


def _exact(place: Place, inside: str) -> Exact:
    text = _checked(place, " ".join(inside.split()))
    return Exact(text, "", place.term)


def _checked(place: Place, text: str) -> str:
    if not term_words(text):
        raise place.complaint("has no letters or digits to look for")
    return text


def _label(place: Place, inside: str, field: str) -> Label:
    value = straight(inside).casefold().strip().removesuffix(".*")
    if not _LABEL.fullmatch(value):
        example = "cat:cs.RO" if field == "cat" else "source:arxiv"
        raise place.complaint(f"names no {field}; write it like {example}")
    return Label(field, value, place.term)


def _has(place: Place, inside: str) -> Has:
    link = straight(inside).casefold().strip()
    if link not in LINKS:
        raise place.complaint("is not something a paper can have; write has:code, has:model or has:project")
    return Has(link, place.term)


def _check_comparison(place: Place, word: str) -> None:
    """Refuse what looks like a comparison and is none. ``p<0.05`` is text: short names are formulas."""
    found = _ALMOST_COMPARISON.match(word)
    if not found:
        return
    name, rest = found[1].casefold(), found[2]
    if name in NUMBERS:
        raise place.complaint(f"needs one of >= <= > < = and a whole number, such as {_example(name)}")
    if rest[:1].isdigit() and (not name or len(name) >= _SHORTEST_NAME):
        raise place.complaint(f"is not a number that papers have; there are {', '.join(NUMBERS)}")


def _example(name: str) -> str:
    return f"{name}<=7" if name == "age" else f"{name}>=20"


def _hint(name: str) -> str:
    if name in NUMBERS:
        return f"write it like {_example(name)}"
    near = difflib.get_close_matches(name, FIELDS, 1, 0.5)
    if near:
        return f'did you mean "{near[0]}:"'
    return f"there are {', '.join(FIELDS)}. To look for the text, put it in quotes"
