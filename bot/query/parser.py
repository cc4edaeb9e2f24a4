"""Text -> Query. One pass over the tokens with a stack of its own: no recursion, whatever the brackets do.

``NOT`` binds closest, then ``AND`` and words side by side, then ``OR``, comma and bar.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from bot.errors import QueryError
from bot.query.acronyms import KNOWN, Acronyms
from bot.query.beside import side_by_side
from bot.query.canonical import depth, printed
from bot.query.complaints import complaint
from bot.query.lexer import Kind, Token, plain, tokens
from bot.query.nodes import Node, Query, either, every, is_positive, negated
from bot.query.plain import straight

LONGEST = 1000
DEEPEST = 32
MOST_TERMS = 64


def parse(text: str, acronyms: Acronyms = KNOWN) -> Query:
    """Read a query. Raises ``QueryError`` with the place of what cannot be read.

    ``acronyms`` is the table by which acronyms are understood; it does not change what is equal.

    At most 1,000 characters (also in canonical form), 64 terms, brackets 32 deep.
    """
    _check_characters(text)
    if (leaves := plain(text)) and len(leaves) <= MOST_TERMS:
        root = either(leaves)
        return Query(text, root, printed(root), acronyms)
    found = tokens(text)
    if "," in straight(text):
        found = _without_idle_commas(found)
    if not found:
        raise complaint(text, 0, "there is nothing in it to look for")
    if len(found) > MOST_TERMS and (terms := [token for token in found if token.kind is Kind.LEAF])[MOST_TERMS:]:
        place = terms[MOST_TERMS].place
        raise complaint(text, place, f"it has {len(terms)} terms, the 65th at {place}; {MOST_TERMS} are the most")
    root = _Parser(text).run(found)
    if not is_positive(root):
        raise complaint(text, 0, "say what you want, not only what you don't")
    canonical = printed(root)
    if len(canonical) > LONGEST:
        raise _too_long(text, len(canonical))
    if canonical.count("(") > DEEPEST and depth(root) > DEEPEST:
        raise complaint(text, 0, f"it is nested deeper than {DEEPEST} brackets once they are all written")
    return Query(text, side_by_side(root, acronyms), canonical, acronyms)


def _check_characters(text: str) -> None:
    if len(text) <= LONGEST and text.isascii() and text.isprintable():
        return
    # One character can stand for eighteen, which would take longer to read than a query may.
    if (length := len(unicodedata.normalize("NFKC", text[: LONGEST + 1]))) > LONGEST:
        raise _too_long(text, max(length, len(text)))
    for place, char in enumerate(text, 1):
        if not (char.isprintable() or char.isspace()):
            raise complaint(text, place, f"character {place} (U+{ord(char):04X}) cannot be seen; take it out")


def _too_long(text: str, length: int) -> QueryError:
    return complaint(text, 0, f"it has {length:,} characters; {LONGEST:,} are the most")


def _without_idle_commas(found: list[Token]) -> list[Token]:
    """Forgive commas with nothing before or after them; OR and the bar are not forgiven."""
    kept: list[Token] = []
    for token in found:
        if token.kind is Kind.CLOSE:
            _drop_comma(kept)
        if not (_is_comma(token) and (not kept or kept[-1].kind is Kind.OPEN or _is_comma(kept[-1]))):
            kept.append(token)
    _drop_comma(kept)
    return kept


def _is_comma(token: Token) -> bool:
    return token.kind is Kind.OR and straight(token.text) == ","


def _drop_comma(kept: list[Token]) -> None:
    if kept and _is_comma(kept[-1]):
        kept.pop()


@dataclass(slots=True)
class _Group:
    """What stands between two brackets, as far as it was read."""

    place: int
    alternatives: list[Node] = field(default_factory=list)
    together: list[Node] = field(default_factory=list)
    negate: bool = False
    waiting: Token | None = None
    """An operator that has no operand after it yet."""

    def add(self, node: Node) -> None:
        self.together.append(negated(node) if self.negate else node)
        self.negate, self.waiting = False, None

    def end_alternative(self) -> None:
        self.alternatives.append(every(self.together))
        self.together = []


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.groups = [_Group(0)]

    def run(self, found: list[Token]) -> Node:
        for token in found:
            self.read(token)
        if len(self.groups) > 1:
            place = self.groups[1].place
            raise complaint(self.text, place, f"a bracket opens at {place} and never closes")
        return self.finished()

    def read(self, token: Token) -> None:
        group = self.groups[-1]
        if token.leaf:
            group.add(token.leaf)
        elif token.kind is Kind.NOT:
            group.negate, group.waiting = not group.negate, token
        elif token.kind is Kind.OPEN:
            self.open(token)
        elif token.kind is Kind.CLOSE:
            self.close(token)
        else:
            self.join(group, token)

    def open(self, token: Token) -> None:
        if len(self.groups) > DEEPEST:
            raise complaint(self.text, token.place, f"brackets are more than {DEEPEST} deep at {token.place}")
        self.groups.append(_Group(token.place))

    def close(self, token: Token) -> None:
        if len(self.groups) == 1:
            raise complaint(self.text, token.place, f"a bracket closes at {token.place} and was never opened")
        node = self.finished()
        self.groups.pop()
        self.groups[-1].add(node)

    def join(self, group: _Group, token: Token) -> None:
        """Take AND or OR between two operands."""
        self.check_waiting(group)
        if not group.together:
            raise complaint(self.text, token.place, f'"{token.text}" at {token.place} has nothing before it')
        group.waiting = token
        if token.kind is Kind.OR:
            group.end_alternative()

    def finished(self) -> Node:
        """Give the innermost group as a node."""
        group = self.groups[-1]
        self.check_waiting(group)
        if not group.together:
            raise complaint(self.text, group.place, f"the brackets at {group.place} are empty")
        group.end_alternative()
        return either(group.alternatives)

    def check_waiting(self, group: _Group) -> None:
        if operator := group.waiting:
            what = f'"{operator.text}" at {operator.place} has nothing after it'
            raise complaint(self.text, operator.place, what)
