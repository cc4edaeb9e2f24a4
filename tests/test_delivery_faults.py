"""The faults of delivery, by the numbers of docs/reliability.md: what happens, what is seen, what is there in the end.

Those of our own side are in test_delivery_faults_local. Not there and not here:

- 45-52, and what of 38, 39, 41, 43 a platform's own words decide: interactions, sockets and gateways come with the
  platforms. 54-62 are in tests/adapters/chats/test_email_faults. 78 comes with PostgreSQL.
- 63-67 and 79 on a real disk: tests/adapters/stores. 73 at every await: tests/kill_matrix. 74: tests/cli.
- 69: test_due_calendar. 70, 71 and 83: test_pipeline. 77: test_schedule. 80: test_settings. 82: the console's tests.
- 75 and 76, memory and file descriptors, come with the load tests.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.cli.screen import print_status
from bot.commands.status import status
from bot.commands.why import why
from bot.errors import Verdict
from bot.models import Channel, State
from tests.chats import Act, BlindChat, accepts, breaks, loses_the_answer, loses_the_request, refuses, takes
from tests.emulators.httpchat import Fault as Trick
from tests.emulators.httpchat import serving
from tests.house import House
from tests.httpchat import PROMPT, ReadableHttpChat
from tests.making import DAY, FOREIGN_ROOM, ROOM, paper

CANARY = "xoxb-canary-7f3a"
SENT, PENDING, EXPIRED, DEAD, UNKNOWN, RETRY = (
    State.SENT,
    State.PENDING,
    State.EXPIRED,
    State.DEAD,
    State.UNKNOWN,
    State.RETRY_WAIT,
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a platform does with the posts of a digest of three parts, and what has to come of it."""

    acts: tuple[Act, ...]
    first: tuple[State, ...]
    """After the first drain."""
    last: tuple[State, ...] = (SENT, SENT, SENT)
    """When all is quiet."""
    counts: tuple[int, ...] = (1, 1, 1)
    status: str = ""
    """What stands in the status after the first drain."""
    why: str
    """What a reader of the first paper is told then."""
    told: bool = False
    """Whether the owner is spoken to."""


HELD = (RETRY, PENDING, PENDING)
LOST = (UNKNOWN, PENDING, PENDING)
STOPPED = (EXPIRED, EXPIRED, EXPIRED)
NONE = (0, 0, 0)
FAULTS = {
    "33 rate limited in the middle": Fault(
        acts=(accepts, refuses(Verdict.WAIT, "ratelimited", seconds=30)),
        first=(SENT, RETRY, PENDING),
        status="1 pending, 1 retry_wait, 3 sent",
        why="sent.",
    ),
    "34 time-out after the post": Fault(
        acts=(takes(9),), first=LOST, status="unknown, no answer within 0.05 s", why="unknown, no answer within 0.05 s."
    ),
    "35 internal_error and it is there": Fault(
        acts=(loses_the_answer(),), first=LOST, status="unknown, the connection broke", why="unknown, the connection"
    ),
    "35 fatal_error and it is not there": Fault(
        acts=(loses_the_request(),), first=LOST, status="unknown, the connection broke", why="unknown, the connection"
    ),
    "36 an answer that is none, and the adapter trips over it": Fault(
        acts=(breaks(KeyError(CANARY), commit_first=True),),
        first=LOST,
        status="unknown, a fault of ours (KeyError)",
        why="unknown, a fault of ours (KeyError).",
    ),
    "37 the channel was archived": Fault(
        acts=(refuses(Verdict.PAUSE, "is_archived: the channel was archived"),),
        first=STOPPED,
        last=STOPPED,
        counts=NONE,
        status="paused: is_archived: the channel was archived",
        why="expired, is_archived: the channel was archived.",
        told=True,
    ),
    "37 the bot was thrown out in the middle": Fault(
        acts=(accepts, refuses(Verdict.PAUSE, "not_in_channel: invite the bot")),
        first=(SENT, EXPIRED, EXPIRED),
        last=(SENT, EXPIRED, EXPIRED),
        counts=(1, 0, 0),
        status="paused: not_in_channel: invite the bot",
        why="sent.",
        told=True,
    ),
    "38 the token was revoked": Fault(
        acts=(refuses(Verdict.TENANT, "token_revoked: install Broadsheet again"),),
        first=STOPPED,
        last=STOPPED,
        counts=NONE,
        status="Notice: I paused the digest in fake:T1/papers: token_revoked: install Broadsheet again.",
        why="expired, token_revoked: install Broadsheet again.",
    ),
    "39 a scope is missing": Fault(
        acts=(refuses(Verdict.TENANT, "missing_scope: chat:write; reinstall at https://slack.example/install"),),
        first=STOPPED,
        last=STOPPED,
        counts=NONE,
        status="missing_scope: chat:write; reinstall at https://slack.example/install",
        why="missing_scope: chat:write",
    ),
    "40 the blocks are refused and plain text is not": Fault(
        acts=(refuses(Verdict.DEGRADE, "invalid_blocks"),), first=(SENT, SENT, SENT), status="5 sent", why="sent."
    ),
    "40 nothing is simple enough": Fault(
        acts=(refuses(Verdict.DEGRADE, "msg_too_long"), refuses(Verdict.DEGRADE, "msg_too_long")),
        first=(DEAD, SENT, SENT),
        last=(DEAD, SENT, SENT),
        counts=(0, 1, 1),
        status="dead, msg_too_long",
        why="dead, msg_too_long.",
    ),
    "41 rate limited without a sensible time": Fault(
        acts=(refuses(Verdict.WAIT, "1015", seconds=1e12),), first=HELD, status="1 retry_wait", why="retry_wait, 1015."
    ),
    "42 service unavailable": Fault(
        acts=(refuses(Verdict.RETRY, "503"), refuses(Verdict.RETRY, "503")),
        first=HELD,
        status="1 retry_wait",
        why="retry_wait, 503.",
    ),
    "42 connection reset": Fault(
        acts=(breaks(ConnectionResetError(104, CANARY)),),
        first=LOST,
        status="a fault of ours (ConnectionResetError)",
        why="unknown, a fault of ours",
    ),
    "43 unauthorized": Fault(
        acts=(refuses(Verdict.TENANT, "401: give Broadsheet a valid token"),),
        first=STOPPED,
        last=STOPPED,
        counts=NONE,
        status="401: give Broadsheet a valid token",
        why="expired, 401",
    ),
    "44 missing access": Fault(
        acts=(refuses(Verdict.PAUSE, "50001: the bot cannot see the channel"),),
        first=STOPPED,
        last=STOPPED,
        counts=NONE,
        status="paused: 50001",
        why="expired, 50001",
        told=True,
    ),
    "53 the channel is deleted in the middle": Fault(
        acts=(accepts, refuses(Verdict.DROP, "10003: the channel is gone")),
        first=(SENT, DEAD, EXPIRED),
        last=(SENT, DEAD, EXPIRED),
        counts=(1, 0, 0),
        status="dead, 10003: the channel is gone",
        why="sent.",
        told=True,
    ),
}


async def screen(house: House, capsys: pytest.CaptureFixture[str]) -> str:
    """What ``broadsheet status`` shows, on one line."""
    print_status(await status(house.store, house.clock()))
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_of_a_platform(
    name: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    house, fault = House(pacing=replace(BlindChat().pacing, timeout=0.05)), FAULTS[name]
    planned, elsewhere = await house.plan(ROOM, parts=3), await house.plan(FOREIGN_ROOM, parts=2)
    house.platform.next(ROOM, *fault.acts)
    await house.drain()
    assert await house.states(*planned) == list(fault.first)
    assert house.counts(*elsewhere) == [1, 1]
    seen = await screen(house, capsys)
    assert fault.status in seen
    answer = await why(house.store, paper(planned[0].message.papers[0]), ROOM, house.clock())
    assert answer.reasons[0].startswith("In the digest of 2026-08-03: ")
    assert fault.why in answer.reasons[0]
    for _ in range(6):
        house.clock.move(minutes=20)
        await house.drain()
    assert await house.states(*planned) == list(fault.last)
    assert house.counts(*planned, *elsewhere) == [*fault.counts, 1, 1]
    keys = [message.key for message in house.platform.posted if message.channel == ROOM]
    assert keys == [row.key for row, count in zip(planned, fault.counts, strict=True) if count]
    assert len(house.platform.told) == fault.told
    everything = [caplog.text, seen, *answer.reasons, *(text for _, _, text in house.platform.told)]
    assert CANARY not in "".join(everything)


TRICKS = {
    "34 slower than we wait": (Trick(commit=True, delay=0.8), "unknown, no answer within 0.5 s"),
    "35 500 and it is there": (Trick(commit=True, status=500), "unknown, the platform answered 500"),
    "35 502 and it is not there": (Trick(status=502, body=CANARY), "unknown, the platform answered 502"),
    "36 a page instead of an answer": (
        Trick(commit=True, body=f"<html>{CANARY}</html>"),
        "unknown, an answer without a message in it",
    ),
    "36 nothing instead of an answer": (Trick(body=""), "unknown, an answer without a message in it"),
    "42 dropped after the post": (Trick(commit=True, drop=True), "unknown, the connection broke"),
    "42 dropped before the post": (Trick(drop=True), "unknown, the connection broke"),
    "33 429 with a date of long ago": (Trick(status=429, retry_after="Thu, 01 Jan 1970 00:00:00 GMT"), "1 retry_wait"),
    "41 429 with nonsense": (Trick(status=429, retry_after=CANARY), "1 retry_wait"),
}
"""What the platform does with the first part, and what the status says then."""


@pytest.mark.parametrize("name", TRICKS)
async def test_a_fault_on_the_wire(
    name: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    house, room, (trick, said) = House(), Channel("httpchat", "T1", "papers"), TRICKS[name]
    async with serving(house.clock()) as server:
        house.chat = ReadableHttpChat(server.url, pacing=replace(PROMPT, timeout=0.5))
        server.faults["T1/papers"].append(trick)
        planned = await house.plan(room, parts=3)
        await house.drain()
        assert (await house.states(*planned))[1:] == [PENDING, PENDING]
        seen = await screen(house, capsys)
        assert said in seen
        await asyncio.sleep(trick.delay)
        for _ in range(4):
            house.clock.move(minutes=20)
            await house.drain()
        assert await house.states(*planned) == [SENT, SENT, SENT]
        assert [message.key for message in server.messages["T1/papers"]] == [row.key for row in planned]
        assert CANARY not in seen + caplog.text
        await house.chat.aclose()


async def test_a_fault_37_is_over_when_a_person_resumes_the_channel() -> None:
    house = House()
    await house.plan(ROOM)
    house.platform.next(ROOM, refuses(Verdict.PAUSE, "is_archived"))
    await house.drain()
    kept = await house.store.settings(ROOM)
    assert kept
    await house.store.save_settings(replace(kept, paused=""))
    house.clock.move(days=1)
    (row,) = await house.plan(ROOM, day=DAY + timedelta(days=1))
    await house.drain()
    assert house.counts(row) == [1]
    house.platform.next(ROOM, refuses(Verdict.PAUSE, "is_archived"))
    await house.plan(ROOM, day=DAY + timedelta(days=2))
    await house.drain()
    assert len(house.platform.told) == 2


async def test_a_fault_38_stops_every_channel_of_the_workspace_after_one_call() -> None:
    house = House()
    rooms = [Channel("fake", "T1", f"room{n}") for n in range(20)]
    planned = [(await house.plan(room))[0] for room in rooms]
    for room in rooms:
        house.platform.always[room] = refuses(Verdict.TENANT, "token_revoked")
    await house.drain(house.deliverer(concurrency=1))
    assert house.platform.asked == 1
    assert set(await house.states(*planned)) == {EXPIRED}
    assert all(kept.paused for kept in await house.store.all_settings())
