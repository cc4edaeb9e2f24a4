"""The connections: a pool, transactions that are tried again, and errors in words.

A transaction that certainly left nothing behind (it was rolled back, or never began) is tried again, for as long as
``PATIENCE`` says. When the connection was lost while its end was under way nobody can tell; then what it did is looked
up first, see ``Database.once``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Concatenate, LiteralString, ParamSpec, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg import errors as pg
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from bot.errors import BroadsheetError, StoreError, StoreFull, StoreLocked, StoreSlow

from .schema import Connection

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 5.0
"""Seconds for which a transaction is tried again: a restart of PostgreSQL takes about three."""
PAUSES = (0.02, 0.1, 0.3, 1.0)
"""Seconds between two tries; the last one repeats."""
STATEMENT = 60_000
"""Milliseconds that one statement may take."""
SILENCE: dict[str, Any] = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""A server that has gone without a word is noticed within half a minute."""

IN_USE: LiteralString = "hashtextextended(current_schema || ' in use', 0)"
"""An advisory lock that every connection shares."""
_TRIES = 30
_NO_SCHEMA = (
    "The database of the setting store has no schema for its tables, or its user may not use it:"
    " CREATE SCHEMA broadsheet AUTHORIZATION the user, and ?options=-csearch_path%3Dbroadsheet in the address."
)

_ROLLED_BACK = (
    pg.SerializationFailure, pg.DeadlockDetected, pg.TooManyConnections, pg.LockNotAvailable, pg.CannotConnectNow,
    pg.ReadOnlySqlTransaction, PoolTimeout,
)  # fmt: skip
_LOST = (psycopg.OperationalError, psycopg.InterfaceError)
_OURS = (pg.QueryCanceled, pg.DiskFull, pg.ProgramLimitExceeded)
"""Errors of these kinds come again, however often one tries."""


class Lost(Exception):
    """The connection went away. ``certain`` when it took the transaction with it."""

    def __init__(self, certain: bool) -> None:
        super().__init__()
        self.certain = certain


class Unreachable(StoreError):
    """No try came through for as long as we have patience."""


class Database:
    """The pool, and the one way to it."""

    def __init__(self, url: str, size: int) -> None:
        self._url = url
        self._alone = False
        self._guard: Connection | None = None
        self.pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            kwargs=SILENCE,
            min_size=1,
            max_size=size,
            open=False,
            timeout=PATIENCE,
            reconnect_timeout=10.0,
            configure=self._set_up,
            name="broadsheet",
            num_workers=2,
        )

    async def open(self) -> None:
        """Connect once, so that what is wrong shows now, in PostgreSQL's words. Raises ``StoreError``."""
        try:
            async with await AsyncConnection.connect(self._url, connect_timeout=SILENCE["connect_timeout"]) as db:
                if not await _is_true(db, "SELECT current_schema IS NOT NULL"):
                    raise StoreError(_NO_SCHEMA)
                await self._set_up(db)
        except psycopg.Error as error:
            raise StoreError(f"I cannot use the PostgreSQL of the setting store: {_first_line(error)}.") from error
        await self.pool.open()

    async def aclose(self) -> None:
        """Let go of every connection. Does nothing the second time."""
        await self.pool.close()
        if self._guard:
            await self._guard.close()

    async def alone(self) -> None:
        """Keep all other processes out until ``aclose``. Raises ``StoreLocked`` when one is in."""
        if self._alone:
            return
        self._guard = await AsyncConnection.connect(self._url, autocommit=True, **SILENCE)
        self._alone = True
        for _ in range(_TRIES):
            await self.pool.drain()  # each time: one that was being made ready has its share only now
            if await _is_true(self._guard, f"SELECT pg_try_advisory_lock({IN_USE})"):
                return
            await asyncio.sleep(PAUSES[1])
        raise StoreLocked("Another Broadsheet is using the database. Stop it first.")

    async def run(
        self, call: Callable[Concatenate[Connection, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run ``call`` in a transaction; run it again when that failed, whatever became of the first."""

        async def again(_: Connection) -> T | None:
            return None

        return await self._insist(lambda db: call(db, *args, **kwargs), again)

    async def once(
        self, call: Callable[[Connection], Awaitable[T]], done: Callable[[Connection], Awaitable[T | None]] | None
    ) -> T:
        """The same for what must not happen twice: ``done`` gives the answer when the lost try did its work.

        Without ``done`` a try whose end is unknown is an error.
        """
        return await self._insist(call, done)

    async def _insist(
        self, call: Callable[[Connection], Awaitable[T]], done: Callable[[Connection], Awaitable[T | None]] | None
    ) -> T:
        until, tries, doubtful = monotonic() + PATIENCE, 0, False
        while True:
            try:
                return await self._attempt(call, done if doubtful else None)
            except Lost as lost:
                doubtful = doubtful or not lost.certain
                pause = PAUSES[min(tries, len(PAUSES) - 1)]
                if (doubtful and done is None) or monotonic() + pause > until:
                    log.warning("PostgreSQL: %s", _first_line(lost.__cause__))
                    standby = isinstance(lost.__cause__, pg.ReadOnlySqlTransaction)
                    why = "takes no changes" if standby else "does not answer"
                    raise Unreachable(f"I can't save right now: the database {why}.") from lost.__cause__
            tries += 1
            await asyncio.sleep(pause)

    async def _attempt(
        self, call: Callable[[Connection], Awaitable[T]], done: Callable[[Connection], Awaitable[T | None]] | None
    ) -> T:
        """Try once. Raises ``Lost`` when another try makes sense."""
        ending = False
        try:
            async with self.pool.connection() as db:
                answer = await done(db) if done else None
                if answer is None:
                    answer = await call(db)
                    ending = True
        except PoolClosed as error:
            raise StoreError("The store is closed.") from error
        except (UnicodeEncodeError, psycopg.DataError) as error:
            raise StoreError(f"This cannot be kept: {_first_line(error)}. Nothing was changed.") from error
        except _ROLLED_BACK as error:
            await self.pool.check()
            raise Lost(certain=True) from error
        except _OURS as error:
            raise _refusal(error) from error
        except _LOST as error:
            await self.pool.check()
            raise Lost(certain=not ending) from error
        except psycopg.Error as error:
            raise _refusal(error) from error
        return answer

    async def _set_up(self, db: Connection) -> None:
        """Prepare a connection. While it lasts, nobody can have the database alone."""
        await db.execute(
            f"SELECT set_config('TimeZone', 'UTC', false), set_config('statement_timeout', '{STATEMENT}', false)"
        )
        if not self._alone and not await _is_true(db, f"SELECT pg_try_advisory_lock_shared({IN_USE})"):
            raise StoreLocked("The database is being moved by broadsheet migrate. Start again when that has ended.")
        await db.commit()


async def _is_true(db: Connection, question: LiteralString) -> bool:
    found = await (await db.execute(question)).fetchone()
    return bool(found and found[0])


def _refusal(error: psycopg.Error) -> BroadsheetError:
    if isinstance(error, pg.DiskFull):
        return StoreFull("I can't save right now: the database's disk is full. Nothing was changed.")
    if isinstance(error, pg.QueryCanceled):
        return StoreSlow("This took too long and was stopped. Ask for something narrower.")
    rights = " Its user has to own the tables and their schema." if isinstance(error, pg.InsufficientPrivilege) else ""
    return StoreError(f"The database refused: {_first_line(error)}. Nothing was changed.{rights}")


def _first_line(error: BaseException | Any) -> str:  # noqa: ANN401  (``__cause__`` may be anything)
    """What happened, without the statement and its values."""
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__
