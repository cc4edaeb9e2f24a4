"""A query -> an SQL condition that holds for exactly the papers ``bot.query.match`` accepts.

Each leaf becomes a condition that is exact by itself, so AND, OR and NOT are SQL's own. Words, phrases and prefixes
are phrases over the folded streams that the matcher looks in; a stem stands for the words of the vocabulary that have
it; ``exact:`` is decided by the matcher, on the papers that have its words.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from bot.query import (
    BARRIER,
    SCOPES,
    And,
    Compare,
    Everything,
    Exact,
    FoldedPaper,
    Has,
    Label,
    Node,
    Not,
    Or,
    Prefix,
    Query,
    Stem,
    TextLeaf,
    alternatives,
    fold_word,
    match,
    prefixes,
    same_stem,
)

from .archive import body

_NOWHERE = f'"{BARRIER} {BARRIER}"'
"""A phrase that no stream has: between two barriers there is always a value."""


class Sql(NamedTuple):
    """A condition on a row ``p`` of papers, and its values."""

    text: str
    values: tuple[str | int, ...] = ()


class Conditions:
    """Compiles queries for one archive on one day. ``check`` is called in long work and may raise."""

    def __init__(self, db: sqlite3.Connection, today: date, check: Callable[[], None]) -> None:
        self._db = db
        self._today = today
        self._check = check

    def of(self, node: Node) -> Sql:
        """Give the condition for a node. Recursion is bounded by the depth of a query's brackets."""
        match node:
            case Not():
                return _not(self.of(node.child))
            case And():
                return self._joined("AND", node.children)
            case Or():
                return self._joined("OR", node.children)
            case Everything():
                return Sql("1")
            case Has():
                return Sql(f"p.{node.link}")
            case Label():
                return _label(node)
            case Compare():
                return self._compare(node)
            case Exact():
                return self._exact(node)
        return _stand(self.words(node))

    def words(self, leaf: TextLeaf) -> str:
        """Give the FTS5 expression for the words of a leaf, in the columns that its field looks in."""
        found = [_phrase(words) for words in alternatives(leaf)]
        if isinstance(leaf, Prefix):
            found += [f"{_phrase(words)} *" for words in prefixes(leaf)]
        elif isinstance(leaf, Stem):
            found += [_phrase([word]) for word in self._words_with_stem_of(fold_word(leaf.text))]
        return f"{{{' '.join(SCOPES[leaf.field])}}} : ({' OR '.join(found) or _NOWHERE})"

    def _joined(self, operator: str, children: Iterable[Node]) -> Sql:
        """Join conditions. What FTS5 can join by itself is one lookup: it never counts rows that one side rules out."""
        texts, parts = [], []
        for child in children:
            if isinstance(child, TextLeaf) and not isinstance(child, Exact):
                texts.append(f"({self.words(child)})")
            else:
                parts.append(self.of(child))
        if texts:
            parts.append(_stand(f" {operator} ".join(texts)))
        values = tuple(value for part in parts for value in part.values)
        return Sql(f"({f' {operator} '.join(part.text for part in parts)})", values)

    def _compare(self, leaf: Compare) -> Sql:
        """An unknown number satisfies no comparison, and the opposite of that holds: hence no NULL may leave here."""
        if leaf.name == "age":
            age = f"julianday(?) - julianday(p.born) {leaf.operator} ?"
            return Sql(f"ifnull({age}, 0)", (self._today.isoformat(), leaf.bound))
        return Sql(f"ifnull(p.{leaf.name} {leaf.operator} ?, 0)", (leaf.bound,))

    def _exact(self, leaf: Exact) -> Sql:
        asked = Query(leaf.term, leaf, leaf.term)
        found = []
        for n, *words in self._db.execute("SELECT rowid, * FROM words WHERE words MATCH ?", (self.words(leaf),)):
            self._check()
            if match(asked, body(self._db, n), self._today, FoldedPaper(*words)) is not None:
                found.append(n)
        return Sql("p.n IN (SELECT value FROM json_each(?))", (json.dumps(found),))

    def _words_with_stem_of(self, word: str) -> list[str]:
        """Look through the vocabulary; words with the same stem begin with the same two letters."""
        start, found = word[:2], []
        after = start[:-1] + chr(ord(start[-1]) + 1)
        for (term,) in self._db.execute("SELECT term FROM vocabulary WHERE term >= ? AND term < ?", (start, after)):
            self._check()
            if same_stem(term, word):
                found.append(term)
        return found


def _not(condition: Sql) -> Sql:
    return Sql(f"NOT {condition.text}", condition.values)


def _stand(words: str) -> Sql:
    return Sql("p.n IN (SELECT rowid FROM words WHERE words MATCH ?)", (words,))


def _phrase(words: Iterable[str]) -> str:
    return f'"{" ".join(words)}"'


def _label(leaf: Label) -> Sql:
    """``cat:cs`` is the category of this name, or any in the archive of this name."""
    if leaf.field == "source":
        return Sql("instr(p.sources, ?) > 0", (f"\n{leaf.value}\n",))
    return Sql("(instr(p.categories, ?) OR instr(p.categories, ?))", (f"\n{leaf.value}\n", f"\n{leaf.value}."))
