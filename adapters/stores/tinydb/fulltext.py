"""FTS5 expressions as trees, and how they are written.

FTS5 has no bare NOT, so a tree comes with a sign: ``Signed(tree, False)`` are the papers that it does not hold for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order; with ``begun`` the last one is only the start of a word."""

    words: tuple[str, ...]
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Any:
    """Any of these phrases, in these columns."""

    columns: tuple[str, ...]
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """All of two or more."""

    children: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of two or more."""

    children: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """The first and not the second."""

    child: Tree
    other: Tree


Tree = Any | Both | Either | Without


class Signed(NamedTuple):
    """A tree, or what it does not hold for."""

    tree: Tree
    holds: bool = True


def every(parts: Sequence[Signed]) -> Signed:
    """Join with AND."""
    wanted = [part.tree for part in parts if part.holds]
    barred = [part.tree for part in parts if not part.holds]
    if not wanted:
        return Signed(either(barred), holds=False)
    return Signed(Without(both(wanted), either(barred)) if barred else both(wanted))


def some(parts: Sequence[Signed]) -> Signed:
    """Join with OR: by De Morgan, the opposite of all their opposites."""
    tree, holds = every([Signed(part.tree, not part.holds) for part in parts])
    return Signed(tree, not holds)


def both(trees: Sequence[Tree]) -> Tree:
    """Join with AND."""
    return trees[0] if len(trees) == 1 else Both(tuple(trees))


def either(trees: Sequence[Tree]) -> Tree:
    """Join with OR."""
    return trees[0] if len(trees) == 1 else Either(tuple(trees))


def printed(tree: Tree) -> str:
    """Write it in FTS5's language."""
    match tree:
        case Any():
            phrases = " OR ".join(f'"{" ".join(each.words)}"{" *" if each.begun else ""}' for each in tree.phrases)
            return f"{{{' '.join(tree.columns)}}} : ({phrases})"
        case Both():
            return " AND ".join(map(_inside, tree.children))
        case Either():
            return " OR ".join(map(_inside, tree.children))
    return f"{_inside(tree.child)} NOT {_inside(tree.other)}"


def _inside(tree: Tree) -> str:
    return f"({printed(tree)})"


def depth(tree: Tree) -> int:
    """How many brackets stand inside each other. FTS5's parser has room for about thirty."""
    match tree:
        case Any():
            return 1
        case Without():
            return 1 + max(depth(tree.child), depth(tree.other))
    return 1 + max(map(depth, tree.children))


def inner(tree: Tree) -> Iterator[Tree]:
    """Give a tree and all below it."""
    yield tree
    if not isinstance(tree, Any):
        for child in (tree.child, tree.other) if isinstance(tree, Without) else tree.children:
            yield from inner(child)


def phrases(tree: Tree) -> Iterator[Phrase]:
    """Give all phrases of a tree."""
    return (phrase for each in inner(tree) if isinstance(each, Any) for phrase in each.phrases)


def is_list(tree: Tree) -> bool:
    """Whether it is a single word, which FTS5 keeps in one list."""
    return (
        isinstance(tree, Any)
        and len(tree.phrases) == 1
        and len(tree.phrases[0].words) == 1
        and not tree.phrases[0].begun
    )
