"""Which modules decide how papers are indexed."""

from __future__ import annotations

from pathlib import Path

from adapters.stores._rules import FOLDING, fingerprint
from tests.architecture import read


def test_the_rules_are_all_that_folding_needs_and_nothing_more() -> None:
    tree = read(Path(__file__).parents[3])
    needed, waiting = set[str](), ["bot.query.paper"]
    while waiting:
        name = waiting.pop()
        if name.startswith("bot.query.") and name not in needed:
            needed.add(name)
            waiting += [to for _, to in tree.imports(tree.modules[name])]
    assert sorted(needed) == [f"bot.query.{name}" for name in FOLDING]


def test_other_code_has_another_fingerprint() -> None:
    assert fingerprint() != fingerprint(("bot", "rank.py")) != fingerprint(("bot", "letters.py"))
