from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.errors import DeliveryError, Verdict
from bot.models import Channel, State
from bot.ports import Pacing
from tests.chats import Act, accepts, breaks, loses_the_answer, refuses, takes
from tests.house import House
from tests.making import DAY, FOREIGN_ROOM, OTHER_ROOM, ROOM, settings


@dataclass(frozen=True)
class Ending:
    """What a platform does with a post, and what has to come of it."""

    act: Act
    state: State
    count: int = 0
    paused: bool = False
    error: str = "no"


ENDINGS = {
    "wait": Ending(refuses(Verdict.WAIT, seconds=30), State.RETRY_WAIT),
    "retry": Ending(refuses(Verdict.RETRY), State.RETRY_WAIT),
    "unknown": Ending(loses_the_answer(), State.UNKNOWN, count=1, error="the connection broke"),
    "degrade": Ending(refuses(Verdict.DEGRADE), State.SENT, count=1, error=""),
    "pause": Ending(refuses(Verdict.PAUSE), State.EXPIRED, paused=True),
    "tenant": Ending(refuses(Verdict.TENANT), State.EXPIRED, paused=True),
    "drop": Ending(refuses(Verdict.DROP), State.DEAD, paused=True),
    "bug": Ending(refuses(Verdict.BUG), State.DEAD),
    "a fault of the adapter": Ending(breaks(KeyError("id")), State.UNKNOWN, error="a fault of ours (KeyError)"),
    "no answer": Ending(takes(9), State.UNKNOWN, count=1, error="no answer within 0.05 s"),
}
QUICK = Pacing(per_channel=1000.0, per_tenant=1000.0, burst=100, timeout=0.05, settle=60.0)


@pytest.mark.parametrize("name", [*Verdict, *(name for name in ENDINGS if name not in list(Verdict))])
async def test_every_end_of_a_post_has_its_state_and_costs_no_other_channel(name: str) -> None:
    house, ending = House(pacing=QUICK), ENDINGS[name]
    (row,) = await house.plan(ROOM)
    (other,) = await house.plan(FOREIGN_ROOM)
    house.platform.next(ROOM, ending.act)
    await house.drain()
    now = await house.row(row)
    assert (now.state, now.error) == (ending.state, ending.error)
    assert house.counts(row, other) == [ending.count, 1]
    assert await house.states(other) == [State.SENT]
    assert bool((await house.store.settings(ROOM) or settings()).paused) == ending.paused
    assert not (await house.store.settings(FOREIGN_ROOM) or settings()).paused


@pytest.mark.parametrize("name", ["pause", "drop", "tenant"])
async def test_an_owner_hears_once_why_a_channel_was_paused(name: str) -> None:
    house = House()
    await house.plan(ROOM, parts=3)
    await house.plan(ROOM, day=DAY + timedelta(days=1))
    house.platform.always[ROOM] = refuses(Verdict(name), "the channel was archived")
    for _ in range(3):
        await house.drain()
        house.clock.move(minutes=10)
    said = [text for _, _, text in house.platform.told] + await house.notices()
    assert len(said) == 1
    assert "fake:T1/papers" in said[0]
    assert "the channel was archived" in said[0]
    assert house.platform.asked == 1


async def test_a_paused_channel_takes_its_waiting_messages_back_and_its_papers_return() -> None:
    house = House()
    planned = await house.plan(ROOM, parts=3)
    house.platform.next(ROOM, accepts, refuses(Verdict.PAUSE))
    await house.drain()
    assert await house.states(*planned) == [State.SENT, State.EXPIRED, State.EXPIRED]
    assert list((await house.store.posted([ROOM]))[ROOM]) == list(planned[0].message.papers)


@pytest.mark.parametrize("owner", ["U1", ""])
async def test_an_owner_who_cannot_be_reached_finds_a_notice(owner: str) -> None:
    house = House()
    house.platform.shy = frozenset({"U1"})
    await house.plan(ROOM, owner=owner)
    house.platform.next(ROOM, refuses(Verdict.PAUSE, "not in the channel"))
    await house.drain()
    assert house.platform.told == []
    assert ["not in the channel" in text for text in await house.notices()] == [True]


@pytest.mark.parametrize("error", [DeliveryError("no direct messages", Verdict.PAUSE), KeyError("user"), None])
async def test_a_failed_or_hanging_word_to_the_owner_becomes_a_notice_too(error: Exception | None) -> None:
    house = House(pacing=QUICK)

    async def tell() -> None:
        if error:
            raise error
        await asyncio.Event().wait()

    house.platform.tell = tell
    (row,) = await house.plan(ROOM)
    house.platform.next(ROOM, refuses(Verdict.PAUSE))
    await house.drain()
    assert await house.states(row) == [State.EXPIRED]
    assert len(await house.notices()) == 1


async def test_a_channel_that_is_paused_already_is_not_paused_anew() -> None:
    house = House()
    await house.plan(ROOM)
    await house.store.save_settings(settings(ROOM, paused="on holiday"))
    house.platform.next(ROOM, refuses(Verdict.PAUSE))
    await house.drain()
    kept = await house.store.settings(ROOM)
    assert kept
    assert kept.paused == "on holiday"
    assert house.platform.told == []


async def test_a_lost_tenant_stops_all_its_channels_with_one_call_and_no_other_tenant() -> None:
    house = House()
    rooms = [Channel("fake", "T1", f"room{n}") for n in range(9)]
    for room in (*rooms, FOREIGN_ROOM):
        await house.plan(room, parts=2)
    for room in rooms:
        house.platform.always[room] = refuses(Verdict.TENANT, "the token was revoked")
    await house.drain(house.deliverer(concurrency=1))
    assert house.platform.asked == 1 + 2
    assert house.platform.told == []
    assert len(await house.notices()) == 9
    assert {s.channel for s in await house.store.all_settings() if s.paused} == set(rooms)
    assert len(house.platform.papers(FOREIGN_ROOM)) == 2


async def test_a_simpler_form_is_sent_and_is_the_end_of_it() -> None:
    house = House()
    (good,), (bad,) = await house.plan(ROOM), await house.plan(OTHER_ROOM)
    house.platform.next(ROOM, refuses(Verdict.DEGRADE))
    house.platform.always[OTHER_ROOM] = refuses(Verdict.DEGRADE, "too long")
    await house.drain()
    assert await house.states(good, bad) == [State.SENT, State.DEAD]
    assert house.platform.posted[0].payload == {"text": ", ".join(good.message.papers)}
    assert (await house.row(good)).step == 1
    assert house.platform.asked == 4


async def test_a_chat_without_a_simpler_form_gives_up_at_once() -> None:
    house = House(blind=True)
    (row,) = await house.plan()
    house.platform.next(ROOM, refuses(Verdict.DEGRADE, "too long"))
    await house.drain()
    assert ((await house.row(row)).state, (await house.row(row)).error) == (State.DEAD, "too long")


async def test_a_fault_of_the_adapter_is_logged_with_its_channel(caplog: pytest.LogCaptureFixture) -> None:
    house = House()
    (row,) = await house.plan()
    house.platform.next(ROOM, breaks(ZeroDivisionError("division by zero")))
    with caplog.at_level(logging.ERROR, "bot.asking"):
        await house.drain()
    (said,) = [record.getMessage() for record in caplog.records if record.name == "bot.asking"]
    assert said.startswith(f"{row.channel}: fake failed: ZeroDivisionError in act:")
