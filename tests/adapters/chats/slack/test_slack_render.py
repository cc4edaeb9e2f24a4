"""A digest as Slack shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chats.slack import limits
from adapters.chats.slack.render import degrade, render
from bot.digest import with_left_out
from bot.ids import paper_url
from bot.models import Digest, LeftOut, Message
from bot.summary import Summary, SummaryKind
from bot.talk import written
from bot.talk.offers import on_card, under_digest
from tests.adapters.chats.slack.payloads import accepted, live, read
from tests.hostile import TALK, digests, with_tokens
from tests.making import ROOM, digest, entry, match, paper

TOKENS = (
    "<!channel>", "<@U012AB3CD>", "<#C012AB3CD>", "<!subteam^S1>", "<https://evil.example|arxiv.org>", "<!date^1^x|y>",
    "@channel", "@here", "*", "_", "`", "&lt;!here&gt;", "&amp;", ":boom:", "[a](https://evil.example)", "<", ">", "|",
    "\n",
)  # fmt: skip
nasty = with_tokens(TOKENS)


def shown(made: Digest, *, images: bool = True) -> tuple[Message, ...]:
    return render(made, images=images)


@given(digests(nasty), st.booleans())
def test_nothing_from_outside_is_live_and_slack_takes_every_form(made: Digest, images: bool) -> None:
    addresses = {TALK, *(item.paper.url or paper_url(item.paper.id) for item in made.entries)}
    for first in render(made, images=images):
        message: Message | None = first
        for step in range(1, 5):
            if message is None:
                break
            accepted(message.payload)
            for token in live(message.payload):
                assert token.kind == "link"
                assert token.target in addresses
            message = degrade(message, step)


@given(nasty)
def test_a_title_is_shown_as_it_is(title: str) -> None:
    named = title.strip()[:200].strip() or "x"
    (message,) = shown(digest(ROOM, entry(paper(title=named))))
    assert limits.sound(named) in read(message.payload)


def test_a_card_says_everything() -> None:
    item = entry(paper(upvotes=41, code="https://github.com/a/b", organization="Acme Lab"))
    said = read(shown(digest(ROOM, item))[0].payload)
    for part in (
        "Agents that plan", "Ada Lovelace, Alan Turing, Grace Hopper +1", "Acme Lab", "They plan ahead.", "41 upvotes",
        "code", "Why: “Agents” in title", "Abstract", "Save", "Not for us", "Pause", "Settings",
        "1 paper on agents", "Monday, 3 August 2026", "12 papers read, 1 shown",
    ):  # fmt: skip
        assert part in said


def test_a_discussion_is_a_link_under_the_summary_and_no_paper() -> None:
    page = "https://news.ycombinator.com/item?id=49900001"
    (message,) = shown(digest(ROOM, entry(paper(discussion=page, points=137, replies=32))))
    said = read(message.payload)
    assert "Discussion on Hacker News" in said
    assert "137 points, 32 comments on Hacker News" in said
    assert page in str(message.payload)
    simple = degrade(message, 2)
    assert simple
    assert page not in str(simple.payload)


def test_an_owner_is_not_called_every_day() -> None:
    one = paper()
    by_id = shown(digest(ROOM, entry(one, match(one, owner="U012AB3CD"))))[0].payload
    assert "U012AB3CD" not in str(by_id)
    by_name = shown(digest(ROOM, entry(one, match(one, owner="Grace"))))[0].payload
    assert "(for Grace)" in read(by_name)


def test_an_empty_day_old_data_and_lateness_are_said() -> None:
    (message,) = shown(digest(stale="Hugging Face has not answered since 06:00.", late=True))
    assert "No new papers on agents" in read(message.payload)
    assert "Hugging Face has not answered since 06:00." in read(message.payload)
    assert "late" in read(message.payload)


def test_a_long_digest_goes_on_in_its_thread() -> None:
    items = [entry(paper(f"2608.{n:05}", title="T" * 300)) for n in range(10)]
    items = [replace(one, summary=Summary("s" * 700, SummaryKind.ABSTRACT)) for one in items]
    messages = shown(digest(ROOM, *items))
    assert [message.reply for message in messages] == [False] + [True] * (len(messages) - 1)
    assert len(messages) == 2
    assert sum("header" in {block["type"] for block in message.payload["blocks"]} for message in messages) == 1
    assert "Pause" in read(messages[-1].payload)
    assert "Pause" not in read(messages[0].payload)


def test_subscriptions_stand_apart() -> None:
    one, two = paper("2608.00001"), paper("2608.00002")
    said = read(shown(digest(ROOM, entry(one, match(one, "agents")), entry(two, match(two, "moe"))))[0].payload)
    assert said.index("agents") < said.index("part 2608.00001") < said.index("moe") < said.index("part 2608.00002")


def test_the_buttons_carry_their_paper() -> None:
    blocks = shown(digest(ROOM, entry(paper("2608.00001"))))[0].payload["blocks"]
    values = [button["value"] for block in blocks if block["type"] == "actions" for button in block["elements"]]
    assert values == [written(button.action) for button in (*on_card("2608.00001"), *under_digest())]


def test_what_a_digest_had_no_room_for_is_behind_a_button() -> None:
    over = [LeftOut(paper(f"2608.0000{n}"), reason) for n, reason in enumerate(["over the budget of 5"] * 9 + ["old"])]
    blocks = shown(with_left_out(digest(ROOM, entry(paper("2608.00019"))), over))[0].payload["blocks"]
    assert [button["text"]["text"] for button in blocks[-1]["elements"]] == ["9 more", "Pause", "Settings"]


@pytest.mark.parametrize("images", [True, False])
def test_a_picture_stands_beside_the_numbers_and_can_go(images: bool) -> None:
    (message,) = shown(digest(ROOM, entry(paper(image="https://x.example/a.png"))), images=images)
    assert any("accessory" in block for block in message.payload["blocks"]) is images
    assert not any(block["type"] == "image" for block in message.payload["blocks"])
    simpler = degrade(message, 1)
    assert simpler
    assert "a.png" not in str(simpler.payload)


def test_the_simplest_forms_still_name_and_link_every_paper() -> None:
    items = [entry(paper(f"2608.{n:05}")) for n in range(3)]
    (message,) = shown(digest(ROOM, *items))
    titles = degrade(message, 2)
    assert titles
    text = degrade(titles, 3)
    assert text
    assert "blocks" not in text.payload
    for item in items:
        assert item.paper.title in read(titles.payload)
        assert item.paper.title in text.payload["text"]
        assert item.paper.url in text.payload["text"]
    assert degrade(text, 4) is None
