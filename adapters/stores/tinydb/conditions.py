"""A query -> what holds for exactly the papers that ``bot.query.match`` accepts: words for FTS5, the rest for SQL.

Each leaf is exact by itself, so AND, OR and NOT are FTS5's and SQL's own. Words, phrases and prefixes are phrases over
the folded streams that the matcher looks in; a stem stands for the words of the vocabulary that have it; ``exact:`` is
decided here, on the papers that have its words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import orjson

from adapters.stores._exact import parts, says
from bot.errors import StoreError
from bot.query import (
    BARRIER,
    SCOPES,
    And,
    Compare,
    Everything,
    Exact,
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
    common_start,
    fold_word,
    leaves,
    prefixes,
    same_stem,
)

from .archive import count
from .connection import Connection
from .cost import LAST, floor
from .fulltext import Any, Both, Phrase, Signed, Tree, both, depth, every, some
from .limits import LIMITS, Limits
from .rownumbers import DAY, first_row
from .selection import Selection, Sql, standing

_NOWHERE = Phrase((BARRIER, BARRIER))
"""A phrase that no stream has: between two barriers there is always a value."""
_JOINED = 8
"""Words that FTS5 joins by AND where it must not look at all papers; more are joined by SQL."""
DEEPEST = 20
"""Brackets in an expression for FTS5; what is deeper is joined by SQL."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a paper must satisfy: the words, if there are any, and the rest."""

    words: Tree | None
    rest: tuple[Sql, ...] = ()
    low: int = 0
    """The first row that can satisfy it."""


class Conditions:
    """Compiles one query for one archive on one day, for papers from ``since`` on.

    ``check`` is called in long work and may raise.
    """

    def __init__(
        self,
        db: Connection,
        query: Query,
        today: date,
        check: Callable[[], None],
        limits: Limits = LIMITS,
        since: date | None = None,
    ) -> None:
        self._db = db
        self._limits = limits
        self._since = first_row(since.toordinal()) if since else 0
        self._query = query
        self._today = today
        self._check = check
        self._exacts = _looks(query.root)
        self._stems = self._stemmed = 0
        self._apart = False
        self._words: dict[TextLeaf, Tree] = {}
        self._decided: dict[tuple[Exact, ...], Sql] = {}
        self.trees: list[Tree] = []
        """Words that are looked for inside of conditions."""
        self.floor = 0
        """Rows before this one were not looked at, because ``exact:`` would have read too many papers."""

    def wanted(self, *, apart: bool = False) -> Wanted:
        """Compile the query. ``apart`` leaves every NOT to SQL: FTS5 reads its whole index for the first hit of one.

        Papers that were read for ``exact:`` have the words, which are then not looked for again.
        """
        self._apart = apart
        self.trees.clear()
        root = self._query.root
        parts = list(root.children) if isinstance(root, And) else [root]
        exacts = tuple(part for part in parts if isinstance(part, Exact))
        made = [self._of(part) for part in parts if not isinstance(part, Exact)]
        made += [Signed(self.words(leaf)) for leaf in exacts]
        words, rest = self._sorted(made)
        if apart and len(words) > _JOINED:
            # Where no paper has them all, FTS5 reads all of its lists for the first hit, wherever it may begin.
            rest += map(self._stand, words[1:])
            words = words[:1]
        text = every(words) if words else None
        if text and (not text.holds or depth(text.tree) > DEEPEST):
            rest.append(self._stand(text))
            text = None
        if exacts:
            rest.append(self._exact(exacts, text.tree if text else both([self.words(leaf) for leaf in exacts])))
            text = None if apart else text
        rest = [part for part in rest if part.text != "1"]
        low = max((self._first(part) for part in parts if isinstance(part, Compare)), default=0)
        return Wanted(text.tree if text else None, tuple(rest), low)

    def words(self, leaf: TextLeaf) -> Tree:
        """Give the phrases of a leaf, in the columns that its field looks in."""
        if leaf not in self._words:
            self._words[leaf] = self._phrases(leaf)
        return self._words[leaf]

    def _phrases(self, leaf: TextLeaf) -> Tree:
        found = [Phrase(words) for words in alternatives(leaf, self._query.acronyms)]
        if isinstance(leaf, Prefix):
            found += [Phrase(words, begun=True) for words in prefixes(leaf)]
        elif isinstance(leaf, Stem):
            found += [Phrase((word,)) for word in self._words_with_stem_of(fold_word(leaf.text), leaf.text)]
        return Any(SCOPES[leaf.field], tuple(found) or (_NOWHERE,))

    def _of(self, node: Node) -> Signed | Sql:
        """Compile a node. Recursion is bounded by the depth of a query's brackets."""
        match node:
            case Not():
                return _not(self._of(node.child))
            case And():
                return self._joined("AND", [self._of(child) for child in node.children])
            case Or():
                return self._joined("OR", [self._of(child) for child in node.children])
            case Everything():
                return Sql("1")
            case Has():
                return Sql(f"p.{node.link}")
            case Label():
                return _label(node)
            case Compare():
                return self._compare(node)
            case Exact():
                return self._exact((node,), self.words(node))
        return Signed(self.words(node))

    def _joined(self, operator: str, parts: Sequence[Signed | Sql]) -> Signed | Sql:
        """Join conditions. What FTS5 can join by itself is one lookup, and never counts what one side rules out."""
        words, rest = self._sorted(parts)
        if words:
            text = every(words) if operator == "AND" else some(words)
            if not rest and depth(text.tree) <= DEEPEST:
                return text
            rest += map(self._stand, [text] if depth(text.tree) <= DEEPEST else words)
        values = tuple(value for part in rest for value in part.values)
        return Sql(f"({f' {operator} '.join(part.text for part in rest)})", values)

    def _sorted(self, parts: Sequence[Signed | Sql]) -> tuple[list[Signed], list[Sql]]:
        """Part what FTS5 can join from what is SQL's."""
        words: list[Signed] = []
        rest: list[Sql] = []
        for part in parts:
            if isinstance(part, Sql):
                rest.append(part)
            elif part.holds or not self._apart:
                words.append(part)
            else:
                rest.append(self._stand(part))
        return words, rest

    def _stand(self, words: Signed) -> Sql:
        self.trees.append(words.tree)
        return standing(words.tree, holds=words.holds)

    def _compare(self, leaf: Compare) -> Sql:
        """An unknown number satisfies no comparison, and the opposite of that holds: hence no NULL may leave here."""
        if leaf.name == "age":
            age = f"{{n}} >= {DAY} AND ? - {{n}} / {DAY} {leaf.operator} ?"
            return Sql(f"({age})", (self._today.toordinal(), leaf.bound))
        return Sql(f"ifnull(p.{leaf.name} {leaf.operator} ?, 0)", (leaf.bound,))

    def _first(self, leaf: Compare) -> int:
        """Give the first row that a comparison can hold for: only an age rules out whole days."""
        if leaf.name != "age" or leaf.operator in (">", ">="):
            return 0
        return first_row(self._today.toordinal() - leaf.bound)

    def _exact(self, wanted: tuple[Exact, ...], within: Tree) -> Sql:
        if wanted not in self._decided:
            self._decided[wanted] = self._read(wanted, within)
        return self._decided[wanted]

    def _read(self, wanted: tuple[Exact, ...], within: Tree) -> Sql:
        """Decide on the newest papers that have the words; SQL first looks for the characters in their JSON."""
        lead, *others = within.children if isinstance(within, Both) and len(within.children) > _JOINED else (within,)
        low = max(self._since, floor(self._db, lead, others, self._limits))
        looked_for = parts(wanted)
        scanned, most = self._limits.scanned // self._exacts, self._limits.read // self._exacts
        found = Selection(self._db, lead, tuple(map(standing, others)), low)
        # Newest first, FTS5 looks for as many as it is asked for, and not at ``low``.
        number = min(scanned + 1, found.total()) if low else scanned + 1
        newest = [n for (n,) in found.select("{n}", "ORDER BY {n} DESC LIMIT ?", number)]
        if len(newest) > scanned:
            low = max(low, newest.pop() + 1)
        # What is joined here is written above; what users wrote is in the values.
        text = " AND ".join(["n IN (SELECT value FROM json_each(?))"] + ["instr(paper, ?)"] * len(looked_for))
        sql = f"SELECT n, paper FROM bodies WHERE {text} ORDER BY n DESC"  # noqa: S608
        held: list[int] = []
        for looked, (n, paper) in enumerate(self._db.execute(sql, (json.dumps(newest), *looked_for))):
            self._check()
            if looked == most:
                low = max(low, n + 1)
                break
            if says(wanted, orjson.loads(paper)):
                held.append(n)
        self.floor = max(self.floor, low if low > self._since else 0)
        return Sql("{n} IN (SELECT value FROM json_each(?))", (json.dumps(held),))

    @cached_property
    def _most_stemmed(self) -> int:
        return max(self._limits.places, self._limits.stemmed * count(self._db))

    def _words_with_stem_of(self, word: str, term: str) -> list[str]:
        """Look through the vocabulary; words with the same stem begin alike."""
        start, found = common_start(word), []
        for other, papers in self._db.execute(
            "SELECT term, doc FROM vocabulary WHERE term >= ? AND term < ?", (start, start + LAST)
        ):
            self._check()
            self._stems += 1
            self._stemmed += papers
            if self._stems > self._limits.stems or self._stemmed > self._most_stemmed:
                raise StoreError(f"Too many words may have the stem of `{term}~`. Search for the words you mean.")
            if same_stem(other, word):
                found.append(other)
        return found


def _not(condition: Signed | Sql) -> Signed | Sql:
    if isinstance(condition, Signed):
        return Signed(condition.tree, not condition.holds)
    return Sql(f"NOT {condition.text}", condition.values)


def _looks(root: Node) -> int:
    """Give how often papers are read for ``exact:``: once for all that must hold together, once for each other."""
    parts = root.children if isinstance(root, And) else (root,)
    others = sum(isinstance(leaf, Exact) for part in parts if not isinstance(part, Exact) for leaf in leaves(part))
    return others + any(isinstance(part, Exact) for part in parts) or 1


def _label(leaf: Label) -> Sql:
    """``cat:cs`` is the category of this name, or any in the archive of this name."""
    if leaf.field == "source":
        return Sql("(instr(p.sources, ?) > 0)", (f"\n{leaf.value}\n",))
    return Sql("(instr(p.categories, ?) OR instr(p.categories, ?))", (f"\n{leaf.value}\n", f"\n{leaf.value}."))
