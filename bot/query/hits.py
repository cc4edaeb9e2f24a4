"""Where a leaf stands in a folded text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from bot.query.acronyms import Acronyms
from bot.query.folding import fold_word, occurrences
from bot.query.markup import blank_markup
from bot.query.nodes import Exact, Prefix, Stem, TextLeaf
from bot.query.stems import common_start, same_stem
from bot.query.variants import alternatives, prefixes

Stretch = tuple[int, int]
"""First word and one past the last, counted in the words of a text."""


def hits(leaf: TextLeaf, stream: str, acronyms: Acronyms) -> Iterator[Stretch]:
    """Give the stretches of a folded text that satisfy a leaf, in no order. For ``Exact`` they are only candidates."""
    for words in alternatives(leaf, acronyms):
        yield from ((place, place + len(words)) for place in occurrences(stream, words))
    if isinstance(leaf, Prefix):
        for words in prefixes(leaf):
            yield from ((place, place + len(words)) for place in occurrences(stream, words, begun=True))
    elif isinstance(leaf, Stem):
        wanted = fold_word(leaf.text)
        start = common_start(wanted)
        found = enumerate(stream.split() if start in stream else ())
        # Few words begin alike, and only those need be stemmed.
        yield from ((place, place + 1) for place, word in found if word.startswith(start) and same_stem(word, wanted))


def stands(leaf: TextLeaf, stream: str, acronyms: Acronyms) -> bool:
    """Whether there are any ``hits``, told without a look for each place."""
    if isinstance(leaf, Stem):
        return any(True for _ in hits(leaf, stream, acronyms))
    padded = f" {stream} "
    return any(needle in padded for needle in _needles(leaf, acronyms))


@lru_cache(maxsize=4096)
def _needles(leaf: TextLeaf, acronyms: Acronyms) -> tuple[str, ...]:
    whole = (f" {' '.join(words)} " for words in alternatives(leaf, acronyms))
    begun = (f" {' '.join(words)}" for words in prefixes(leaf)) if isinstance(leaf, Prefix) else ()
    return (*whole, *begun)


def apart(found: Iterator[Stretch]) -> list[Stretch]:
    """Put stretches in order and leave out those that overlap an earlier one."""
    kept: list[Stretch] = []
    for start, end in sorted(found):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def exact_places(leaf: Exact, text: str) -> Iterator[Stretch]:
    """Give the start and end, in characters, where the text of ``exact:`` stands between word boundaries."""
    return exact_in(leaf.text, blank_markup(text))


def exact_in(wanted: str, text: str) -> Iterator[Stretch]:
    """Give the same for a text whose links and markup are blanked: no letter or digit goes on where one ends.

    As a pattern this took ten times as long.
    """
    begins, ends = wanted[0].isalnum(), wanted[-1].isalnum()
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        inside = (begins and text[start - 1 : start].isalnum()) or (ends and text[end : end + 1].isalnum())
        if not inside:
            yield start, end
        start = text.find(wanted, start + 1 if inside else end)
