"""A leaf against a paper: whether it holds, and where that can be read."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from itertools import islice

from bot.models import Evidence, Paper
from bot.query.acronyms import Acronyms
from bot.query.folding import fold_text, plain_text
from bot.query.hits import Stretch, apart, exact_places, hits, stands
from bot.query.nodes import Compare, Everything, Exact, Has, Label, Leaf, TextLeaf
from bot.query.paper import SCOPES, FoldedPaper, paper_aliases
from bot.query.variants import NAMES
from bot.query.words import places

Found = tuple[Evidence, ...] | None
"""The evidence of something that holds, which may be empty; ``None`` when it does not hold."""

_Find = Callable[[TextLeaf, str], Iterator[Stretch]]
"""``hits`` with a table of acronyms."""

QUOTES = 3
"""At most so many quotes a leaf."""

_OPERATORS: dict[str, Callable[[int, int], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq,
}  # fmt: skip


def look(leaf: Leaf, paper: Paper, folded: FoldedPaper, today: date, acronyms: Acronyms) -> Found:
    """Say whether a leaf holds for a paper, with the evidence."""
    find = partial(hits, acronyms=acronyms)
    match leaf:
        case Everything():
            return ()
        case Has():
            return _whole(leaf.link, leaf.term, getattr(paper, leaf.link))
        case Compare():
            number = number_of(paper, leaf.name, today)
            holds = number is not None and _OPERATORS[leaf.operator](number, leaf.bound)
            return _whole(leaf.name, leaf.term, str(number)) if holds else None
        case Label():
            return _label(leaf, paper)
        case Exact():
            return _exact(leaf, paper, folded, acronyms)
    if not _stands(leaf, folded, acronyms):
        return None
    return tuple(islice(_distinct(_quotes(leaf, paper, folded, find)), QUOTES))


def number_of(paper: Paper, name: str, today: date) -> int | None:
    """Give a number of a paper, ``None`` when it is not known. ``age`` is days since it was listed, else published."""
    if name == "age":
        born = paper.listed or paper.published
        return (today - born).days if born else None
    number: int | None = getattr(paper, name)
    return number


def _stands(leaf: TextLeaf, folded: FoldedPaper, acronyms: Acronyms) -> bool:
    return any(stands(leaf, getattr(folded, scope), acronyms) for scope in SCOPES[leaf.field])


def _whole(field: str, term: str, value: str) -> Found:
    return (Evidence(field, term, value, 0, len(value)),) if value else None


def _label(leaf: Label, paper: Paper) -> Found:
    if leaf.field == "source":
        named = [source for source in paper.sources if source.casefold() == leaf.value]
        return _whole("sources", leaf.term, named[0]) if named else None
    archive = leaf.value + "."
    named = [cat for cat in paper.categories if cat.casefold() == leaf.value or cat.casefold().startswith(archive)]
    return _whole("categories", leaf.term, named[0]) if named else None


def _exact(leaf: Exact, paper: Paper, folded: FoldedPaper, acronyms: Acronyms) -> Found:
    if not _stands(leaf, folded, acronyms):
        return None
    return tuple(islice(_distinct(_exact_quotes(leaf, paper)), QUOTES)) or None


def _exact_quotes(leaf: Exact, paper: Paper) -> Iterator[Evidence]:
    for field, text in (("title", paper.title), ("abstract", paper.abstract)):
        for start, end in exact_places(leaf, text):
            yield Evidence(field, leaf.term, text[start:end], start, end)
    named = (tag for tag in paper.tags if any(True for _ in exact_places(leaf, tag)))
    yield from (Evidence("tags", leaf.term, tag, 0, len(tag)) for tag in named)


def _distinct(quotes: Iterator[Evidence]) -> Iterator[Evidence]:
    """Leave out a quote that says again what one of the same field said."""
    said: set[tuple[str, str]] = set()
    for quote in quotes:
        key = (quote.field, quote.quote.casefold())
        if key not in said:
            said.add(key)
            yield quote


def _quotes(leaf: TextLeaf, paper: Paper, folded: FoldedPaper, find: _Find) -> Iterator[Evidence]:
    values = {"tags": paper.tags, "authors": paper.authors, "organization": (paper.organization,)}
    fold = plain_text if leaf.field in NAMES else fold_text
    for scope in SCOPES[leaf.field]:
        if scope in values:
            named = (value for value in values[scope] if any(True for _ in find(leaf, fold(value))))
            yield from (Evidence(scope, leaf.term, value, 0, len(value)) for value in named)
        elif scope == "aliases":
            yield from _from_aliases(leaf, paper, folded, find)
        else:
            yield from _cut(leaf, scope, paper, apart(find(leaf, getattr(folded, scope))))


def _from_aliases(leaf: TextLeaf, paper: Paper, folded: FoldedPaper, find: _Find) -> Iterator[Evidence]:
    for field, alias in paper_aliases(paper, folded.title, folded.abstract):
        found = apart(find(leaf, " ".join([*alias.left, *alias.form, *alias.right])))
        yield from _cut(leaf, field, paper, [alias.original(start, end) for start, end in found])


def _cut(leaf: TextLeaf, field: str, paper: Paper, stretches: list[Stretch]) -> Iterator[Evidence]:
    text: str = getattr(paper, field)
    words = places(text) if stretches else ()
    for first, last in stretches:
        start, end = words[2 * first], words[2 * last - 1]
        yield Evidence(field, leaf.term, text[start:end], start, end)
