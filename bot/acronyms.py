"""The table of acronyms that a store has learned and people have corrected; kept in one note, ``acronyms``.

Once a day the pairs that new papers define are counted (``bot.query.learn``); those that enough papers agree on are
believed. What a person adds counts at once, what a person forgets stays away whatever papers say. Several processes may
change the note: each change is made to what is there, and none is lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from bot import query
from bot.errors import CommandError
from bot.models import Paper
from bot.ports import Archive, Notes, Store
from bot.query import Acronyms, Counted, Pair
from bot.text import printable

KEY = "acronyms"
_WORD = re.compile(r"\w+")
FIRST = timedelta(days=60)
"""How far back the first look reaches."""
MOST = 400
"""Pairs that are counted, those that most papers define."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What was counted up to the end of day ``until``, and what people said."""

    counted: tuple[Counted, ...] = ()
    also: tuple[Pair, ...] = ()
    never: tuple[Pair, ...] = ()
    until: date | None = None

    @property
    def believed(self) -> tuple[Pair, ...]:
        """The pairs that papers agree on and nobody took out."""
        gone = set(map(_folded, self.never))
        return tuple(pair for pair in query.believed(self.counted) if _folded(pair) not in gone)

    def papers(self, pair: Pair) -> int:
        """How many papers define a pair, in any inflection."""
        return sum(row.papers for row in self.counted if _folded(row.pair) == _folded(pair))


def taught(papers: Collection[Paper]) -> Acronyms:
    """Give the built-in table with what a handful of papers define, such as those of a file.

    One paper that defines a pair suffices, unless others mean something else by its short form, it is built in, or
    some paper has it as a word in small letters (``ACT``).
    """
    counts = Counter(pair for paper in papers for pair in query.learn(paper))
    small = {word for paper in papers for word in _WORD.findall(f"{paper.title} {paper.abstract}") if word.islower()}
    ordinary = {(query.fold_word(word),) for word in small} | query.KNOWN.wordings.keys()
    new = [pair for pair in counts if _words(pair.short) not in ordinary]
    return query.table(also=query.believed([Counted(pair, counts[pair], 0) for pair in new], least=1))


async def read(store: Notes) -> Learned:
    """Give what is known. What cannot be read is nothing: it must not cost a digest."""
    return _from_note(await store.noted(KEY) or {}) or Learned()


async def table(store: Notes) -> Acronyms:
    """Give the table by which queries are read: the same object as long as nothing was learned."""
    return _of(await read(store))


async def learn(store: Store, now: datetime) -> Learned:
    """Count the pairs of the papers listed since the last time, up to yesterday. Does nothing the second time a day."""
    known, yesterday = await read(store), now.date() - timedelta(days=1)
    since = known.until + timedelta(days=1) if known.until else yesterday - FIRST
    if since > yesterday:
        return known
    counts = Counter({row.pair: row.papers for row in known.counted})
    for paper in await store.listed(since, yesterday):
        counts.update(query.learn(paper))
    counted = await _counted(store, counts)

    def add(now_known: Learned) -> Learned:
        """Another process may have counted the same days meanwhile."""
        return replace(now_known, counted=counted, until=yesterday) if now_known.until == known.until else now_known

    with suppress(CommandError):
        return await _changed(store, add)
    return known


async def add(store: Notes, short: str, long: str) -> Pair:
    """Let a short form stand for a long one, from now on. Raises ``CommandError`` when one of them has no words."""
    pair = Pair(_plain(short), _plain(long))

    def added(known: Learned) -> Learned:
        others = tuple(each for each in known.also if each != pair)
        never = tuple(each for each in known.never if _folded(each) != _folded(pair))
        return replace(known, also=(*others, pair), never=never)

    await _changed(store, added)
    return pair


async def forget(store: Notes, short: str) -> tuple[Pair, ...]:
    """Take out all that a short form stands for, learned, added or built in; give it. Raises ``CommandError``."""
    plain = _plain(short)
    gone: tuple[Pair, ...] = ()

    def forgotten(known: Learned) -> Learned:
        nonlocal gone
        longs = _of(known).wordings.get(_words(plain), ())
        gone = tuple(Pair(plain, " ".join(words)) for words in longs)
        if not gone:
            raise CommandError(f"I know nothing that `{printable(short, 40)}` stands for. See `broadsheet acronyms`.")
        also = tuple(each for each in known.also if _words(each.short) != _words(plain))
        return replace(known, also=also, never=tuple(dict.fromkeys((*known.never, *gone))))

    await _changed(store, forgotten)
    return gone


async def _changed(store: Notes, change: Callable[[Learned], Learned]) -> Learned:
    """Change what is there. Raises ``CommandError`` for what a later version has left: that is not ours to replace."""
    while True:
        note = await store.noted(KEY)
        known = _from_note(note or {})
        if known is None:
            raise CommandError("The acronyms here were written by a later version of Broadsheet: change them with it.")
        learned = change(known)
        kept = {**(note or {}), **_to_note(learned)}
        if await (store.note(KEY, kept, once=True) if note is None else store.note(KEY, kept, over=note)):
            return learned


async def _counted(store: Archive, counts: Mapping[Pair, int]) -> tuple[Counted, ...]:
    most = sorted(counts, key=lambda pair: (-counts[pair], pair))[:MOST]
    standing = await store.standing({query.fold_word(pair.short) for pair in most})
    return tuple(Counted(pair, counts[pair], standing.get(query.fold_word(pair.short), 0)) for pair in most)


def _of(known: Learned) -> Acronyms:
    return _table((*known.believed, *known.also), known.never)


@lru_cache(maxsize=8)
def _table(also: tuple[Pair, ...], never: tuple[Pair, ...]) -> Acronyms:
    return query.table(also=also, never=never) if also or never else query.KNOWN


@lru_cache(maxsize=4 * MOST)
def _folded(pair: Pair) -> tuple[str, str]:
    """Give what pairs that differ only in inflection have in common; every command asks this of the whole table."""
    return query.fold_text(pair.short), query.fold_text(pair.long)


def _words(form: str) -> tuple[str, ...]:
    """Give the folded words of a form: ``gpt-j`` is two."""
    return tuple(query.fold_text(form).split())


def _plain(text: str) -> str:
    words = query.fold_text(text) and " ".join(text.lower().split())
    if not words:
        raise CommandError(f"`{printable(text, 40)}` has no words. Write it like: bc = behavior cloning.")
    return words


def _to_note(known: Learned) -> dict[str, Any]:
    return {
        "counted": [[*row.pair, row.papers, row.mentions] for row in known.counted],
        "also": [list(pair) for pair in known.also],
        "never": [list(pair) for pair in known.never],
        "until": known.until.isoformat() if known.until else "",
    }


def _from_note(note: Mapping[str, Any]) -> Learned | None:
    """Read it; nothing for a shape that is not ours."""
    try:
        return Learned(
            tuple(
                Counted(Pair(str(short), str(long)), int(papers), int(mentions))
                for short, long, papers, mentions in note.get("counted", ())
            ),
            _pairs(note.get("also", ())),
            _pairs(note.get("never", ())),
            date.fromisoformat(note["until"]) if note.get("until") else None,
        )
    except (TypeError, ValueError):
        return None


def _pairs(rows: Iterable[Collection[str]]) -> tuple[Pair, ...]:
    return tuple(Pair(str(short), str(long)) for short, long in rows)
