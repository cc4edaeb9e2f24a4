"""The syntax tree: frozen values. Two trees are equal when they ask for the same thing in the same order."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.query.acronyms import KNOWN, Acronyms

Operator = Literal[">=", "<=", ">", "<", "="]

TEXT_FIELDS = ("title", "abstract", "tag", "author", "org")
LABEL_FIELDS = ("cat", "source")
LINKS = ("code", "model", "project")
NUMBERS = ("upvotes", "stars", "comments", "age")


@dataclass(frozen=True, slots=True)
class _Text:
    """What looks for words. ``field`` is one of ``TEXT_FIELDS``, or empty for title, abstract or tags.

    ``text`` is NFKC and casefolded (not for ``Exact``); ``term`` is the part of the query as its author wrote it.
    """

    text: str
    field: str = ""
    term: str = dataclasses.field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Word(_Text):
    """One term without a space; ``multi-agent`` is one.

    ``also`` is what says it together with the words beside it: ``rl`` for each word of ``reinforcement learning``.
    """

    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase(_Text):
    """Words in this order, nothing between them but punctuation."""


@dataclass(frozen=True, slots=True)
class Prefix(_Text):
    """A word, in any of its inflections, that starts like this. ``text`` is without the star."""


@dataclass(frozen=True, slots=True)
class Stem(_Text):
    """A word with the same Snowball stem. ``text`` is without the tilde."""


@dataclass(frozen=True, slots=True)
class Exact(_Text):
    """These characters, letter case included, from word boundary to word boundary."""


@dataclass(frozen=True, slots=True)
class Label:
    """``cat:`` or ``source:``: a whole value; a category's archive stands for all of it (``cat:cs``)."""

    field: str
    value: str
    term: str = dataclasses.field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Has:
    """The paper has a link to its code, model or project page."""

    link: str
    term: str = dataclasses.field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """A number of the paper against a bound. An unknown number satisfies no comparison. ``age`` is in days."""

    name: str
    operator: Operator
    bound: int
    term: str = dataclasses.field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Everything:
    """Every paper."""

    term: str = dataclasses.field(default="*", compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The child does not hold. The child is never a ``Not``."""

    child: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more children; none is an ``And``, no two are equal."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more children; none is an ``Or``, no two are equal."""

    children: tuple[Node, ...]


TextLeaf = Word | Phrase | Prefix | Stem | Exact
Leaf = TextLeaf | Label | Has | Compare | Everything
Node = Leaf | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read. Equal when the canonical forms are, however they were written."""

    text: str = dataclasses.field(compare=False)
    root: Node = dataclasses.field(compare=False)
    canonical: str
    acronyms: Acronyms = dataclasses.field(default=KNOWN, compare=False, repr=False)
    """The table by which its acronyms are understood."""

    def __str__(self) -> str:
        return self.canonical


def negated(node: Node) -> Node:
    """Give the opposite."""
    return node.child if isinstance(node, Not) else Not(node)


def every(nodes: Sequence[Node]) -> Node:
    """Join with AND: flat, without repetition, in order of first appearance."""
    return _join(And, nodes)


def either(nodes: Sequence[Node]) -> Node:
    """Join with OR: flat, without repetition, in order of first appearance."""
    return _join(Or, nodes)


def _join(kind: type[And | Or], nodes: Sequence[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    flat = (part for node in nodes for part in (node.children if isinstance(node, kind) else (node,)))
    children = tuple(dict.fromkeys(flat))
    return children[0] if len(children) == 1 else kind(children)


def walk(node: Node) -> Iterator[Node]:
    """Give a node and everything below it, parents first, left to right."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if isinstance(current, Not):
            waiting.append(current.child)
        elif isinstance(current, And | Or):
            waiting.extend(reversed(current.children))


def leaves(node: Node) -> tuple[Leaf, ...]:
    """Give the leaves, left to right."""
    return tuple(part for part in walk(node) if not isinstance(part, And | Or | Not))


def positive_leaves(node: Node) -> tuple[Leaf, ...]:
    """Give the leaves that do not stand under a ``Not``, left to right."""
    found: list[Leaf] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, And | Or):
            waiting.extend(reversed(current.children))
        elif not isinstance(current, Not):
            found.append(current)
    return tuple(found)


def is_positive(node: Node) -> bool:
    """Whether everything that can satisfy this node includes something wanted, not only things unwanted."""
    if isinstance(node, And):
        return any(map(is_positive, node.children))
    if isinstance(node, Or):
        return all(map(is_positive, node.children))
    return not isinstance(node, Not)


def unrestricted(node: Node) -> Node:
    """Give a tree as it would be if it excluded nothing."""
    if not isinstance(node, And | Or):
        return node
    children = tuple(unrestricted(child) for child in node.children if not isinstance(child, Not))
    if not children or (isinstance(node, Or) and len(children) < len(node.children)):
        return Everything()
    return children[0] if len(children) == 1 else type(node)(children)


def excluded(root: Node) -> Node | None:
    """Give a tree that holds for what exclusions dropped, ``None`` if there are none."""
    open_ = unrestricted(root)
    if open_ == root:
        return None
    if not isinstance(root, And):
        return every([open_, negated(root)])
    barring = [negated(child) for child in root.children if unrestricted(child) != child]
    barring += [child.child for child in root.children if isinstance(child, Not)]
    return every([open_, either(barring)])
