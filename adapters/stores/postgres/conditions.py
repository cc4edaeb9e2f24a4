"""A query -> an SQL condition that holds for exactly the papers ``bot.query.match`` accepts.

Each leaf becomes a condition that is exact by itself, so AND, OR and NOT are SQL's own. A stem stands for the words of
the vocabulary that have it; ``exact:`` is decided here, on the papers that have its words and characters.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import date
from typing import Any, cast

import orjson

from adapters.stores._exact import parts, says
from bot.errors import StoreError
from bot.query import (
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

from .schema import Connection
from .words import Phrase, Sql, joined, standing

NEWEST = "p.born DESC NULLS LAST, p.id"
STEMS = 5000
"""Words of the vocabulary that are compared with the stems of ``term~``: 10 ms."""
_LAST = "\U0010ffff"
_CHUNK = 200
"""Papers that are matched in one go beside the event loop."""


class Conditions:
    """Compiles one query for one archive on one day, for papers listed in these days."""

    def __init__(
        self, db: Connection, query: Query, today: date, since: date | None = None, until: date | None = None
    ) -> None:
        self._db = db
        self._query = query
        self.today = today
        bounds = (("p.listed >= %s", since), ("p.listed <= %s", until))
        self._within = [Sql(text, (day,)) for text, day in bounds if day]
        self._stems: dict[str, list[str]] = {}
        self._phrases: dict[TextLeaf, list[Phrase]] = {}

    async def look_up(self, stems: int = STEMS) -> Mapping[TextLeaf, Sequence[Phrase]]:
        """Give what each leaf looks for. Raises ``StoreError`` for stems that too many words may have."""
        if not self._phrases:
            some = [leaf for leaf in leaves(self._query.root) if isinstance(leaf, TextLeaf)]
            self._stems = await self._words_with_stems([leaf for leaf in some if isinstance(leaf, Stem)], stems)
            self._phrases = {leaf: self._looked_for(leaf) for leaf in some}
        return self._phrases

    def newest(self, most: int) -> Sql:
        """Look from now on at no more than so many papers; give the statement that chooses them."""
        held = joined("AND", self._within) if self._within else Sql("true")
        chosen = Sql(f"FROM papers AS p WHERE {held.text} ORDER BY {NEWEST} LIMIT {most}", held.values)
        self._within = [Sql(f"p.id IN (SELECT p.id {chosen.text})", chosen.values)]
        return chosen

    async def of(self, node: Node) -> Sql:
        """Give the condition for a node. Recursion is bounded by the depth of a query's brackets."""
        match node:
            case Not():
                inner = await self.of(node.child)
                return Sql(f"NOT ({inner.text})", inner.values)
            case And():
                exacts = [child for child in node.children if isinstance(child, Exact)]
                held = [await self.of(child) for child in node.children if not isinstance(child, Exact)]
                return joined("AND", [*held, *([await self._exact(exacts)] if exacts else [])])
            case Or():
                return joined("OR", [await self.of(child) for child in node.children])
            case Everything():
                return Sql("true")
            case Has():
                return Sql(f"p.{node.link}")
            case Label():
                return _label(node)
            case Compare():
                return self._compare(node)
            case Exact():
                return await self._exact([node])
        return standing(await self.phrases(node))

    async def phrases(self, leaf: TextLeaf) -> Sequence[Phrase]:
        """Give the phrases any of which satisfies a leaf; for ``exact:`` the one that must be there."""
        return (await self.look_up())[leaf]

    def _looked_for(self, leaf: TextLeaf) -> list[Phrase]:
        streams = SCOPES[leaf.field]
        found = [Phrase(words, streams) for words in alternatives(leaf, self._query.acronyms)]
        if isinstance(leaf, Prefix):
            found += [Phrase(words, streams, prefix=True) for words in prefixes(leaf)]
        elif isinstance(leaf, Stem):
            found += [Phrase((word,), streams) for word in self._stems[leaf.text]]
        return found

    def _compare(self, leaf: Compare) -> Sql:
        """An unknown number satisfies no comparison, and the opposite of that holds: hence no NULL may leave here."""
        if leaf.name == "age":
            return Sql(f"coalesce(%s::date - p.born {leaf.operator} %s, false)", (self.today, leaf.bound))
        return Sql(f"coalesce(p.{leaf.name} {leaf.operator} %s, false)", (leaf.bound,))

    async def _exact(self, leaves: Sequence[Exact]) -> Sql:
        """Decide on papers that have the words; PostgreSQL first looks for the characters in their JSON."""
        conditions = [standing(await self.phrases(leaf)) for leaf in leaves]
        conditions += [Sql("strpos(p.paper, %s) > 0", (part.decode(),)) for part in parts(leaves)]
        wanted = joined("AND", [*conditions, *self._within])
        asked = f"SELECT id, paper FROM papers AS p WHERE {wanted.text}"  # noqa: S608
        ids: list[str] = []
        some: list[tuple[Any, ...]] = []
        # A stream: there may be more of them than memory, and the server's patience is then for all of this.
        found = self._db.cursor().stream(asked, wanted.values)
        async with aclosing(cast(AsyncGenerator[tuple[Any, ...], None], found)) as rows:
            async for row in rows:
                some.append(row)
                if len(some) == _CHUNK:
                    ids += await asyncio.to_thread(_saying, leaves, some)
                    some.clear()
        return Sql("p.id = ANY(%s)", ([*ids, *_saying(leaves, some)],))

    async def _words_with_stems(self, some: Sequence[Stem], most: int) -> dict[str, list[str]]:
        """Look through the vocabulary, for all of them at once."""
        stems = {leaf.text: fold_word(leaf.text) for leaf in some}
        if not stems:
            return {}
        starts = list(map(common_start, stems.values()))
        found = await self._db.execute(
            "SELECT text, word FROM unnest(%s::text[], %s::text[], %s::text[]) AS t (text, low, high)"
            " JOIN vocabulary ON word >= low AND word < high LIMIT %s",
            (list(stems), starts, [start + _LAST for start in starts], most + 1),
        )
        words: dict[str, list[str]] = {text: [] for text in stems}
        looked = 0
        async for text, word in found:
            looked += 1
            if same_stem(word, stems[text]):
                words[text].append(word)
        if looked > most:
            raise StoreError("Too many words may have one of these stems. Search for the words you mean.")
        return words


def _saying(leaves: Sequence[Exact], some: Sequence[tuple[Any, ...]]) -> list[str]:
    return [id_ for id_, paper in some if says(leaves, orjson.loads(paper))]


def _label(leaf: Label) -> Sql:
    """``cat:cs`` is the category of this name, or any in the archive of this name."""
    if leaf.field == "source":
        return Sql("%s = ANY(p.sources)", (leaf.value,))
    return Sql(
        "EXISTS (SELECT FROM unnest(p.categories) AS c WHERE c = %s OR starts_with(c, %s))",
        (leaf.value, f"{leaf.value}."),
    )
