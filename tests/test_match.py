from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import query
from bot.digest import compose
from bot.match import Matched, fold, hits, match
from bot.models import Channel, Match, Subscription
from tests.making import DAY, LONG_AGO, OTHER_ROOM, ROOM, paper, subscription

PAPERS = (
    paper("1", title="Diffusion policies for robots", abstract="Arms move."),
    paper("2", title="A survey of agents", abstract="We list what agents do."),
    paper("3", title="World models", abstract="A world model for agents.", upvotes=40),
    paper("4", title="Nothing of note", abstract="Nothing at all."),
)
QUERIES = ["agents", "agents -survey", '"world model"', "robot, survey", "upvotes>=20", "*", "zebra"]


def found(matches: tuple[Match, ...]) -> list[tuple[str, str]]:
    return [(item.subscription, item.paper.id) for item in matches]


def proven(matched: Matched, channel: Channel) -> tuple[Match, ...]:
    """The matches of a channel's digest."""
    made = compose(channel, DAY, matched.wanted[channel], query="", seen=0, posted={}, budget=None, today=DAY)
    return tuple(item for entry in matched.proven(made).entries for item in entry.matches)


def test_a_channel_gets_every_paper_of_every_subscription_in_the_order_given() -> None:
    followed = [
        subscription("agents"),
        subscription("robots"),
        subscription("zebra"),
        subscription("agents", OTHER_ROOM),
    ]
    wanted = match(followed, PAPERS, DAY).wanted
    assert found(wanted[ROOM]) == [("agents", "2"), ("agents", "3"), ("robots", "1")]
    assert found(wanted[OTHER_ROOM]) == [("agents", "2"), ("agents", "3")]


def test_a_channel_that_wants_none_of_the_papers_is_left_out() -> None:
    assert match([subscription("zebra")], PAPERS, DAY).wanted == {}


def test_a_match_names_the_query_as_written_its_owner_and_the_words_that_prove_it() -> None:
    followed = [subscription("Agents", owner="U1"), subscription("AGENTS", OTHER_ROOM, owner="U2")]
    matched = match(followed, PAPERS[1:2], DAY)
    assert not any(item.evidence for matches in matched.wanted.values() for item in matches)
    (first,), (second,) = (proven(matched, channel) for channel in (ROOM, OTHER_ROOM))
    assert (first.subscription, first.owner, {e.term for e in first.evidence}) == ("Agents", "U1", {"Agents"})
    assert (second.subscription, second.owner, {e.term for e in second.evidence}) == ("AGENTS", "U2", {"AGENTS"})
    for evidence in first.evidence:
        text = getattr(first.paper, evidence.field)
        assert text[evidence.start : evidence.end] == evidence.quote


def test_a_stored_query_that_cannot_be_read_any_more_costs_its_own_subscription_only() -> None:
    bad = Subscription(channel=ROOM, query="(agents OR", canonical="(agents or", owner="U1", created=LONG_AGO)
    matched = match([bad, subscription("robots"), subscription("agents", OTHER_ROOM)], PAPERS, DAY)
    assert found(matched.wanted[ROOM]) == [("robots", "1")]
    assert len(matched.wanted[OTHER_ROOM]) == 2
    ((failed, error),) = matched.unreadable
    assert failed == bad
    assert "closes" in str(error)


def test_the_evidence_of_a_digest_is_what_the_query_says_of_the_paper() -> None:
    followed = [subscription(text) for text in QUERIES]
    matches = proven(match(followed, PAPERS, DAY), ROOM)
    assert len(matches) > len(QUERIES)
    for item in matches:
        assert item.evidence == query.match(query.parse(item.subscription), item.paper, DAY)


def test_acronyms_are_those_of_the_table_given() -> None:
    learned = query.table(also=[query.Pair("wm", "world model")])
    assert match([subscription("wm")], PAPERS, DAY).wanted == {}
    matched = match([subscription("wm")], PAPERS, DAY, learned)
    assert [item.evidence[0].quote for item in proven(matched, ROOM)] == ["World models"]


@pytest.mark.parametrize("text", QUERIES)
def test_hits_are_what_the_query_says_of_each_paper(text: str) -> None:
    wanted = query.parse(text)
    alone = {item.id for item in PAPERS if query.match(wanted, item, DAY) is not None}
    assert {item.id for item, _ in hits(wanted, fold(PAPERS), DAY)} == alone


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(QUERIES)), max_size=30, unique=True))
def test_matching_together_is_matching_one_by_one(pairs: list[tuple[int, str]]) -> None:
    followed = [subscription(text, Channel("fake", "T1", f"room{n}")) for n, text in pairs]
    wanted = match(followed, PAPERS, DAY).wanted
    for channel in {item.channel for item in followed}:
        alone = [
            m
            for item in followed
            if item.channel == channel
            for m in match([item], PAPERS, DAY).wanted.get(channel, ())
        ]
        assert list(wanted.get(channel, ())) == alone
