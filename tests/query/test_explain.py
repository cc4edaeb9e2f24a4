from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Paper
from bot.query import Node, Not, explain, match, parse, printed, walk
from tests.query.papers import PAPER, SOME, TODAY, with_
from tests.query.test_match import truth
from tests.query.trees import WORDS, simple, trees


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("diffusion -robots", "excluded by -robots"),
        ("diffusion NOT Robots", "excluded by -Robots"),
        ('diffusion -"behavior cloning"', 'excluded by -"behavior cloning"'),
        ("diffusion -(zebra, robots)", "excluded by -(zebra OR robots)"),
        ("diffusion -robots -policy -zebra", "excluded by -robots, -policy"),
        ("diffusion -upvotes>=100", "excluded by -upvotes>=100"),
        ("(zebra -robots), (policy -title:diffusion)", "excluded by -title:diffusion"),
        ("* -robots", "excluded by -robots"),
        ("zebra -robots", "does not mention zebra"),
        ("zebra", "does not mention zebra"),
        ("diffusion zebra mouse", "does not mention zebra, mouse"),
        ('zebra, "snow leopard"', 'does not mention zebra, "snow leopard"'),
        ("author:wang", "does not mention author:wang"),
        ("zebr*, zeal~, exact:ZOO", "does not mention zebr*, zeal~, exact:ZOO"),
        ("diffusion upvotes>=500", "below upvotes>=500"),
        ("diffusion upvotes > 283", "below upvotes>283"),
        ("upvotes=284", "below upvotes=284"),
        ("upvotes=282", "above upvotes=282"),
        ("age<=2", "above age<=2"),
        ("upvotes<283", "above upvotes<283"),
        ("diffusion stars>=1", "stars unknown, wanted stars>=1"),
        ("has:model", "no model"),
        ("has:project upvotes>=500", "no project, below upvotes>=500"),
        ("cat:math", "not in cat:math"),
        ("Source:OpenReview", "not in Source:OpenReview"),
        ("zebra upvotes>=500", "does not mention zebra"),
        ("(zebra mouse), (diffusion upvotes>=500)", "below upvotes>=500"),
        ("upvotes>=500 -robots", "below upvotes>=500"),
    ],
)
def test_the_rule_that_stopped_a_paper(query: str, reason: str) -> None:
    verdict = explain(parse(query), PAPER, TODAY)
    assert not verdict.matched
    assert verdict.evidence == ()
    assert verdict.reason == reason


def test_a_match_is_explained_by_its_evidence() -> None:
    verdict = explain(parse("diffusion"), PAPER, TODAY)
    assert verdict.matched
    assert verdict.evidence == match(parse("diffusion"), PAPER, TODAY)
    assert verdict.reason == ""


def test_no_code_is_named_as_such() -> None:
    assert explain(parse("diffusion has:code"), with_(code=""), TODAY).reason == "no code"


def test_a_reason_is_short_and_on_one_line() -> None:
    query = parse(", ".join(f'"zebra\n number {n}"' for n in range(40)))
    reason = explain(query, PAPER, TODAY).reason
    assert len(reason) == 120
    assert reason.startswith('does not mention "zebra number 0", "zebra number 1"')
    assert reason.endswith("…")


def without_exclusions(node: Node, present: set[str]) -> bool:
    """The truth table with every exclusion taken as satisfied."""
    if isinstance(node, Not):
        return True
    if hasattr(node, "children"):
        held = [without_exclusions(child, present) for child in node.children]
        return all(held) if type(node).__name__ == "And" else any(held)
    return truth(node, present)


@given(trees(simple), st.sets(st.sampled_from(WORDS)))
@SOME
def test_an_exclusion_is_the_reason_exactly_when_it_is_the_only_obstacle(root: Node, present: set[str]) -> None:
    query = parse(printed(root))
    verdict = explain(query, Paper(id="x", title=" ".join(sorted(present))), TODAY)
    assert verdict.matched is truth(root, present)
    alone = not verdict.matched and without_exclusions(root, present)
    assert verdict.reason.startswith("excluded by -") is alone
    assert verdict.reason.startswith("does not mention ") is (not verdict.matched and not alone)
    if alone:
        assert any(isinstance(node, Not) for node in walk(query.root))


@given(trees(simple), st.sets(st.sampled_from(WORDS)))
@SOME
def test_the_words_that_are_missing_are_missing(root: Node, present: set[str]) -> None:
    reason = explain(parse(printed(root)), Paper(id="x", title=" ".join(sorted(present))), TODAY).reason
    if reason.startswith("does not mention "):
        named = set(reason.removeprefix("does not mention ").split(", "))
        assert named
        assert not named & present
