from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot import notices, pipeline
from bot.deliver import Deliverer
from bot.models import State
from bot.talk import Preview, Reply
from tests.making import FOREIGN_ROOM, NOW, ROOM
from tests.talking import ANA, BEN, GUEST, STRANGER, Town, labels, papers, seen


async def drained(town: Town) -> None:
    deliverer = Deliverer(town.store, {"fake": town.chat}, owner="me", now=town.clock)
    await deliverer.drain(asyncio.Event())


async def test_the_preview_is_what_is_sent(town: Town) -> None:
    await town.follow("agents")
    preview = await town.ask("digest")
    assert isinstance(preview, Reply)
    digest = next(part.digest for part in preview.parts if isinstance(part, Preview))
    assert not preview.public
    await town.press(preview, "Send it now")
    assert town.woken == 1
    await drained(town)
    assert town.chat.platform.papers(ROOM) == [entry.paper.id for entry in digest.entries]


async def test_what_was_sent_by_hand_does_not_come_again(town: Town) -> None:
    await town.follow("agents")
    await town.ask("digest send")
    await drained(town)
    sent = town.chat.platform.papers(ROOM)
    town.clock.now = NOW + timedelta(days=1)
    await pipeline.plan(town.store, {"fake": town.chat}, town.clock(), fetching=pipeline.Fetching())
    await drained(town)
    both = town.chat.platform.papers(ROOM)
    assert len(both) == len(set(both))
    assert both[: len(sent)] == sent


async def test_two_who_send_at_once_send_once(town: Town) -> None:
    await town.follow("agents")
    await asyncio.gather(town.ask("digest send"), town.ask("digest send", BEN))
    await drained(town)
    posted = town.chat.platform.papers(ROOM)
    assert len(posted) == len(set(posted)) == 5
    assert "A digest was sent here a moment ago." in seen(await town.ask("digest send"))


async def test_nothing_to_send_says_so_and_the_preview_says_why(town: Town) -> None:
    await town.follow("xyzzy")
    assert "There is nothing new to send." in seen(await town.ask("digest send"))
    said = seen(await town.ask("digest"))
    assert "Nothing new would be posted now" in said
    assert "does not mention" in said


async def test_pause_and_resume_are_public_and_name_who(town: Town) -> None:
    await town.follow("agents")
    paused = await town.ask("digest pause", BEN)
    assert isinstance(paused, Reply)
    assert paused.public
    assert seen(paused).startswith("Paused this digest. By Ben. Resume with /papers digest action:resume.")
    assert "Paused: paused by Ben on Monday, 3 August 2026." in seen(await town.ask("list"))
    await town.press(paused, "Resume")
    kept = await town.store.settings(ROOM)
    assert kept
    assert not kept.paused


async def test_a_pause_takes_back_what_waits_and_its_papers_come_afterwards(town: Town) -> None:
    await town.follow("agents")
    await town.ask("digest send")
    await town.ask("digest pause")
    await drained(town)
    assert town.chat.platform.papers(ROOM) == []
    await town.ask("digest resume")
    town.clock.now += timedelta(days=1)
    await pipeline.plan(town.store, {"fake": town.chat}, town.clock(), fetching=pipeline.Fetching())
    await drained(town)
    assert len(town.chat.platform.papers(ROOM)) == 5


async def test_settings_by_form_and_by_words(town: Town) -> None:
    await town.follow("agents")
    form = await town.ask("digest settings")
    changed = await town.fill(form, when="weekdays", count="7", quiet="no")
    assert seen(changed).startswith("Changed this digest: weekdays at 09:00 (Europe/Berlin), up to 7 papers. By Ana.")
    await town.ask("digest settings summary:abstract time:07:45")
    kept = await town.store.settings(ROOM)
    assert kept
    assert (kept.count, kept.quiet, kept.style.value, f"{kept.time:%H:%M}") == (7, False, "abstract", "07:45")
    assert "Nothing changed" in seen(await town.ask("digest settings count:7"))
    assert "isn't possible" in seen(await town.ask("digest settings count:77"))


async def test_settings_need_a_subscription(town: Town) -> None:
    for line in ("digest settings", "digest pause", "digest send", "digest preview"):
        assert "No subscriptions here yet" in seen(await town.ask(line))


async def test_why_and_why_not(town: Town) -> None:
    await town.follow("agents -survey")
    await town.ask("digest send")
    await drained(town)
    posted = town.chat.platform.papers(ROOM)[0]
    assert "came here" in seen(await town.ask(f"why {posted}"))
    assert "“Agents” in title" in seen(await town.ask(f"why {posted}"))
    refused = seen(await town.ask("why 2608.30000"))
    assert "did not come here" in refused
    assert "excluded by -survey" in refused


async def test_status_tells_of_this_channel_only_and_sends_an_unconfirmed_message_again(town: Town) -> None:
    await town.follow("agents")
    await town.ask("digest send")
    row = (await town.store.deliveries())[0]
    await town.store.update(row, replace(row, state=State.UNKNOWN, error="no answer"))
    said = await town.ask("status")
    assert "is not confirmed. Look whether it is there" in seen(said)
    assert "Send again" in labels(said)
    assert "Send again" not in labels(await town.ask("status", STRANGER, FOREIGN_ROOM))
    assert "Guests can't" in seen(await town.press(said, "Send again", GUEST))
    stranger = await town.press(said, "Send again", STRANGER, FOREIGN_ROOM)
    assert "not known here" in seen(stranger)
    assert (await town.store.deliveries())[0].state is State.UNKNOWN
    await town.press(said, "Send again")
    assert (await town.store.deliveries())[0].state is State.PENDING
    assert "only an unconfirmed one" in seen(await town.press(said, "Send again"))


async def test_not_for_us_moves_the_taste_that_settings_forget(town: Town) -> None:
    await town.follow("agents")
    answer = await town.say("dislike", {"paper": "2608.20000"})
    assert "less like Robots of day 0" in seen(answer)
    assert await town.store.notes("taste/")
    assert "Taste: " in seen(await town.ask("list"))
    assert "Forget the taste" in labels(await town.ask("status"))
    await town.press(answer, "Forget the taste")
    assert "Taste: " not in seen(await town.ask("list"))
    assert not await town.store.notes("taste/")


async def test_the_digest_settings_show_the_taste_and_reset_it(town: Town) -> None:
    await town.follow("agents")
    await town.say("dislike", {"paper": "2608.20000"})
    assert "Taste: " in seen(await town.ask("digest settings count:4"))
    answer = await town.ask("digest settings taste:reset")
    assert "Taste: forgotten" in seen(answer)
    assert not await town.store.notes("taste/")
    assert "Taste: " not in seen(await town.ask("digest settings count:5"))
    assert "isn't possible" in seen(await town.ask("digest settings taste:sweet"))


async def test_what_could_not_be_told_comes_with_the_next_answer_once(town: Town) -> None:
    await town.follow("agents")
    await notices.owe(town.store, ROOM, "I paused the digest: archived.", NOW)
    assert seen(await town.ask("today", BEN)).startswith("I paused the digest: archived.")
    assert "archived" not in seen(await town.ask("today", ANA))
    assert papers(await town.ask("today", ANA))
