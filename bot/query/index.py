"""Many queries against many papers at once, with the verdicts of ``match``.

Queries are kept as formulas over atoms, equal ones once; one that is a single atom is that atom's number and nothing
more. Papers come in batches: an atom's papers are a bitmap, the query that is an atom has the same one, and
alternatives add theirs up. Any other query hangs on the atoms of which one must stand, the least held ones, and is
worked out when one does. Adding and removing change a few dictionary entries; nothing is built anew.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import cast

from bot.query.atoms import Atoms
from bot.query.batch import Asking, Bitmap, Folded
from bot.query.formula import Atom, Either, Formula, anchors, atoms, formula
from bot.query.nodes import Query


class Index:
    """A changing set of queries."""

    def __init__(self, queries: Iterable[Query] = ()) -> None:
        self._atoms = Atoms()
        self._numbers: dict[Formula, int] = {}
        self._formulas: dict[int, Formula] = {}
        """Those that are worked out; alternatives of atoms are not."""
        self._hanging: dict[int, list[int]] = {}
        """From an atom to the queries that hang on it."""
        self._either: dict[int, list[int]] = {}
        """From an atom to the queries that are alternatives of atoms, this one among them."""
        self._loose: dict[int, None] = {}
        """Queries that hang on no atom, and are worked out for every batch."""
        self.add_all(queries)

    def add_all(self, queries: Iterable[Query]) -> list[int]:
        """Add many queries; give their numbers. What is made here stays, so no garbage is looked for."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            return [self.add(query) for query in queries]
        finally:
            if collecting:
                gc.enable()

    def add(self, query: Query) -> int:
        """Add a query; give its number, which it shares with those that ask the same."""
        plain, numbers = self._atoms.plain, self._atoms.numbers
        wanted = plain(query.root, query.acronyms) or formula(query, self._atoms.add, plain)
        if isinstance(wanted, int):
            number = wanted
            if not numbers.asked[number]:
                numbers.held[number] += 1
        else:
            known = self._numbers.get(wanted)
            number = numbers.new() if known is None else known
            if known is None:
                self._numbers[wanted] = number
                self._hang(number, wanted)
        numbers.asked[number] += 1
        return number

    def remove(self, query: Query) -> None:
        """Take out a query that was added, once. Raises ``KeyError`` when it is not there."""
        used: dict[Atom, int] = {}

        def known(atom: Atom) -> int:
            used[atom] = number = self._atoms.get(atom)
            return number

        wanted = formula(query, known)
        number = wanted if isinstance(wanted, int) else self._numbers[wanted]
        if not self._atoms.numbers.asked[number]:
            raise KeyError(query.canonical)
        self._atoms.numbers.asked[number] -= 1
        if not self._atoms.numbers.asked[number]:
            self._unhang(number, wanted, used.values())
            for atom in used:
                self._atoms.drop(atom)

    def match(self, papers: Iterable[Folded], today: date) -> Mapping[int, Bitmap]:
        """Give the papers that each query wants, by the query's number; queries that want none are left out."""
        batch = _Batch(tuple(papers), today, self._atoms)
        found = {number: bitmap for number, bitmap in batch.atoms.items() if self._atoms.numbers.asked[number]}
        for atom in self._either.keys() & batch.atoms.keys():
            bitmap = batch.atoms[atom]
            for number in self._either[atom]:
                found[number] = found.get(number, 0) | bitmap
        hanging = map(self._hanging.__getitem__, self._hanging.keys() & batch.atoms.keys())
        for number in {*self._loose, *chain.from_iterable(hanging)}:
            if bitmap := batch.holding(self._formulas[number], batch.everyone):
                found[number] = bitmap
        return found

    def _hang(self, number: int, wanted: Formula) -> None:
        """Hang a query on atoms, and hold all that it has."""
        held = self._atoms.numbers.held
        on: Sequence[int]
        every: Collection[int]
        if isinstance(wanted, Either) and isinstance(wanted.parts[-1], int):
            every = on = cast("tuple[int, ...]", wanted.parts)  # numbers stand first
            places = self._either
        else:
            self._formulas[number] = wanted
            every, places = {*atoms(wanted)}, self._hanging
            on = anchors(wanted, held.__getitem__)
            if not on:
                self._loose[number] = None
        for atom in every:
            held[atom] += 1
        for atom in on:
            here = places.get(atom)
            if here is None:
                places[atom] = [number]
            else:
                here.append(number)

    def _unhang(self, number: int, wanted: Formula, used: Iterable[int]) -> None:
        if isinstance(wanted, int):
            return
        for places in (self._either, self._hanging):
            for atom in used:
                if number in places.get(atom, ()):
                    places[atom].remove(number)
                    if not places[atom]:
                        del places[atom]
        self._loose.pop(number, None)
        self._formulas.pop(number, None)
        del self._numbers[wanted]
        self._atoms.numbers.free(number)


class _Batch(Asking):
    """Papers, and where in them the atoms of an index stand."""

    def __init__(self, papers: Sequence[Folded], today: date, known: Atoms) -> None:
        super().__init__(papers, today)
        self.atoms: defaultdict[int, Bitmap] = defaultdict(int)
        for place, (paper, folded) in enumerate(papers):
            bit = 1 << place
            for atom in known.standing(paper, folded):
                self.atoms[atom] |= bit

    def standing(self, number: int) -> Bitmap:
        return self.atoms.get(number, 0)
