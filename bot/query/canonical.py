"""Query -> text: one spelling for all that mean the same, which reads back as the same tree.

Words stand side by side, alternatives with OR, both in brackets inside each other, exclusions with a minus:
``a, b NOT c`` is ``a OR (b -c)``. Everything is in lower case but ``OR`` and what stands in ``exact:"..."``.
"""

from __future__ import annotations

from bot.query.nodes import And, Compare, Everything, Has, Label, Leaf, Node, Not, Or, Phrase, Prefix, Stem, Word
from bot.query.plain import BARE

_MARKS = {Prefix: "*", Stem: "~"}


def printed(node: Node) -> str:
    """Write a tree. A tree is never deeper than its brackets allow, so recursion is bounded."""
    match node:
        case Or():
            return " OR ".join(map(_inside, node.children))
        case And():
            return " ".join(map(_inside, node.children))
        case Not():
            return "-" + _inside(node.child)
    return _leaf(node)


def depth(node: Node) -> int:
    """How deep the brackets of the printed form are."""
    match node:
        case Not():
            return _depth_inside(node.child)
        case And() | Or():
            return max(map(_depth_inside, node.children))
    return 0


def _depth_inside(node: Node) -> int:
    match node:
        case And() | Or():
            return depth(node) + 1
    return depth(node)


def _inside(node: Node) -> str:
    match node:
        case And() | Or():
            return f"({printed(node)})"
        case Not():
            return printed(node)
    return _leaf(node)


def _leaf(leaf: Leaf) -> str:
    match leaf:
        case Word() | Phrase() | Prefix() | Stem():
            field = leaf.field and f"{leaf.field}:"
            quoted = isinstance(leaf, Phrase) or not BARE.fullmatch(leaf.text)
            return f'{field}"{leaf.text}"' if quoted else f"{field}{leaf.text}{_MARKS.get(type(leaf), '')}"
        case Everything():
            return "*"
        case Has():
            return f"has:{leaf.link}"
        case Label():
            return f"{leaf.field}:{leaf.value}"
        case Compare():
            return f"{leaf.name}{leaf.operator}{leaf.bound}"
    return f'exact:"{leaf.text}"'
