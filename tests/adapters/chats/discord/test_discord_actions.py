"""Buttons, pick lists and forms."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chats.discord import answers, forms
from adapters.chats.discord.controls import ids, meant
from bot.card import card
from bot.desk import FrontDesk
from bot.digest import with_left_out
from bot.models import LeftOut
from bot.talk import (
    Action,
    Answer,
    Button,
    Buttons,
    Cards,
    Choice,
    Document,
    Field,
    Form,
    Line,
    Pick,
    Picture,
    Preview,
    Reply,
    Request,
    Shown,
    Span,
    Style,
    written,
)
from tests.adapters.chats.discord.kit import desk_of, office, said
from tests.adapters.chats.discord.payloads import accepted_form, live
from tests.emulators.discord.rules.messages import check_message
from tests.emulators.discord.state.nouns import Upload
from tests.hostile import hostile
from tests.making import digest, entry, paper


async def test_a_digests_buttons_work_on_its_paper_and_outlive_a_restart() -> None:
    async with office() as made:
        posted = await made.show()
        answer = await made.press("bob", posted, "Save")
        assert answer.kind == 6
        await answer.post(1)
        assert "saved" in made.seen("bob").lower()
        assert made.discord.messages("ml") == [posted]


async def test_with_several_papers_it_asks_which_one() -> None:
    async with office() as made:
        posted = await made.show(3)
        answer = await made.press("bob", posted, "Abstract")
        asked = await answer.post(1)
        (menu,) = [one for one in ids(asked.components) if meant(one).kind == "pick"]
        row = next(one for one in asked.components if one["type"] == 1)
        chosen = row["components"][0]["options"][1]["value"]
        assert chosen == "2608.00002"
        picked = await made.discord.select("bob", asked, menu, chosen)
        await made.discord.until(lambda: "part 2608.00002" in made.seen("bob") or "2608.00002" in made.seen("bob"))
        assert not picked.error


async def test_what_a_digest_had_no_room_for_is_shown_to_the_one_who_asked() -> None:
    new = [paper(f"2608.0000{n}", listed=datetime.now(UTC).date() - timedelta(days=1)) for n in (1, 2)]
    async with office(papers=new) as made:
        await made.follow("agents")
        (message,) = made.chat.render(with_left_out(digest(made.channel), [LeftOut(new[0], "over the budget of 0")]))
        await made.chat.post(made.channel, message, "0" * 24, "")
        answer = await made.press("bob", made.discord.messages("ml")[-1], "1 more")
        assert "2 papers not in a digest here yet" in said(await answer.post(1))


async def test_the_form_opens_and_what_is_filled_in_is_tried() -> None:
    async with office() as made:
        answer = await made.ask("ada", "subscribe")
        assert answer.modal
        assert [one["label"] for one in answer.modal["components"]] == [
            "Keywords", "When", "Time", "Time zone", "Post to",
        ]  # fmt: skip
        sent = await made.discord.submit(
            "ada", answer, {"keywords": "agents", "when": "weekly tue", "time": "08:30", "timezone": "Europe/Berlin"}
        )
        tried = await sent.post()
        assert "Tuesday" in said(tried) or "weekly" in said(tried)
        await made.press("ada", tried, "Save")
        await made.discord.until(lambda: made.discord.messages("ml"))
        kept = await made.store.settings(made.channel)
        assert kept
        assert (f"{kept.time:%H:%M}", kept.timezone, kept.day) == ("08:30", "Europe/Berlin", 1)


async def test_narrow_brings_the_form_back_with_what_was_typed() -> None:
    async with office() as made:
        tried = await made.type("ada", "subscribe", keywords='agents, "world model"')
        answer = await made.press("ada", tried, "Narrow")
        assert answer.modal
        assert answer.modal["components"][0]["component"]["value"] == 'agents, "world model"'
        sent = await made.discord.submit("ada", answer, {"keywords": "((("})
        await made.discord.until(lambda: "bracket" in made.seen("ada"))
        assert not sent.error


async def test_settings_are_a_form_and_pause_is_for_everybody_to_see() -> None:
    async with office() as made:
        await made.follow("agents")
        posted = await made.show()
        answer = await made.press("ada", posted, "Settings")
        assert answer.modal
        await made.discord.submit("ada", answer, {"count": "3"})
        await made.discord.until(lambda: made.seen("ada"))
        kept = await made.store.settings(made.channel)
        assert kept
        assert kept.count == 3
        await made.press("ada", posted, "Pause")
        await made.discord.until(lambda: len(made.discord.messages("ml")) == 3 or "ause" in made.seen("ada"))
        kept = await made.store.settings(made.channel)
        assert kept
        assert kept.paused


async def test_a_preview_is_drawn_as_it_would_be_posted() -> None:
    new = paper(listed=datetime.now(UTC).date() - timedelta(days=1))
    async with office(papers=[new]) as made:
        await made.follow("agents")
        answer = await made.ask("ada", "digest", action="preview")
        first, second = await answer.post(), await answer.post(1)
        assert [embed.get("url") for embed in first.embeds] == [new.url, None]
        assert first.only_for
        assert second.only_for
        assert "Send it now" in said(second)


async def test_a_reading_list_comes_as_a_file() -> None:
    async with office() as made:
        await (await made.press("bob", await made.show(), "Save")).post(1)
        found = await made.type("bob", "saved", export="bibtex")
        (file,) = found.files
        assert b"@" in file.content


class Slow(FrontDesk):
    """A desk that takes its time."""

    async def answer(self, request: Request) -> Answer:
        await asyncio.sleep(0.5)
        return await super().answer(request)


class Broken(FrontDesk):
    """A desk with a fault of ours before it."""

    async def unpack(self, text: str, place: Any) -> Action:  # noqa: ANN401
        raise RuntimeError(text)


async def test_every_other_answer_is_deferred_before_the_work_is_done() -> None:
    async with office(opened=lambda out: desk_of(out, Slow)) as made:
        answer = await made.ask("bob", "today")
        assert (answer.kind, answer.posts) == (5, ())
        assert said(await answer.post())


async def test_a_fault_of_ours_is_told_with_a_reference() -> None:
    async with office(opened=lambda out: desk_of(out, Broken)) as made:
        await made.press("bob", await made.show(), "Save")
        await made.discord.until(lambda: made.discord.ephemerals("bob"))
        assert "Something went wrong on my side (ref" in made.seen("bob")


async def test_strange_buttons_are_answered_too() -> None:
    async with office() as made:
        assert not meant("nonsense").kind
        assert meant("do:1:save?paper=1#abc").key == "abc"
        reply = Reply((Buttons((Button("Odd", Action("frobnicate")),)),))
        await made.chat.announce(made.channel, reply)
        answer = await made.press("bob", made.discord.messages("ml")[-1], "Odd")
        assert "I don't know" in said(await answer.post(1))


TEXT = st.one_of(hostile, st.sampled_from(["@everyone", "<@123456789012345678>", "[a](https://evil.example)", "```"]))
WORDS = st.lists(st.builds(Span, TEXT, st.sampled_from([Style.PLAIN, Style.BOLD, Style.CODE, Style.LINK])), max_size=4)
ACTIONS = st.builds(Action, st.just("save"), st.dictionaries(st.just("paper"), TEXT, max_size=1))
BUTTONS = st.lists(st.builds(Button, TEXT.filter(str.strip), ACTIONS), max_size=5).map(tuple)
CHOICES = st.lists(st.builds(Choice, TEXT, TEXT, TEXT), max_size=30).map(tuple)
PARTS = st.one_of(
    st.builds(Line, WORDS.map(tuple), st.sampled_from(["text", "head", "item", "quiet"])),
    st.builds(Buttons, BUTTONS),
    st.builds(Pick, TEXT, ACTIONS, st.just("paper"), CHOICES),
    st.builds(
        lambda title, buttons: Cards(
            tuple(Shown(card(entry(paper(f"2608.{n:05}", title=title))), n, buttons) for n in range(10))
        ),
        TEXT,
        BUTTONS,
    ),
    st.builds(Document, TEXT, TEXT),
    st.builds(Picture, st.just(b"png"), TEXT),
    st.just(Preview(digest())),
)


@given(st.lists(PARTS, max_size=8).map(tuple))
def test_any_reply_is_taken_and_nothing_from_outside_is_live(parts: tuple[Any, ...]) -> None:
    def pack(action: Action) -> str:
        text = written(action)
        return text if len(text) <= 60 else "~token"

    for page in answers.pages(Reply(parts), pack, lambda made: ()):
        files = tuple(
            Upload(id=n, name=name, size=len(held), content=held) for n, (name, held) in enumerate(page.files)
        )
        check_message(page.body, files)
        assert not live(page.body)


@given(TEXT, TEXT, CHOICES, st.sampled_from(["text", "choice", "time", "zone", "place"]))
def test_any_form_is_taken(title: str, value: str, choices: tuple[Choice, ...], kind: str) -> None:
    field = Field("keywords", title.strip() or "x", kind, value, choices, hint=value)
    made = forms.modal(Form(title.strip() or "x", Action("subscribe"), (field,)), "x" * forms.ROOM)
    accepted_form(made)


def test_a_form_that_cannot_open_becomes_a_button() -> None:
    form = Form(
        "x", Action("digest", {"to": "dm"}), (Field("time", "Time", value="9"),), errors={"time": "Write `09:00`."}
    )
    reply = forms.again(form)
    assert reply.parts[0] == Line((Span("Write "), Span("09:00", Style.CODE), Span(".")))
    assert reply.parts[1] == Buttons((Button("Open the form", Action("digest", {"to": "dm", "time": "9"})),))


def test_what_was_filled_in_is_read_whatever_the_field() -> None:
    sent: Mapping[str, Any] = {
        "components": [
            {"type": 18, "component": {"type": 4, "custom_id": "a", "value": "1"}},
            {"type": 18, "component": {"type": 3, "custom_id": "b", "values": ["2"]}},
            {"type": 1, "components": [{"type": 4, "custom_id": "c", "value": ""}]},
            {"type": 10},
        ]
    }
    assert forms.filled(sent) == {"a": "1", "b": "2", "c": ""}


@pytest.mark.parametrize("room", ["digest", "reviews"])
async def test_a_forum_is_subscribed_by_a_post(room: str) -> None:
    async with office() as out:
        tried = await out.type("ada", "subscribe", room, keywords="agents")
        await out.press("ada", tried, "Save")
        await out.discord.until(lambda: "Saved." in out.seen("ada"))
        (post,) = out.discord.posts(room)
        assert "Subscribed this channel to agents" in said(out.discord.state.history(post.id)[0])
