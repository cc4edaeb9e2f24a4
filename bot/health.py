"""How things stand, for those who watch us: what keeps digests from going out, and the numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from bot import __version__, enrich, pipeline
from bot.errors import BroadsheetError
from bot.models import Delivery, State
from bot.ports import Census, Chat, Check, Depth, Hear, Kind, Number, Queue, Store

FRESH = timedelta(seconds=10)
"""How long an answer is good: probes come often, and from many places."""
CHECKED = timedelta(minutes=1)
"""The same for chats, which are asked over the network."""
AGAIN, RECHECKED = timedelta(seconds=1), timedelta(seconds=5)
"""The same for answers that name something: it may be there again at any moment, as after a start."""
PATIENCE = 5.0
"""Seconds that one look may take."""
OVERDUE = timedelta(minutes=15)
"""How long a message may wait for its turn before somebody should know."""


KEPT = 30
"""A count is kept so many times as long as it took."""
LATE = timedelta(minutes=10)
"""How long a scheduler may be at one tick, or without any."""


@dataclass
class Duty:
    """What this process does, as it says itself: only that is watched here."""

    roles: frozenset[str] = frozenset({"all"})
    ticked: datetime | None = None
    """When a scheduler last ended a tick, or began."""
    under_way: Callable[[], int] = lambda: 0
    """Messages that a worker has on their way."""
    given_up: dict[str, str] = field(default_factory=dict)
    """Chats that cannot be listened to until somebody corrects the settings, and why."""

    def does(self, role: str) -> bool:
        """Whether this process plays a role."""
        return bool(self.roles & {"all", role})


class Watch:
    """Looks at the parts that a digest needs, seldom enough that any number of probes cost nothing."""

    def __init__(
        self,
        store: Store,
        chats: Mapping[str, Chat],
        fetching: pipeline.Fetching,
        patience: float = PATIENCE,
        duty: Duty | None = None,
        queue: Queue | None = None,
    ) -> None:
        self._duty = duty or Duty()
        self._store = store
        self._chats = chats
        self._fetching = fetching
        self._patience = patience
        self._queue = queue
        self._one = asyncio.Lock()
        self._looked: tuple[datetime, Mapping[str, str]] | None = None
        self._checked: tuple[datetime, Mapping[str, str]] | None = None

    async def down(self, now: datetime) -> Mapping[str, str]:
        """Name what is down, each with a sentence. Never raises for what it finds."""
        async with self._one:
            if _is_old(self._looked, now, AGAIN, FRESH):
                self._looked = now, await self._look(now)
            looked = self._looked[1] if self._looked else {}
            return {**looked, **self._deaf()}

    async def _look(self, now: datetime) -> Mapping[str, str]:
        """The store for every role; what a role needs besides, for those who play it."""
        try:
            async with asyncio.timeout(self._patience):
                await self._store.note("ready", {"at": now.isoformat()})
                scheduler = await self._scheduler(now) if self._duty.does("scheduler") else {}
                waiting = await self._store.ready(now - OVERDUE, len(self._chats) + 1)
                depth = await self._queue.depth() if self._queue else {}
        except BroadsheetError as error:
            return {"store": str(error)}
        except TimeoutError:
            return {"store": self._silent}
        worker = {}
        if self._duty.does("worker"):
            worker = {**_overdue(waiting, self._chats), **_untaken(depth), **await self._chats_down(now)}
        return {**scheduler, **worker}

    async def _scheduler(self, now: datetime) -> Mapping[str, str]:
        stale = await pipeline.staleness(self._store, now, self._fetching)
        late = self._duty.ticked is not None and now - self._duty.ticked > LATE
        said = f"Nothing was planned since {self._duty.ticked:%d %B %H:%M} UTC." if late else ""
        return {**({"sources": stale} if stale else {}), **({"scheduler": said} if said else {})}

    def _deaf(self) -> Mapping[str, str]:
        """Chats whose people are not heard; this costs nothing, and is known at once."""
        asked = [chat for chat in self._chats.values() if isinstance(chat, Hear) and self._duty.does(chat.name)]
        return {chat.name: self._duty.given_up.get(chat.name, said) for chat in asked if (said := chat.deaf())}

    async def _chats_down(self, now: datetime) -> Mapping[str, str]:
        if self._checked is None or _is_old(self._checked, now, RECHECKED, CHECKED):
            asked = [chat for chat in self._chats.values() if isinstance(chat, Check)]
            told = await asyncio.gather(*(self._check(chat, now) for chat in asked))
            self._checked = now, {chat.name: what for chat, what in zip(asked, told, strict=True) if what}
        return self._checked[1]

    async def _check(self, chat: Check, now: datetime) -> str:
        try:
            async with asyncio.timeout(self._patience):
                return " ".join(dict.fromkeys(finding.what for finding in await chat.check(now) if not finding.ok))
        except TimeoutError:
            return self._silent

    @property
    def _silent(self) -> str:
        return f"It did not answer within {self._patience:g} seconds."


def _is_old(told: tuple[datetime, Mapping[str, str]] | None, now: datetime, bad: timedelta, good: timedelta) -> bool:
    return told is None or abs(now - told[0]) >= (bad if told[1] else good)


def _overdue(rows: Iterable[Delivery], chats: Mapping[str, Chat]) -> Mapping[str, str]:
    late = [row.next_at for row in rows if row.channel.platform in chats]
    return {"outbox": f"Messages have been waiting since {min(late):%d %B %H:%M} UTC."} if late else {}


def _untaken(depth: Mapping[Kind, Depth]) -> Mapping[str, str]:
    """Sources may wait behind digests; what people wait for may not."""
    oldest = max((found.oldest for kind, found in depth.items() if kind is not Kind.REFRESH), default=0.0)
    late = oldest > OVERDUE.total_seconds()
    return {"queue": f"Jobs have been waiting for {oldest / 60:.0f} minutes: are there workers?"} if late else {}


_RUNS = {False: "running", True: "paused"}


def own(duty: Duty, chats: Mapping[str, Chat], now: datetime) -> Sequence[Number]:
    """Give what this very process is at: its roles, and a number for each that it plays."""
    heard = [chat for chat in chats.values() if isinstance(chat, Hear) and duty.does(chat.name)]
    age = (now - duty.ticked).total_seconds() if duty.ticked else None
    return (
        Number("broadsheet_version", "The version that runs here.", 1, {"version": __version__}),
        *(Number("broadsheet_role", "Roles of this process.", 1, {"role": role}) for role in sorted(duty.roles)),
        *(
            [Number("broadsheet_tick_age_seconds", "Seconds since the last tick here ended.", age)]
            if age is not None
            else []
        ),
        *(
            [Number("broadsheet_under_way", "Messages that this process has on their way.", duty.under_way())]
            if duty.does("worker")
            else []
        ),
        *(
            Number("broadsheet_listening", "Whether people are heard here.", not chat.deaf(), {"platform": chat.name})
            for chat in heard
        ),
    )


class Counting:
    """Counts what a store holds, and keeps the answer so many times as long as that took.

    All processes are asked every few seconds, and two weeks of a million channels take seconds to count.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._one = asyncio.Lock()
        self._last: tuple[float, Census] | None = None

    async def census(self) -> Census:
        """Count, or give what was counted."""
        async with self._one:
            began = monotonic()
            if self._last is None or began >= self._last[0]:
                found = await self._store.census()
                self._last = monotonic() + KEPT * (monotonic() - began), found
            return self._last[1]


async def numbers(
    store: Store,
    now: datetime,
    queue: Queue | None = None,
    platforms: Iterable[str] = (),
    counting: Counting | None = None,
) -> Sequence[Number]:
    """Give the archive, the sources, the channels, the outbox and the queue in numbers.

    Of each of our platforms there is every number, also the zeros: what is not there can neither rise nor be compared.
    """
    found = await (counting or Counting(store)).census()
    there = {platform for platform, _ in (*found.channels, *found.messages)}
    ours = sorted({*platforms, *found.subscriptions} | there)
    return (
        Number("broadsheet_papers", "Papers in the archive.", found.papers),
        *(
            Number("broadsheet_source_age_seconds", "Seconds since a source last answered.", age, {"source": name})
            for name, age in await _ages(store, "source/", now)
        ),
        *(
            Number(
                "broadsheet_enricher_age_seconds",
                "Seconds since one that tells more about papers last answered.",
                age,
                {"enricher": name},
            )
            for name, age in await _ages(store, enrich.KEY, now)
        ),
        *(
            Number(
                "broadsheet_channels",
                "Channels that have settings.",
                found.channels.get((platform, paused), 0),
                {"platform": platform, "state": state},
            )
            for platform in ours
            for paused, state in _RUNS.items()
        ),
        *(
            Number(
                "broadsheet_subscriptions",
                "Queries that channels follow.",
                found.subscriptions.get(platform, 0),
                {"platform": platform},
            )
            for platform in ours
        ),
        *(
            Number(
                "broadsheet_outbox_messages",
                "Messages of the outbox.",
                found.messages.get((platform, state), 0),
                {"platform": platform, "state": state},
            )
            for platform in ours
            for state in State
        ),
        *(await _jobs(queue) if queue else ()),
    )


async def _ages(store: Store, folder: str, now: datetime) -> Sequence[tuple[str, float]]:
    """Give for each of these, by name, the seconds since it last answered."""
    answered = {key.removeprefix(folder): note.get("ok") for key, note in (await store.notes(folder)).items()}
    return [(name, (now - datetime.fromisoformat(ok)).total_seconds()) for name, ok in answered.items() if ok]


async def _jobs(queue: Queue) -> Sequence[Number]:
    """A number for each kind, also when nothing waits, so that a line that falls to nothing is seen to."""
    there = await queue.depth()
    depth = {kind: there.get(kind, Depth(0, 0, 0.0)) for kind in Kind}
    counts = [
        Number("broadsheet_queue_jobs", "Jobs of the queue.", count, {"kind": kind, "state": state})
        for kind, found in depth.items()
        for state, count in (("waiting", found.waiting), ("under_way", found.under_way))
    ]
    about = "Seconds for which the oldest job has waited."
    return [
        *counts,
        *(Number("broadsheet_queue_oldest_seconds", about, d.oldest, {"kind": k}) for k, d in depth.items()),
    ]
