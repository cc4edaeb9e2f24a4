"""Due channels -> plans: a page of channels at a time, with everything read, matched and written for many at once.

What is the same for all of them, the papers and what each query wants of them, is worked out once for a planning.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from bot import agenda, due, listing, misses, notices, people, query, returned, taste, weekly
from bot import digest as digests
from bot.errors import StoreError
from bot.freeze import freeze
from bot.listing import Listed
from bot.models import JSON, Cadence, Channel, ChannelSettings, Delivery, Digest, Plan, Subscription
from bot.ports import Chat, Store

log = logging.getLogger(__name__)

CHUNK = 200
"""Digests composed and written together: one durable write serves them all, and memory stays flat."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A channel whose digest is wanted, the days that this one looks at, and what the channel follows."""

    settings: ChannelSettings
    when: due.Due
    window: tuple[date, date]
    followed: Sequence[Subscription]


@dataclass(frozen=True, slots=True)
class Facts:
    """Of some channels: the papers that they have, what they like (as it is noted), and their people's names."""

    posted: Mapping[Channel, Mapping[str, date]]
    tastes: Mapping[str, JSON]
    names: Mapping[str, str]


class Planning:
    """What all digests of one planning have in common."""

    def __init__(
        self, store: Store, chats: Mapping[str, Chat], now: datetime, stale: str, table: query.Acronyms, spread: int
    ) -> None:
        self._store = store
        self._chats = chats
        self._now = now
        self._stale = stale
        self._table = table
        self._spread = spread
        self._trends = weekly.Trends(store, chats, now)
        self._listed: Listed | None = None
        self.count = 0
        """Digests that are new."""
        self.refused: StoreError | None = None
        """The first digest that could not be stored."""

    async def page(self, found: Sequence[agenda.Found]) -> Collection[Channel]:
        """Plan digests; give the channels that have a plan now. Those that wait for the sources have none."""
        wishes = await self._wishes(found)
        listed = self._listed = await self._reaching(wishes)
        await asyncio.to_thread(listed.matching.ask, [item.query for one in wishes for item in one.followed])
        for one in wishes:
            for item, error in listed.matching.unreadable(one.followed):
                text = f"I cannot read the subscription `{item.query}` any more: {error}"
                await notice(self._store, self._now, item.channel, text)
        planned, refused = list[Channel](), False
        for start in range(0, len(wishes), CHUNK):
            try:
                planned += await self._chunk(wishes[start : start + CHUNK], listed)
                refused = False
            except StoreError as error:
                self.refused = self.refused or error
                if refused:
                    raise
                refused = True
        return planned

    async def _wishes(self, found: Sequence[agenda.Found]) -> Sequence[Wish]:
        store, homes = self._store, [asked.channel for asked, _, _ in found]
        silent = [asked.channel for asked, _, last in found if last is None]
        planned = await store.planned_dates(self._now.date() - due.REACH, silent)
        back = await returned.reach(store, self._now, homes)
        followed: defaultdict[Channel, list[Subscription]] = defaultdict(list)
        for item in await store.subscriptions(homes):
            followed[item.channel].append(item)
        wishes = []
        for asked, when, lately in found:
            last = lately or max((day for day, _ in planned.get(asked.channel, ())), default=None)
            window = returned.widen(due.window(asked, when.date, last), back.get(asked.channel))
            wishes.append(Wish(asked, when, window, followed.get(asked.channel, ())))
        return wishes

    async def _reaching(self, wishes: Sequence[Wish]) -> Listed:
        """Give the papers that the digests before these looked at, or those of more days where they do not reach."""
        windows = [one.window for one in wishes] + [(old.since, old.until) for old in (self._listed,) if old]
        since, until = min(since for since, _ in windows), max(until for _, until in windows)
        if self._listed and (self._listed.since, self._listed.until) == (since, until):
            return self._listed
        return await listing.listed(self._store, since, until, self._now.date(), self._table)

    async def _chunk(self, chunk: Sequence[Wish], listed: Listed) -> Sequence[Channel]:
        eager = [one for one in chunk if listed.matching.wants(one.followed, listed.within(*one.window))]
        known = await facts(self._store, eager)
        trends = [await self._trends.beside(one.settings, listed.matching.read(one.followed)) for one in chunk]

        def frozen() -> Iterator[tuple[Plan, Sequence[Delivery]]]:
            for one, trend in zip(chunk, trends, strict=True):
                made = composed(one, listed, known, self._now.date())
                if made.entries or not self._stale:
                    made = replace(made, late=one.when.late, stale=self._stale, trend=trend, planned=self._now)
                    chat = self._chats[made.channel.platform]
                    yield freeze(one.settings, made, chat, self._now, spread=self._spread)

        written = await asyncio.to_thread(lambda: list(frozen()))
        self.count += await self._store.plan(written)
        return [plan.channel for plan, _ in written]


async def facts(store: Store, wishes: Sequence[Wish]) -> Facts:
    """Read them for these channels."""
    homes = [one.settings.channel for one in wishes]
    return Facts(
        await store.posted(homes),
        await store.known([taste.key(home) for home in homes]),
        await people.names(store, (item for one in wishes for item in one.followed)),
    )


def composed(wish: Wish, listed: Listed, facts: Facts, today: date) -> Digest:
    """Compose a digest. One that has no papers, and says so, names those that came closest."""
    settings, matching, within = wish.settings, listed.matching, listed.within(*wish.window)
    home = settings.channel
    made = digests.compose(
        home,
        wish.when.date,
        matching.matches(wish.followed, within),
        query="; ".join([item.query for item in wish.followed]),
        seen=within.bit_count(),
        posted=facts.posted.get(home, {}),
        budget=settings.count,
        style=settings.style,
        taste=taste.from_note(facts.tastes.get(taste.key(home))),
        today=today,
    )
    if made.entries:
        return replace(made, entries=matching.proven(made.entries, partial(people.called, facts.names, home)))
    if settings.quiet and settings.cadence is not Cadence.WEEKLY:
        return made
    known = {item.paper.id for item in made.left_out}
    rest = (one for one in matching.papers(within) if one[0].id not in known)
    return replace(made, nearest=misses.nearest(list(matching.read(wish.followed)), rest, today))


async def notice(store: Store, now: datetime, channel: Channel, text: str) -> None:
    """Tell those who look at the status what keeps a channel from its digest."""
    log.warning("%s: %s", channel, text)
    await notices.owe(store, channel, f"{channel}: {text}", now, again=False)
