"""Engines that match many queries against papers, ours and others, on the same words with the same results.

Every engine gets the queries as formulas over atoms (``bot.query.formula``), so that inflection, spelling and acronyms
are settled for all of them, and papers folded. What an engine cannot do is done for it in Python and counts as its
time: phrases are terms of their own for perq, exclusions are looked at afterwards, and automata only find words.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from typing import Any, Protocol

from bench.papers import DAY
from bot.models import Paper
from bot.query import SCOPES, FoldedPaper, Index, Query, bits
from bot.query.compounds import splits
from bot.query.folding import BARRIER, _memo
from bot.query.formula import All, Asked, Atom, Either, Formula, Opposite, formula
from bot.query.variants import LONE

Folded = tuple[Paper, FoldedPaper]


@dataclass(frozen=True)
class Workload:
    """Distinct queries, and the same as formulas over atoms numbered from 1."""

    queries: Sequence[Query]
    formulas: Sequence[Formula]
    atoms: Sequence[Atom]


def workload(queries: Iterable[Query]) -> Workload:
    """Compile queries; those that ask the same are one."""
    numbers: dict[Atom, int] = {}
    found: dict[Formula, Query] = {}
    for query in queries:
        found.setdefault(formula(query, lambda atom: numbers.setdefault(atom, len(numbers) + 1)), query)
    return Workload(list(found.values()), list(found), list(numbers))


def forget() -> None:
    """Forget the words that were met, as a process that starts knows none."""
    LONE.clear()
    _memo.clear()
    splits.cache_clear()


class Engine(Protocol):
    """What is measured."""

    def build(self, work: Workload) -> None:
        """Take the queries."""

    def match(self, papers: Sequence[Folded]) -> list[set[int]]:
        """Give the places of the queries that want each paper."""


class Ours:
    """``bot.query.Index``."""

    def build(self, work: Workload) -> None:
        self.index = Index()
        self.numbers = self.index.add_all(work.queries)

    def found(self, papers: Sequence[Folded]) -> int:
        """How many queries want something; this is what is timed."""
        return len(self.index.match(papers, DAY))

    def match(self, papers: Sequence[Folded]) -> list[set[int]]:
        places = {number: place for place, number in enumerate(self.numbers)}
        found: list[set[int]] = [set() for _ in papers]
        for number, bitmap in self.index.match(papers, DAY).items():
            for paper in bits(bitmap):
                found[paper].add(places[number])
        return found


class Perq:
    """A percolator in plain Python; it has neither phrases nor NOT."""

    def build(self, work: Workload) -> None:
        self.perq: Any = import_module("perq")
        store = self.perq.MemoryStore()
        self.terms = list(map(term, work.atoms))
        self.phrases = {words for space, words in work.atoms if not space and len(words) > 1}
        self.lengths = sorted(set(map(len, self.phrases)))
        self.excluding = {place: f for place, f in enumerate(work.formulas) if isinstance(f, All) and _excludes(f)}
        self.perq.index((self._query(place, f) for place, f in enumerate(work.formulas)), store)
        self.matcher = self.perq.QueryMatcher(store)

    def match(self, papers: Sequence[Folded]) -> list[set[int]]:
        return [set(self._matched(words(folded), names(folded))) for _, folded in papers]

    def _matched(self, text: list[str], authors: list[str]) -> Iterator[int]:
        grams = (self.phrases.intersection(zip(*(text[n:] for n in range(k)), strict=False)) for k in self.lengths)
        terms = {*text, *authors, *map(" ".join, chain.from_iterable(grams))}
        for place in self.matcher.matches(self.perq.Document(terms)):
            if place not in self.excluding or self._holds(self.excluding[place], terms):
                yield place

    def _query(self, place: int, part: Formula) -> Any:  # noqa: ANN401  (perq's)
        parts = part.parts if isinstance(part, All) else (part,)
        clauses = [[self.terms[atom - 1] for atom in _alternatives(p)] for p in parts if not isinstance(p, Opposite)]
        return self.perq.Query(place, clauses)

    def _holds(self, part: All, terms: set[str]) -> bool:
        return not any(
            self.terms[atom - 1] in terms
            for inner in part.parts
            if isinstance(inner, Opposite)
            for atom in _alternatives(inner.part)
        )


class AhoCorasick:
    """An automaton in C that finds words and phrases, under AND, OR and NOT in Python."""

    def build(self, work: Workload) -> None:
        self.automaton: Any = import_module("ahocorasick").Automaton()
        for number, atom in enumerate(work.atoms, 1):
            self.automaton.add_word(f" {term(atom)} ", number)
        self.automaton.make_automaton()
        self.layer = Layer(work.formulas)

    def match(self, papers: Sequence[Folded]) -> list[set[int]]:
        return [self._matched(" ".join([*words(folded), *names(folded)])) for _, folded in papers]

    def _matched(self, text: str) -> set[int]:
        return self.layer.wanted({number for _, number in self.automaton.iter(f" {text} ")})


class Layer:
    """From the atoms of a paper to its queries: by atom, what mentions it alone or as an alternative; else verified."""

    def __init__(self, formulas: Sequence[Formula]) -> None:
        self.formulas = formulas
        self.sure: defaultdict[int, list[int]] = defaultdict(list)
        self.maybe: defaultdict[int, list[int]] = defaultdict(list)
        uses = Counter(chain.from_iterable(map(_alternatives, formulas)))
        for place, part in enumerate(formulas):
            if isinstance(part, All):
                wanted = (list(_alternatives(inner)) for inner in part.parts if not isinstance(inner, Opposite))
                for atom in min(wanted, key=lambda some: sum(uses[atom] for atom in some)):
                    self.maybe[atom].append(place)
            else:
                for atom in _alternatives(part):
                    self.sure[atom].append(place)

    def wanted(self, atoms: set[int]) -> set[int]:
        found: set[int] = set()
        for atom in atoms:
            found.update(self.sure.get(atom, ()))
            found.update(place for place in self.maybe.get(atom, ()) if holds(self.formulas[place], atoms))
        return found


class Tantivy:
    """A search engine in Rust: the papers are indexed in memory, and every query is run."""

    def build(self, work: Workload) -> None:
        self.tantivy: Any = import_module("tantivy")
        builder = self.tantivy.SchemaBuilder()
        for field in ("words", "names"):
            builder.add_text_field(field, stored=False, tokenizer_name="whitespace", index_option="position")
        self.schema = builder.build()
        self.atoms = work.atoms
        self.queries = list(map(self._query, work.formulas))

    def match(self, papers: Sequence[Folded]) -> list[set[int]]:
        index = self.tantivy.Index(self.schema)
        writer = index.writer(heap_size=200_000_000, num_threads=1)
        for _, folded in papers:
            words_, names_ = " ".join(words(folded)), " ".join(names(folded))
            writer.add_document(self.tantivy.Document(words=words_, names=names_))
        writer.commit()
        index.reload()
        searcher, found = index.searcher(), [set[int]() for _ in papers]
        for place, query in enumerate(self.queries):
            for _, address in searcher.search(query, limit=len(papers), count=False).hits:
                found[address.doc].add(place)
        return found

    def _query(self, part: Formula) -> Any:  # noqa: ANN401  (tantivy's)
        occur, query = self.tantivy.Occur, self.tantivy.Query
        match part:
            case int():
                field = "names" if self.atoms[part - 1][0] else "words"
                words = [term(self.atoms[part - 1])] if field == "names" else list(self.atoms[part - 1][1])
                return (
                    query.phrase_query(self.schema, field, words)
                    if len(words) > 1
                    else query.term_query(self.schema, field, words[0], "basic")
                )
            case All():
                without = [(occur.MustNot, self._query(p.part)) for p in part.parts if isinstance(p, Opposite)]
                wanted = [(occur.Must, self._query(p)) for p in part.parts if not isinstance(p, Opposite)]
                return query.boolean_query(wanted + without)
            case Either():
                return query.boolean_query([(occur.Should, self._query(p)) for p in part.parts])
        raise AssertionError(part)


def words(folded: FoldedPaper) -> list[str]:
    """The words of title, abstract, tags and aliases."""
    return f" {BARRIER} ".join(getattr(folded, scope) for scope in SCOPES[""]).split()


def names(folded: FoldedPaper) -> list[str]:
    """The words of authors' names, marked as such."""
    return [f"author:{word}" for word in folded.authors.split()]


def term(atom: Atom) -> str:
    """An atom as one text."""
    space, words_ = atom
    return f"{space}:{' '.join(words_)}" if space else " ".join(words_)


def holds(part: Formula, atoms: set[int]) -> bool:
    """Whether a formula holds where these atoms stand."""
    match part:
        case int():
            return part in atoms
        case All():
            return all(holds(inner, atoms) for inner in part.parts)
        case Either():
            return any(holds(inner, atoms) for inner in part.parts)
        case Opposite():
            return not holds(part.part, atoms)
        case Asked():
            raise AssertionError(part)


def _alternatives(part: Formula) -> tuple[int, ...]:
    """The atoms of one side of an AND."""
    if isinstance(part, int):
        return (part,)
    parts = part.parts if isinstance(part, All | Either) else ()
    return tuple(inner for inner in parts if isinstance(inner, int))


def _excludes(part: All) -> bool:
    return any(isinstance(inner, Opposite) for inner in part.parts)
