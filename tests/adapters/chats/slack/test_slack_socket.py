"""Socket Mode under every fault that a connection can have: it comes back by itself, or ends with a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from adapters.chats.slack.socket import Patience
from bot.errors import BroadsheetError
from tests.adapters.chats.slack.kit import Outside, desk_of, outside
from tests.adapters.chats.slack.payloads import read
from tests.emulators import faults
from tests.emulators.slack import Upgrade, drop, limited, refuse, status

SHORT = Patience(hello=0.4, ping=0.1, silence=0.5, quiet=60.0, overlap=0.1, dark=20.0, pause=0.1, look=0.05)


@asynccontextmanager
async def listening(patience: Patience = SHORT) -> AsyncIterator[tuple[Outside, asyncio.Task[None]]]:
    """Listen, whatever Slack does at first."""
    async with outside() as out:
        out.chat.patience = patience
        yield out, asyncio.create_task(out.chat.listen(desk_of(out), asyncio.Event()))


async def end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


async def answers(out: Outside) -> bool:
    """Whether a command typed now is answered."""
    await out.slack.sockets.connected()
    answer = await out.slack.command("ada", "ml", "/papers help")
    return not answer.error and "/papers" in read({"blocks": (await answer.post()).blocks})


@pytest.mark.parametrize("upgrade", [Upgrade.REFUSE, Upgrade.HANG, Upgrade.SILENT, Upgrade.ZOMBIE])
async def test_a_first_connection_that_is_no_good_is_followed_by_a_new_one(upgrade: Upgrade) -> None:
    async with outside() as out:
        out.chat.patience = SHORT
        out.slack.sockets.plan(upgrade, 2)
        task = asyncio.create_task(out.chat.listen(desk_of(out), asyncio.Event()))
        await out.slack.until(lambda: out.slack.sockets.upgrades[Upgrade.GOOD])
        assert out.slack.sockets.upgrades[upgrade] == 2
        assert out.slack.ledger.count("apps.connections.open", "ok") == 3
        assert await answers(out)
        await end(task)


async def test_a_dropped_connection_comes_back() -> None:
    async with listening() as (out, task):
        assert await answers(out)
        await out.slack.sockets.drop()
        assert await answers(out)
        await end(task)


UNANSWERED = "Slack did not answer in time"


@pytest.mark.parametrize(
    ("upgrade", "why"),
    [
        (Upgrade.REFUSE, "Slack answered 404 instead of connecting"),
        (Upgrade.HANG, UNANSWERED),
        (Upgrade.SILENT, UNANSWERED),
        (Upgrade.ZOMBIE, UNANSWERED),
    ],
)
async def test_a_dropped_connection_comes_back_also_when_the_next_one_is_no_good(
    upgrade: Upgrade, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening() as (out, task):
        assert await answers(out)
        out.slack.sockets.plan(upgrade)
        await out.slack.sockets.drop()
        await out.slack.until(lambda: out.slack.sockets.upgrades[Upgrade.GOOD] == 2)
        assert await answers(out)
        await end(task)
    assert f"Slack: there is no connection: {why}" in caplog.messages


async def test_a_connection_whose_other_end_stands_still_is_replaced() -> None:
    async with listening() as (out, task):
        assert await answers(out)
        (stuck,) = out.slack.sockets.connections
        assert stuck.request.transport
        stuck.request.transport.pause_reading()
        await out.slack.until(lambda: out.slack.sockets.upgrades[Upgrade.GOOD] == 2)
        stuck.drop()
        await out.slack.until(lambda: stuck not in out.slack.sockets.connections)
        assert await answers(out)
        await end(task)


async def test_a_connection_that_is_told_to_go_is_replaced_before_it_ends() -> None:
    async with listening() as (out, task):
        assert await answers(out)
        await out.slack.sockets.refresh(then=0.5)
        assert await answers(out)
        await out.slack.until(lambda: len(out.slack.sockets.connections) == 1)
        await end(task)


async def test_a_connection_on_which_nothing_comes_is_replaced_after_a_while() -> None:
    async with listening(Patience(hello=0.4, ping=0.1, silence=0.5, quiet=0.3, overlap=0.05, look=0.05)) as (out, task):
        await out.slack.until(lambda: out.slack.sockets.upgrades[Upgrade.GOOD] >= 3)
        assert await answers(out)
        assert len(out.slack.sockets.connections) <= 2
        await end(task)


async def test_what_arrives_during_a_replacement_is_answered() -> None:
    quick = Patience(hello=0.4, ping=0.1, silence=0.5, quiet=0.2, overlap=0.2, look=0.02)
    async with listening(quick) as (out, task):
        for _ in range(20):
            assert await answers(out)
            await asyncio.sleep(0.03)
        await end(task)


@pytest.mark.parametrize("fault", [drop(committed=False), limited("1"), status(503), refuse("internal_error")])
async def test_no_address_to_connect_to_is_asked_for_again(fault: faults.Fault) -> None:
    async with outside() as out:
        out.chat.patience = SHORT
        out.slack.faults.on("apps.connections.open", fault, times=2)
        task = asyncio.create_task(out.chat.listen(desk_of(out), asyncio.Event()))
        assert await answers(out)
        await end(task)


async def test_after_too_long_in_the_dark_it_ends_with_a_sentence() -> None:
    dark = Patience(hello=0.2, ping=0.1, silence=0.4, dark=0.6, pause=0.1, look=0.05)
    async with listening(dark) as (out, task):
        assert await answers(out)
        out.slack.sockets.plan(Upgrade.REFUSE, 1000)
        await out.slack.sockets.drop()
        with pytest.raises(BroadsheetError, match="could not be reached"):
            await task


@pytest.mark.parametrize("step", [timedelta(days=1), timedelta(days=-1)])
async def test_a_clock_that_jumps_drops_no_connection_and_hides_no_dead_one(step: timedelta) -> None:
    async with listening() as (out, task):
        assert await answers(out)
        with time_machine.travel(datetime.now(UTC) + step, tick=True):
            await asyncio.sleep(1.0)
            assert out.slack.sockets.upgrades[Upgrade.GOOD] == 1
            await out.slack.sockets.drop()
            assert await answers(out)
        await end(task)


async def test_told_to_stop_it_stops() -> None:
    async with outside() as out:
        out.chat.patience = SHORT
        stop = asyncio.Event()
        task = asyncio.create_task(out.chat.listen(desk_of(out), stop))
        assert await answers(out)
        stop.set()
        await task
        await out.slack.until(lambda: not out.slack.sockets.connections)
