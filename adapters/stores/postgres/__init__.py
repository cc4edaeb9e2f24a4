"""The store for many processes on many machines: one PostgreSQL database.

    papers, vocabulary, readings     the archive; ``words`` says how it is searched
    settings, subscriptions          what channels follow and when they want it; ``agenda``: when to look at one again
    plans, deliveries, posted        the outbox: they change in one transaction
    pace                             how soon each tenant and channel may be sent to, by all senders together
    notes, broadsheet                small facts, and the schema's number

Whatever belongs to a channel is keyed by platform, tenant and room, in each table and each statement. ``database`` is
the only way to the server: it tries again what PostgreSQL rolled back, and says in words what it could not do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import date, datetime
from typing import Any, TypeVar

from bot.errors import StoreError
from bot.models import JSON, Channel, ChannelSettings, Delivery, Found, Paper, Plan, State, Subscription
from bot.ports import Census, Finding, Outlines, SearchPage, Store, Turn
from bot.query import Query
from bot.trend import Reading, Tally

from . import agenda, archive, channels, checking, moving, notes, outbox, pace, posted, schema
from .database import Database
from .grouping import Group, separately
from .newest import among, outlines
from .search import search, tally
from .settings import Settings

__all__ = ["PostgresStore", "Settings", "store"]

T = TypeVar("T")


async def store(settings: Settings) -> Store:
    """Connect, update the tables. Raises ``StoreError`` without a way there, ``StoreTooNew`` after a later version."""
    opened = PostgresStore(Database(settings.url.get_secret_value(), settings.pool))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(opened.aclose)
        await opened.prepare()
        stack.pop_all()
    return opened


class PostgresStore:
    """``bot.ports.Store`` over one database."""

    name = "postgres"
    exclusive = False

    def __init__(self, database: Database) -> None:
        self._db = database
        self._changes = Group(self._change)
        self._also: outbox.Also | None = None

    async def prepare(self) -> None:
        """Connect, create or migrate the tables, and index what older rules indexed."""
        await self._db.open()
        await self._db.run(schema.migrate)
        after = "" if await self._db.run(archive.outdated) else None
        while after is not None:
            after = await self._db.run(archive.refresh, after)

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._db.aclose()

    async def add_papers(self, papers: Iterable[Paper], now: datetime) -> int:
        """Insert or merge; give how many were new."""
        return await self._db.run(archive.add, tuple(papers), now.date())

    async def papers(self, ids: Collection[str]) -> Mapping[str, Paper]:
        """Give the known ones among these."""
        return await self._db.run(archive.get, ids)

    async def listed(self, since: date, until: date) -> Sequence[Paper]:
        """Give the papers listed in these days, newest day first, then by id."""
        return await self._db.run(archive.listed, since, until)

    async def outlines(self, query: Query, since: date, until: date, now: datetime, most: int) -> Outlines:
        """Give those of ``listed`` that ``bot.query.match`` accepts, newest day first."""
        return await self._db.run(outlines, query, since, until, now.date(), most)

    async def among(self, ids: Collection[str], queries: Sequence[Query], now: datetime) -> list[frozenset[str]]:
        """Give for each query which of these papers it accepts."""
        return await self._db.run(among, ids, queries, now.date())

    async def newest_day(self) -> date | None:
        """Give the latest ``listed`` there is."""
        return await self._db.run(archive.newest_day)

    async def count_papers(self) -> int:
        """How many there are."""
        return await self._db.run(archive.count)

    async def standing(self, words: Collection[str]) -> Mapping[str, int]:
        """Give for each of these folded words in how many papers it stands."""
        return await self._db.run(archive.standing, words)

    async def search(self, query: Query, page: SearchPage) -> Found:
        """Find the papers that ``bot.query.match`` would accept."""
        return await self._db.run(search, query, page)

    async def tally(self, query: Query, since: date, until: date, now: datetime) -> Sequence[Tally]:
        """Count what ``search`` would find, by the day listed."""
        return await self._db.run(tally, query, since, until, now.date())

    async def readings(self, id: str) -> Sequence[Reading]:  # noqa: A002  the port's
        """Give a paper's numbers over time."""
        return await self._db.run(archive.readings, id)

    async def subscribe(self, subscription: Subscription, settings: ChannelSettings) -> bool:
        """Add it, and the settings when the channel has none yet."""
        return await self._db.once(
            lambda db: channels.subscribe(db, subscription, settings),
            lambda db: channels.is_subscribed(db, subscription),
        )

    async def unsubscribe(self, channel: Channel, canonical: str | None) -> int:
        """Remove one, or all with ``None``; give how many went."""
        return await self._db.once(lambda db: channels.unsubscribe(db, channel, canonical), None)

    async def subscriptions(self, channel: Channel | Collection[Channel] | None = None) -> Sequence[Subscription]:
        """Give a channel's (or those of several, or everybody's)."""
        return await self._db.run(channels.subscriptions, channel)

    async def settings(self, channel: Channel) -> ChannelSettings | None:
        """Give a channel's settings."""
        return await self._db.run(channels.settings, channel)

    async def all_settings(self, tenant: tuple[str, str] | None = None) -> Sequence[ChannelSettings]:
        """Give every channel's settings, or a tenant's."""
        return await self._db.run(channels.all_settings, tenant)

    async def awake(
        self, platforms: Collection[str], now: datetime, far: datetime, limit: int, until: datetime | None = None
    ) -> Sequence[ChannelSettings]:
        """Give channels that do not rest; with ``until`` they do from now on."""
        return await self._db.run(agenda.awake, platforms, (now, far), limit, until)

    async def rest(self, moments: Mapping[Channel, datetime], until: datetime) -> None:
        """Let channels that were given rest until their moment."""
        await self._db.run(agenda.rest, moments, until)

    async def save_settings(self, settings: ChannelSettings) -> None:
        """Insert or replace a channel's settings."""
        await self._db.run(channels.save_settings, settings)

    async def drop(self, channel: Channel) -> None:
        """Delete a channel's subscriptions and settings."""
        await self._db.run(channels.drop, channel)

    async def plan(self, asked: Sequence[tuple[Plan, Sequence[Delivery]]]) -> int:
        """Store plans, each together with its rows, in one transaction; each in its own when that was refused."""
        answers = await separately(self._plan, asked)
        for refused in (answer for answer in answers if isinstance(answer, StoreError)):
            raise refused
        return sum(map(bool, answers))

    async def _plan(self, asked: Sequence[tuple[Plan, Sequence[Delivery]]]) -> Sequence[bool]:
        written = [outbox.planned(plan, rows) for plan, rows in asked]
        return await self._db.once(
            lambda db: outbox.plan(db, written, self._also), lambda db: outbox.are_planned(db, written)
        )

    async def plans(self, channel: Channel, since: date) -> Sequence[Plan]:
        """Give a channel's plans from this local date on."""
        return await self._db.run(outbox.plans, channel, since)

    async def planned_dates(
        self, since: date, channels: Collection[Channel] | None = None
    ) -> Mapping[Channel, frozenset[tuple[date, str]]]:
        """Give for each channel (of these) the (local date, kind) that have a plan, from this date on."""
        if channels is not None and not channels:
            return {}
        return await self._db.run(outbox.planned_dates, since, channels)

    async def deliveries(
        self,
        *,
        states: Collection[State] = (),
        channel: Channel | Collection[Channel] | None = None,
        limit: int | None = None,
    ) -> Sequence[Delivery]:
        """Give rows in these states, by planned moment, plan and part."""
        return await self._db.run(outbox.deliveries, states, channel, limit)

    async def delivery(self, key: str) -> Delivery | None:
        """Give one row."""
        return await self._db.run(outbox.delivery, key)

    async def ready(
        self,
        now: datetime,
        limit: int,
        skip: Collection[tuple[str, str]] = (),
        channels: Collection[Channel] | None = None,
    ) -> Sequence[Delivery]:
        """Give rows whose turn has come."""
        return await self._db.run(outbox.ready, now, limit, skip, channels)

    async def claim(
        self, owner: str, now: datetime, lease_until: datetime, keys: Collection[str]
    ) -> Sequence[Delivery]:
        """Lease those of these rows whose turn it is."""
        asked = list(keys)
        return await self._db.once(
            lambda db: outbox.claim(db, owner, now, lease_until, asked),
            lambda db: outbox.claimed(db, owner, lease_until, asked),
        )

    async def update(self, old: Delivery, new: Delivery) -> bool:
        """Replace a row if it still has the state, attempt and lease of ``old``."""
        return await self._changes.do(outbox.change(old, new))

    async def _change(self, asked: Sequence[outbox.Change]) -> Sequence[bool]:
        return await self._db.once(lambda db: outbox.update(db, asked), lambda db: outbox.are_updated(db, asked))

    async def posted(self, channels: Collection[Channel]) -> Mapping[Channel, Mapping[str, date]]:
        """Give for each of these channels the paper ids that it has, each with the local date of its digest."""
        return await self._db.run(posted.posted, channels)

    async def compact(self, before: datetime) -> int:
        """Fold finished plans older than this into what was posted; give how many rows went."""
        return await self._db.run(posted.compact, before)

    async def census(self) -> Census:
        """Count."""
        settings, followed = await self._db.run(channels.census)
        return Census(await self.count_papers(), settings, followed, await self._db.run(outbox.census))

    async def take(self, asked: Sequence[Sequence[Turn]]) -> Sequence[Sequence[float]]:
        """Take the turns of each group, all of it or none; give the seconds until each could be."""
        return await self._db.run(pace.take, asked)

    async def book(self, turns: Sequence[Turn]) -> Sequence[float]:
        """Take each of these turns for when it comes; give the seconds until each."""
        return await self._db.run(pace.book, turns)

    async def hold(self, turn: Turn, seconds: float) -> None:
        """Give nobody such a turn for so many seconds."""
        await self._db.run(pace.hold, turn, seconds)

    @property
    def pool(self) -> Any:  # noqa: ANN401  (the port names no package)
        """The connections."""
        return self._db.pool

    async def within(self, call: Callable[[Any], Awaitable[T]]) -> T:
        """Call in a transaction."""
        return await self._db.run(call)

    def join(self, also: Callable[[Any, Sequence[Plan]], Awaitable[None]]) -> None:
        """Call this too wherever plans are stored."""
        self._also = also

    async def check(self, now: datetime) -> Sequence[Finding]:
        """Say how the database is."""
        return await self._db.run(checking.check, now)

    async def alone(self) -> None:
        """Keep other processes out until this store closes."""
        await self._db.alone()

    async def page(self, kind: str, after: str, limit: int) -> Sequence[tuple[str, JSON]]:
        """Give rows of a kind after the one with this key, by key."""
        return await self._db.run(moving.page, kind, after, limit)

    async def put(self, kind: str, rows: Sequence[JSON]) -> None:
        """Insert or replace rows of a kind."""
        await self._db.run(moving.put, kind, rows)

    async def note(self, key: str, value: JSON, *, once: bool = False, over: JSON | None = None) -> bool:
        """Keep a JSON object under a key; with ``once`` only under a free one, with ``over`` only over this value."""
        kept, old = notes.written(value, "notes"), None if over is None else notes.written(over, "notes")
        return await self._db.once(
            lambda db: notes.note(db, key, kept, once, old), lambda db: notes.holds(db, key, kept)
        )

    async def forget(self, key: str, value: JSON | None = None) -> bool:
        """Remove a key, or only with this value; True when it was there."""
        kept = None if value is None else notes.written(value, "notes")
        return await self._db.once(lambda db: notes.forget(db, key, kept), None)

    async def noted(self, key: str) -> JSON | None:
        """Give it back."""
        return await self._db.run(notes.noted, key) if notes.sayable(key) else None

    async def known(self, keys: Collection[str]) -> Mapping[str, JSON]:
        """Give those of these keys that are there."""
        return await self._db.run(notes.known, keys)

    async def notes(self, prefix: str) -> Mapping[str, JSON]:
        """Give all under a prefix."""
        return await self._db.run(notes.notes, prefix) if notes.sayable(prefix) else {}
