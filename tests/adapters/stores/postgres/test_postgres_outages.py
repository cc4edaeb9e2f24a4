"""What the store does when PostgreSQL goes away, comes back, refuses, or takes too long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from adapters.stores.postgres.database import Database, Lost
from adapters.stores.postgres.schema import Connection
from bot.app import open_store
from bot.errors import StoreError, StoreFull, StoreSlow
from bot.models import State
from bot.ports import Store
from tests.contracts.store_values import HERE, LEASE, NOW, digest, planned, settings, subscription
from tests.postgres import NoServer, Server, server

T = TypeVar("T")


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server that may be killed."""
    try:
        with server() as one:
            yield one
    except NoServer as why:
        pytest.skip(str(why))


@pytest.fixture
async def opened(own: Server, tmp_path: Path) -> AsyncIterator[Store]:
    one = await open_store(own.url(), tmp_path)
    yield one
    await one.aclose()


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    one = Database(database, 4)
    await one.open()
    yield one
    await one.aclose()


async def test_a_crash_of_the_server_is_survived_by_those_who_were_using_it(own: Server, opened: Store) -> None:
    await opened.subscribe(subscription(), settings())
    rows = await planned(opened, HERE, ["p1"])
    await asyncio.gather(*(opened.subscriptions() for _ in range(8)))
    stopped = asyncio.Event()

    async def work(number: int) -> int:
        done = 0
        while not stopped.is_set():
            await opened.note(f"{number}/{done}", {})
            done += 1
        return done

    workers = [asyncio.create_task(work(n)) for n in range(8)]
    await asyncio.to_thread(own.stop)
    await asyncio.to_thread(own.start)
    await asyncio.sleep(0.2)
    stopped.set()
    counts = await asyncio.gather(*workers)
    assert len(await opened.notes("")) == sum(counts)
    assert await opened.subscriptions() == [subscription()]
    assert await opened.claim("me", NOW, LEASE, [rows[0].key])


async def test_while_the_server_is_gone_each_call_is_refused_in_words_and_later_works_again(
    own: Server, opened: Store
) -> None:
    own.stop()
    with pytest.raises(StoreError, match="I can't save right now: the database does not answer"):
        await opened.note("k", {})
    own.start()
    assert await opened.note("k", {})


class Ending:
    """Loses the connection at the end of its first tries: before the commit, or after it."""

    def __init__(self, call: Callable[[Connection], Awaitable[bool]], times: int, *, kept: bool) -> None:
        self.call = call
        self.times = times
        self.kept = kept
        self.tries = 0

    async def __call__(self, db: Connection) -> bool:
        answer = await self.call(db)
        self.tries += 1
        if self.tries <= self.times:
            if self.kept:
                await db.commit()
            await db.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return answer


async def insert(db: Connection) -> bool:
    await db.execute("CREATE TABLE IF NOT EXISTS once (n integer)")
    await db.execute("INSERT INTO once VALUES (1)")
    return True


async def inserted(db: Connection) -> bool | None:
    exists = await (await db.execute("SELECT to_regclass('once')")).fetchone()
    if not exists or exists[0] is None:
        return None
    return True if await (await db.execute("SELECT 1 FROM once")).fetchone() else None


async def rows_of(db: Connection) -> int:
    found = await (await db.execute("SELECT count(*) FROM once")).fetchone()
    return int(found[0]) if found else 0


async def test_a_try_that_certainly_failed_is_made_again(db: Database) -> None:
    call = Ending(insert, 3, kept=False)
    assert await db.once(call, None)
    assert call.tries == 4
    assert await db.run(rows_of) == 1


class Doubtful(Database):
    """A database whose first commit is made, and whose answer to it is lost."""

    lost = 1

    async def _attempt(
        self, call: Callable[[Connection], Awaitable[T]], done: Callable[[Connection], Awaitable[T | None]] | None
    ) -> T:
        answer = await super()._attempt(call, done)
        if self.lost:
            self.lost -= 1
            raise Lost(certain=False)
        return answer


@pytest.fixture
async def doubtful(database: str) -> AsyncIterator[Doubtful]:
    one = Doubtful(database, 4)
    await one.open()
    yield one
    await one.aclose()


async def test_a_try_of_which_nobody_knows_the_end_is_looked_up_before_it_is_made_again(doubtful: Doubtful) -> None:
    assert await doubtful.once(insert, inserted)
    assert await doubtful.run(rows_of) == 1


async def test_a_try_of_which_nobody_can_know_the_end_is_not_made_again(doubtful: Doubtful) -> None:
    with pytest.raises(StoreError, match="can't save right now"):
        await doubtful.once(insert, None)
    assert await doubtful.run(rows_of) == 1


ROLLED_BACK = ("serialization_failure", "deadlock_detected", "too_many_connections", "read_only_sql_transaction")


@pytest.mark.parametrize("error", ROLLED_BACK)
async def test_what_postgresql_rolled_back_is_tried_again(db: Database, error: str) -> None:
    tries = 0

    async def call(connection: Connection) -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            await connection.execute(f"DO $$ BEGIN RAISE {error}; END $$")
        return tries

    assert await db.once(call, None) == 3


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        ("disk_full", StoreFull, "disk is full"),
        ("query_canceled", StoreSlow, "took too long"),
        ("insufficient_privilege", StoreError, "refused"),
        ("program_limit_exceeded", StoreError, "refused"),
    ],
)
async def test_what_comes_again_however_often_one_tries_is_told_at_once(
    db: Database, error: str, kind: type[StoreError], told: str
) -> None:
    tries = 0

    async def call(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await connection.execute(f"DO $$ BEGIN RAISE {error}; END $$")

    with pytest.raises(kind, match=told):
        await db.run(call)
    assert tries == 1


async def test_more_callers_than_connections_wait_for_their_turn(db: Database) -> None:
    async def slow(connection: Connection) -> int:
        await connection.execute("SELECT pg_sleep(0.01)")
        return 1

    assert sum(await asyncio.gather(*(db.run(slow) for _ in range(100)))) == 100


async def test_what_was_committed_and_not_confirmed_is_not_done_twice(database: str, tmp_path: Path) -> None:
    one = await open_store(database, tmp_path)
    plan, rows = digest(HERE, ["p1"], ["p2"])

    async def doubt() -> None:
        doubtful = Doubtful(database, 2)
        await one._db.aclose()  # type: ignore[attr-defined]
        await doubtful.open()
        one._db = doubtful  # type: ignore[attr-defined]

    await doubt()
    assert await one.plan([(plan, rows)])
    await doubt()
    (leased,) = await one.claim("me", NOW, LEASE, [row.key for row in rows])
    await doubt()
    assert await one.update(leased, replace(leased, state=State.SENT, lease_owner="", lease_until=None))
    await doubt()
    assert await one.note("event/1", {"by": "me"}, once=True)
    await doubt()
    assert await one.subscribe(subscription(), settings())
    assert [row.state for row in await one.deliveries()] == [State.SENT, State.PENDING]
    await one.aclose()


class Growing(Database):
    """The first connection of its pool is made ready for as long as one likes."""

    def __init__(self, url: str) -> None:
        super().__init__(url, 4)
        self.made = 0
        self.has_its_share, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def _set_up(self, db: Connection) -> None:
        await super()._set_up(db)
        self.made += 1
        if self.made == 2:  # the first is the one that shows whether the address is right
            self.has_its_share.set()
            await self.may_go_on.wait()


async def test_a_connection_that_the_pool_is_making_does_not_keep_its_own_process_out(database: str) -> None:
    one = Growing(database)
    await one.open()
    await one.has_its_share.wait()
    asyncio.get_running_loop().call_later(0.3, one.may_go_on.set)
    await one.alone()
    await one.aclose()
