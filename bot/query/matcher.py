"""The oracle: whether a query wants a paper, with the words that prove it, or the rule that stopped it.

Plain before fast: the index over many queries and the archives' search give the same verdicts, tested against this.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.models import Evidence, Paper
from bot.query.evidence import Found, look
from bot.query.nodes import And, Leaf, Node, Not, Or, Query
from bot.query.paper import FoldedPaper, fold_paper


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
