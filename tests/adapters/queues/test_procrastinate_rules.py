"""The seven rules that were learned by measuring: each test fails when its rule is left out."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.queues.procrastinate import Settings, queue
from adapters.stores import postgres
from bot.deliver import Deliverer
from bot.errors import StoreError, Verdict
from bot.given import Given
from bot.models import Channel, Delivery, Plan, State
from bot.ports import Host, Job, Kind, Queue, Store
from bot.work import Worker, sweep
from tests.chats import FakeChat, refuses, waits_for
from tests.contracts.queue import FOR_EVER, Hands, until, working
from tests.making import plan, rows
from tests.postgres import NoServer, Server, server

HERE = Channel("fake", "T1", "papers")
LINES = ("fake",)
SWIFT = Settings(heartbeat=0.2, stalled=1.0, sweep=1, poll=0.1)
COUNT = "SELECT count(*) FROM procrastinate_jobs"


@pytest.fixture
async def store(database: str, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await postgres.store(postgres.Settings.at(database, tmp_path))
    yield opened
    await opened.aclose()


def made(channel: Channel = HERE, kind: str = "digest") -> tuple[Plan, Sequence[Delivery]]:
    """A digest that is due now."""
    decided = plan(channel, planned=datetime.now(UTC), kind=kind)
    return decided, rows(decided)


async def ask(store: Store, statement: str) -> Sequence[Any]:
    """The rows that a statement gives, if it gives any."""
    assert isinstance(store, Host)

    async def call(db: Any) -> Sequence[Any]:  # noqa: ANN401  (as in the port)
        done = await db.execute(statement)
        return list(await done.fetchall()) if done.description else []

    return await store.within(call)


async def empty(moved_by: Queue) -> None:
    """Wait until there are no jobs."""
    async with asyncio.timeout(FOR_EVER):
        while await moved_by.depth():  # noqa: ASYNC110  (a table rings no bell)
            await asyncio.sleep(0.02)


def worker(store: Store, moved_by: Queue, chat: FakeChat, *, owner: str = "worker") -> Worker:
    chats = {chat.name: chat}
    given = Given(store, chats)

    def now() -> datetime:
        return datetime.now(UTC)

    async def refresh(source: str) -> None: ...

    return Worker(
        queue=moved_by,
        deliverer=Deliverer(store, chats, owner=owner, now=now, given=given),
        given=given,
        sweep=lambda: sweep(store, chats, moved_by, now()),
        refresh=refresh,
        chats=chats,
        places=4,
    )


async def test_1_a_plan_and_its_job_are_written_together_or_not_at_all(store: Store) -> None:
    moved_by = await queue(SWIFT, store)
    decided, deliveries = made()
    assert await store.plan([(decided, deliveries)])
    assert not await store.plan([(decided, deliveries)])
    assert (await moved_by.depth())[Kind.DIGEST].waiting == 1
    await ask(store, "DROP FUNCTION procrastinate_defer_jobs_v1 CASCADE")
    other, deliveries = made(Channel("fake", "T1", "news"))
    with pytest.raises(StoreError):
        await store.plan([(other, deliveries)])
    assert await store.plans(other.channel, other.date) == []


async def test_1_a_plan_that_cannot_be_kept_leaves_no_job(store: Store) -> None:
    moved_by = await queue(SWIFT, store)
    await ask(
        store,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
        " CREATE CONSTRAINT TRIGGER at_the_end AFTER INSERT ON plans DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    with pytest.raises(StoreError):
        await store.plan([made()])
    assert await moved_by.depth() == {}


async def test_1_plans_that_are_written_together_bring_all_their_jobs(store: Store) -> None:
    moved_by = await queue(SWIFT, store)
    plans = [made(Channel("fake", "T1", f"room{number}")) for number in range(300)]
    assert await store.plan(plans) == 300
    assert (await moved_by.depth())[Kind.DIGEST].waiting == 300


async def test_1_what_a_person_asked_for_is_a_reply(store: Store) -> None:
    moved_by = await queue(SWIFT, store)
    await store.plan([made(kind="extra-0930")])
    assert set(await moved_by.depth()) == {Kind.REPLY}


async def test_2_a_wait_goes_back_to_the_outbox_and_leaves_the_channel_free(store: Store) -> None:
    moved_by, chat, stop = await queue(SWIFT, store), FakeChat(), asyncio.Event()
    decided, (row,) = made()
    chat.platform.next(HERE, refuses(Verdict.WAIT, seconds=3600))
    await store.plan([(decided, [row])])
    working_ = asyncio.create_task(worker(store, moved_by, chat).run(stop, asyncio.Event()))
    await until(lambda: chat.platform.asked == 1)
    await empty(moved_by)
    stop.set()
    await working_
    found = await store.delivery(row.key)
    assert found
    assert (found.state, found.next_at > datetime.now(UTC) + timedelta(minutes=5)) == (State.RETRY_WAIT, True)


async def killed(database: str, *words: str) -> str:
    """Kill a worker in the middle of what it says that it does."""
    command = [sys.executable, "-m", "tests.adapters.queues.doomed", database, *words]
    doomed = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert doomed.stdout
    said = (await doomed.stdout.readline()).decode().strip()
    doomed.kill()
    await doomed.wait()
    return said


async def test_3_the_job_of_a_worker_that_was_killed_is_done_by_another(store: Store, database: str) -> None:
    moved_by = await queue(SWIFT, store)
    await moved_by.defer([Job(Kind.DIGEST, HERE)])
    assert await killed(database) == str(HERE)
    hands = Hands()
    async with working(moved_by, hands, lines=LINES):
        await until(lambda: hands.ended == [Job(Kind.DIGEST, HERE)])


async def test_3_a_sweep_that_was_killed_does_not_end_all_sweeping(store: Store, database: str) -> None:
    moved_by = await queue(SWIFT, store)
    assert await killed(database, "sweep") == "sweep"
    hands = Hands()
    async with working(moved_by, hands, lines=LINES):
        await until(lambda: hands.swept >= 3)
    assert await ask(store, f"{COUNT} WHERE status = 'doing'") == [(0,)]


async def test_4_a_job_that_is_done_twice_sends_once(store: Store) -> None:
    moved_by, chat, stop = await queue(SWIFT, store), FakeChat(), asyncio.Event()
    decided, deliveries = made()
    await store.plan([(decided, deliveries)])
    await ask(
        store,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, lock)"
        " SELECT queue_name, task_name, args, n FROM procrastinate_jobs, unnest('{a,b,c}'::text[]) AS n",
    )
    gate = asyncio.Event()
    chat.platform.always[HERE] = waits_for(gate)
    crew = [worker(store, moved_by, chat, owner=f"worker {number}") for number in range(2)]
    at_work = [asyncio.create_task(one.run(stop, asyncio.Event())) for one in crew]
    await until(lambda: chat.platform.asked > 0)
    async with asyncio.timeout(FOR_EVER):
        while (await moved_by.depth())[Kind.DIGEST].waiting:  # noqa: ASYNC110  (a table rings no bell)
            await asyncio.sleep(0.02)
    gate.set()
    await empty(moved_by)
    stop.set()
    await asyncio.gather(*at_work)
    assert [posted.key for posted in chat.platform.posted] == [row.key for row in deliveries]


async def test_5_what_waited_for_its_lock_is_found_although_nobody_announces_it(store: Store) -> None:
    moved_by = await queue(Settings(sweep=30), store)
    hands = Hands(open_=False)
    async with working(moved_by, hands, lines=LINES):
        await moved_by.defer([Job(Kind.DIGEST, HERE)])
        await until(lambda: len(hands.began) == 1)
        await moved_by.defer([Job(Kind.REPLY, HERE)])
        await asyncio.sleep(0.2)
        hands.may.set()
        async with asyncio.timeout(FOR_EVER / 4):
            await until(lambda: len(hands.ended) == 2)


async def test_6_nothing_is_put_in_before_it_is_due(store: Store) -> None:
    moved_by, chat = await queue(SWIFT, store), FakeChat()
    decided, (row,) = made()
    await store.plan([(decided, [replace(row, next_at=row.next_at + timedelta(minutes=5))])])
    for minutes, jobs in ((0, 0), (4, 0), (6, 1)):
        now = datetime.now(UTC) + timedelta(minutes=minutes)
        await sweep(store, {chat.name: chat}, moved_by, now)
        assert await ask(store, COUNT) == [(jobs,)]
    assert await ask(store, f"{COUNT} WHERE scheduled_at > now()") == [(0,)]


def test_7_a_worker_that_ends_because_the_database_was_away_is_started_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        with server() as own:
            asyncio.run(_outlived(own, tmp_path, lambda: "The queue's worker ended" in caplog.text))
    except NoServer as why:
        pytest.skip(str(why))


async def _outlived(own: Server, folder: Path, ended: Callable[[], bool]) -> None:
    """See a job done after the database was away for long enough that the worker ended."""
    store = await postgres.store(postgres.Settings.at(own.url(), folder))
    moved_by, hands = await queue(SWIFT, store), Hands()
    async with working(moved_by, hands, lines=LINES):
        await until(lambda: hands.swept > 0)
        own.stop()
        await until(ended)
        own.start()
        async with asyncio.timeout(3 * FOR_EVER):
            while not hands.ended:
                with suppress(StoreError):
                    await moved_by.defer([Job(Kind.DIGEST, HERE)])
                await asyncio.sleep(0.2)
    await store.aclose()
