"""Words side by side that are also said in one: ``multi agent`` as multiagent, ``reinforcement learning`` as RL.

Wanted together, such words may stand anywhere in a paper, and what it says in one it says of each: ``Word.also``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, chain, groupby, pairwise

from bot.query.acronyms import Acronyms
from bot.query.compounds import is_compound, splits
from bot.query.folding import Words, fold_each
from bot.query.nodes import And, Node, Not, Or, Word
from bot.query.variants import NAMES
from bot.query.words import term_words

Saying = tuple[int, int, str]
"""The first of some words, one past the last, and what says them all."""


def side_by_side(node: Node, acronyms: Acronyms) -> Node:
    """Fill in ``also`` everywhere in a tree. Recursion is bounded by the depth of brackets."""
    match node:
        case Not():
            return Not(side_by_side(node.child, acronyms))
        case Or():
            return Or(tuple(side_by_side(child, acronyms) for child in node.children))
        case And():
            return And(tuple(_filled(node.children, acronyms)))
    return node


def _filled(children: Sequence[Node], acronyms: Acronyms) -> Iterator[Node]:
    for field, run in groupby(children, _field):
        if field is None:
            yield from (side_by_side(child, acronyms) for child in run)
        else:
            yield from _told([child for child in run if isinstance(child, Word)], acronyms)


def _field(node: Node) -> str | None:
    return node.field if isinstance(node, Word) and node.field not in NAMES else None


def _told(run: Sequence[Word], acronyms: Acronyms) -> Iterator[Word]:
    if len(run) == 1:
        yield from run
        return
    parts = [tuple(term_words(word.text)) for word in run]
    apart = [tuple(chain.from_iterable(map(_parted, words))) for words in parts]
    sayings = [*_compounds(parts), *_acronyms(parts, acronyms), *(_acronyms(apart, acronyms) if apart != parts else ())]
    for place, word in enumerate(run):
        also = dict.fromkeys(text for first, end, text in sayings if first <= place < end)
        yield replace(word, also=tuple(also)) if also else word


def _parted(word: str) -> Words:
    """Write a word as two where it can be: acronyms stand for words that are."""
    return next(iter(splits(word)), (word,))


def _compounds(parts: Sequence[Words]) -> Iterator[Saying]:
    for place, (one, other) in enumerate(pairwise(parts)):
        if is_compound(one[-1], other[0]):
            yield place, place + 2, " ".join((*one, *other))


def _acronyms(parts: Sequence[Words], acronyms: Acronyms) -> Iterator[Saying]:
    folded = fold_each(word for part in parts for word in part)
    starts = [0, *accumulate(map(len, parts))]
    for first, start in enumerate(starts[:-1]):
        longest = acronyms.longest.get(folded[start], 0)
        for end in range(first + 2, len(starts)):
            if starts[end] - start > longest:
                break
            for wording in acronyms.wordings.get(folded[start : starts[end]], ()):
                yield first, end, " ".join(wording)
