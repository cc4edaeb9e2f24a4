"""``bot.ports.Queue`` over Procrastinate."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

import procrastinate
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job as Row
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from bot.models import Channel, Plan
from bot.ports import Depth, Do, Host, Job, Kind, Sweep

from .settings import Settings
from .tables import migrate

log = logging.getLogger(__name__)

STEP = 1_000_000
URGENCY = {Kind.REPLY: 3 * STEP, Kind.DIGEST: 2 * STEP, Kind.REFRESH: STEP}
"""Priorities. Within a step the tenants take turns: the second job of one comes after the first ones of all."""
SWEEP, MOST_URGENT = "sweep", 4 * STEP
BURST = 60.0
"""Seconds without a job of a tenant after which its next one counts as its first again."""
GRACE = 30.0
"""Seconds that a worker which ends waits for its jobs; they end by themselves before that."""
PAUSE, LONGEST, STEADY = 0.5, 8.0, 60.0
"""Seconds before an ended worker starts again: twice as many each time, up to so many; anew after a life of so many."""
SELDOM = 60.0
"""Nobody aborts jobs here, so they are seldom looked for."""

_DEFER = "SELECT procrastinate_defer_jobs_v1(%s::procrastinate_job_to_defer_v1[])"
_THERE = "SELECT lock, task_name FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND lock = ANY(%s)"
_DEPTH = (
    "SELECT j.task_name, count(*) FILTER (WHERE j.status = 'todo'), count(*) FILTER (WHERE j.status = 'doing'),"
    " coalesce(extract(epoch FROM clock_timestamp() - min(e.at) FILTER (WHERE j.status = 'todo')), 0)::float8"
    " FROM procrastinate_jobs AS j LEFT JOIN procrastinate_events AS e ON e.job_id = j.id AND e.type = 'deferred'"
    " WHERE j.status IN ('todo', 'doing') AND j.task_name = ANY(%s) GROUP BY 1"
)


class ProcrastinateQueue:
    """Jobs as rows beside the outbox. ``open`` it first."""

    name = "procrastinate"

    def __init__(self, settings: Settings, store: Host) -> None:
        self._settings = settings
        self._store = store
        self._burst: dict[tuple[str, str], tuple[int, float]] = {}
        """The turn of a tenant's last job, and when that came."""
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # it tells of every job, and faults are told here

    async def open(self) -> None:
        """Make the tables, and have every plan bring its job."""
        while await self._store.within(migrate):
            pass
        self._store.join(self._planned)

    async def aclose(self) -> None:
        """The connections are the store's."""

    async def defer(self, jobs: Collection[Job]) -> None:
        """Put jobs in, those that do not wait and are not under way already."""
        asked = list(dict.fromkeys(jobs))
        if not asked:
            return

        async def put(db: Any) -> None:  # noqa: ANN401  (as in the port)
            found = await (await db.execute(_THERE, ([job.lock for job in asked],))).fetchall()
            there = {(str(lock), str(task)) for lock, task in found}
            await self._put(db, [job for job in asked if (job.lock, job.kind.value) not in there])

        await self._store.within(put)

    async def depth(self) -> Mapping[Kind, Depth]:
        """Count what waits and what is under way."""

        async def look(db: Any) -> Sequence[tuple[Any, ...]]:  # noqa: ANN401  (as in the port)
            found: Sequence[tuple[Any, ...]] = await (await db.execute(_DEPTH, ([*Kind],))).fetchall()
            return found

        return {Kind(kind): Depth(*numbers) for kind, *numbers in await self._store.within(look)}

    async def work(self, do: Do, sweep: Sweep, stop: asyncio.Event, *, lines: Collection[str], places: int) -> None:
        """Have a worker run until told to stop, and another one whenever it ends before that."""
        app = self._built(do, sweep)
        await app.open_async(self._store.pool)
        ending = asyncio.create_task(stop.wait())
        pause = PAUSE
        while not stop.is_set():
            began = monotonic()
            running = asyncio.create_task(self._run(app, [*lines, SWEEP], places))
            await asyncio.wait((running, ending), return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                running.cancel()
            await asyncio.wait((running,))
            if stop.is_set():
                break
            why = None if running.cancelled() else running.exception()
            log.warning("The queue's worker ended (%s). It starts again.", _said(why))
            pause = PAUSE if monotonic() - began > STEADY else pause
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
            pause = min(2 * pause, LONGEST)
        ending.cancel()

    async def _run(self, app: procrastinate.App, queues: Sequence[str], places: int) -> None:
        await app.run_worker_async(
            queues=queues,
            concurrency=places,
            fetch_job_polling_interval=self._settings.poll,
            abort_job_polling_interval=SELDOM,
            update_heartbeat_interval=self._settings.heartbeat,
            stalled_worker_timeout=self._settings.stalled,
            shutdown_graceful_timeout=GRACE,
            delete_jobs="always",
            install_signal_handlers=False,
        )

    def _built(self, do: Do, sweep: Sweep) -> procrastinate.App:
        """Say what is done for a job of each kind."""
        app = procrastinate.App(connector=procrastinate.PsycopgConnector())
        app.job_manager = _Manager(app.connector)

        async def deliver(platform: str, tenant: str, room: str) -> None:
            await do(Job(Kind.DIGEST, Channel(platform, tenant, room)))

        async def reply(platform: str, tenant: str, room: str) -> None:
            await do(Job(Kind.REPLY, Channel(platform, tenant, room)))

        async def refresh(source: str) -> None:
            await do(Job(Kind.REFRESH, source=source))

        async def swept(timestamp: int) -> None:
            del timestamp
            await self._rescue(app)
            await sweep()

        for kind, call in ((Kind.DIGEST, deliver), (Kind.REPLY, reply), (Kind.REFRESH, refresh)):
            app.task(name=kind.value)(call)
        task = app.task(name=SWEEP, queue=SWEEP, queueing_lock=SWEEP, priority=MOST_URGENT)(swept)
        app.periodic(cron=f"* * * * * */{self._settings.sweep}")(task)
        return app

    async def _rescue(self, app: procrastinate.App) -> None:
        """Let others do the jobs of workers that are gone."""
        manager = app.job_manager
        for row in await manager.get_stalled_jobs(seconds_since_heartbeat=self._settings.stalled):
            with suppress(ConnectorException):  # somebody else was faster, or another sweep waits already
                await manager.retry_job(row)

    async def _planned(self, db: Any, plans: Sequence[Plan]) -> None:  # noqa: ANN401  (as in the port)
        await self._put(db, [Job.of(plan.channel, plan.id) for plan in plans])

    async def _put(self, db: Any, jobs: Iterable[Job]) -> None:  # noqa: ANN401  (as in the port)
        """Write jobs in the store's transaction. Procrastinate's function takes many at once."""
        rows = [(job.line, job.kind.value, self._priority(job), job.lock, None, _arguments(job), None) for job in jobs]
        if rows:
            await db.execute(_DEFER, (rows,))

    def _priority(self, job: Job) -> int:
        if job.channel is None:
            return URGENCY[job.kind]
        tenant, now = (job.channel.platform, job.channel.tenant), monotonic()
        before, last = self._burst.get(tenant, (0, 0.0))
        turn = before + 1 if now - last < BURST else 0
        self._burst[tenant] = turn, now
        return URGENCY[job.kind] - min(turn, STEP - 1)


class _Manager(JobManager):
    """Takes it calmly that the end of a job cannot be written down: the sweep finds the job."""

    async def finish_job(self, job: Row, status: Status, delete_job: bool) -> None:
        try:
            await super().finish_job(job, status, delete_job)
        except ConnectorException as error:
            log.warning("The end of a job could not be written down (%s). It comes again.", _said(error))


def _arguments(job: Job) -> str:
    if job.channel is None:
        return json.dumps({"source": job.source})
    return json.dumps({"platform": job.channel.platform, "tenant": job.channel.tenant, "room": job.channel.room})


def _said(why: BaseException | None) -> str:
    """The first line of what is behind an error."""
    while why is not None and why.__cause__ is not None:
        why = why.__cause__
    return str(why or "it lost its connection").partition("\n")[0]
