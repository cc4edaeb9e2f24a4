"""What a leaf looks for, worked out once per query: sequences of folded words that stand in a folded text.

A folded text (``fold_text``) is the folded words with one space between; a leaf is satisfied when one of its sequences
stands in it, whole words, in order, with nothing between. So a phrase search over stored folded text and the matcher
decide alike. Sequences are told apart after folding, so inflection needs none of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

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
        if len(word) > LONGEST:  # kept by nobody, so that hostile words cost no memory
            return ""
        plain = word.isalpha() and word.isascii() and word.islower()
        folded = base(word) if plain and stands_alone(word) else ""
        if len(self) >= 1 << 18:
            self.clear()
        self[word] = folded
        return folded


LONE = _Lone()
lone = LONE.__getitem__
"""Give the folded form of a plain word that stands alone, and nothing for all others."""


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
    if leaf.field in NAMES:
        return (tuple(term_words(leaf.text)),)
    if isinstance(leaf, Word):
        word = lone(leaf.text)
        found = ((word,),) if word and word not in acronyms.longest else _rewritten(leaf, acronyms)
        return (*found, *_beside(leaf, found, acronyms)) if leaf.also else found
    words = (*leaf.text.split(),)
    folded = (*map(lone, words),)
    alone = "" not in folded and not any(_reworded(words, folded, acronyms))
    return (folded,) if alone else _rewritten(leaf, acronyms)


def _beside(leaf: Word, own: tuple[Words, ...], acronyms: Acronyms) -> Iterator[Words]:
    """Give what says a word together with those beside it, but nothing that another one stands in."""
    found = {words for text in leaf.also for words in spellings(Phrase(text, leaf.field), acronyms)}
    known = [f" {' '.join(words)} " for words in own]
    for words in sorted(found, key=lambda words: (len(words), words)):
        padded = f" {' '.join(words)} "
        if not any(shorter in padded for shorter in known):
            known.append(padded)
            yield words


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


def _rewritten(leaf: Word | Phrase, acronyms: Acronyms) -> tuple[Words, ...]:
    """Rewrite until nothing new comes, breadth first; two that fold alike are one."""
    words, hyphenated = tuple(term_words(leaf.text)), _hyphenated(leaf.text)
    as_written = fold_each(words)
    found = {as_written: None}
    waiting = [(words, as_written)]
    for current, current_folded in waiting:
        for rewritten in (*_respelled(current, hyphenated), *_reworded(current, current_folded, acronyms)):
            folded = fold_each(rewritten)
            if folded not in found:
                found[folded] = None
                waiting.append((rewritten, folded))
            if len(found) == MOST:
                return tuple(found)
    return tuple(found)


def _respelled(words: Words, hyphenated: frozenset[Words]) -> list[Words]:
    """Write one word as two, and two as one."""
    apart: list[Words] = []
    joined: list[Words] = []
    before, alone = "", True
    for place, word in enumerate(words):
        before_alone, alone = alone, bool(lone(word))
        if not alone:
            apart += [(*words[:place], *pair, *words[place + 1 :]) for pair in splits(word)]
        either = not (alone and before_alone)
        if place and ((before, word) in hyphenated or (either and is_compound(before, word))):
            joined.append((*words[: place - 1], before + word, *words[place + 1 :]))
        before = word
    return apart + joined


def _reworded(words: Words, folded: Words, acronyms: Acronyms) -> Iterable[Words]:
    """Write an acronym out, and the reverse. Most words begin neither, which is seen at a glance."""
    return () if acronyms.longest.keys().isdisjoint(folded) else _wordings(words, folded, acronyms)


def _wordings(words: Words, folded: Words, acronyms: Acronyms) -> Iterator[Words]:
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
