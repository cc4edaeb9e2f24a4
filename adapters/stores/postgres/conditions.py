"""A query -> an SQL condition that holds for exactly the papers ``bot.query.match`` accepts.

Each leaf becomes a condition that is exact by itself, so AND, OR and NOT are SQL's own. A stem stands for the words of
the vocabulary that have it; ``exact:`` is decided here, on the papers that have its words and characters.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import date
from typing import Any, cast

import orjson

from adapters.stores._exact import parts, says
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
    prefixes,
    same_stem,
)

from .schema import Connection
from .words import Phrase, Sql, joined, standing

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
        self._today = today
        bounds = (("p.listed >= %s", since), ("p.listed <= %s", until))
        self._days = [Sql(text, (day,)) for text, day in bounds if day]

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

    async def phrases(self, leaf: TextLeaf) -> list[Phrase]:
        """Give the phrases any of which satisfies a leaf; for ``exact:`` the one that must be there."""
        streams = SCOPES[leaf.field]
        found = [Phrase(words, streams) for words in alternatives(leaf, self._query.acronyms)]
        if isinstance(leaf, Prefix):
            found += [Phrase(words, streams, prefix=True) for words in prefixes(leaf)]
        elif isinstance(leaf, Stem):
            found += [Phrase((word,), streams) for word in await self._words_with_stem_of(fold_word(leaf.text))]
        return found

    def _compare(self, leaf: Compare) -> Sql:
        """An unknown number satisfies no comparison, and the opposite of that holds: hence no NULL may leave here."""
        if leaf.name == "age":
            return Sql(f"coalesce(%s::date - p.born {leaf.operator} %s, false)", (self._today, leaf.bound))
        return Sql(f"coalesce(p.{leaf.name} {leaf.operator} %s, false)", (leaf.bound,))

    async def _exact(self, leaves: Sequence[Exact]) -> Sql:
        """Decide on papers that have the words; PostgreSQL first looks for the characters in their JSON."""
        conditions = [standing(await self.phrases(leaf)) for leaf in leaves]
        conditions += [Sql("strpos(p.paper, %s) > 0", (part.decode(),)) for part in parts(leaves)]
        wanted = joined("AND", [*conditions, *self._days])
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

    async def _words_with_stem_of(self, word: str) -> list[str]:
        """Look through the vocabulary."""
        start = common_start(word)
        found = await self._db.execute(
            "SELECT word FROM vocabulary WHERE word >= %s AND word < %s", (start, start + _LAST)
        )
        return [term async for (term,) in found if same_stem(term, word)]


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
