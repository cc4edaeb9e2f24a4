"""What folding misses among words that it was not made with (``unseen.txt``).

A person types each form of a family as often as papers use it, and means the papers that have any of them. Each form
stands in a paper of its own here, so nothing is found through another one.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations
from pathlib import Path

import pytest

from bot.models import Paper
from bot.query import FoldedPaper, fold_paper, match, parse
from tests.query.papers import TODAY

TABLE = Path(__file__).with_name("unseen.txt")
MISSED = {"inflection": set[frozenset[str]](), "hyphens": {frozenset(("bi-lstm", "bilstm"))}}
"""Forms that do not find each other."""


@cache
def families(kind: str) -> tuple[dict[str, int], ...]:
    """From each form to the number of papers that have it."""
    _, _, part = TABLE.read_text("utf-8").partition(f"# {kind}\n")
    rows = (line.split(" | ") for line in part.partition("\n\n")[0].splitlines())
    counted = ([form.rpartition(" ") for form in row] for row in rows)
    return tuple({form: int(papers) for form, _, papers in row} for row in counted)


@cache
def about(form: str) -> tuple[Paper, FoldedPaper]:
    paper = Paper(id="x", title="", abstract=f"Here {form} stands.")
    return paper, fold_paper(paper)


def finds(typed: str, form: str) -> bool:
    paper, folded = about(form)
    return match(parse(f'"{typed}"'), paper, TODAY, folded) is not None


@pytest.mark.parametrize("kind", MISSED)
def test_forms_find_each_other_but_for_those_listed(kind: str) -> None:
    pairs = [pair for family in families(kind) for pair in permutations(family, 2)]
    assert {frozenset(pair) for pair in pairs if not finds(*pair)} == MISSED[kind]


@pytest.mark.parametrize("kind", MISSED)
def test_far_less_than_eight_percent_is_missed(kind: str) -> None:
    lost = meant = 0
    for family in families(kind):
        for (typed, often), (form, papers) in permutations(family.items(), 2):
            meant += often * papers
            lost += often * papers * (not finds(typed, form))
    assert lost / meant < 0.01


def test_the_table_is_large() -> None:
    assert sum(map(len, families("inflection"))) > 200
    assert sum(map(len, families("hyphens"))) > 75


@pytest.mark.parametrize(("first", "second"), [("round", "sound"), ("class", "classy"), ("in-depth", "in death")])
def test_a_form_does_not_find_everything(first: str, second: str) -> None:
    assert not finds(first, second)
