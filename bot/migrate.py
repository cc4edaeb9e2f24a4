"""One store -> another: everything, in pages, so that it can be broken off and taken up again; then both are compared.

How far it got is a note in the store that is filled, ``migration``; it goes when both hold the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bot.errors import StoreError
from bot.ports import Movable, Store

KINDS = ("papers", "readings", "settings", "subscriptions", "plans", "deliveries", "posted", "notes")
"""In this order: what another kind speaks of comes before it."""
NOTE = "migration"
PAGE = 500
_ALL = 1 << 256

Told = Callable[[str, int], None]
"""Called with a kind and how many more of its rows are done: copied, or compared."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows there are, and the sum of their SHA-256: the same in any order."""

    rows: int = 0
    digest: int = 0

    def add(self, row: Mapping[str, Any]) -> Sum:
        """Count one more row."""
        text = json.dumps(row, sort_keys=True, separators=(",", ":"))
        return Sum(self.rows + 1, (self.digest + int.from_bytes(sha256(text.encode()).digest())) % _ALL)


async def migrate(source: Store, target: Store, told: Told, size: int = PAGE) -> Mapping[str, Sum]:
    """Copy what ``source`` holds into ``target``, which must be empty or left from such a copy; compare them.

    Raises ``StoreLocked`` when another process uses one of them, ``StoreError`` when they differ in the end.
    """
    old, new = _movable(source), _movable(target)
    await old.alone()
    await new.alone()
    begun = await target.noted(NOTE)
    if begun is None:
        await _check_empty(new)
    done = begun or {"kind": KINDS[0], "after": ""}
    for kind in KINDS[KINDS.index(done["kind"]) :]:
        after = done["after"] if kind == done["kind"] else ""
        while page := await old.page(kind, after, size):
            await new.put(kind, [row for _, row in page if not _is_ours(kind, row)])
            after = page[-1][0]
            await target.note(NOTE, {"kind": kind, "after": after})
            told(kind, len(page))
    sums = await _compared(old, new, target, told)
    await target.forget(NOTE)
    return sums


async def count(store: Store) -> int:
    """How many rows a store holds, of all kinds."""
    return sum([(await _sum(_movable(store), kind, lambda _, __: None)).rows for kind in KINDS])


async def check_whole(store: Store) -> None:
    """Raise ``StoreError`` for a store that a migration has not filled to the end."""
    if await store.noted(NOTE) is not None:
        raise StoreError("This store is half filled by broadsheet migrate. Run that again, to its end, before this.")


def _movable(store: Store) -> Movable:
    if not isinstance(store, Movable):
        raise StoreError(f"The store {store.name} cannot be migrated.")
    return store


async def _check_empty(store: Movable) -> None:
    for kind in KINDS:
        if await store.page(kind, "", 1):
            raise StoreError(f"The store to fill already holds {kind}. Name an empty one.")


async def _compared(old: Movable, new: Movable, target: Store, told: Told) -> Mapping[str, Sum]:
    sums = {}
    for kind in KINDS:
        sums[kind], found = await _sum(old, kind, told), await _sum(new, kind, lambda _, __: None)
        if sums[kind] != found:
            await target.note(NOTE, {"kind": kind, "after": ""})
            raise StoreError(
                f"The copy differs in {kind}: {found.rows:,} rows there, {sums[kind].rows:,} here. Run it again; if"
                " that does not help, something else writes into one of the stores, or the filled one was not empty."
            )
    return sums


async def _sum(store: Movable, kind: str, told: Told) -> Sum:
    found, after = Sum(), ""
    while page := await store.page(kind, after, PAGE):
        after = page[-1][0]
        for _, row in page:
            found = found if _is_ours(kind, row) else found.add(row)
        told(kind, len(page))
    return found


def _is_ours(kind: str, row: Mapping[str, Any]) -> bool:
    return kind == "notes" and row["key"] == NOTE
