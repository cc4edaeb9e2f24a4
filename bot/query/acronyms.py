"""Acronyms and what they stand for: the table by which a query finds ``RL`` and reinforcement learning alike.

``KNOWN`` is the built-in table. ``parse(text, table)`` reads a query in the light of another one; ``match``,
``explain`` and whoever asks for ``alternatives(leaf, query.acronyms)`` (an archive's search) follow it.

A table can learn from papers, in three pure steps:

    learn(paper)                      the pairs that one paper defines, to be counted by whoever keeps them
    believed(counted)                 those that enough papers agree on
    table(also=pairs, never=pairs)    the built-in table with these added, and without those

Keep a pair as it is given, count the papers that define it (``believed`` puts the inflections of one together), and
give ``believed`` also the number of papers in which the short form stands at all: that is how ``ACT`` is told from the
verb. What a person adds goes to ``also``, what a person takes out to ``never``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import permutations
from typing import NamedTuple

from bot.models import Paper
from bot.query.definitions import definitions
from bot.query.folding import Words, fold_each, plain_text
from bot.query.known import ROWS
from bot.query.words import term_words

LEAST = 3
"""A pair is believed when so many papers define it ..."""
AGREED = 0.8
"""... they are this share of the papers that define its short form ..."""
DEFINED = 0.05
"""... and this share of the papers in which the short form stands: more than that of a word of the language."""


class Pair(NamedTuple):
    """A short form and its long form, in plain words: ``bc``, ``behavior cloning``."""

    short: str
    long: str


class Counted(NamedTuple):
    """A pair, how many papers define it, and in how many its short form stands at all."""

    pair: Pair
    papers: int
    mentions: int


@dataclass(frozen=True, eq=False)
class Acronyms:
    """A table of acronyms: from the folded words of one form to the other ways to say it, in plain words.

    Equal only to itself, so that what was worked out with it can be remembered.
    """

    wordings: Mapping[Words, tuple[Words, ...]] = field(repr=False)

    @cached_property
    def longest(self) -> Mapping[str, int]:
        """From the first word of a form to the number of words of the longest one that begins so."""
        return {words[0]: len(words) for words in sorted(self.wordings, key=len)}

    @cached_property
    def unplain(self) -> frozenset[str]:
        """The first words of all forms, and the empty word, which stands for one with more than one spelling."""
        return frozenset({"", *self.longest})

    @cached_property
    def pairs(self) -> frozenset[tuple[Words, Words]]:
        """Every two forms that are the same, folded, in both orders."""
        return frozenset((words, fold_each(other)) for words, others in self.wordings.items() for other in others)


def learn(paper: Paper) -> tuple[Pair, ...]:
    """Give the pairs that a paper defines in its title and abstract, each once."""
    pairs = definitions(f"{paper.title}\n{paper.abstract}")
    found = dict.fromkeys(Pair(plain_text(short), plain_text(long)) for short, long in pairs)
    return tuple(pair for pair in found if " " in pair.long)


def believed(counted: Iterable[Counted], *, least: int = LEAST) -> tuple[Pair, ...]:
    """Give the pairs that papers agree on, each in the spelling that most of them use, by short form.

    Rows that differ only in the inflection of the long form count as one pair.
    """
    spellings: defaultdict[Words, defaultdict[Words, list[Counted]]] = defaultdict(lambda: defaultdict(list))
    for row in counted:
        spellings[_fold(row.pair.short)][_fold(row.pair.long)].append(row)
    return tuple(pair for _, senses in sorted(spellings.items()) for pair in _agreed([*senses.values()], least))


def _agreed(senses: list[list[Counted]], least: int) -> Iterator[Pair]:
    """Give the one sense of a short form that holds, if there is one."""
    every = sum(row.papers for rows in senses for row in rows)
    mentions = max(row.mentions for rows in senses for row in rows)
    for rows in senses:
        papers = sum(row.papers for row in rows)
        if papers >= max(least, AGREED * every, DEFINED * mentions):
            yield max(rows, key=lambda row: (row.papers, row.pair)).pair


def table(*, also: Iterable[Pair] = (), never: Iterable[Pair] = ()) -> Acronyms:
    """Make a table: the built-in pairs and ``also``, without ``never`` (equal in any inflection)."""
    refused = {frozenset((_fold(pair.short), _fold(pair.long))) for pair in never}
    wordings: defaultdict[Words, list[Words]] = defaultdict(list)
    groups = [*_built_in(), *([_words(pair.short), _words(pair.long)] for pair in also)]
    for one, other in (pair for group in groups for pair in permutations(group, 2)):
        here, there = fold_each(one), fold_each(other)
        if here != there and frozenset((here, there)) not in refused and other not in wordings[here]:
            wordings[here].append(other)
    return Acronyms({words: tuple(others) for words, others in wordings.items() if others})


def _built_in() -> list[list[Words]]:
    return [[_words(cell) for cell in row.split("|")] for row in ROWS.strip().splitlines()]


def _words(text: str) -> Words:
    return tuple(term_words(text))


def _fold(text: str) -> Words:
    return fold_each(_words(text))


KNOWN = table()
"""The built-in table."""
