"""Searches of each kind that people make, and what they are in bare SQL over the same index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import NamedTuple

from bench.papers import papers, words
from bot.models import Paper
from bot.ports import SearchPage
from bot.query import fold_word

NOW = datetime(2026, 7, 31, 9, tzinfo=UTC)
RANKED = "SELECT rowid FROM words WHERE words MATCH ?{} ORDER BY rank LIMIT 10 OFFSET {}"
COUNTED = "SELECT count(*) FROM words WHERE words MATCH ?{}"
CATEGORIES = ("cs.ro", "cs.cl", "cs.cv", "cs.lg", "stat.ml")
FEW = ["zeta" + "".join(letters) for letters in product("bdfghjkl", repeat=2)][:40]
"""Words that stand in five papers each."""
_PAGE = SearchPage(limit=10, now=NOW)
_DAY = 1 << 24
_AGE = f"{NOW.toordinal()} - n / {_DAY}"
_MONTH = f" AND rowid >= {(NOW.toordinal() - 31) * _DAY}"
_JOINED = " FROM words JOIN papers ON n = words.rowid WHERE words MATCH ?"
_TRENDING = f"points / pow(max({_AGE}, 0) + 2, 1.2)"


class Kind(NamedTuple):
    """A kind of search: how to make one, in our language and in FTS5's, on which page, and its bare statements."""

    name: str
    make: Callable[[Random], tuple[str, str]]
    page: SearchPage = _PAGE
    bare: tuple[str, ...] = (RANKED.format("", 0), COUNTED.format(""))


def plain() -> list[tuple[str, int]]:
    """Words of letters, the most frequent first, and how often they stand in the sample."""
    return [
        (word.lower(), n) for word, n in words().most_common() if word.isascii() and word.isalpha() and len(word) > 4
    ]


def archive(size: int) -> Iterator[Paper]:
    """Give papers of a year, each of a category, and a few with words that hardly any has."""
    for n, paper in enumerate(papers(size, days=365)):
        found = replace(paper, categories=(CATEGORIES[n % 5],))
        yield replace(found, title=f"{paper.title} {FEW[n % 40]}") if n < 5 * len(FEW) else found


def kinds() -> list[Kind]:
    """All of them."""
    known = plain()
    frequent, middle = [word for word, _ in known[:40]], [word for word, _ in known[40:400]]
    rare = [word for word, n in known if n == 1]

    def of(*sets: list[str], ours: str, bare: str) -> Callable[[Random], tuple[str, str]]:
        def make(random: Random) -> tuple[str, str]:
            chosen = [random.choice(some) for some in sets]
            return ours.format(*chosen), bare.format(*map(fold_word, chosen))

        return make

    def one(some: list[str], also: str = "") -> Callable[[Random], tuple[str, str]]:
        return of(some, ours="{}" + also, bare='"{}"')

    def where(condition: str) -> tuple[str, ...]:
        found = f"{_JOINED} AND {condition}"
        return f"SELECT n{found} ORDER BY rank LIMIT 10", f"SELECT count(*){found}"

    newest = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT 10"
    trending = f"SELECT n{_JOINED} ORDER BY {_TRENDING} DESC LIMIT 10"
    return [
        Kind("a frequent word", one(frequent[:10])),
        Kind("a rare word", one(rare)),
        Kind("a word in 5 papers", one(FEW)),
        Kind("a phrase", of(frequent, frequent, ours='"{} {}"', bare='"{} {}"')),
        Kind("both of two words", of(frequent, rare, ours="{} {}", bare='"{}" AND "{}"')),
        Kind("any of three words", of(rare, middle, rare, ours="{}, {}, {}", bare='"{}" OR "{}" OR "{}"')),
        Kind("one word without another", of(middle, frequent, ours="{} -{}", bare='"{}" NOT "{}"')),
        Kind("a prefix", lambda random: (f"{(word := random.choice(rare))[:5]}*", f'"{word[:5]}" *')),
        Kind("a word and cat:", one(rare, " cat:cs.ro"), bare=where("instr(categories, 'cs.ro')")),
        Kind("a word and upvotes>=150", one(rare, " upvotes>=150"), bare=where("upvotes >= 150")),
        Kind("a word and age<=30", one(middle, " age<=30"), bare=where(f"{_AGE} <= 30")),
        Kind("a word, newest", one(rare), replace(_PAGE, sort="newest"), (newest, COUNTED.format(""))),
        Kind("a word, trending", one(rare), replace(_PAGE, sort="trending"), (trending, COUNTED.format(""))),
        Kind(
            "a word, last month",
            one(middle),
            replace(_PAGE, since=NOW.date() - timedelta(days=31)),
            (RANKED.format(_MONTH, 0), COUNTED.format(_MONTH)),
        ),
        Kind("a word, page 5", one(rare), replace(_PAGE, offset=40), (RANKED.format("", 40), COUNTED.format(""))),
    ]
