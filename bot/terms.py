"""Paper -> terms: the few words that tell it from the others, for ``similar`` and for a channel's taste. Pure.

Chosen as Lucene's MoreLikeThis does: the words that stand often in the paper and rarely elsewhere (tf-idf). A word of
the title counts three times, one of the tags twice.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.models import Paper
from bot.query import fold_word
from bot.query.words import split

MOST = 12
"""Terms that a paper has at the most."""
_SHORTEST = 3
_WORDS = """
a about above across after all also although among an and any are as at based be because been before being
between both but by can could do does during each either etc even few first for from further had has have
having her here his how however i if in into is it its itself just may might more most much must new no nor
not of off often on one only or other our out over own per same several shall should show since so some such
than that the their them then there these they this those three through thus to too toward two under until up
upon us use used using very via was we well were what when where whether which while who whose why will with
within without would yet you your
paper papers present propose proposed introduce study work results approach method methods existing recent
"""
_EVERYDAY = frozenset(map(fold_word, _WORDS.split()))
"""Folded words that say nothing about a paper, so that they are no terms while an archive is young."""


@dataclass(frozen=True, slots=True)
class Term:
    """A folded word, the word as the paper says it, and what it weighs in this paper (all of them: length 1)."""

    word: str
    said: str
    weight: float


def candidates(paper: Paper) -> Mapping[str, tuple[int, str]]:
    """Give the folded words of title, tags and abstract, each with how often it counts and how it is said first."""
    counts: Counter[str] = Counter()
    said: dict[str, str] = {}
    for times, text in _texts(paper):
        for word in split(text):
            folded = fold_word(word)
            if len(folded) >= _SHORTEST and not folded.isdecimal() and folded not in _EVERYDAY:
                counts[folded] += times
                said.setdefault(folded, word)
    return {word: (count, said[word]) for word, count in counts.items()}


def best(paper: Paper, standing: Mapping[str, int], papers: int, most: int = MOST) -> tuple[Term, ...]:
    """Give the heaviest terms of a paper, heaviest first.

    ``standing`` says in how many of the archive's ``papers`` a folded word stands; one that is not there is in none.
    """
    found = [
        Term(word, said, (1 + math.log(count)) * math.log((papers + 1) / (min(standing.get(word, 0), papers) + 1)))
        for word, (count, said) in candidates(paper).items()
    ]
    found.sort(key=lambda term: (-term.weight, term.word))
    chosen = [term for term in found[:most] if term.weight > 0]
    length = math.sqrt(sum(term.weight**2 for term in chosen))
    return tuple(Term(term.word, term.said, term.weight / length) for term in chosen)


def _texts(paper: Paper) -> Iterator[tuple[int, str]]:
    yield 3, paper.title
    yield from ((2, tag) for tag in paper.tags)
    yield 1, paper.abstract
