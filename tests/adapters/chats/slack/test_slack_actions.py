"""Buttons under digests and answers: pressed in time, too late, by somebody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.deliver import Deliverer
from bot.digest import with_left_out
from bot.models import LeftOut, Plan, State
from tests.adapters.chats.slack.kit import Office, office
from tests.adapters.chats.slack.payloads import read
from tests.emulators.slack import Message, View, drop, refuse
from tests.making import DAY, digest, entry, paper, rows, settings, subscription


def seen(where: Message | View) -> str:
    return read({"blocks": where.body["blocks"] if isinstance(where, View) else where.blocks})


async def posted(out: Office) -> Message:
    """A digest of two papers in #ml, with a subscription behind it."""
    await out.follow("agents")
    made = digest(out.channel, *(entry(paper(f"2608.1000{n}", title=f"Agents of day {n}")) for n in (1, 2)))
    (message,) = out.chat.render(made)
    await out.chat.post(out.channel, message, "0" * 24, "")
    return out.slack.messages("ml")[-1]


async def test_the_abstract_is_shown_to_the_one_who_asked() -> None:
    async with office() as out:
        message = await posted(out)
        answer = await (await out.press("bob", message, "Abstract")).post()
        assert answer.only_for == out.slack.user("bob").id
        assert "We present agents that plan ahead." in seen(answer)


async def test_what_a_digest_had_no_room_for_is_shown_to_the_one_who_asked() -> None:
    async with office() as out:
        new = paper("2608.10009", listed=datetime.now(UTC).date() - timedelta(days=1))
        await out.store.add_papers([new], datetime.now(UTC))
        await out.follow("agents")
        (message,) = out.chat.render(with_left_out(digest(out.channel), [LeftOut(new, "over the budget of 0")]))
        await out.chat.post(out.channel, message, "0" * 24, "")
        answer = await (await out.press("bob", out.slack.messages("ml")[-1], "1 more")).post()
        assert answer.only_for == out.slack.user("bob").id
        assert "1 paper not in a digest here yet" in seen(answer)


async def test_a_saved_paper_is_on_the_list() -> None:
    async with office() as out:
        message = await posted(out)
        await (await out.press("bob", message, "Save")).post()
        assert "Agents of day 1" in seen(await out.type("bob", "saved"))
        assert "Agents of day 1" not in seen(await out.type("ada", "saved"))


async def test_not_for_us_is_noted_for_the_channel() -> None:
    async with office() as out:
        message = await posted(out)
        assert "Noted" in seen(await (await out.press("bob", message, "Not for us")).post())


async def test_pause_is_said_to_all_and_a_guest_may_not() -> None:
    async with office() as out:
        message = await posted(out)
        assert "Guests can't change" in seen(await (await out.press("gus", message, "Pause")).post())
        answer = await (await out.press("ada", message, "Pause")).post()
        assert not answer.only_for
        made = await out.store.settings(out.channel)
        assert made
        assert made.paused


async def test_settings_open_from_a_digest() -> None:
    async with office() as out:
        await out.press("ada", await posted(out), "Settings")
        assert await out.modal("ada", "Digest settings")


async def test_a_button_of_a_message_that_is_gone_still_answers() -> None:
    async with office() as out:
        message = await posted(out)
        out.slack.workspace.remove(message.channel, message.ts)
        assert "We present agents" in seen(await (await out.press("bob", message, "Abstract")).post())


async def test_a_button_of_a_paper_that_is_no_more_says_so() -> None:
    async with office() as out:
        await out.follow("agents")
        (message,) = out.chat.render(digest(out.channel, entry(paper("2608.99999"))))
        await out.chat.post(out.channel, message, "0" * 24, "")
        answer = await (await out.press("bob", out.slack.messages("ml")[-1], "Abstract")).post()
        assert "couldn't find" in seen(answer)


async def test_a_button_whose_meaning_is_kept_no_longer_says_so() -> None:
    async with office() as out:
        tried = await out.type("ada", "subscribe agents")
        stale = replace(tried, blocks=tuple(_forgotten(block) for block in tried.blocks))
        answer = await (await out.press("ada", stale, "Save")).post()
        assert "too old" in seen(answer)
        assert not await out.store.subscriptions()


def _forgotten(block: dict[str, object]) -> dict[str, object]:
    elements = block.get("elements")
    if block["type"] != "actions" or not isinstance(elements, list):
        return block
    return {**block, "elements": [{**one, "value": "~forgotten"} for one in elements]}


async def test_unsubscribe_picks_from_a_list_and_says_it_to_all() -> None:
    async with office() as out:
        await out.follow("agents")
        await out.follow("robots")
        asked = await out.type("ada", "unsubscribe")
        menu = _menu(asked)
        value = next(one["value"] for one in menu["options"] if one["text"]["text"] == "robots")
        answer = await out.slack.select("ada", asked, menu["action_id"], value)
        said = await answer.post()
        assert not said.only_for
        assert "Unsubscribed from" in seen(said)
        assert [one.query for one in await out.store.subscriptions()] == ["agents"]


async def test_a_list_beyond_25_goes_on() -> None:
    async with office() as out:
        for number in range(25):
            made = settings(out.channel, created=datetime.now(UTC))
            await out.store.subscribe(subscription(f"topic{number}", out.channel), made)
        first = await out.type("ada", "list")
        assert "25 subscriptions here" in seen(first)
        picked = await out.type("ada", "unsubscribe")
        assert len(_menu(picked)["options"]) == 25


def _menu(message: Message) -> dict[str, Any]:
    elements = (one for block in message.blocks if block["type"] == "actions" for one in block["elements"])
    return next(one for one in elements if one["type"] == "static_select")


async def test_the_preview_is_what_would_be_posted() -> None:
    new = paper(listed=datetime.now(UTC).date() - timedelta(days=1))
    async with office(papers=[new]) as out:
        await out.follow("agents")
        answer = await out.type("ada", "digest preview")
        assert answer.only_for
        assert "Why:" in seen(answer)


async def test_an_unconfirmed_message_can_be_sent_again() -> None:
    async with office(scale=float("inf")) as out:
        await out.follow("agents")
        now = datetime.now(UTC)
        plan = Plan(channel=out.channel, date=DAY, kind="digest", planned=now)
        (message,) = out.chat.render(digest(out.channel, entry(paper("2608.10001"))))
        (row,) = rows(plan)
        unclear = replace(row, message=message, state=State.UNKNOWN, planned=now, next_at=now, first_try=now)
        await out.store.plan([(plan, [unclear])])
        status = await out.type("ada", "status")
        assert "is not confirmed" in seen(status)
        assert "on its way again" in seen(await (await out.press("ada", status, "Send again")).post())
        await _drain(out)
        assert [m.metadata for m in out.slack.messages("ml")][-1] is not None
        kept = await out.store.delivery(row.key)
        assert kept
        assert kept.state is State.SENT


async def _drain(out: Office) -> None:
    sender = Deliverer(out.store, {"slack": out.chat}, owner="test", now=lambda: datetime.now(UTC))
    await sender.drain(asyncio.Event())


@pytest.mark.parametrize("tab", ["home", "messages"])
async def test_the_home_tab_shows_what_somebody_follows(tab: str) -> None:
    async with office() as out:
        await out.follow("agents")
        await out.slack.open_home("ada", tab)
        if tab == "messages":
            assert out.slack.home("ada") is None
            return
        view = await out.slack.until(lambda: out.slack.home("ada"))
        assert view
        assert "agents" in seen(view)
        assert "Europe/Berlin" in seen(view)
        assert not [token for token in view.live if token.kind not in {"link", "date", "channel"}]


async def test_the_home_tab_pauses_and_resumes() -> None:
    async with office() as out:
        await out.follow("agents")
        await out.slack.open_home("ada")
        view = await out.slack.until(lambda: out.slack.home("ada"))
        assert view
        await out.press("ada", view, "Pause")
        paused = await out.slack.until(lambda: _home_with(out, "Resume"))
        assert paused
        await out.press("ada", paused, "Resume")
        await out.slack.until(lambda: _home_with(out, "Pause"))
        made = await out.store.settings(out.channel)
        assert made
        assert not made.paused


def _home_with(out: Office, label: str) -> View | None:
    view = out.slack.home("ada")
    return view if view and label in seen(view) else None


async def test_a_form_from_the_home_tab_is_for_oneself() -> None:
    async with office() as out:
        await out.slack.open_home("ada")
        view = await out.slack.until(lambda: out.slack.home("ada"))
        assert view
        await out.press("ada", view, "Subscribe to papers")
        form = await out.modal("ada", "Subscribe to papers")
        await out.slack.submit("ada", form, {"keywords": "agents"})
        tried = await out.slack.until(lambda: out.slack.dm("ada"))
        await (await out.press("ada", tried[0], "Save")).post()
        assert [one.channel.room for one in await out.store.subscriptions()] == [out.slack.user("ada").id]


async def test_which_paper_is_this_works_in_threads() -> None:
    async with office() as out:
        root = out.slack.say("bob", "ml", "have you seen this?")
        reply = out.slack.say("bob", "ml", "https://arxiv.org/abs/2608.10003v2 I mean", thread=root.ts)
        answer = await (await out.slack.message_shortcut("ada", reply, "papers_which")).post()
        assert "Agents of day 3" in seen(answer)
        assert answer.thread_ts == root.ts
        nothing = out.slack.say("bob", "ml", "lunch?")
        said = await (await out.slack.message_shortcut("ada", nothing, "papers_which")).post()
        assert "couldn't find" in seen(said)


async def test_a_lost_answer_is_not_said_to_all_twice() -> None:
    async with office() as out:
        message = await posted(out)
        out.slack.faults.on("response_url", drop(committed=True))
        answer = await out.press("ada", message, "Pause")
        await answer.post()
        await out.type("ada", "help")
        assert sum("Paused" in seen(one) for one in out.slack.messages("ml")) == 1


async def test_a_home_tab_that_cannot_be_drawn_now_spoils_no_answer() -> None:
    async with office() as out:
        await out.follow("agents")
        await out.slack.open_home("ada")
        view = await out.slack.until(lambda: out.slack.home("ada"))
        assert view
        out.slack.faults.on("views.publish", refuse("internal_error"))
        await out.press("ada", view, "Pause")
        shown = await out.modal("ada", "Papers")
        assert "aused" in seen(shown)
        assert "aused" in seen(out.slack.messages("ml")[-1])
        assert out.slack.dm("ada") == []
