"""What is under way is counted, bounded, and waited for."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from adapters.chats._underway import MOST, UnderWay


def test_so_many_and_no_more() -> None:
    counted = UnderWay()
    with ExitStack() as stack:
        for _ in range(MOST):
            assert not counted.is_full
            stack.enter_context(counted.one())
        assert counted.is_full
    assert not counted.is_full


async def test_the_end_waits_for_what_is_under_way() -> None:
    counted, done = UnderWay(), asyncio.Event()

    async def work() -> None:
        with counted.one():
            await done.wait()

    working = asyncio.create_task(work())
    await asyncio.sleep(0)
    ending = asyncio.create_task(counted.finish(60.0))
    await asyncio.sleep(0)
    assert not ending.done()
    done.set()
    await asyncio.gather(working, ending)


async def test_it_waits_for_a_moment_only() -> None:
    counted = UnderWay()
    with counted.one():
        await counted.finish(0.01)
        assert not counted.is_full
