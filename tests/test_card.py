from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bot import card
from bot.models import Entry, Evidence, LeftOut, Match
from bot.query import match, parse
from bot.summary import Summary, SummaryKind
from tests.making import ROOM, digest, entry, paper

TALK = "https://news.ycombinator.com/item?id=1"


def quoted(*quotes: str, owner: str = "", field: str = "abstract") -> Match:
    """A match with a piece of evidence for each quote; its first letter is the term."""
    return Match(paper(), "q", tuple(Evidence(field, quote[0], quote) for quote in quotes), owner)


def test_a_card_says_what_a_reader_needs() -> None:
    item = paper("2608.00001", title="Agents that plan", organization="Analytical Engines")
    shown = card.card(Entry(item, 4.2, Summary("They plan.", SummaryKind.EXTRACT), (quoted("plan", owner="U1"),)))
    assert shown == card.Card(
        paper="2608.00001",
        title="Agents that plan",
        url="https://huggingface.co/papers/2608.00001",
        byline="Ada Lovelace, Alan Turing, Grace Hopper +1 · Analytical Engines",
        summary="They plan.",
        label="Key sentences of the abstract",
        signals=("10 upvotes",),
        why="“plan” in abstract (for U1)",
    )


def test_a_card_leads_to_the_discussion() -> None:
    shown = card.card(entry(paper(discussion=TALK)))
    assert (shown.discussion, shown.forum) == (TALK, "Hacker News")
    shown = card.card(entry(paper(discussion="javascript:alert(1)")))
    assert (shown.discussion, shown.forum) == ("", "")


def test_a_card_without_a_summary_has_no_label_either() -> None:
    shown = card.card(Entry(paper(), 1.0, Summary("", SummaryKind.ABSTRACT)))
    assert (shown.summary, shown.label) == ("", "")


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"authors": (), "organization": ""}, ""),
        ({"authors": (), "organization": "ETH"}, "ETH"),
        ({"authors": ("A",)}, "A"),
        ({"authors": tuple("ABCDE")}, "A, B, C +2"),
    ],
)
def test_a_byline_names_three_and_counts_the_rest(facts: dict[str, Any], line: str) -> None:
    assert card.byline(paper(**facts)) == line


@pytest.mark.parametrize(
    ("facts", "signals"),
    [
        ({"upvotes": 0}, ("0 upvotes",)),
        ({"upvotes": None}, ()),
        ({"upvotes": 1, "comments": 1, "stars": 1}, ("1 upvote", "1 comment", "1 star")),
        ({"upvotes": 1234, "comments": 0, "stars": 0}, ("1,234 upvotes",)),
        ({"upvotes": None, "code": "https://x", "project": "https://y"}, ("code", "project page")),
        ({"upvotes": None, "withdrawn": True}, ("withdrawn",)),
        ({"upvotes": None, "citations": 1}, ("1 citation",)),
        ({"upvotes": None, "citations": 0}, ()),
        ({"upvotes": None, "discussion": TALK, "points": 137, "replies": 1}, ("137 points, 1 comment on Hacker News",)),
        ({"upvotes": None, "discussion": TALK, "points": 1, "replies": 0}, ("1 point on Hacker News",)),
        ({"upvotes": None, "discussion": "https://www.a.example/1", "points": 2}, ("2 points on a.example",)),
        ({"upvotes": None, "discussion": TALK}, ()),
        ({"upvotes": None, "points": 3}, ()),
        ({"upvotes": None, "points": 3, "discussion": "javascript:alert(1)"}, ()),
        ({"upvotes": None, "points": 3, "discussion": "http://[x"}, ()),
    ],
)
def test_signals_are_shown_when_known_and_a_zero_is_known(facts: dict[str, Any], signals: tuple[str, ...]) -> None:
    assert card.signals(paper(**facts)) == signals


@pytest.mark.parametrize(
    ("matches", "line"),
    [
        ((), ""),
        ((quoted(),), "everything that trends"),
        ((quoted("plan", "pen", "agent"),), "“plan” in abstract, “agent” in abstract"),
        ((quoted("a", "b", "c", "d"),), "“a” in abstract, “b” in abstract, “c” in abstract"),
        ((quoted("plan", owner="U1"), quoted("go", field="title")), "“plan” in abstract (for U1); “go” in title"),
        ((quoted("a"), quoted("b"), quoted("c")), "“a” in abstract; “b” in abstract and 1 more subscription"),
        ((quoted("a"),) * 4, "“a” in abstract; “a” in abstract and 2 more subscriptions"),
    ],
)
def test_why_quotes_the_words_and_names_who_asked(matches: tuple[Match, ...], line: str) -> None:
    assert card.why(matches) == line


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("large language models", "“large-language Models” in title"),
        ("language large", "“language” in title, “large” in title"),
        ("large models", "“large” in title, “Models” in title"),
        ('"large language models" rl', "“large-language Models” in title, “RL” in abstract"),
        ("reinforcement learning", "“RL” in abstract"),
        ("upvotes>=5 stars>100 comments=1 age<=30", "1,200 upvotes, 101 stars, 1 comment"),
        ("age<=30 has:code has:model", "3 days old, has code, has a model"),
        ("has:project author:lovelace org:engines", "has a project page, by Ada Lovelace, from Analytical Engines"),
        ("cat:cs source:arxiv tag:robotics", "in cs.RO, from arxiv, “robotics” in tags"),
    ],
)
def test_what_was_found_is_said_as_people_say_it(query: str, line: str) -> None:
    item = paper(
        title="On large-language Models", abstract="By RL alone.", upvotes=1200, stars=101, comments=1,
        listed=date(2026, 7, 30), code="https://a.org", model="https://b.org", project="https://c.org",
        authors=("Ada Lovelace",), organization="Analytical Engines", categories=("cs.RO",), sources=("arxiv",),
        tags=("robotics",),
    )  # fmt: skip
    evidence = match(parse(query), item, date(2026, 8, 2))
    assert card.why((Match(item, query, evidence or ()),)) == line


@pytest.mark.parametrize("ahead", [0, 1, 2])
def test_a_paper_that_is_listed_today_or_ahead_is_of_today(ahead: int) -> None:
    item = paper(listed=date(2026, 8, 2) + timedelta(days=ahead))
    evidence = match(parse("age<=7"), item, date(2026, 8, 2))
    assert card.why((Match(item, "age<=7", evidence or ()),)) == "listed today"


def test_terms_that_one_word_says_are_said_once() -> None:
    item = paper(title="Models of what LLMs know")
    evidence = match(parse("large language models"), item, date(2026, 8, 2))
    assert card.why((Match(item, "large language models", evidence or ()),)) == "“LLMs” in title"


def test_a_long_quote_is_cut() -> None:
    assert len(card.why((quoted("plan " * 100),))) < 90


@pytest.mark.parametrize(
    ("entries", "query", "line"),
    [
        (0, "agents", "No new papers on agents"),
        (0, "*", "No new papers trending"),
        (1, "agents", "1 paper on agents"),
        (2, "", "2 papers trending"),
        (3, "*", "3 papers trending"),
    ],
)
def test_a_headline_says_how_many_and_on_what(entries: int, query: str, line: str) -> None:
    assert card.headline(digest(ROOM, *(entry(paper(str(n))) for n in range(entries)), query=query)) == line


def test_a_headline_stays_one_line_however_long_the_query() -> None:
    assert len(card.headline(digest(query="agents, " * 100))) < 160


def test_the_numbers_of_the_day_count_what_was_left_out_by_rule() -> None:
    left_out = [LeftOut(paper(), reason) for reason in ("over the budget of 5", "already posted 2026-08-01", "x")]
    made = digest(ROOM, entry(paper()), seen=1200, left_out=(*left_out, left_out[0]))
    assert card.numbers(made) == "1,200 papers read, 1 shown, 2 over the budget, 1 posted before"
    assert card.numbers(digest(seen=1)) == "1 paper read, 0 shown"


def test_a_day_is_written_as_people_write_it() -> None:
    assert card.day(date(2026, 8, 3)) == "Monday, 3 August 2026"


@pytest.mark.parametrize(("count", "said"), [(0, "0 papers"), (1, "1 paper"), (2, "2 papers"), (1200, "1,200 papers")])
def test_counting_is_grammatical(count: int, said: str) -> None:
    assert card.plural(count, "paper") == said


@pytest.mark.parametrize(
    ("id_", "url"),
    [("2608.00001", "https://arxiv.org/abs/2608.00001"), ("10.1000/x", "https://doi.org/10.1000/x"), ("lab:7", "")],
)
def test_a_paper_whose_source_gave_no_address_is_found_by_its_id(id_: str, url: str) -> None:
    assert card.card(entry(paper(id_, url=""))).url == url
    assert card.card(entry(paper(id_, url="https://example.org/7"))).url == "https://example.org/7"
