"""Why a query wants a paper, or which rule stopped it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from bot.models import Evidence, Paper
from bot.query.acronyms import Acronyms
from bot.query.canonical import printed
from bot.query.evidence import Found, look, number_of
from bot.query.matcher import Held, chosen, holding
from bot.query.nodes import And, Compare, Has, Label, Leaf, Node, Not, Or, Query
from bot.query.paper import FoldedPaper, fold_paper

LONGEST = 120


@dataclass(frozen=True, slots=True)
class Verdict:
    """A match with its evidence, or no match with the reason: one rule in at most 120 characters."""

    matched: bool
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    lacking: int = 0
    """How many words, else other rules, it lacks: each as often as the query has it."""


def explain(query: Query, paper: Paper, today: date, folded: FoldedPaper | None = None) -> Verdict:
    """Say why a query wants a paper, or which rule stopped it.

    An exclusion is the reason exactly when the paper would match if the query excluded nothing. Otherwise words that
    are missing come before numbers and links that are.
    """
    case = _Case(paper, folded or fold_paper(paper), today, query.acronyms)
    evidence = holding(query.root, case.look)
    if evidence is not None:
        return Verdict(True, evidence)
    if holding(query.root, case.look, exclude=False) is not None:
        return Verdict(False, reason=_said("excluded by ", _exclusions(query.root, case.look)))
    lack = case.lack(query.root)
    said = _said("does not mention ", lack.words) if lack.words else _said("", lack.rules)
    return Verdict(False, reason=said, lacking=len(lack.words or lack.rules))


def exclusions(query: Query, ids: Collection[str], held: Held) -> dict[str, str]:
    """Say of papers that only exclusions keep out what ``explain`` says, told for which of them each leaf holds."""
    terms: dict[str, list[str]] = {id_: [] for id_ in ids}
    for term, some in _barring(query.root, frozenset(ids), held):
        for id_ in some:
            terms[id_].append(term)
    return {id_: _said("excluded by ", some) for id_, some in terms.items()}


def _barring(node: Node, ids: frozenset[str], held: Held) -> Iterator[tuple[str, frozenset[str]]]:
    """Give the exclusions that keep papers out of a node which holds for them without, each with these papers."""
    if isinstance(node, Not):
        yield _exclusion(node), ids
    elif isinstance(node, And | Or):
        for child in node.children:
            if lost := chosen(child, ids, held, exclude=False) - chosen(child, ids, held):
                yield from _barring(child, lost, held)


def _exclusions(node: Node, look_at: Callable[[Leaf], Found]) -> Iterator[str]:
    """Give the exclusions that keep out a node which holds without them."""
    if isinstance(node, Not):
        yield _exclusion(node)
    elif isinstance(node, And | Or):
        for child in node.children:
            alone = holding(child, look_at, exclude=False) is not None
            if alone and holding(child, look_at) is None:
                yield from _exclusions(child, look_at)


def _exclusion(node: Not) -> str:
    return "-" + (f"({printed(node.child)})" if isinstance(node.child, And | Or) else _term(node.child))


@dataclass(frozen=True, slots=True)
class _Lack:
    """What a paper lacks: terms that it does not mention, and other rules, in words."""

    words: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """One paper before the court."""

    paper: Paper
    folded: FoldedPaper
    today: date
    acronyms: Acronyms
    looked: dict[int, Found] = field(default_factory=dict)

    def look(self, leaf: Leaf) -> Found:
        """Look once: several questions are asked about each leaf."""
        if id(leaf) not in self.looked:
            self.looked[id(leaf)] = look(leaf, self.paper, self.folded, self.today, self.acronyms)
        return self.looked[id(leaf)]

    def lack(self, node: Node) -> _Lack:
        """Say what a node lacks that does not hold, exclusions aside; nothing when it holds."""
        if holding(node, self.look, exclude=False) is not None:
            return _Lack()
        if isinstance(node, And | Or):
            lacks = [self.lack(child) for child in node.children]
            near = [lack for lack in lacks if not lack.words]
            return near[0] if near and isinstance(node, Or) else _joined(lacks)
        return self.leaf_lack(node)

    def leaf_lack(self, node: Node) -> _Lack:
        match node:
            case Compare():
                return _Lack(rules=(self.distance(node),))
            case Has():
                return _Lack(rules=(f"no {node.link}",))
            case Label():
                return _Lack(rules=(f"not in {node.term}",))
        return _Lack(words=(_term(node),))

    def distance(self, bound: Compare) -> str:
        number = number_of(self.paper, bound.name, self.today)
        if number is None:
            return f"{bound.name} unknown, wanted {printed(bound)}"
        below = bound.operator in (">", ">=") or (bound.operator == "=" and number < bound.bound)
        return f"{'below' if below else 'above'} {printed(bound)}"


def _joined(lacks: list[_Lack]) -> _Lack:
    words = tuple(word for lack in lacks for word in lack.words)
    return _Lack(words, tuple(rule for lack in lacks for rule in lack.rules))


def _said(start: str, parts: Iterable[str]) -> str:
    text, said = start, set[str]()
    for part in parts:
        if part not in said:
            text += f", {part}" if said else part
            said.add(part)
        if len(text) > LONGEST:
            return text[: LONGEST - 1] + "…"
    return text


def _term(node: Node) -> str:
    """Give a leaf as its author wrote it, on one line."""
    return " ".join((getattr(node, "term", "") or printed(node)).split())
