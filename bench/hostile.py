"""Queries that are meant to hurt: as much of one thing, or of several, as the query language lets anybody ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random

from bench.papers import words

FIELDS = ("title", "abstract", "tag", "author", "org")
FILTERS = (
    "upvotes>=1", "upvotes<200", "age>3", "age<=400", "has:code", "cat:cs", "source:huggingface",
    "-has:code", "-cat:cs", "-upvotes>=500", "comments<3", "stars>0",
)  # fmt: skip
LIKE_STOPS = ("the", "of", "and", "to", "in", "a", "we", "for", "with", "that", "is", "on", "this", "by", "as")
STRANGE = (
    "*", "*, model", "* -model", "* -con*", '* -"model data"', "* * * *", "model -(-data)", 'exact:"of the"',
    'exact:"a"', "multi-agent", "state-of-the-art", "rl", "-".join(["ab"] * 300), "a:" * 400, "model -*",
    "a" + "\u0301" * 900, " ".join(["é" * 14] * 60), ", ".join(map(str, range(60))),
)  # fmt: skip
REFUSED = (
    ", ".join(["ab"] * 1000), "a" * 1001, "(" * 40 + "a" + ")" * 40, "(" * 1000, '"' * 999, "-" * 999,
    ", ".join(["a*"] * 64), "ﬀ" * 900, "/" * 900,
)  # fmt: skip


def queries() -> list[str]:
    """All of them, the same each time."""
    random = Random(11)
    known = [word.lower() for word, _ in words().most_common() if word.isascii() and word.isalpha()]
    known = list(dict.fromkeys(known))
    frequent, middle = known[:64], known[64:600]
    made = [*_many(frequent, random), *_prefixes(known, middle, random), *_phrases(frequent, random)]
    made += [*_slow_leaves(frequent, middle), *_brackets(frequent, middle), *_filtered(frequent, random)]
    made += [*_fields(frequent), *_mixed(known[:600], frequent, random)]
    return [*dict.fromkeys(made), *STRANGE, *REFUSED]


def _many(frequent: Sequence[str], random: Random) -> Iterator[str]:
    for number in (2, 4, 10, 20, 40, 64) * 3:
        some = random.sample(frequent, number)
        held, barred = some[::2], some[1::2]
        yield ", ".join(some)
        yield " ".join(some)
        yield f"({', '.join(held)}) {' '.join(f'-{word}' for word in barred)}"
        yield f"{', '.join(f'({one} -{other})' for one, other in zip(held, barred, strict=True))}"
    yield f"* -({', '.join(frequent[:63])})"


def _prefixes(known: Sequence[str], middle: Sequence[str], random: Random) -> Iterator[str]:
    starts = [start for start, _ in Counter(word[:3] for word in known if len(word) > 2).most_common()]
    yield from (f"{start}*" for start in starts[:40])
    for number in (2, 3, 5, 10, 20, 60):
        yield ", ".join(f"{start}*" for start in starts[:number])
        yield " ".join(f"{start}*" for start in starts[:number])
        yield ", ".join(f"{start}*" for start in random.sample(starts, number))
        yield ", ".join(f"{word[:5]}*" for word in random.sample([word for word in middle if len(word) > 5], number))


def _phrases(frequent: Sequence[str], random: Random) -> Iterator[str]:
    def phrase(some: Sequence[str], length: int) -> str:
        return f'"{" ".join(random.choice(some) for _ in range(length))}"'

    yield from (phrase(LIKE_STOPS, 2 + n % 5) for n in range(15))
    yield from (phrase(frequent[:20], 2 + n % 4) for n in range(10))
    for number in (5, 15, 30):
        yield ", ".join(phrase(LIKE_STOPS, 3) for _ in range(number))
        yield " ".join(phrase(LIKE_STOPS, 2) for _ in range(number))
    yield f'"{" ".join(frequent)}"'
    yield " ".join(f'"{one} {other}"' for one, other in pairwise(frequent[:41]))


def _slow_leaves(frequent: Sequence[str], middle: Sequence[str]) -> Iterator[str]:
    stems, others = [[f"{word}~" for word in some if len(word) > 3] for some in (frequent, middle)]
    for number in (1, 5, 20, 40, 60):
        exact = [f'exact:"{word}"' for word in frequent[:number]]
        yield ", ".join(exact)
        yield " ".join(exact)
        yield f"* -({', '.join(exact)})"
        yield ", ".join(f'exact:"{word.upper()}"' for word in frequent[:number])
        yield ", ".join(stems[:number])
        yield " ".join(stems[:number])
        yield ", ".join(others[:number])


def _brackets(frequent: Sequence[str], middle: Sequence[str]) -> Iterator[str]:
    for some in (frequent, middle):
        for depth in (2, 8, 16, 24, 30):
            mixed = barred = some[0]
            for place, word in enumerate(some[1 : depth + 1]):
                mixed = f"({mixed} {'AND' if place % 2 else 'OR'} {word})"
                barred = f"({barred} -{word})" if place < 14 else f"({barred} {word})"
            yield from (mixed, barred)


def _filtered(frequent: Sequence[str], random: Random) -> Iterator[str]:
    for number in range(40):
        join = (" ", ", ")[number % 2]
        filters = [each for each in FILTERS if number % 2 == 0 or not each.startswith("-")]
        some = random.sample(frequent, random.randint(1, 6))
        yield f"({', '.join(some)}){join}{join.join(random.sample(filters, random.randint(1, 6)))}"
    yield from (f"* {each}" for each in FILTERS)
    for number in (3, 10, 25):
        yield " ".join(f"({word}, has:code)" for word in frequent[:number])
        yield ", ".join(f"({word} upvotes>={place})" for place, word in enumerate(frequent[:number]))
        yield " ".join([frequent[0], *(f"-({word} upvotes>=9)" for word in frequent[1:number])])


def _fields(frequent: Sequence[str]) -> Iterator[str]:
    for field in FIELDS:
        named = [f"{field}:{word}" for word in (*frequent[:48], "ada", '"ada lovelace"')]
        yield from (", ".join(named), " ".join(named[:30]), f"* -({', '.join(named)})", f"{field}:con*, {field}:ada*")


def _mixed(known: Sequence[str], frequent: Sequence[str], random: Random) -> Iterator[str]:
    shapes = ("{}", "{}", '"{} {}"', 'exact:"{}"', "title:{}", "-{}")
    for _ in range(40):
        some = random.sample(known, random.randint(20, 50))
        leaves = [random.choice(shapes).format(word, random.choice(frequent)) for word in some]
        barred = " ".join(leaf for leaf in leaves if leaf.startswith("-"))
        held = [leaf for leaf in leaves if not leaf.startswith("-")]
        yield f"({', '.join(held)}) {barred}"
        yield " ".join(f"({', '.join(held[start : start + 6])})" for start in range(0, len(held), 6)) + f" {barred}"
