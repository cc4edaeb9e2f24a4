from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from bot.commands.following import MOST
from bot.errors import DeliveryError, StoreError, StoreFull, Verdict
from bot.models import Cadence, Channel, ChannelSettings, Subscription
from bot.ports import Outlines
from bot.query import Query
from bot.talk import Form, Reply
from tests.fakes import MemoryStore
from tests.making import FOREIGN_ROOM, NOW, ROOM, settings, subscription
from tests.talking import ANA, BEN, GUEST, STRANGER, Town, labels, seen

OTHER = Channel("fake", "T1", "other")


async def test_before_saving_it_says_what_it_would_have_posted(town: Town) -> None:
    answer = await town.ask("subscribe agents -survey")
    assert seen(answer).startswith("agents -survey would have posted 14 papers in 14 days (1.0 a day)")
    assert "5 dropped by -survey" in seen(answer)
    assert labels(answer) == ["Save", "Narrow"]
    assert not await town.store.subscriptions()


async def test_what_is_added_to_a_paused_channel_promises_no_digest(town: Town) -> None:
    await town.follow("agents")
    await town.ask("digest pause")
    tried = await town.ask("subscribe robots")
    saved = await town.press(tried, "Save")
    for said in (seen(tried), seen(saved)):
        assert "Paused: paused by Ana on Monday, 3 August 2026. Resume with /papers digest action:resume." in said
        assert "will get" not in said
        assert "First digest" not in said


async def test_operators_in_small_letters_are_asked_about(town: Town) -> None:
    answer = seen(await town.ask("subscribe agents or robots"))
    assert "or and not in small letters are words. Did you mean agents OR robots?" in answer
    assert "Did you mean" not in seen(await town.ask("subscribe agents OR robots"))


async def test_saving_says_it_to_everybody_and_keeps_it(town: Town) -> None:
    answer = await town.press(await town.ask("subscribe agents time:10:30 count:3"), "Save")
    ((where, said),) = town.chat.announced
    assert where == ROOM
    assert said == (
        "Subscribed this channel to agents – daily at 10:30 (Europe/Berlin), up to 3 papers."
        " Set up by Ana. Stop with /papers unsubscribe."
    )
    assert isinstance(answer, Reply)
    assert answer.replaces
    assert seen(answer) == "Saved. First digest: Tuesday, 4 August 2026 at 10:30 (Europe/Berlin)."
    (kept,) = await town.store.subscriptions(ROOM)
    assert (kept.query, kept.owner) == ("agents", "U1")
    made = await town.store.settings(ROOM)
    assert made
    assert (made.time, made.timezone, made.count, made.owner) == (time(10, 30), "Europe/Berlin", 3, "U1")


async def test_nothing_is_kept_where_we_cannot_post(town: Town) -> None:
    town.chat.refusal = DeliveryError("run `/invite @papers` there, then try again", Verdict.PAUSE)
    answer = await town.follow()
    assert seen(answer) == "I can't post there: run /invite @papers there, then try again"
    assert not await town.store.subscriptions()


class FullStore(MemoryStore):
    """Has no room for a subscription."""

    async def subscribe(self, subscription: Subscription, settings: ChannelSettings) -> bool:
        raise StoreFull("no room")


async def test_a_full_disk_is_told_and_what_was_said_is_taken_back() -> None:
    town = await Town.founded(store=FullStore())
    offer = await town.ask("subscribe agents")
    assert "I can't save right now. Nothing was changed" in seen(await town.press(offer, "Save"))
    assert [said.split(":")[0] for _, said in town.chat.announced][-1] == "That was not saved"


class Hurried(MemoryStore):
    """A store in which looking for legs takes too long."""

    async def outlines(self, query: Query, since: date, until: date, now: datetime, most: int) -> Outlines:
        if "legs" in query.text:
            raise StoreError("This took longer than 5 seconds and was stopped.")
        return await super().outlines(query, since, until, now, most)


async def test_a_query_that_takes_too_long_to_try_can_be_followed_and_holds_up_no_other() -> None:
    town = await Town.founded(store=Hurried())
    offer = await town.ask("subscribe legs")
    assert seen(offer).startswith("legs could not be tried: to look through two weeks for it takes too long.")
    assert seen(await town.press(offer, "Save")).startswith("Saved.")
    assert seen(await town.ask("subscribe agents -survey")).startswith("agents -survey would have posted 14 papers")


async def test_narrow_brings_the_form_with_what_was_typed(town: Town) -> None:
    form = await town.press(await town.ask("subscribe agents"), "Narrow")
    assert isinstance(form, Form)
    assert "Keywords: agents" in seen(form)
    assert len(form.fields) == 5
    tried = await town.fill(form, keywords="agents -survey", when="weekly fri", time="08:00", to="dm")
    assert "Your direct messages will get a digest weekly on Fri at 08:00 (Europe/Berlin)" in seen(tried)
    await town.press(tried, "Save")
    kept = await town.store.settings(ANA.direct)
    assert kept
    assert (kept.cadence, kept.day, kept.time) == (Cadence.WEEKLY, 4, time(8, 0))


async def test_without_a_query_the_form_comes_with_the_persons_zone(town: Town) -> None:
    form = await town.ask("subscribe")
    assert "Time zone: Europe/Berlin" in seen(form)
    assert "Time zone: UTC" in seen(await town.ask("subscribe", BEN))


async def test_a_form_can_name_another_room_of_the_same_tenant(town: Town) -> None:
    form = await town.ask("subscribe")
    await town.press(await town.fill(form, keywords="robots", to="C99"), "Save")
    assert [item.channel for item in await town.store.subscriptions()] == [Channel("fake", "T1", "C99")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("subscribe (a", "a bracket opens at 1 and never closes"),
        ("subscribe -a", "say what you want, not only what you don't"),
        ("subscribe a time:9am-ish", "I can't read `9am-ish`. Write the time as `09:00`."),
        ("subscribe a timezone:Berln", "`Berln` isn't a time zone I know. Try `Europe/Berlin`."),
        ("subscribe a count:50", "`count:50` isn't possible. Use a number from 1 to 10."),
        ("subscribe a cadence:hourly", "`cadence:hourly` isn't possible. Use daily, weekdays, weekly."),
        ("unsubscribe a", "No subscriptions here yet."),
        ("list", "No subscriptions here yet. Start one with `/papers subscribe keywords:agents`."),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_says_what_can(town: Town, line: str, says: str) -> None:
    assert says.replace("`", "") in seen(await town.ask(line))
    assert not await town.store.all_settings()


async def test_a_mistake_can_be_edited_instead_of_typed_again(town: Town) -> None:
    wrong = await town.ask("subscribe (agents time:08:15")
    form = await town.press(wrong, "Edit")
    assert "Keywords: (agents" in seen(form)


async def test_the_same_query_in_other_words_is_there_already(town: Town) -> None:
    await town.follow("agents, robots")
    answer = await town.ask("subscribe AGENTS OR Robots")
    assert "This channel is already subscribed to" in seen(answer)


async def test_a_later_subscription_leaves_the_digest_as_it_is(town: Town) -> None:
    await town.follow("agents")
    answer = await town.ask("subscribe robots time:18:00")
    assert "Its digest stays as it is" in seen(answer)
    await town.press(answer, "Save")
    kept = await town.store.settings(ROOM)
    assert kept
    assert kept.time == time(9, 0)


async def test_no_more_than_a_pick_list_holds(town: Town) -> None:
    for number in range(MOST):
        await town.store.subscribe(subscription(f"topic{number}"), settings())
    assert "This channel has 25 subscriptions" in seen(await town.ask("subscribe agents"))


@pytest.mark.parametrize("line", ["subscribe agents", "unsubscribe agents", "digest pause", "digest settings count:3"])
async def test_guests_change_nothing_here(town: Town, line: str) -> None:
    await town.follow("agents")
    before = await town.store.all_settings(), await town.store.subscriptions()
    assert seen(await town.ask(line, GUEST)).startswith("Guests can't change this channel's digest.")
    assert (await town.store.all_settings(), await town.store.subscriptions()) == before


async def test_a_guest_may_have_a_digest_alone(town: Town) -> None:
    await town.press(await town.ask("subscribe agents to:dm", GUEST), "Save", GUEST)
    assert [item.channel for item in await town.store.subscriptions()] == [GUEST.direct]


async def test_permission_is_asked_again_when_the_button_is_pressed(town: Town) -> None:
    offer = await town.ask("subscribe agents")
    answer = await town.press(offer, "Save", replace(ANA, denied="You may not do this any more."))
    assert "You may not do this any more." in seen(answer)
    assert not await town.store.subscriptions()


async def test_unsubscribe_by_query_by_number_and_by_list(town: Town) -> None:
    for query in ("agents", "robots", "surveys"):
        await town.follow(query)
    gone = await town.ask("unsubscribe ROBOTS")
    assert isinstance(gone, Reply)
    assert gone.public
    assert seen(gone) == "Unsubscribed from robots. By Ana."
    await town.ask("unsubscribe 1")
    picks = await town.ask("unsubscribe")
    await town.pick(picks, "surveys")
    assert not await town.store.subscriptions()


async def test_a_stale_pick_list_never_stops_another_subscription(town: Town) -> None:
    await town.follow("agents")
    await town.follow("robots")
    picks = await town.ask("unsubscribe")
    await town.ask("unsubscribe agents")
    assert seen(await town.pick(picks, "agents")) == "That subscription is gone already. See /papers list."
    assert seen(await town.ask("unsubscribe agents")) == "This channel isn't subscribed to agents. See /papers list."
    assert [item.query for item in await town.store.subscriptions()] == ["robots"]


async def test_all_asks_first(town: Town) -> None:
    await town.follow("agents")
    await town.follow("robots")
    question = await town.ask("unsubscribe all")
    assert len(await town.store.subscriptions()) == 2
    assert "Stop all 2 subscriptions here?" in seen(question)
    await town.press(question, "Stop all")
    assert not await town.store.subscriptions()


async def test_the_list_is_what_is_kept(town: Town) -> None:
    await town.follow("agents")
    await town.follow("robots", BEN)
    said = seen(await town.ask("list", BEN))
    assert "2 subscriptions here" in said
    assert "1. agents · Ana · since Monday, 3 August 2026" in said
    assert "2. robots · Ben" in said
    assert "Digest daily at 09:00 (Europe/Berlin), up to 5 papers. Next: Tuesday, 4 August 2026 at 09:00" in said


async def test_a_long_list_has_pages(town: Town) -> None:
    for number in range(60):
        await town.store.subscribe(subscription(f"topic{number:02}"), settings())
    first = await town.ask("list")
    third = await town.press(await town.press(first, "More"), "More")
    assert "51. topic50" in seen(third)
    assert "More" not in labels(third)
    picks = await town.press(await town.ask("unsubscribe"), "More")
    assert "topic25" in seen(picks)


async def test_tenants_do_not_see_each_other(town: Town) -> None:
    await town.follow("agents")
    assert "No subscriptions here yet" in seen(await town.ask("list", STRANGER, FOREIGN_ROOM))
    page = await town.desk.home(STRANGER, NOW)
    assert "agents" not in seen(page).replace("subscribe keywords:agents", "")
