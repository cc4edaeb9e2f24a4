"""The embedded store: one folder, one process, nothing to install.

    channels.json    subscriptions and channel settings      TinyDB
    outbox.json      plans, deliveries, what was posted      TinyDB, one file: they change in one transaction
    notes.json       small facts                             TinyDB
    papers.sqlite    papers and their words                  SQLite with FTS5
    *.json.journal   what changed in such a file since it was written whole; gone when a process has ended well
    lock             held while a process has the folder

What happens to a change: ``Group`` queues it, ``File`` makes it in memory, ``DurableStorage`` puts it on disk together
with all others that were waiting, and then its caller goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

from bot.models import (
    JSON,
    Channel,
    ChannelSettings,
    Delivery,
    Found,
    Paper,
    Plan,
    State,
    Subscription,
)
from bot.ports import Census, Outlines, SearchPage, Store
from bot.query import Query
from bot.trend import Reading, Tally

from . import archive, moving
from .database import Database
from .file import File
from .folder import Folder
from .notes import Notes
from .outbox import Outbox
from .search import among, outlines, search, tally
from .subscriptions import Channels
from .thread import Thread
from .worker import Group


class Settings(BaseModel):
    """Where the data folder is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path

    @classmethod
    def at(cls, url: str, data: Path) -> Self:
        """Read what the setting ``store`` says: ``tinydb``, the data folder, or ``tinydb:FOLDER``."""
        folder = url.partition(":")[2]
        return cls(path=Path(folder) if folder else data)


async def store(settings: Settings) -> Store:
    """Open the folder, or create it.

    Raises ``StoreLocked`` when another process has it, ``StoreFull`` when it cannot be written, ``StoreTooNew`` when
    a later version wrote it.
    """
    folder = Folder(settings.path)
    opened = TinyStore(folder)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(opened.aclose)
        await opened.load()
        stack.pop_all()
    return opened


class TinyStore:
    """``bot.ports.Store`` over the four files."""

    name = "tinydb"
    exclusive = True

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._thread = Thread("tinydb")
        self._channels = Channels(folder.path)
        self._outbox = Outbox(folder.path)
        self._notes = Notes(folder.path)
        self._on_channels = Group(self._thread, self._channels.file)
        self._on_outbox = Group(self._thread, self._outbox.file)
        self._on_notes = Group(self._thread, self._notes.file)
        self._papers = Database(folder.path, archive.refresh)

    async def load(self) -> None:
        """Read everything that is kept in memory, so that what is wrong shows at the start."""
        for file in (self._channels.file, self._outbox.file, self._notes.file):
            await self._thread.run(file.load)
        await self._papers.open()

    async def aclose(self) -> None:
        """Finish writing and let another process have the folder."""
        await self._papers.aclose()
        await self._thread.aclose(self._close)

    def _close(self) -> None:
        for file in (self._channels.file, self._outbox.file, self._notes.file):
            file.close()
        self._folder.close()

    async def add_papers(self, papers: Iterable[Paper], now: datetime) -> int:
        """Insert or merge; give how many were new."""
        return await self._papers.run(archive.add, tuple(papers), now.date())

    async def papers(self, ids: Collection[str]) -> Mapping[str, Paper]:
        """Give the known ones among these."""
        return await self._papers.run(archive.get, tuple(ids))

    async def listed(self, since: date, until: date) -> Sequence[Paper]:
        """Give the papers listed in these days, newest day first, then by id."""
        return await self._papers.run(archive.listed, since, until)

    async def outlines(self, query: Query, since: date, until: date, now: datetime, most: int) -> Outlines:
        """Give those of ``listed`` that ``bot.query.match`` accepts, newest day first."""
        return await self._papers.run(outlines, query, since, until, now.date(), most)

    async def among(self, ids: Collection[str], queries: Sequence[Query], now: datetime) -> list[frozenset[str]]:
        """Give for each query which of these papers it accepts."""
        return await self._papers.run(among, tuple(ids), queries, now.date())

    async def newest_day(self) -> date | None:
        """Give the latest ``listed`` there is."""
        return await self._papers.run(archive.newest_day)

    async def count_papers(self) -> int:
        """How many there are."""
        return await self._papers.run(archive.count)

    async def standing(self, words: Collection[str]) -> Mapping[str, int]:
        """Give for each of these folded words in how many papers it stands."""
        return await self._papers.run(archive.standing, tuple(words))

    async def search(self, query: Query, page: SearchPage) -> Found:
        """Find the papers that ``bot.query.match`` would accept."""
        return await self._papers.run(search, query, page)

    async def tally(self, query: Query, since: date, until: date, now: datetime) -> Sequence[Tally]:
        """Count what ``search`` would find, by the day listed."""
        return await self._papers.run(tally, query, since, until, now.date())

    async def readings(self, id: str) -> Sequence[Reading]:  # noqa: A002  the port's
        """Give a paper's numbers over time."""
        return await self._papers.run(archive.readings, id)

    async def subscribe(self, subscription: Subscription, settings: ChannelSettings) -> bool:
        """Add it, and the settings when the channel has none yet."""
        return await self._on_channels.change(self._channels.subscribe, subscription, settings)

    async def unsubscribe(self, channel: Channel, canonical: str | None) -> int:
        """Remove one, or all with ``None``; give how many went."""
        return await self._on_channels.change(self._channels.unsubscribe, channel, canonical)

    async def subscriptions(self, channel: Channel | Collection[Channel] | None = None) -> Sequence[Subscription]:
        """Give a channel's (or those of several, or everybody's)."""
        return await self._on_channels.read(self._channels.subscriptions, channel)

    async def settings(self, channel: Channel) -> ChannelSettings | None:
        """Give a channel's settings."""
        return await self._on_channels.read(self._channels.settings, channel)

    async def all_settings(self, tenant: tuple[str, str] | None = None) -> Sequence[ChannelSettings]:
        """Give every channel's settings, or a tenant's."""
        return await self._on_channels.read(self._channels.all_settings, tenant)

    async def save_settings(self, settings: ChannelSettings) -> None:
        """Insert or replace a channel's settings."""
        await self._on_channels.change(self._channels.save_settings, settings)

    async def drop(self, channel: Channel) -> None:
        """Delete a channel's subscriptions and settings."""
        await self._on_channels.change(self._channels.drop, channel)

    async def plan(self, asked: Sequence[tuple[Plan, Sequence[Delivery]]]) -> int:
        """Store plans, each together with its rows; give how many were new. They share a write."""
        new, refused = await self._on_outbox.change(self._outbox.plan_each, asked)
        if refused:
            raise refused
        return new

    async def plans(self, channel: Channel, since: date) -> Sequence[Plan]:
        """Give a channel's plans from this local date on."""
        return await self._on_outbox.read(self._outbox.plans, channel, since)

    async def planned_dates(
        self, since: date, channels: Collection[Channel] | None = None
    ) -> Mapping[Channel, frozenset[tuple[date, str]]]:
        """Give for each channel the (local date, kind) that have a plan, from this date on."""
        return await self._on_outbox.read(self._outbox.planned_dates, since, channels)

    async def deliveries(
        self,
        *,
        states: Collection[State] = (),
        channel: Channel | Collection[Channel] | None = None,
        limit: int | None = None,
    ) -> Sequence[Delivery]:
        """Give rows in these states, by planned moment, plan and part."""
        return await self._on_outbox.read(self._outbox.deliveries, states, channel, limit)

    async def delivery(self, key: str) -> Delivery | None:
        """Give one row."""
        return await self._on_outbox.read(self._outbox.delivery, key)

    async def ready(
        self,
        now: datetime,
        limit: int,
        skip: Collection[tuple[str, str]] = (),
        channels: Collection[Channel] | None = None,
    ) -> Sequence[Delivery]:
        """Give rows whose turn has come."""
        return await self._on_outbox.read(self._outbox.ready, now, limit, skip, channels)

    async def claim(
        self, owner: str, now: datetime, lease_until: datetime, keys: Collection[str]
    ) -> Sequence[Delivery]:
        """Lease those of these rows whose turn it is."""
        return await self._on_outbox.hurry(self._outbox.claim, owner, now, lease_until, keys)

    async def update(self, old: Delivery, new: Delivery) -> bool:
        """Replace a row if it still has the state, attempt and lease of ``old``."""
        return await self._on_outbox.change(self._outbox.update, old, new)

    async def posted(self, channels: Collection[Channel]) -> Mapping[Channel, Mapping[str, date]]:
        """Give for each of these channels the paper ids that it has, each with the local date of its digest."""
        return await self._on_outbox.read(self._outbox.posted, channels)

    async def compact(self, before: datetime) -> int:
        """Fold finished plans older than this into what was posted; give how many rows went."""
        return await self._on_outbox.change(self._outbox.compact, before)

    async def census(self) -> Census:
        """Count."""
        settings, followed = await self._on_channels.read(self._channels.census)
        return Census(await self.count_papers(), settings, followed, await self._on_outbox.read(self._outbox.census))

    async def alone(self) -> None:
        """Nobody else can have the folder."""

    async def page(self, kind: str, after: str, limit: int) -> Sequence[tuple[str, JSON]]:
        """Give rows of a kind after the one with this key, by key."""
        if kind in ("papers", "readings"):
            return await self._papers.run(getattr(moving, kind), after, limit)
        group, file = self._home(kind)
        return await group.read(moving.page, file, kind, after, limit)

    async def put(self, kind: str, rows: Sequence[JSON]) -> None:
        """Insert or replace rows of a kind."""
        if kind in ("papers", "readings"):
            return await self._papers.run(moving.put_papers if kind == "papers" else moving.put_readings, rows)
        group, file = self._home(kind)
        return await group.change(moving.put, file, kind, rows)

    def _home(self, kind: str) -> tuple[Group, File]:
        if kind == "notes":
            return self._on_notes, self._notes.file
        if kind in ("settings", "subscriptions"):
            return self._on_channels, self._channels.file
        return self._on_outbox, self._outbox.file

    async def note(self, key: str, value: JSON, *, once: bool = False, over: JSON | None = None) -> bool:
        """Keep a JSON object under a key; with ``once`` only under a free one, with ``over`` only over this value."""
        return await self._on_notes.change(self._notes.note, key, value, once, over)

    async def forget(self, key: str, value: JSON | None = None) -> bool:
        """Remove a key, or only with this value; True when it was there."""
        return await self._on_notes.change(self._notes.forget, key, value)

    async def noted(self, key: str) -> JSON | None:
        """Give it back."""
        return await self._on_notes.read(self._notes.noted, key)

    async def known(self, keys: Collection[str]) -> Mapping[str, JSON]:
        """Give those of these keys that are there."""
        return await self._on_notes.read(self._notes.known, keys)

    async def notes(self, prefix: str) -> Mapping[str, JSON]:
        """Give all under a prefix."""
        return await self._on_notes.read(self._notes.notes, prefix)
