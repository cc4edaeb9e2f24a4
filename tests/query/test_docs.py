from __future__ import annotations

import re
from pathlib import Path

import pytest

import bot.query
from bot.query import parse
from bot.query.lexicon import KEPT

PAGE = (Path(__file__).parents[2] / "docs" / "query-language.md").read_text("utf-8")


def table(heading: str) -> list[list[str]]:
    """The code spans of each row's first cell, and of its second."""
    lines = PAGE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    rows = [re.split(r"(?<!\\)\|", line)[1:3] for line in lines]
    return [[span.replace(r"\|", "|") for span in re.findall("`([^`]+)`", cell)] for row in rows for cell in row]


EXAMPLES = [query for cell in table("query")[::2] for query in cell]
FORMS = [(written[0], canonical[0]) for written, canonical in zip(*[iter(table("written"))] * 2, strict=True)]


@pytest.mark.parametrize("query", EXAMPLES)
def test_every_example_of_the_page_is_a_query(query: str) -> None:
    assert parse(parse(query).canonical) == parse(query)


@pytest.mark.parametrize(("written", "canonical"), FORMS)
def test_the_canonical_forms_of_the_page_are_right(written: str, canonical: str) -> None:
    assert parse(written).canonical == canonical


def test_the_page_was_read() -> None:
    assert len(EXAMPLES) >= 25
    assert len(FORMS) >= 5


def test_the_words_that_the_page_says_are_kept_are_kept() -> None:
    listed = PAGE.split("means something else in a paper:")[1].split("and a few more")[0]
    assert set(re.findall("`([a-z]+)`", listed)) <= KEPT


def test_every_public_name_exists_and_is_documented() -> None:
    for name in bot.query.__all__:
        value = getattr(bot.query, name)
        if name not in ("BARRIER", "SCOPES", "Leaf", "Node", "TextLeaf"):
            assert value.__doc__
