from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot import rank
from bot.digest import compose, groups, with_left_out
from bot.models import Digest, LeftOut, Match
from bot.summary import Style, SummaryKind
from tests.making import DAY, ROOM, digest, entry, match, paper

BEFORE = DAY - timedelta(days=1)
QUERIES = ["agents", "robots -survey", "zebra", "*"]


def composed(*matches: Match, posted: dict[str, date] | None = None, budget: int | None = 5) -> Digest:
    ranked = sorted(matches, key=lambda item: rank.order(item.paper, DAY))
    return compose(ROOM, DAY, ranked, query="q", seen=20, posted=posted or {}, budget=budget, today=DAY)


def shown(made: Digest) -> list[str]:
    return [item.paper.id for item in made.entries]


def reasons(made: Digest) -> dict[str, str]:
    return {item.paper.id: item.reason for item in made.left_out}


def test_a_paper_that_two_subscriptions_want_stands_once_with_both() -> None:
    item = paper("1")
    made = composed(match(item, "agents", "U1"), match(item, "robots", "U2"))
    assert shown(made) == ["1"]
    assert [(m.subscription, m.owner) for m in made.entries[0].matches] == [("agents", "U1"), ("robots", "U2")]


def test_what_the_channel_has_stays_out_and_says_since_when() -> None:
    made = composed(match(paper("1")), match(paper("2")), posted={"1": BEFORE})
    assert (shown(made), reasons(made)) == (["2"], {"1": "already posted 2026-08-02"})


def test_what_was_withdrawn_stays_out_even_when_it_leads() -> None:
    made = composed(match(paper("1", withdrawn=True, upvotes=900)), match(paper("2")))
    assert (shown(made), reasons(made)) == (["2"], {"1": "withdrawn by its authors"})


def test_what_was_posted_is_no_news_even_when_it_was_withdrawn_since() -> None:
    made = composed(match(paper("1", withdrawn=True)), posted={"1": BEFORE})
    assert reasons(made) == {"1": "already posted 2026-08-02"}


def test_what_is_left_out_takes_no_place_from_the_rest() -> None:
    made = composed(*(match(paper(str(n), upvotes=n)) for n in range(9)), posted={"8": BEFORE, "7": BEFORE}, budget=3)
    assert shown(made) == ["6", "5", "4"]
    assert reasons(made)["3"] == "over the budget of 3"


def test_a_niche_subscription_gets_its_best_paper_in_beside_a_popular_one() -> None:
    popular = [match(paper(str(n), upvotes=100 + n), "*") for n in range(9)]
    made = composed(*popular, match(paper("a", upvotes=1), "zebra"), match(paper("b", upvotes=0), "zebra"), budget=3)
    assert shown(made) == ["8", "7", "a"]


def test_without_a_budget_everything_fits() -> None:
    made = composed(*(match(paper(str(n))) for n in range(50)), budget=None)
    assert (len(made.entries), made.left_out) == (50, ())


def test_an_entry_has_its_score_and_a_labelled_summary_in_the_wanted_style() -> None:
    item = paper("1")
    made = compose(ROOM, DAY, [match(item)], query="q", seen=1, posted={}, budget=5, style=Style.ABSTRACT, today=DAY)
    assert made.entries[0].score == rank.score(item, DAY)
    assert made.entries[0].summary.kind is SummaryKind.ABSTRACT
    assert (made.channel, made.date, made.query, made.seen) == (ROOM, DAY, "q", 1)


def test_nothing_wanted_is_an_empty_digest() -> None:
    assert (composed().entries, composed().left_out) == ((), ())


def test_groups_stand_under_the_subscription_that_each_paper_hit_first() -> None:
    first, second, third = (paper(str(n)) for n in range(3))
    made = digest(
        ROOM,
        entry(first, match(first, "agents"), match(first, "robots")),
        entry(second, match(second, "robots")),
        entry(third, match(third, "agents")),
    )
    assert [(g.query, [e.paper.id for e in g.entries]) for g in groups(made)] == [
        ("agents", ["0", "2"]),
        ("robots", ["1"]),
    ]


def test_papers_that_nobody_wanted_stand_behind_those_that_somebody_did() -> None:
    made = composed(match(paper("1")), posted={"1": BEFORE})
    more = with_left_out(made, [LeftOut(paper("2"), "does not mention agents")])
    assert list(reasons(more)) == ["1", "2"]
    assert replace(more, left_out=made.left_out) == made


PAPERS = [paper(str(n), upvotes=n * 7 % 11, withdrawn=n == 5, listed=DAY - timedelta(days=n % 3)) for n in range(12)]
WANTED = st.lists(st.tuples(st.sampled_from(PAPERS), st.sampled_from(QUERIES)), max_size=40, unique=True)


@given(WANTED, st.sets(st.sampled_from([item.id for item in PAPERS])), st.none() | st.integers(1, 10))
def test_every_wanted_paper_is_in_or_out_once_within_the_budget_and_best_first(
    wanted: list[tuple[object, str]], old: set[str], budget: int | None
) -> None:
    matches = [match(item, text) for item, text in wanted]  # type: ignore[arg-type]
    made = composed(*matches, posted=dict.fromkeys(old, BEFORE), budget=budget)
    assert sorted([*shown(made), *reasons(made)]) == sorted({item.paper.id for item in matches})
    free = {item.paper.id for item in matches if item.paper.id not in old and not item.paper.withdrawn}
    assert len(made.entries) == min(len(free), budget or len(free))
    assert shown(made) == [item.id for item in rank.rank((e.paper for e in made.entries), DAY)]
    assert set(shown(made)) <= free
    assert sum(len(item.matches) for item in made.entries) == sum(m.paper.id in shown(made) for m in matches)
    served = {m.subscription for item in made.entries for m in item.matches}
    asked = {m.subscription for m in matches if m.paper.id in free}
    assert served == asked or len(asked) > len(made.entries)
    assert sorted(shown(made)) == sorted(e.paper.id for group in groups(made) for e in group.entries)
