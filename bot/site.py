"""What a browser sees: the dated list, a paper, a search, a trend, and how things stand (``bot.ports.Site``)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from bot import acronyms, health, query, rank, trend
from bot.commands import lookup, searching
from bot.commands.similar import similar as alike
from bot.errors import CommandError, StoreError
from bot.models import Channel, Entry, Hit, Match, Paper
from bot.pipeline import Fetching
from bot.ports import Chat, Dossier, Hook, Inbox, Listing, Number, Queue, Results, SearchPage, Store
from bot.summarize import summarize
from bot.summary import Style

NEAR = timedelta(days=21)
"""How far a dated list looks for the nearest day with papers: longer than any holiday."""
ALIKE = 5
"""Papers that a paper's page names as like it."""
ORDERS = ("trending", "newest")


class Library:
    """``bot.ports.Site`` over a store."""

    def __init__(
        self,
        store: Store,
        chats: Mapping[str, Chat],
        *,
        now: Callable[[], datetime],
        fetching: Fetching,
        hooks: Sequence[Hook] = (),
        inbox: Inbox | None = None,
        duty: health.Duty | None = None,
        queue: Queue | None = None,
    ) -> None:
        self.hooks = hooks
        self.inbox = inbox
        self._store = store
        self._now = now
        self._chats = chats
        self._duty = duty or health.Duty()
        self._health = health.Watch(store, chats, fetching, duty=self._duty, queue=queue)
        self._queue = queue
        self._counting = health.Counting(store)

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._now()

    async def newest(self) -> date | None:
        """Give the latest day that has papers."""
        return await self._store.newest_day()

    async def listing(self, since: date, until: date, order: str, offset: int, limit: int) -> Listing:
        """Give the papers of these days. Scores of a past day are those of its end, so that its order stays."""
        if order not in ORDERS:
            raise CommandError(f"There is no such order. Use {' or '.join(ORDERS)}.")
        now = min(self._now(), datetime.combine(until, datetime.max.time(), self._now().tzinfo))
        everything = query.parse("*")
        page = SearchPage(sort=order, since=since, until=until, limit=limit, offset=offset, now=now)
        found = await self._store.search(everything, page)
        days = [item.day for item in await self._store.tally(everything, since - NEAR, until + NEAR, now)]
        newest = await self._store.newest_day()
        return Listing(
            since,
            until,
            found.total,
            await asyncio.to_thread(_entries, found.hits, everything),
            before=max((day for day in days if day < since), default=None),
            after=min((day for day in days if day > until), default=newest if newest and newest > until else None),
        )

    async def search(self, text: str, *, period: str, sort: str, offset: int, limit: int) -> Results:
        """Search the archive; the first page also says what was perhaps meant."""
        wanted = query.parse(text, await acronyms.table(self._store))
        now = self._now()
        found = await lookup.search(self._store, text, period=period, sort=sort, limit=limit, now=now, offset=offset)
        entries = await asyncio.to_thread(_entries, found.hits, wanted)
        meant = "" if offset else await searching.meant(self._store, wanted, now)
        return Results(wanted.canonical, found.total, entries, found.note, meant)

    async def dossier(self, name: str, told: Collection[Channel]) -> Dossier:
        """Give all about a paper."""
        paper = await lookup.paper(self._store, name)
        entry = Entry(paper, rank.score(paper, self._now().date()), summarize(paper, Style.AUTO))
        posted = await self._store.posted(told)
        carried = [(channel, posted[channel][paper.id]) for channel in told if paper.id in posted[channel]]
        return Dossier(entry, tuple(await self._store.readings(paper.id)), tuple(carried))

    async def similar(self, paper: Paper) -> Sequence[Paper]:
        """Give the papers most like one by their words: nobody else is asked for a page that anybody may open."""
        try:
            found = await alike(self._store, paper, limit=ALIKE, now=self._now())
        except StoreError:
            return ()
        return [hit.paper for hit in found.hits]

    async def trend(self, text: str) -> trend.Trend:
        """Give the papers and votes of a query by week."""
        return await lookup.trend(self._store, text, self._now())

    async def down(self) -> Mapping[str, str]:
        """Name what keeps digests from going out."""
        return await self._health.down(self._now())

    async def numbers(self) -> Sequence[Number]:
        """Give the numbers that somebody who watches us wants."""
        now = self._now()
        everywhere = await health.numbers(self._store, now, self._queue, self._chats, self._counting)
        return (*everywhere, *health.own(self._duty, self._chats, now))


def _entries(hits: Sequence[Hit], wanted: query.Query) -> tuple[Entry, ...]:
    """Add the summaries: half a millisecond each, so not beside what other people wait for."""
    return tuple(_entry(hit, wanted) for hit in hits)


def _entry(hit: Hit, wanted: query.Query) -> Entry:
    matches = (Match(hit.paper, wanted.text, hit.evidence),) if hit.evidence else ()
    return Entry(hit.paper, hit.score, summarize(hit.paper, Style.AUTO), matches)
