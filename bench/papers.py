"""Papers that look like real ones: their words are drawn from the bundled sample, as often as they stand there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from bot.models import Paper
from bot.settings import built_in

DAY = date(2026, 7, 31)


def words() -> Counter[str]:
    """The words of the sample and how often each stands in it."""
    lines = (built_in() / "sample" / "papers.jsonl").read_text("utf-8").splitlines()
    texts = (json.loads(line) for line in lines)
    return Counter(word for row in texts for word in f"{row['title']} {row['abstract']}".split())


def papers(count: int, seed: int = 1, *, days: int = 1) -> Iterator[Paper]:
    """Give papers of 8 + 150 words, spread over so many days."""
    random, known = Random(seed), words()
    population, weights = list(known), list(accumulate(known.values()))
    for n in range(count):
        drawn = random.choices(population, cum_weights=weights, k=158)
        yield Paper(
            id=f"26{1 + n // 100_000 % 12:02}.{n % 100_000:05}",
            title=" ".join(drawn[:8]),
            abstract=" ".join(drawn[8:]),
            authors=("Ada Lovelace", "Alan Turing"),
            listed=DAY - timedelta(days=n % days),
            upvotes=random.randrange(200),
            url="https://huggingface.co/papers/1",
            sources=("huggingface",),
        )
