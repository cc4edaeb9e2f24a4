"""What the default matching misses and takes in on a recorded day: the measure by which its rules are judged.

A person types one form of a family (``families.txt``), as often as papers use it, and means all papers that have any of
them; of ``spellings`` each form is typed once, also one that no paper of the day has. Which papers have a form is told
from the raw text, by a rule that knows nothing of folding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from bot.models import Evidence, Paper
from bot.query import FoldedPaper, fold_paper, match, parse
from tests.query.papers import TODAY, recorded

TABLE = Path(__file__).with_name("families.txt")
FALSE = {f"trade{between}off{s}": {"trades off"} for between in ("", "-", " ") for s in ("", "s")}
"""What folding takes in beside the family: form -> quotes."""


KINDS = ("inflection", "hyphens", "acronyms", "spellings")


@cache
def families(kind: str) -> tuple[tuple[str, ...], ...]:
    _, _, part = TABLE.read_text("utf-8").partition(f"# {kind}\n")
    return tuple(tuple(line.split(" | ")) for line in part.partition("\n\n")[0].splitlines())


def text(paper: Paper) -> str:
    return f"{paper.title}\n{paper.abstract}"


def having(form: str) -> frozenset[str]:
    """The papers in which a form stands as it is, letter case aside."""
    pattern = re.compile(rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])", re.IGNORECASE)
    return frozenset(paper.id for paper in recorded() if pattern.search(text(paper)))


def found(form: str) -> frozenset[str]:
    return frozenset(paper.id for paper, _ in proofs(f'"{form}"'))


@cache
def folded() -> tuple[tuple[Paper, FoldedPaper], ...]:
    return tuple((paper, fold_paper(paper)) for paper in recorded())


@cache
def proofs(typed: str) -> tuple[tuple[Paper, tuple[Evidence, ...]], ...]:
    """The papers that a query finds, and where."""
    query = parse(typed)
    looked = ((paper, match(query, paper, TODAY, words)) for paper, words in folded())
    return tuple((paper, evidence) for paper, evidence in looked if evidence is not None)


@dataclass(frozen=True)
class Asked:
    """One form: how often it is typed, what is meant by it, what is found."""

    form: str
    often: int
    meant: frozenset[str]
    found: frozenset[str]


@cache
def asked(kind: str) -> tuple[Asked, ...]:
    """Each form of this kind that somebody types."""
    rows = []
    for family in families(kind):
        meant = frozenset[str]().union(*map(having, family))
        typed = {form: 1 if kind == "spellings" else len(having(form)) for form in family}
        rows += [Asked(form, often, meant, found(form)) for form, often in typed.items() if often]
    return tuple(rows)


def missed(rows: Iterable[Asked], got: Callable[[Asked], frozenset[str]]) -> float:
    """The share of (form as typed, paper that is meant) that is not got."""
    rows = tuple(rows)
    lost = sum(row.often * len(row.meant - got(row)) for row in rows)
    return lost / sum(row.often * len(row.meant) for row in rows)


@pytest.mark.parametrize("kind", KINDS)
def test_at_most_eight_percent_are_missed(kind: str) -> None:
    assert missed(asked(kind), lambda row: row.found) <= 0.08


def test_without_quotes_no_more_is_missed() -> None:
    """Most people type ``large language models`` without quotes, and mean LLMs as well."""
    rows = [row for kind in KINDS for row in asked(kind) if " " in row.form]
    assert len(rows) > 100
    for row in rows:
        assert row.found <= {paper.id for paper, _ in proofs(row.form)}, row.form


@pytest.mark.parametrize(
    ("kind", "share"), [("inflection", 0.3), ("hyphens", 0.2), ("acronyms", 0.1), ("spellings", 0.3)]
)
def test_a_match_letter_by_letter_misses_many_more(kind: str, share: float) -> None:
    assert missed(asked(kind), lambda row: having(row.form)) > share


def test_the_table_is_large_and_every_family_stands_in_the_papers() -> None:
    rows = [row for kind in KINDS for row in asked(kind)]
    assert len(rows) > 700
    assert all(any(map(having, family)) for kind in KINDS for family in families(kind))


def test_what_is_found_beside_the_family_is_listed() -> None:
    beside = {
        row.form: {
            e.quote.casefold() for paper, some in proofs(f'"{row.form}"') if paper.id not in row.meant for e in some
        }
        for kind in KINDS
        for row in asked(kind)
        if row.found - row.meant
    }
    assert beside == FALSE


def test_no_match_is_a_part_of_a_word() -> None:
    for row in (row for kind in KINDS for row in asked(kind)):
        for paper, e in ((paper, e) for paper, some in proofs(f'"{row.form}"') for e in some):
            around = f" {getattr(paper, e.field)} "[e.start : e.end + 2]
            assert not around[0].isalnum(), (row.form, around)
            assert not around[-1].isalnum(), (row.form, around)
