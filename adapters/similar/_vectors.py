"""What models of meaning have in common: the text of a paper, vectors that are remembered, and how alike two are."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Sequence

from bot.models import Paper

TEXT = 2000
"""Characters of a paper that are looked at: title, then abstract."""
REMEMBERED = 2000
"""Vectors that are kept."""

Vector = list[float]


class Vectors:
    """The vectors of texts, each asked for once while the process runs."""

    def __init__(self, embed: Callable[[Sequence[str]], Awaitable[Iterable[Vector]]]) -> None:
        self._embed = embed
        self._known: dict[str, Vector] = {}

    async def alike(self, paper: Paper, others: Sequence[Paper]) -> Sequence[float]:
        """Give the cosine of each of the others with the paper."""
        texts = {one.id: _text(one) for one in (paper, *others)}
        held = {text: self._known[text] for text in texts.values() if text in self._known}
        wanted = [text for text in dict.fromkeys(texts.values()) if text not in held]
        if wanted:
            held.update(zip(wanted, await self._embed(wanted), strict=True))
            if len(self._known) + len(wanted) > REMEMBERED:
                self._known.clear()
            self._known.update(held)
        own = held[texts[paper.id]]
        return [sum(map(float.__mul__, own, held[texts[other.id]])) for other in others]


def normal(vector: Sequence[float]) -> Vector:
    """Give it the length 1. Raises ``ValueError`` when it has no direction."""
    length = math.sqrt(sum(value * value for value in vector))
    if not math.isfinite(length) or not length:
        raise ValueError("a vector without a direction")
    return [value / length for value in vector]


def _text(paper: Paper) -> str:
    return f"{paper.title}\n{paper.abstract}"[:TEXT]
