"""Query -> formula: the same question in atoms, which an index looks up for many queries at once.

An atom is something that a paper's folded words decide alone: words that stand together in a field, a word that begins
or ends up (``term~``) like this, a label. It is written as the space that it is looked up in and its words, and known
by a number. What atoms cannot decide is asked of the paper itself, where the atoms that it needs stand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Literal, NamedTuple

from bot.query.acronyms import Acronyms
from bot.query.folding import Words, fold_word
from bot.query.nodes import (
    And,
    Compare,
    Everything,
    Exact,
    Label,
    Leaf,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Stem,
    Word,
)
from bot.query.stems import stem_key
from bot.query.variants import alternatives, prefixes, spellings

Atom = tuple[str, Words]
"""A space and words: a field of the query language for words that stand there together, the field and ``*`` for the
start of a word, the field and ``~`` for a stem, ``cat``, ``source`` and ``has`` for labels."""

Number = Callable[[Atom], int]
Plain = Callable[[Node, Acronyms], int]
"""A quick way to the number of a leaf that can only be said one way; 0 for all other nodes."""


class Asked(NamedTuple):
    """A leaf that the paper is asked about, if ``need`` holds (``None``: of every paper)."""

    leaf: Leaf
    need: Formula | None = None


class All(NamedTuple):
    """All of two or more."""

    parts: tuple[Formula, ...]
    kind: Literal["all"] = "all"


class Either(NamedTuple):
    """Any of two or more."""

    parts: tuple[Formula, ...]
    kind: Literal["either"] = "either"


class Opposite(NamedTuple):
    """What does not hold."""

    part: Formula


Formula = int | Asked | All | Either | Opposite
"""A number is an atom. Flat and in one order, so that queries that ask the same of papers mostly have the same one.

Tuples, since those are hashed in C; ``kind`` keeps all of some parts and any of them two.
"""


def formula(query: Query, number: Number, plain: Plain | None = None) -> Formula:
    """Write a query in atoms, each named by ``number``; parts of it by ``plain``, where that can."""
    if plain and isinstance(query.root, Or):
        found = [plain(child, query.acronyms) for child in query.root.children]
        if 0 not in found:
            return _either({*found})
    return _written(query.root, query.acronyms, number, plain)


def _written(node: Node, acronyms: Acronyms, number: Number, plain: Plain | None) -> Formula:
    """Write a part of a query. Recursion is bounded by the depth of brackets."""
    match node:
        case Word() | Phrase():
            found = spellings(node, acronyms)
            if len(found) == 1:
                return number((node.field, found[0]))
            return _joined(Either, [number((node.field, words)) for words in found])
        case Or() | And():
            kind = Either if isinstance(node, Or) else All
            return _joined(kind, _parts(node.children, acronyms, number, plain))
        case Not():
            return Opposite(_written(node.child, acronyms, number, plain))
        case Prefix():
            return _joined(Either, [*_prefix(node, number)])
        case Everything() | Compare():
            return Asked(node)
        case Exact():
            return Asked(node, number(("", alternatives(node)[0])))
        case Stem():
            return number((node.field + "~", stem_key(fold_word(node.text))))
        case Label():
            return number((node.field, (node.value,)))
    return number(("has", (node.link,)))


def _parts(nodes: Collection[Node], acronyms: Acronyms, number: Number, plain: Plain | None) -> list[Formula]:
    if plain:
        return [plain(node, acronyms) or _written(node, acronyms, number, plain) for node in nodes]
    return [_written(node, acronyms, number, None) for node in nodes]


def _prefix(leaf: Prefix, number: Number) -> Iterator[Formula]:
    """Whole words, the start of one word, and phrases with one at their end: those are asked where the rest stands."""
    needs: list[Formula] = []
    for words in prefixes(leaf):
        if len(words) == 1:
            yield number((leaf.field + "*", words))
        else:
            needs.append(number((leaf.field, words[:-1])))
    yield from (number((leaf.field, words)) for words in alternatives(leaf))
    if needs:
        yield Asked(leaf, _joined(Either, needs))


def _either(numbers: set[int]) -> Formula:
    return Either((*sorted(numbers),)) if len(numbers) > 1 else numbers.pop()


def _joined(kind: type[All | Either], parts: Collection[Formula]) -> Formula:
    numbers = {part for part in parts if isinstance(part, int)}
    others: dict[Formula, None] = {}
    for part in parts:
        if not isinstance(part, int):
            for inner in part.parts if isinstance(part, kind) else (part,):
                if isinstance(inner, int):
                    numbers.add(inner)
                else:
                    others[inner] = None
    found = (*sorted(numbers), *others)
    return found[0] if len(found) == 1 else kind(found)


def atoms(part: Formula | None) -> Iterator[int]:
    """Give every atom in a formula, again for each place where it stands."""
    match part:
        case int():
            yield part
        case Opposite():
            yield from atoms(part.part)
        case Asked():
            yield from atoms(part.need)
        case All() | Either():
            for inner in part.parts:
                if isinstance(inner, int):
                    yield inner
                else:
                    yield from atoms(inner)


def anchors(part: Formula | None, cost: Callable[[int], int]) -> tuple[int, ...]:
    """Give atoms of which one stands in every paper that the formula holds for, the cheapest; none if it needs none."""
    match part:
        case int():
            return (part,)
        case Asked():
            return anchors(part.need, cost)
        case Either():
            each = [anchors(inner, cost) for inner in part.parts]
            return tuple({atom for some in each for atom in some}) if all(each) else ()
        case All():
            able = filter(None, (anchors(inner, cost) for inner in part.parts))
            return min(able, key=lambda some: sum(map(cost, some)), default=())
    return ()
