from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from bot.commands.tuning import BY_HAND
from bot.desk import HANDLERS, FrontDesk
from bot.desk.suggesting import zones
from bot.models import Channel
from bot.talk import VERBS, Action, Form, Reply, Request
from bot.talk.offers import on_card, on_many, under_digest
from tests.fakes import MemoryStore
from tests.hostile import hostile
from tests.making import FOREIGN_ROOM, NOW, ROOM
from tests.talking import ANA, BEN, STRANGER, Town, act, labels, papers, seen
from tests.town import PostOffice


def test_every_verb_and_every_button_under_a_paper_has_its_handler() -> None:
    assert {verb.name for verb in VERBS} <= set(HANDLERS)
    for button in (*on_card("x"), *on_many(), *under_digest()):
        assert button.action.verb in HANDLERS


async def test_bare_help_names_every_command(town: Town) -> None:
    said = seen(await town.ask(""))
    assert all(f"/papers {verb.example} – {verb.help}" in said for verb in VERBS)
    search = seen(await town.ask("help search"))
    assert "For example: /papers search query:agents -survey sort:newest" in search
    assert "period: how far back (any): any, week, month, year" in search
    assert "Did you mean /papers search?" in seen(await town.ask("help serach"))


async def test_an_unknown_verb_is_an_answer(town: Town) -> None:
    assert "I don't know `subscrbe`. Did you mean" in seen(await town.say("subscrbe")).replace("subscrbe", "`subscrbe`")


class BrokenStore(MemoryStore):
    """Has a bug, and a secret in it."""

    async def newest_day(self) -> date | None:
        raise RuntimeError("token xoxb-secret")


async def test_a_fault_of_ours_is_a_reference_that_the_log_has(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    town = await Town.founded(store=BrokenStore())
    with caplog.at_level(logging.WARNING):
        said = seen(await town.ask("today"))
    assert said.startswith("Something went wrong on my side (ref ")
    assert said.endswith("if it repeats, send this reference to the help channel.")
    assert said.split("ref ")[1].split(")")[0] in caplog.text
    assert "xoxb" not in caplog.text + said


async def test_one_person_who_floods_waits_and_others_do_not(town: Town) -> None:
    for _ in range(70):
        last = await town.ask("help")
    assert seen(last) == "That is a lot at once. Please try again in 1 second."
    assert "That is a lot" not in seen(await town.ask("help", BEN))
    assert "That is a lot" not in seen(await town.ask("help", STRANGER, FOREIGN_ROOM))


async def test_a_long_button_outlives_a_restart_and_then_grows_old(town: Town) -> None:
    long = act("follow", keywords="agents " * 100, time="09:00")
    packed = await town.desk.pack(long, ROOM, 100)
    assert len(packed) <= 100
    town.desk = town.opened()
    assert await town.desk.unpack(packed, ROOM) == long
    assert await town.desk.unpack(packed, FOREIGN_ROOM) == Action("expired")
    town.clock.move(days=31)
    await town.desk.tidy()
    old = await town.desk.unpack(packed, ROOM)
    assert "That button is too old to work." in seen(await town.say(old.verb, old.options))


async def test_a_short_button_needs_no_keeping(town: Town) -> None:
    assert await town.desk.pack(act("save", paper="2608.10000"), ROOM, 100) == "save?paper=2608.10000"
    assert not await town.store.notes("action/")


async def test_suggestions(town: Town) -> None:
    request = _request("show")
    titles = await town.desk.suggest(request, "paper", "robots of d")
    assert [choice.value for choice in titles][:1] == ["2608.20000"]
    assert await town.desk.suggest(request, "paper", "")
    assert not await town.desk.suggest(request, "paper", "(((")
    await town.follow("agents -survey")
    picks = await town.desk.suggest(_request("unsubscribe"), "keywords", "SURV")
    assert [choice.label for choice in picks] == ["agents -survey"]
    await town.ask(f"unsubscribe {picks[0].value}")
    assert not await town.store.subscriptions()
    tags = await town.desk.suggest(_request("subscribe"), "keywords", "agents, rob")
    assert [choice.value for choice in tags] == ["agents, rob", "agents, robotics"]
    assert zones("berlin") == ["Europe/Berlin"]
    assert zones("new york") == ["America/New_York"]
    assert [c.value for c in await town.desk.suggest(_request("digest"), "timezone", "Kolk")] == ["Asia/Kolkata"]


async def test_a_persons_page_has_what_they_follow_everywhere(town: Town) -> None:
    await town.follow("agents")
    await town.press(await town.ask("subscribe robots to:dm"), "Save")
    await town.follow("surveys", BEN, Channel("fake", "T1", "C77"))
    await town.say("save", {"paper": "2608.10000"})
    page = await town.desk.home(ANA, NOW)
    said = seen(page)
    assert "Your direct messages: robots" in said
    assert f"{ROOM.room}: agents" in said
    assert "surveys" not in said
    assert "Your reading list: 1 paper\nAgents of day 0" in said
    assert "Your time zone: Europe/Berlin." in said
    paused = await town.press(page, "Pause", place=ANA.direct)
    assert "Paused" in seen(paused)
    assert "Resume" in labels(await town.desk.home(ANA, NOW))


async def test_a_page_without_anything_says_how_to_begin(town: Town) -> None:
    assert "Nothing yet." in seen(await town.desk.home(BEN, NOW))


async def test_links_are_named_and_when_they_were_posted(town: Town) -> None:
    await town.follow("agents")
    await town.ask("digest send")
    rows = await town.store.deliveries()
    link = f"https://arxiv.org/pdf/{rows[0].message.papers[0]}"
    found = await town.desk.unfurl(ROOM, [link, "https://arxiv.org/abs/2401.00001", "https://x.org"])
    assert list(found) == [link]
    assert "Posted here on Monday, 3 August 2026." in seen(found[link])
    elsewhere = await town.desk.unfurl(FOREIGN_ROOM, [link])
    assert "Posted here" not in seen(elsewhere[link])


async def test_an_installation_that_ends_stops_and_comes_back_as_it_was(town: Town) -> None:
    await town.follow("agents")
    await town.desk.tenant_gone("fake", "T1", "uninstalled")
    await town.desk.tenant_gone("fake", "T1", "token revoked")
    kept = await town.store.settings(ROOM)
    assert kept
    assert kept.paused == "uninstalled"
    assert "Start in any channel" in seen(await town.desk.installed(ROOM))
    again = await town.store.settings(ROOM)
    assert again
    assert not again.paused


async def test_after_thirty_days_nothing_of_it_is_left_and_nobody_else_loses(town: Town) -> None:
    theirs = Channel("fake", "T2", "papers")
    await town.follow("agents")
    await town.say("save", {"paper": "2608.10000"})
    await town.say("dislike", {"paper": "2608.10000"})
    await town.desk.pack(act("follow", keywords="x" * 200), ROOM, 50)
    await town.follow("robots", STRANGER, theirs)
    await town.say("save", {"paper": "2608.10000"}, STRANGER, theirs)
    before = {key for key in await town.store.notes("") if "T2" in key}
    await town.ask("digest send")
    await town.desk.tenant_gone("fake", "T1", "uninstalled")
    town.clock.move(days=29)
    await town.desk.tidy()
    assert await town.store.subscriptions(ROOM)
    town.clock.now = NOW + timedelta(days=31)
    await town.desk.tidy()
    assert [item.channel for item in await town.store.subscriptions()] == [theirs]
    assert set(await town.store.notes("")) == before
    assert not [row for row in await town.store.deliveries() if row.state.value == "pending"]


async def test_a_room_that_is_gone_stops(town: Town) -> None:
    await town.follow("agents")
    await town.desk.room_gone(ROOM, "the channel was deleted")
    await town.desk.room_gone(Channel("fake", "T1", "never heard of"), "deleted")
    kept = await town.store.settings(ROOM)
    assert kept
    assert kept.paused == "the channel was deleted"


async def test_an_address_that_complains_gets_no_more_also_when_its_owner_had_paused_it(town: Town) -> None:
    await town.follow("agents")
    office = PostOffice()
    desk = FrontDesk(replace(town.desk._context, chats={office.name: office}), town.clock)
    kept = await town.store.settings(ROOM)
    assert kept
    await town.store.save_settings(replace(kept, paused=BY_HAND))
    await desk.room_gone(ROOM, "its reader complained")
    assert await town.store.settings(ROOM) == replace(kept, paused="its reader complained")


@trying(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    verb=st.sampled_from(sorted(HANDLERS)),
    options=st.dictionaries(
        st.sampled_from(sorted({option.name for verb in VERBS for option in verb.options} | {"from", "key", "sure"})),
        hostile,
        max_size=4,
    ),
)
async def test_whatever_a_button_carries_gets_an_answer(verb: str, options: dict[str, str]) -> None:
    town = await Town.founded()
    answer = await town.say(verb, options)
    assert isinstance(answer, Form | Reply)
    assert "Something went wrong" not in seen(answer)
    if isinstance(answer, Reply):
        assert len(papers(answer)) <= 10


def _request(verb: str) -> Request:
    return Request(verb=verb, place=ROOM, person=ANA, now=NOW)
