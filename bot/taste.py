"""What a channel likes, learned from Save and "Not for us": terms with weights that anybody can read. Pure.

The method is Rocchio's relevance feedback ("The SMART Retrieval System", 1971) with the usual weights (Manning,
Raghavan and Schütze, "Introduction to Information Retrieval", 2008, section 9.1.1): the terms of a paper that was liked
are added at 0.75 of their weight, those of one that was not are taken away at 0.15. A taste only reorders the papers of
a digest, which were chosen without it: it brings none and hides none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.models import JSON, Channel, Paper
from bot.terms import Term, candidates

LIKED, DISLIKED = 0.75, -0.15
"""What a paper's terms count for."""
MOST = 40
"""Terms that a taste keeps, the heaviest."""
REMEMBERED = 50
"""Judgements that are remembered: the same one again counts once, the opposite one takes its place."""
_STRONGEST = 1.0
_LIGHTEST = 0.005


@dataclass(frozen=True, slots=True)
class Liking:
    """A term of a taste: the word as a paper said it, and its weight from -1 (less of it) to 1 (more of it)."""

    said: str
    weight: float


@dataclass(frozen=True, slots=True)
class Taste:
    """Folded word -> liking, and the papers that were judged, oldest first, each with whether it was liked."""

    terms: Mapping[str, Liking] = field(default_factory=dict)
    judged: Mapping[str, bool] = field(default_factory=dict)


NONE = Taste()
"""Where nobody said anything yet."""


def learn(taste: Taste, paper: str, terms: Iterable[Term], *, liked: bool) -> Taste:
    """Move a taste by what people said of a paper whose terms these are."""
    before = taste.judged.get(paper)
    if before == liked:
        return taste
    share = _share(liked) - (0.0 if before is None else _share(before))
    found = dict(taste.terms)
    for term in terms:
        weight = (found[term.word].weight if term.word in found else 0.0) + share * term.weight
        found[term.word] = Liking(term.said, max(-_STRONGEST, min(_STRONGEST, round(weight, 4))))
    heaviest = sorted(found, key=lambda word: (-abs(found[word].weight), word))[:MOST]
    judged = {id_: said for id_, said in taste.judged.items() if id_ != paper} | {paper: liked}
    return Taste(
        {word: found[word] for word in heaviest if abs(found[word].weight) >= _LIGHTEST},
        dict(list(judged.items())[-REMEMBERED:]),
    )


def affinity(taste: Taste, paper: Paper) -> float:
    """How much a paper is to a channel's taste, from -1 to 1: what its words weigh together, squashed by tanh."""
    words = candidates(paper) if taste.terms else {}
    return math.tanh(sum(liking.weight for word, liking in taste.terms.items() if word in words))


def factor(taste: Taste, paper: Paper) -> float:
    """What a paper's score is multiplied by for its place in a digest: between a half and two, 1 without a taste."""
    return math.pow(2, affinity(taste, paper))


def heaviest(taste: Taste, most: int) -> Sequence[Liking]:
    """Give the terms that weigh most, in either direction, heaviest first."""
    return sorted(taste.terms.values(), key=lambda liking: (-abs(liking.weight), liking.said))[:most]


def key(channel: Channel) -> str:
    """Where a channel's taste is noted."""
    return f"taste/{channel}"


def to_note(taste: Taste) -> JSON:
    """Give it as JSON; lists, because an object does not keep its order everywhere."""
    return {
        "terms": [[word, liking.said, liking.weight] for word, liking in taste.terms.items()],
        "judged": [[id_, liked] for id_, liked in taste.judged.items()],
    }


def from_note(note: JSON | None) -> Taste:
    """Read it back. Nothing noted is no taste, and so is what cannot be read: it must not cost a digest."""
    if note is None:
        return NONE
    try:
        return Taste({word: Liking(said, weight) for word, said, weight in note["terms"]}, dict(note["judged"]))
    except (LookupError, TypeError, ValueError):
        return NONE


def _share(liked: bool) -> float:
    return LIKED if liked else DISLIKED
