"""A great many queries and papers to match: ``matching.md``'s workload, over the words of the bundled sample.

Half of the queries are one word, 30 % a phrase of two or three (a few real ones, most of them words that do not meet,
a third with a word that no paper has), 15 % alternatives, 5 % with AND, NOT or an author. Papers are sentences of the
sample put together anew, with 3 % of the words replaced by rare ones, so that the vocabulary keeps growing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from random import Random

from bench.papers import DAY
from bot.models import Paper
from bot.query import Node, Phrase, Query, Word, printed
from bot.query.nodes import either, every, negated
from bot.settings import built_in

RARE = 400_000
COMMON = 0.02
_SYLLABLES = [first + second for first in "bcdfglmnprtvz" for second in ("a", "e", "i", "o", "u", "an", "or", "il")]


@dataclass(frozen=True)
class Corpus:
    """What is drawn from."""

    titles: list[str]
    sentences: list[list[str]]
    """Of each paper."""
    words: list[str]
    """Plain words, the most frequent first."""
    phrases: list[str]
    names: list[str]
    rare: list[str]


@cache
def corpus() -> Corpus:
    """Read the bundled sample."""
    lines = (built_in() / "sample" / "papers.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    sentences = [row["abstract"].split(". ") for row in rows]
    counts: dict[str, int] = {}
    phrases: dict[str, None] = {}
    for row in rows:
        words = [word.strip(".,;:()?!").lower() for word in f"{row['title']} {row['abstract']}".split()]
        plain = [word if word.isascii() and word.isalpha() else "" for word in words]
        for word in filter(None, plain):
            counts[word] = counts.get(word, 0) + 1
        phrases |= {f"{one} {two}": None for one, two in pairwise(plain) if len(one) > 3 and len(two) > 3}
    random = Random(1)
    rare = {"".join(random.choices(_SYLLABLES, k=random.randrange(3, 6))) for _ in range(RARE)}
    return Corpus(
        [row["title"] for row in rows],
        sentences,
        sorted((word for word in counts if len(word) > 3), key=lambda word: -counts[word]),
        list(phrases),
        sorted(
            {
                name.split()[-1].lower()
                for row in rows
                for name in row["authors"]
                if name.split()[-1].isalpha() and name.isascii()
            }
        ),
        sorted(rare),
    )


def papers(count: int, seed: int = 1) -> Iterator[Paper]:
    """Give papers of about 1,700 characters."""
    random, source = Random(seed), corpus()
    every_one = [sentence for sentences in source.sentences for sentence in sentences]
    for n in range(count):
        base = random.randrange(len(source.titles))
        title = source.titles[base]
        if random.random() < 0.5:
            title = f"{title.partition(':')[0]}: {random.choice(source.titles).rpartition(':')[2].strip()}"
        drawn = random.sample(source.sentences[base], min(4, len(source.sentences[base])))
        drawn += random.sample(every_one, 8)
        words = [w if random.random() > 0.03 else random.choice(source.rare) for w in ". ".join(drawn).split()]
        yield Paper(
            id=f"26{1 + n // 100_000 % 12:02}.{n % 100_000:05}",
            title=title,
            abstract=" ".join(words),
            authors=tuple(f"Ada {name}" for name in random.sample(source.names, random.randrange(1, 4))),
            listed=DAY,
        )


def queries(count: int, seed: int = 2) -> list[Query]:
    """Give the distinct ones among so many subscriptions."""
    draw = _Draw(Random(seed), corpus())
    found: dict[str, Query] = {}
    for _ in range(count):
        root = draw.query()
        text = printed(root)
        if text not in found:
            found[text] = Query(text, root, text)
    return list(found.values())


def drawn(count: int, seed: int = 2) -> list[str]:
    """Give the queries of so many subscriptions as texts, of a million about 0.64 million different ones."""
    draw, known = _Draw(Random(seed), corpus()), dict[str, str]()
    return [known.setdefault(text, text) for text in (printed(draw.query()) for _ in range(count))]


class _Draw:
    def __init__(self, random: Random, source: Corpus) -> None:
        self.random = random
        self.source = source

    def query(self) -> Node:
        kind = self.random.random()
        if kind < 0.5:
            return self.word()
        if kind < 0.8:
            return self.phrase()
        if kind < 0.95:
            return either([self.part() for _ in range(self.random.randrange(2, 5))])
        return self.mixed()

    def zipf(self, words: list[str], steep: float = 5) -> str:
        """Frequent words come often, none of them never."""
        return words[int(len(words) * self.random.random() ** steep)]

    def word(self) -> Word:
        return Word(self.common() if self.random.random() < COMMON else self.zipf(self.source.rare))

    def common(self) -> str:
        return self.zipf(self.source.words, 1.3)

    def phrase(self) -> Phrase:
        kind = self.random.random()
        if kind < 0.08:
            return Phrase(self.random.choice(self.source.phrases))
        words = [self.common() for _ in range(self.random.randrange(2, 4))]
        if kind > 0.65:
            words[self.random.randrange(len(words))] = self.zipf(self.source.rare)
        return Phrase(" ".join(words))

    def part(self) -> Node:
        return self.word() if self.random.random() < 0.8 else self.phrase()

    def mixed(self) -> Node:
        kind = self.random.random()
        if kind < 0.4:
            return every([self.part(), Word(self.common())])
        if kind < 0.8:
            return every([self.part(), negated(Word(self.common()))])
        return every([Word(self.common()), Word(self.random.choice(self.source.names), "author")])
