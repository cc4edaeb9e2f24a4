"""What a leaf looks for, worked out once per query: sequences of folded words that stand in a folded text.

A folded text (``fold_text``) is the folded words with one space between; a leaf is satisfied when one of its sequences
stands in it, whole words, in order, with nothing between. So a phrase search over stored folded text and the matcher
decide alike. Sequences are told apart after folding, so inflection needs none of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, pairwise

from bot.query.acronyms import KNOWN, Acronyms
from bot.query.compounds import is_compound, splits, stands_alone
from bot.query.folding import Words, fold_each, fold_word
from bot.query.inflection import base, beginnings
from bot.query.nodes import Exact, Phrase, Prefix, Stem, TextLeaf, Word
from bot.query.words import LONGEST, term_words

MOST = 32
"""A leaf has no more alternatives than this; those with the fewest rewritings stay."""

NAMES = frozenset({"author", "org"})
"""Fields whose words are names: no inflection, no acronyms, no compounds."""

_TWO_PARTS = re.compile(r"(?<![\w-])([^\W_]+)-([^\W_]+)(?![\w-])")
_ENDINGS = ("", "e", "s", "es", "ed", "ing", "ings")
_LATE_ENDINGS = (*_ENDINGS, "d", "g", "gs", "ng", "ngs")
_LATE = 6


class _Lone(dict[str, str]):
    """Plain words that stand alone, and their folded form; nothing for all others."""

    def __missing__(self, word: str) -> str:
        plain = word.isascii() and word.isalpha() and word.islower() and len(word) <= LONGEST
        folded = base(word) if plain and stands_alone(word) else ""
        if len(self) >= 1 << 18:
            self.clear()
        self[word] = folded
        return folded


_lone = _Lone().__getitem__


@lru_cache(maxsize=4096)
def alternatives(leaf: TextLeaf, acronyms: Acronyms = KNOWN) -> tuple[Words, ...]:
    """Give the sequences of folded words any of which satisfies a ``Word`` or ``Phrase``, as written first.

    For ``Prefix``: those that satisfy it beside ``prefixes``. For ``Exact``: one, which must stand in the folded text
    but does not suffice. For ``Stem``: none; ask ``same_stem`` of each word and ``fold_word(leaf.text)``. Acronyms are
    those of the query that the leaf stands in.
    """
    if isinstance(leaf, Stem):
        return ()
    if isinstance(leaf, Prefix):
        return () if leaf.field in NAMES else tuple(_inflected(leaf))
    return (fold_each(term_words(leaf.text)),) if isinstance(leaf, Exact) else spellings(leaf, acronyms)


def spellings(leaf: Word | Phrase, acronyms: Acronyms) -> tuple[Words, ...]:
    """Give ``alternatives`` of a ``Word`` or ``Phrase`` without remembering them: for an index, which asks once."""
    found = _spelled(leaf, acronyms)
    return (*found, *_beside(leaf, found, acronyms)) if isinstance(leaf, Word) and leaf.also else found


def _beside(leaf: Word, own: tuple[Words, ...], acronyms: Acronyms) -> Iterator[Words]:
    """Give what says a word together with those beside it, but nothing that another one stands in."""
    found = {words for text in leaf.also for words in _spelled(Phrase(text, leaf.field), acronyms)}
    known = [f" {' '.join(words)} " for words in own]
    for words in sorted(found, key=lambda words: (len(words), words)):
        padded = f" {' '.join(words)} "
        if not any(shorter in padded for shorter in known):
            known.append(padded)
            yield words


def _spelled(leaf: Word | Phrase, acronyms: Acronyms) -> tuple[Words, ...]:
    if leaf.field not in NAMES:
        folded = tuple(map(_lone, leaf.text.split()))
        if "" not in folded and acronyms.longest.keys().isdisjoint(folded):
            return (folded,)
    words = tuple(term_words(leaf.text))
    return (words,) if leaf.field in NAMES else _closure(words, _hyphenated(leaf.text), acronyms)


@lru_cache(maxsize=4096)
def prefixes(leaf: Prefix) -> tuple[Words, ...]:
    """Give the sequences any of which satisfies a prefix: folded words, the last one only the start of a word."""
    if leaf.field in NAMES:
        return (tuple(term_words(leaf.text)),)
    found = ((*fold_each(words[:-1]), start) for words in _shapes(leaf) for start in beginnings(words[-1]))
    return tuple(dict.fromkeys(found))


def _inflected(leaf: Prefix) -> Iterator[Words]:
    """Give the folded words that hide a word with this start (``plann*`` and planning, which folds to ``plan``)."""
    for words in _shapes(leaf):
        last = words[-1]
        endings = _LATE_ENDINGS if len(last) >= _LATE else _ENDINGS
        for word in dict.fromkeys(fold_word(last + ending) for ending in endings):
            if not word.startswith(beginnings(last)):
                yield *fold_each(words[:-1]), word


def _shapes(leaf: Prefix) -> tuple[Words, ...]:
    words = tuple(term_words(leaf.text))
    return (words, *_respelled(words, _hyphenated(leaf.text)))


def _closure(words: Words, hyphenated: frozenset[Words], acronyms: Acronyms) -> tuple[Words, ...]:
    """Rewrite until nothing new comes, breadth first; two that fold alike are one."""
    as_written = fold_each(words)
    found = {as_written: None}
    waiting = [(words, as_written)]
    for current, current_folded in waiting:
        for rewritten in chain(_respelled(current, hyphenated), _reworded(current, current_folded, acronyms)):
            folded = fold_each(rewritten)
            if folded not in found:
                found[folded] = None
                waiting.append((rewritten, folded))
            if len(found) == MOST:
                return tuple(found)
    return tuple(found)


def _respelled(words: Words, hyphenated: frozenset[Words]) -> Iterator[Words]:
    """Write one word as two, and two as one."""
    alone = [bool(_lone(word)) for word in words]
    for place, word in enumerate(words):
        for pair in () if alone[place] else splits(word):
            yield *words[:place], *pair, *words[place + 1 :]
    for place, (first, second) in enumerate(pairwise(words)):
        apart = alone[place] and alone[place + 1]
        if (first, second) in hyphenated or (not apart and is_compound(first, second)):
            yield *words[:place], first + second, *words[place + 2 :]


def _reworded(words: Words, folded: Words, acronyms: Acronyms) -> Iterator[Words]:
    """Write an acronym out, and the reverse."""
    for start, first in enumerate(folded):
        longest = acronyms.longest.get(first, 0)
        for end in range(start + 1, min(len(words), start + longest) + 1):
            for wording in acronyms.wordings.get(folded[start:end], ()):
                yield *words[:start], *wording, *words[end:]


def _hyphenated(text: str) -> frozenset[Words]:
    """Give the pairs that were written with a hyphen between them and nothing more."""
    if "-" not in text:
        return frozenset()
    return frozenset(tuple(term_words(found[0])) for found in _TWO_PARTS.finditer(text))
