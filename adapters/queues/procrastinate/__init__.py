"""The queue of many processes: Procrastinate, in the database of the store.

It moves the work and decides nothing: a job says that something is due, the outbox says what, and whether it was sent
before. Its rules were learned by measuring (CONTRIBUTING.md, "Procrastinate moves the work"):

1. plans and their jobs are written in one transaction;
2. a job holds the lock of its channel, and never waits for long: what has to goes back to the outbox;
3. jobs of workers that are gone are found by a sweep, which holds no lock itself;
4. a job may come twice, so whoever does it asks the outbox;
5. the queue is polled twice a second, because a job that waited for its lock is announced to nobody;
6. no job is put in before it is due;
7. a worker that ends, because the database was away, is started again.
"""

from __future__ import annotations

from bot.errors import SettingsError
from bot.ports import Host, Queue, Store

from .settings import Settings

__all__ = ["Settings", "queue"]


async def queue(settings: Settings, store: Store) -> Queue:
    """Make its tables where there are none. Raises ``SettingsError`` for a store that is not on PostgreSQL."""
    if not isinstance(store, Host):
        raise SettingsError("queue: procrastinate lives in PostgreSQL: use it with store = postgresql://...")
    from .moving import ProcrastinateQueue  # a third of a second, which a wrong setting need not wait for

    opened = ProcrastinateQueue(settings, store)
    await opened.open()
    return opened
