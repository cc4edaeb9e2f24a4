from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import match as matching
from bot import query
from bot.digest import compose
from bot.match import Matching, fold, hits
from bot.models import Channel, Match, Paper, Subscription
from tests.making import DAY, LONG_AGO, ROOM, paper, subscription

PAPERS = (
    paper("1", title="Diffusion policies for robots", abstract="Arms move."),
    paper("2", title="A survey of agents", abstract="We list what agents do."),
    paper("3", title="World models", abstract="A world model for agents.", upvotes=40),
    paper("4", title="Nothing of note", abstract="Nothing at all."),
)
QUERIES = ["agents", "agents -survey", '"world model"', "robot, survey", "upvotes>=20", "*", "zebra"]
BAD = Subscription(channel=ROOM, query="(agents OR", canonical="(agents or", owner="U1", created=LONG_AGO)


def asked(followed: Sequence[Subscription], papers: Sequence[Paper] = PAPERS, *table: query.Pair) -> Matching:
    made = Matching(fold(papers), DAY, query.table(also=table) if table else query.KNOWN)
    made.ask(item.query for item in followed)
    return made


def found(matches: Sequence[Match]) -> list[tuple[str, str]]:
    return [(item.paper.id, item.subscription) for item in matches]


def proven(made: Matching, followed: Sequence[Subscription]) -> list[Match]:
    """The matches of a channel's digest."""
    wanted = made.matches(followed, made.everything)
    entries = compose(ROOM, DAY, wanted, query="", seen=0, posted={}, budget=None, today=DAY).entries
    return [item for entry in made.proven(entries) for item in entry.matches]


def test_every_paper_comes_with_every_subscription_that_wants_it_both_in_the_order_given() -> None:
    followed = [subscription("agents"), subscription("robots"), subscription("zebra"), subscription("world model")]
    made = asked(followed)
    assert found(made.matches(followed, made.everything)) == [
        ("1", "robots"),
        ("2", "agents"),
        ("3", "agents"),
        ("3", "world model"),
    ]


def test_only_the_papers_that_are_meant_are_matched() -> None:
    followed = [subscription("agents")]
    made = asked(followed)
    assert found(made.matches(followed, 0b1011)) == [("2", "agents")]
    assert made.wants(followed, 0b0010)
    assert not made.wants(followed, 0b1001)
    assert [item.id for item, _ in made.papers(0b1010)] == ["2", "4"]


def test_a_match_names_the_query_as_written_its_owner_and_the_words_that_prove_it() -> None:
    followed = [subscription("Agents", owner="U1"), subscription("AGENTS", owner="U2")]
    made = asked(followed, PAPERS[1:2])
    assert not any(item.evidence for item in made.matches(followed, made.everything))
    first, second = proven(made, followed)
    assert (first.subscription, first.owner, {e.term for e in first.evidence}) == ("Agents", "U1", {"Agents"})
    assert (second.subscription, second.owner, {e.term for e in second.evidence}) == ("AGENTS", "U2", {"AGENTS"})
    for evidence in first.evidence:
        text = getattr(first.paper, evidence.field)
        assert text[evidence.start : evidence.end] == evidence.quote


def test_a_stored_query_that_cannot_be_read_any_more_costs_its_own_subscription_only() -> None:
    followed = [BAD, subscription("robots"), subscription("zebra")]
    made = asked(followed)
    assert found(made.matches(followed, made.everything)) == [("1", "robots")]
    ((failed, error),) = made.unreadable(followed)
    assert failed == BAD
    assert "closes" in str(error)
    assert [wanted.text for wanted in made.read(followed)] == ["robots", "zebra"]


def test_the_evidence_of_a_digest_is_what_the_query_says_of_the_paper() -> None:
    followed = [subscription(text) for text in QUERIES]
    matches = proven(asked(followed), followed)
    assert len(matches) > len(QUERIES)
    for item in matches:
        assert item.evidence == query.match(query.parse(item.subscription), item.paper, DAY)


def test_acronyms_are_those_of_the_table_given() -> None:
    followed = [subscription("wm")]
    assert proven(asked(followed), followed) == []
    (match,) = proven(asked(followed, PAPERS, query.Pair("wm", "world model")), followed)
    assert match.evidence[0].quote == "World models"


def test_what_is_remembered_is_bounded_and_asked_again_when_it_was_forgotten() -> None:
    once, often = [BAD, subscription("robots")], [subscription("agents")]
    made = asked([*once, *often])
    (read,) = made.read(often)
    for page in range(6):
        made.ask([f"w{page}x{n}" for n in range(matching.REMEMBERED // 4)] + [item.query for item in often])
        assert len(made._asked) + len(made._before) <= matching.REMEMBERED
    assert not {item.query for item in once} & (made._asked.keys() | made._before.keys())
    assert next(made.read(often)) is read
    made.ask(item.query for item in [*once, *often])
    assert [item for item, _ in made.unreadable(once)] == [BAD]
    assert found(made.matches([*once, *often], made.everything)) == [("1", "robots"), ("2", "agents"), ("3", "agents")]


@pytest.mark.parametrize("text", QUERIES)
def test_hits_are_what_the_query_says_of_each_paper(text: str) -> None:
    wanted = query.parse(text)
    alone = {item.id for item in PAPERS if query.match(wanted, item, DAY) is not None}
    assert {item.id for item, _ in hits(wanted, fold(PAPERS), DAY)} == alone


@given(st.lists(st.lists(st.sampled_from(QUERIES), max_size=5, unique=True), max_size=6))
def test_matching_together_and_one_after_the_other_is_matching_alone(rooms: list[list[str]]) -> None:
    channels = [
        [subscription(text, Channel("fake", "T1", f"room{n}")) for text in room] for n, room in enumerate(rooms)
    ]
    together = asked([item for followed in channels for item in followed])
    in_turn = Matching(fold(PAPERS), DAY)
    for followed in channels:
        in_turn.ask(item.query for item in followed)
        wanted = together.matches(followed, together.everything)
        assert wanted == in_turn.matches(followed, in_turn.everything)
        alone = [one for item in followed for one in asked([item]).matches([item], together.everything)]
        assert sorted(found(wanted)) == sorted(found(alone))
