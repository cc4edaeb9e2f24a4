"""Query -> text: one spelling for all that mean the same, which reads back as the same tree.

Words stand side by side, alternatives with OR, both in brackets inside each other, exclusions with a minus:
``a, b NOT c`` is ``a OR (b -c)``. Everything is in lower case but ``OR`` and what stands in ``exact:"..."``.
"""

from __future__ import annotations

from bot.query.nodes import And, Compare, Everything, Exact, Has, Label, Leaf, Node, Not, Or, Phrase, Prefix, Stem
from bot.query.plain import BARE


def printed(node: Node) -> str:
    """Write a tree. A tree is never deeper than its brackets allow, so recursion is bounded."""
    if isinstance(node, Not):
        return "-" + _inside(node.child)
    if isinstance(node, And):
        return " ".join(map(_inside, node.children))
    if isinstance(node, Or):
        return " OR ".join(map(_inside, node.children))
    return _leaf(node)


def depth(node: Node) -> int:
    """How deep the brackets of the printed form are."""
    if isinstance(node, Not):
        return depth(node.child) + isinstance(node.child, And | Or)
    if isinstance(node, And | Or):
        return max(depth(child) + isinstance(child, And | Or) for child in node.children)
    return 0


def _inside(node: Node) -> str:
    return f"({printed(node)})" if isinstance(node, And | Or) else printed(node)


def _leaf(leaf: Leaf) -> str:
    match leaf:
        case Everything():
            return "*"
        case Has():
            return f"has:{leaf.link}"
        case Label():
            return f"{leaf.field}:{leaf.value}"
        case Compare():
            return f"{leaf.name}{leaf.operator}{leaf.bound}"
        case Exact():
            return f'exact:"{leaf.text}"'
    field = leaf.field and f"{leaf.field}:"
    mark = {Prefix: "*", Stem: "~"}.get(type(leaf), "")
    quoted = isinstance(leaf, Phrase) or not BARE.fullmatch(leaf.text)
    return f'{field}"{leaf.text}"' if quoted else f"{field}{leaf.text}{mark}"
