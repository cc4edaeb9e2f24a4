"""Atoms and the papers that they stand in: for each space, from words to the number of the atom.

Two words lead to a number, a number and the next word to the next: what a phrase begins with is kept like a phrase. So
all that stand in a text are found by one look-up for each word that is known and each beginning that stands there.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, compress, count

from bot.models import Paper
from bot.query.acronyms import Acronyms
from bot.query.folding import Words
from bot.query.formula import Atom
from bot.query.nodes import LINKS, Node, Phrase, Word
from bot.query.paper import SCOPES, FoldedPaper
from bot.query.stems import stem_key
from bot.query.variants import lone

_REMEMBERED = 1 << 16
_MORE = 256
_ZEROS = array("I", [0]) * _MORE


class Numbers:
    """Numbers from 1 and how often each is held; one that nobody holds any more is given again."""

    def __init__(self) -> None:
        self.held = array("I", [0])
        self.asked = array("I", [0])
        """How many times the query with this number was added."""
        self._free: list[int] = []

    def new(self) -> int:
        """Give a number that is not in use."""
        if not self._free:
            start = len(self.held)
            self._free.extend(range(start + _MORE - 1, start - 1, -1))
            self.held.extend(_ZEROS)
            self.asked.extend(_ZEROS)
        return self._free.pop()

    def drop(self, number: int) -> bool:
        """Hold it once less; free it when nobody does, and say so."""
        self.held[number] -= 1
        if not self.held[number]:
            self.free(number)
        return not self.held[number]

    def free(self, number: int) -> None:
        """Let it be given again."""
        self._free.append(number)


class Phrases:
    """Words and phrases of one field. A phrase holds the one that is a word shorter."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._words: dict[str, int] = {}
        self._pairs: dict[Words, int] = {}
        self._longer: dict[tuple[int, str], int] = {}

    def get(self, words: Words) -> int | None:
        """Give the number of a phrase that is known."""
        number = self._words.get(words[0]) if len(words) == 1 else self._pairs.get(words[:2])
        for word in words[2:]:
            number = number and self._longer.get((number, word))
        return number

    def add(self, words: Words) -> int:
        """Give the number of a phrase, a new one if need be."""
        return self._word(words[0]) if len(words) == 1 else self._phrase(words)

    def plain(self, node: Node, acronyms: Acronyms) -> int:
        """Give the number of a leaf that can only be said one way, a new one if need be; 0 for all other nodes."""
        if isinstance(node, Word):
            word = "" if node.also or node.field else lone(node.text)
            return 0 if word in acronyms.unplain else self._words.get(word) or self._word(word)
        if not isinstance(node, Phrase) or node.field:
            return 0
        words = (*map(lone, node.text.split()),)
        return self._phrase(words) if acronyms.unplain.isdisjoint(words) else 0

    def _word(self, word: str) -> int:
        number = self._words.get(word)
        if number is None:
            number = self._words[word] = self._numbers.new()
        return number

    def _phrase(self, words: Words) -> int:
        numbers, pair = self._numbers, words[:2]
        number = self._pairs.get(pair)
        if number is None:
            number = self._pairs[pair] = numbers.new()
            numbers.held[self._word(words[0])] += 1
        for word in words[2:]:
            step = number, word
            after = self._longer.get(step)
            if after is None:
                after = self._longer[step] = numbers.new()
                numbers.held[number] += 1
            number = after
        return number

    def drop(self, words: Words) -> None:
        """Hold a phrase once less; forget it, and what only led to it, when nobody holds it."""
        path = [number for end in range(1, len(words) + 1) if (number := self.get(words[:end]))]
        while path and self._numbers.drop(path.pop()):
            if len(path) > 1:
                del self._longer[path[-1], words[len(path)]]
            elif path:
                del self._pairs[words[:2]]
            else:
                del self._words[words[0]]

    def standing(self, words: Sequence[str]) -> set[int]:
        """Give what stands in a text."""
        numbers = list(map(self._words.get, words))
        found = set(filter(None, numbers))
        if not self._pairs:
            return found
        longer, ahead = self._longer.get, [*words, ""]
        # Most of what is looked up is looked up here, so without a step in Python for each word.
        second = list(map(self._pairs.get, compress(zip(words, ahead[1:], strict=True), numbers)))
        places = compress(compress(count(2), numbers), second)
        reached = list(zip(places, filter(None, second), strict=True))
        while reached:
            found.update([number for _, number in reached])
            reached = [(place + 1, after) for place, number in reached if (after := longer((number, ahead[place])))]
        return found


class Keys:
    """Labels of one kind: what a paper has or has not."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._known: dict[Words, int] = {}

    def get(self, key: Words) -> int | None:
        """Give the number of a key that is known."""
        return self._known.get(key)

    def add(self, key: Words) -> int:
        """Give the number of a key, a new one if need be."""
        if key not in self._known:
            self._known[key] = self._numbers.new()
            self._changed()
        return self._known[key]

    def drop(self, key: Words) -> None:
        """Hold a key once less; forget it when nobody holds it."""
        if self._numbers.drop(self._known[key]):
            del self._known[key]
            self._changed()

    def standing(self, values: Sequence[str]) -> set[int]:
        """Give those that are among the values."""
        return set(filter(None, (self._known.get((value,)) for value in values)))

    def _changed(self) -> None:
        pass


class Beginnings(Keys):
    """Starts of words in one field. What each word of the papers begins with is worked out once."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__(numbers)
        self._begun: dict[str, tuple[int, ...]] = {}

    def standing(self, values: Sequence[str]) -> set[int]:
        """Give those that some word has."""
        if len(self._begun) > _REMEMBERED:
            self._changed()
        words = set(values)
        self._begun.update((word, tuple(self._of(word))) for word in words - self._begun.keys())
        return set(chain.from_iterable(map(self._begun.__getitem__, words)))

    def _of(self, word: str) -> Iterator[int]:
        return filter(None, (self._known.get((word[:length],)) for length in range(1, len(word) + 1)))

    def _changed(self) -> None:
        self._begun.clear()


class Stems(Beginnings):
    """Stems of words in one field; only words that begin like one of them are stemmed."""

    def __init__(self, numbers: Numbers) -> None:
        super().__init__(numbers)
        self._starts: frozenset[str] | None = None

    def _of(self, word: str) -> Iterator[int]:
        if self._starts is None:
            self._starts = frozenset(start[:2] for start, _ in self._known)
        number = self._known.get(stem_key(word)) if word[:2] in self._starts else None
        return iter((number,) if number else ())

    def _changed(self) -> None:
        super()._changed()
        self._starts = None


_Space = Phrases | Keys


class Atoms:
    """All the atoms of an index, each held as often as it is asked for."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        text = Phrases(self.numbers)
        self.plain = text.plain
        self._spaces: dict[str, _Space] = {"": text}

    def add(self, atom: Atom) -> int:
        """Give the number of an atom, a new one if need be."""
        space, words = atom
        known = self._spaces.get(space)
        if known is None:
            known = self._spaces[space] = _made(space)(self.numbers)
        return known.add(words)

    def get(self, atom: Atom) -> int:
        """Give the number of an atom that is known. Raises ``KeyError``."""
        space, words = atom
        number = self._spaces[space].get(words)
        if number is None:
            raise KeyError(atom)
        return number

    def drop(self, atom: Atom) -> None:
        """Hold an atom once less."""
        space, words = atom
        self._spaces[space].drop(words)

    def standing(self, paper: Paper, folded: FoldedPaper) -> set[int]:
        """Give every atom that stands in a paper."""
        found: set[int] = set()
        for name, space in self._spaces.items():
            field = name.rstrip("*~")
            found |= space.standing(folded.words(field) if field in SCOPES else list(labels(field, paper)))
        return found


def _made(space: str) -> type[_Space]:
    if space.endswith("*"):
        return Beginnings
    return Stems if space.endswith("~") else Phrases if space in SCOPES else Keys


def labels(kind: str, paper: Paper) -> Iterator[str]:
    """Give the values that satisfy ``kind:value``; a category also stands for the archives that it is in."""
    match kind:
        case "has":
            yield from (link for link in LINKS if getattr(paper, link))
        case "source":
            yield from map(str.casefold, paper.sources)
        case "cat":
            for parts in (category.casefold().split(".") for category in paper.categories):
                yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))
