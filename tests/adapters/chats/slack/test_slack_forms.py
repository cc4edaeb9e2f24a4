"""Forms: opened in time, filled in, wrong at a field, too slow, expired."""

from __future__ import annotations

import asyncio

import pytest

from adapters.chats.slack import forms, limits
from adapters.chats.slack.forms import Carried
from bot.desk import FrontDesk
from bot.talk import Action, Answer, Choice, Field, Form, Request
from tests.adapters.chats.slack.kit import desk_of, office
from tests.adapters.chats.slack.payloads import accepted_view, read
from tests.emulators.slack import refuse


async def test_a_form_is_filled_in_tried_and_saved() -> None:
    async with office() as out:
        await out.slack.command("ada", "ml", "/papers subscribe")
        view = await out.modal("ada", "Subscribe to papers")
        sent = await out.slack.submit("ada", view, {"keywords": "agents", "when": "weekly fri", "time": "10:30"})
        assert not sent.error
        assert sent.view is None
        tried = await out.slack.until(lambda: sent.posts)
        assert "would have posted" in read({"blocks": tried[0].blocks})
        await (await out.press("ada", tried[0], "Save")).post()
        made = await out.store.settings(out.channel)
        assert made
        assert (made.cadence.value, made.day, f"{made.time:%H:%M}", made.timezone) == (
            "weekly",
            4,
            "10:30",
            "Europe/Berlin",
        )


async def test_a_form_can_be_meant_for_another_channel_or_for_oneself() -> None:
    async with office() as out:
        lab = out.slack.channel("lab").id
        await out.slack.command("ada", "ml", "/papers subscribe")
        view = await out.modal("ada", "Subscribe to papers")
        sent = await out.slack.submit("ada", view, {"keywords": "agents", "to": lab})
        tried = await out.slack.until(lambda: sent.posts)
        await (await out.press("ada", tried[0], "Save")).post()
        assert [one.channel.room for one in await out.store.subscriptions()] == [lab]
        await out.slack.command("ada", "ml", "/papers subscribe")
        view = await out.modal("ada", "Subscribe to papers")
        await out.slack.submit("ada", view, {"keywords": "robots", "to": None})
        tried_there = await out.slack.until(lambda: out.slack.ephemerals("ada")[1:])
        await (await out.press("ada", tried_there[-1], "Save")).post()
        assert out.slack.user("ada").id in {one.channel.room for one in await out.store.subscriptions()}


async def test_zones_are_found_by_city() -> None:
    async with office() as out:
        await out.slack.command("ada", "ml", "/papers subscribe")
        view = await out.modal("ada", "Subscribe to papers")
        found = await out.slack.options("ada", view, "zone:timezone", "toky")
        assert [one["value"] for one in found] == ["Asia/Tokyo"]
        sent = await out.slack.submit("ada", view, {"keywords": "agents", "zone:timezone": found[0]})
        assert "Asia/Tokyo" in read({"blocks": (await out.slack.until(lambda: sent.posts))[0].blocks})


async def test_a_query_that_cannot_be_read_can_be_edited() -> None:
    async with office() as out:
        await out.slack.command("ada", "ml", "/papers subscribe")
        view = await out.modal("ada", "Subscribe to papers")
        sent = await out.slack.submit("ada", view, {"keywords": "(rlhf OR"})
        said = (await out.slack.until(lambda: sent.posts))[0]
        assert "never closes" in read({"blocks": said.blocks})
        await out.press("ada", said, "Edit")
        again = await out.modal("ada", "Subscribe to papers")
        assert again.state["keywords"]["keywords"]["value"] == "(rlhf OR"


async def test_settings_are_a_form_with_what_holds_now() -> None:
    async with office() as out:
        await out.follow("agents")
        await out.slack.command("ada", "ml", "/papers digest settings")
        view = await out.modal("ada", "Digest settings")
        assert view.state["count"]["count"]["selected_option"]["value"] == "5"
        await out.slack.submit("ada", view, {"count": "8"})
        await out.slack.until(lambda: out.slack.view("ada") is None)
        made = await out.store.settings(out.channel)
        assert made
        assert made.count == 8


@pytest.mark.parametrize(
    ("error", "words"),
    [("expired_trigger_id", "That took too long"), ("internal_error", "Slack would not open the form just now")],
)
async def test_a_form_that_slack_does_not_open_is_said(error: str, words: str) -> None:
    async with office() as out:
        out.slack.faults.on("views.open", refuse(error))
        answer = await out.slack.command("ada", "ml", "/papers subscribe")
        assert words in read({"blocks": (await answer.post()).blocks})


async def test_the_global_shortcut_asks_where() -> None:
    async with office() as out:
        await out.slack.shortcut("ada", "papers_subscribe")
        view = await out.modal("ada", "Subscribe to papers")
        await out.slack.submit("ada", view, {"keywords": "agents", "to": out.channel.room})
        tried = (await out.slack.until(lambda: out.slack.ephemerals("ada")))[0]
        assert tried.channel == out.channel.room
        await (await out.press("ada", tried, "Save")).post()
        assert [one.channel for one in await out.store.subscriptions()] == [out.channel]


class SlowDesk(FrontDesk):
    """Takes longer than a trigger lasts."""

    async def answer(self, request: Request) -> Answer:
        if not request.get("keywords") or request.get("keywords") == "slow":
            await asyncio.sleep(limits.TRIGGER_SECONDS + 0.3)
        return await super().answer(request)


async def test_what_takes_long_is_answered_in_a_modal_that_was_opened_in_time() -> None:
    async with office(opened=lambda out: desk_of(out, SlowDesk)) as out:
        answer = await out.slack.command("ada", "ml", "/papers subscribe")
        assert not answer.error
        await out.modal("ada", "One moment")
        view = await out.modal("ada", "Subscribe to papers")
        sent = await out.slack.submit("ada", view, {"keywords": "slow"})
        assert (sent.error, sent.action) == ("", "update")
        shown = await out.modal("ada", "Papers")
        assert "would have posted" in read(shown.body)
        await out.press("ada", shown, "Save")
        assert await out.slack.until(lambda: "Saved." in read((out.slack.view("ada") or shown).body))
        assert [one.query for one in await out.store.subscriptions(out.channel)] == ["slow"]


def field(kind: str, **more: object) -> Field:
    return Field("name", "Label", kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "one",
    [
        field("text", value="x" * 5000, hint="h" * 5000, most=9000),
        field("text", value="", optional=True),
        field("choice", value="b", choices=tuple(Choice("c" * 200, str(n), "d" * 200) for n in range(150))),
        field("choice", value="nowhere", choices=(Choice("a", "a"),)),
        field("time", value="9:5"),
        field("time", value="25:61"),
        field("time", value="noon"),
        field("zone", value="Europe/Berlin"),
        field("zone", value=""),
        field("place", value="here"),
        field("place", value="dm"),
        field("place", value="C012345"),
        field("unheard of", value="x"),
    ],
)
def test_every_kind_of_field_is_one_that_slack_takes(one: Field) -> None:
    accepted_view(forms.modal(Form("T" * 90, Action("subscribe"), (one,), submit="S" * 90), Carried(action="x" * 2000)))


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", '{"action": 3}', "null", '{"other": "x"}'])
def test_metadata_that_makes_no_sense_is_none(text: str) -> None:
    assert Carried.read(text) in {Carried(), Carried(action="3")}


def test_what_a_modal_carries_comes_back() -> None:
    carried = Carried(action="a?b=c", room="C1", thread="1.2")
    assert Carried.read(carried.written()) == carried
    assert len(Carried(action="x" * forms.ROOM, room="C" * 20, thread="1" * 20).written()) <= limits.PRIVATE
