"""A digest as Discord shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chats.discord import limits, markup
from adapters.chats.discord.controls import ids, marked, meant
from adapters.chats.discord.filtered import one_by_one
from adapters.chats.discord.post import name
from adapters.chats.discord.render import address, degrade, papers, render, size
from bot.digest import with_left_out
from bot.models import JSON, Digest, LeftOut, Message
from bot.summary import Summary, SummaryKind
from bot.talk import Action, Span, Style, read
from bot.talk.offers import on_many, under_digest
from tests.adapters.chats.discord.payloads import accepted, live
from tests.adapters.chats.discord.payloads import read as seen
from tests.emulators.discord.text import markdown
from tests.emulators.discord.web.channels import POST
from tests.hostile import TALK, digests, with_tokens
from tests.making import ROOM, digest, entry, match, paper

TOKENS = (
    "@everyone", "@here", "<@123456789012345678>", "<@&123456789012345678>", "<#123456789012345678>",
    "</papers help:123456789012345678>", "<t:0:R>", "<a:boom:123456789012345678>", ":boom:", "<id:customize>",
    "[arxiv.org](https://evil.example)", "[a](<https://evil.example>)", "https://evil.example", "<https://evil.example>",
    "discord.gg/abc", "```", "`", "``", "**", "__", "||", "~~", "\\", "\\\\", "# ", "-# ", "> ", ">>> ", "- ", "1. ",
    "\n",
)  # fmt: skip
nasty = with_tokens(TOKENS)


@given(digests(nasty), st.booleans())
def test_nothing_from_outside_is_live_and_discord_takes_every_form(made: Digest, singly: bool) -> None:
    addresses = {address(item.paper) for item in made.entries}
    messages = render(made, singly=singly)
    assert sorted(id_ for one in messages for id_ in one.papers) == [item.paper.id for item in made.entries]
    for first in messages:
        message: Message | None = first
        for step in range(1, 4):
            if message is None:
                break
            accepted(message.payload)
            assert {one.target for one in live(message.payload)} <= addresses | {TALK}
            assert {embed.get("url", "") for embed in message.payload.get("embeds", ())} <= addresses | {""}
            message = degrade(message, step)


@given(digests(nasty), st.booleans())
async def test_discord_takes_every_post_and_every_paper_that_goes_alone(made: Digest, singly: bool) -> None:
    """In a forum, where a post has a name; and of messages that a filter refused."""
    sent: list[JSON] = []

    async def send(payload: JSON, key: str) -> str:
        sent.append({**payload, "components": marked(payload["components"], key)})
        return key

    async def look(_keys: Sequence[str]) -> Mapping[str, str] | None:
        return {}

    for message in render(made, singly=singly):
        assert POST({"name": name(message.payload), "message": dict(message.payload)}, ()) == []
        for form in filter(None, (message, degrade(message, 1))):
            assert bool(await one_by_one(form.payload, "0" * 24, send, look)) == bool(message.papers)
    addresses = {address(item.paper) for item in made.entries}
    for payload in sent:
        accepted(payload)
        assert {one.target for one in live(payload)} <= addresses | {TALK}
        assert POST({"name": name(payload), "message": dict(payload)}, ()) == []


@given(nasty, st.integers(10, 300))
def test_an_escaped_text_reads_as_it_was(some: str, most: int) -> None:
    made = markup.escaped(some, most)
    assert len(made) <= most
    assert {node.kind for node in markdown.parse(made)} <= {"text"}
    if len(made) < most // 2:
        assert markdown.plain(markdown.parse(made)) == markup.line(some)


@given(st.lists(st.builds(Span, nasty, st.sampled_from(list(Style)), nasty), max_size=5))
def test_words_make_nothing_live_but_what_they_point_at(some: list[Span]) -> None:
    for one in markdown.live(markup.words(tuple(some))):
        assert one.kind == "time"


def test_words_point_where_they_should() -> None:
    some = (
        Span("a]b", Style.LINK, "https://x.org/a(b)"),
        Span("Ada", Style.PERSON, "123456789012345678"),
        Span("a`b", Style.CODE),
        Span("c", Style.LINK, "https://x.org/c"),
    )
    assert markup.words(some) == "a\\]b<@123456789012345678>`aˋb`[c](<https://x.org/c>)"


def test_a_card_says_everything() -> None:
    item = entry(paper(upvotes=41, code="https://github.com/a/b", organization="Acme Lab"))
    said = seen(render(digest(ROOM, item))[0].payload)
    for part in (
        "Agents that plan", "Ada Lovelace, Alan Turing, Grace Hopper +1", "Acme Lab", "They plan ahead.", "41 upvotes",
        "code", "Why: “Agents” in title", "Abstract", "Save", "Not for us", "Pause", "Settings",
        "1 paper on agents", "Monday, 3 August 2026", "12 papers read, 1 shown", "/papers unsubscribe",
    ):  # fmt: skip
        assert part in said


def test_a_discussion_is_a_link_under_the_summary_and_no_paper() -> None:
    page = "https://news.ycombinator.com/item?id=49900001"
    (message,) = render(digest(ROOM, entry(paper(discussion=page, points=137, replies=32))))
    said = seen(message.payload)
    assert "Discussion on Hacker News" in said
    assert "137 points, 32 comments on Hacker News" in said
    assert page in str(message.payload)
    simple = degrade(message, 2)
    assert simple
    assert page not in str(simple.payload)


def test_an_owner_is_not_called_every_day() -> None:
    one = paper()
    by_id = render(digest(ROOM, entry(one, match(one, owner="123456789012345678"))))[0].payload
    assert "123456789012345678" not in str(by_id)
    by_name = render(digest(ROOM, entry(one, match(one, owner="Grace"))))[0].payload
    assert "(for Grace)" in seen(by_name)


def test_an_empty_day_old_data_and_lateness_are_said() -> None:
    (message,) = render(digest(stale="Hugging Face has not answered since 06:00.", late=True))
    said = seen(message.payload)
    assert "No new papers on agents" in said
    assert "Hugging Face has not answered since 06:00." in said
    assert "late" in said
    assert [one["label"] for one in message.payload["components"][0]["components"]] == ["Pause", "Settings"]


def test_a_long_digest_is_split_before_it_is_sent() -> None:
    items = [entry(paper(f"2608.{n:05}", title="T*" * 150)) for n in range(10)]
    items = [replace(one, summary=Summary("s" * 700, SummaryKind.ABSTRACT)) for one in items]
    messages = render(digest(ROOM, *items))
    assert [message.reply for message in messages] == [False] + [True] * (len(messages) - 1)
    assert len(messages) == 2
    assert all(size(message.payload["embeds"]) <= limits.BUDGET for message in messages)
    assert "Pause" in seen(messages[-1].payload)
    assert "Pause" not in seen(messages[0].payload)


def test_subscriptions_stand_apart() -> None:
    one, two = paper("2608.00001"), paper("2608.00002")
    made = digest(ROOM, entry(one, match(one, "agents")), entry(two, match(two, "moe")))
    embeds = render(made)[0].payload["embeds"]
    assert [embed.get("author", {}).get("name") for embed in embeds] == ["agents", "moe", None]


def test_a_message_knows_its_papers_whatever_their_ids() -> None:
    found = [
        paper("2608.00001"),
        paper("10.1000/xyz.5", url="https://doi.org/10.1000/xyz.5"),
        paper("openreview:abC-1", url="https://openreview.net/forum?id=abC#x"),
        paper("2608.00002", url="https://x.org/paper"),
    ]
    (message,) = render(digest(ROOM, *(entry(one) for one in found)))
    assert papers(message.payload) == message.papers == tuple(one.id for one in found)


def test_the_buttons_ask_for_the_papers_of_their_message() -> None:
    payload = render(digest(ROOM, entry(paper("2608.00001"))))[0].payload
    actions = [read(meant(one).action) for one in ids(payload["components"])]
    assert actions == [
        Action(button.action.verb, dict(button.action.options)) for button in (*on_many(), *under_digest())
    ]


def test_what_a_digest_had_no_room_for_is_behind_a_button() -> None:
    over = [LeftOut(paper(f"2608.0000{n}"), reason) for n, reason in enumerate(["over the budget of 5"] * 9 + ["old"])]
    rows = render(with_left_out(digest(ROOM, entry(paper("2608.00019"))), over))[0].payload["components"]
    assert [button["label"] for button in rows[-1]["components"]] == ["9 more", "Pause", "Settings"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_simplest_forms_still_name_and_link_every_paper(count: int) -> None:
    items = [entry(paper(f"2608.{n:05}")) for n in range(count)]
    (message,) = render(digest(ROOM, *items))
    titles = degrade(message, 1)
    assert titles
    text = degrade(titles, 2)
    assert text
    assert "embeds" not in text.payload
    for item in items:
        assert item.paper.title in seen(titles.payload)
        assert item.paper.title in seen(text.payload)
        assert item.paper.url in text.payload["content"]
    assert degrade(text, 3) is None
