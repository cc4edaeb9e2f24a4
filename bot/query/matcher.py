"""The oracle: whether a query wants a paper, with the words that prove it, or the rule that stopped it.

Plain before fast: the index over many queries and the archives' search give the same verdicts, tested against this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from bot.models import Evidence, Paper
from bot.query.evidence import Found, look
from bot.query.nodes import And, Leaf, Node, Not, Or, Query
from bot.query.paper import FoldedPaper, fold_paper

Held = Mapping[Leaf, frozenset[str]]
"""For each leaf of a tree the ids of papers that it holds for."""


def match(query: Query, paper: Paper, today: date, folded: FoldedPaper | None = None) -> tuple[Evidence, ...] | None:
    """Give the evidence when the query wants the paper (nothing to quote for ``*``), ``None`` when it does not.

    The evidence is what holds of the query's positive leaves, at most three quotes each. ``today`` is for ``age``.
    ``folded`` saves folding the paper again.
    """
    ready = folded or fold_paper(paper)
    return holding(query.root, lambda leaf: look(leaf, paper, ready, today, query.acronyms))


def holding(node: Node, look_at: Callable[[Leaf], Found], *, exclude: bool = True) -> Found:
    """Give the evidence of a tree that holds, ``None`` of one that does not.

    Without ``exclude`` as if nothing were excluded. Recursion is bounded by the depth of brackets.
    """
    if isinstance(node, Not):
        return None if exclude and holding(node.child, look_at) is not None else ()
    if not isinstance(node, And | Or):
        return look_at(node)
    parts = [holding(child, look_at, exclude=exclude) for child in node.children]
    held = [part for part in parts if part is not None]
    if not held or (isinstance(node, And) and len(held) < len(parts)):
        return None
    return tuple(evidence for part in held for evidence in part)


def chosen(node: Node, ids: frozenset[str], held: Held, *, exclude: bool = True) -> frozenset[str]:
    """Give those of some papers that a tree holds for, told for which of them each leaf does."""
    if isinstance(node, Not):
        return ids - chosen(node.child, ids, held) if exclude else ids
    if not isinstance(node, And | Or):
        return ids & held[node]
    if isinstance(node, And):
        for child in node.children:
            ids = ids and chosen(child, ids, held, exclude=exclude)
        return ids
    return frozenset().union(*(chosen(child, ids, held, exclude=exclude) for child in node.children))
