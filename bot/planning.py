"""Due channels -> plans: a page of channels at a time, with everything read, matched and written for many at once.

What is the same for all of them, the papers and what each query wants of them, is worked out once for a planning.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from bot import agenda, due, listing, misses, notices, people, query, returned, taste, weekly
from bot import digest as digests
from bot.errors import StoreError
from bot.freeze import empty, freeze
from bot.listing import Listed
from bot.models import JSON, Channel, ChannelSettings, Delivery, Digest, Plan, Subscription
from bot.ports import Chat, Store
from bot.trend import Trend

log = logging.getLogger(__name__)


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
        self._is_failing = False
        """Whether that happened in the page before."""

    async def page(self, found: Sequence[agenda.Found]) -> Collection[Channel]:
        """Plan digests; give the channels that have a plan now. Those that wait for the sources have none."""
        wishes = await self._wishes(found)
        listed = self._listed = await self._reaching(wishes)
        await asyncio.to_thread(listed.matching.ask, [item.query for one in wishes for item in one.followed])
        for one in wishes:
            for item, error in listed.matching.unreadable(one.followed):
                text = f"I cannot read the subscription `{item.query}` any more: {error}"
                await notice(self._store, self._now, item.channel, text)
        try:
            planned = await self._decided(wishes, listed)
        except StoreError as error:
            if self._is_failing:
                raise
            self.refused, self._is_failing = self.refused or error, True
            return ()
        self._is_failing = False
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
        windows = {one.window for one in wishes} | {(old.since, old.until) for old in (self._listed,) if old}
        since, until = min(since for since, _ in windows), max(until for _, until in windows)
        if self._listed and (self._listed.since, self._listed.until) == (since, until):
            return self._listed
        return await listing.listed(self._store, since, until, self._now.date(), self._table)

    async def _decided(self, wishes: Sequence[Wish], listed: Listed) -> Sequence[Channel]:
        matching, within = listed.matching, {days: listed.within(*days) for days in {one.window for one in wishes}}
        eager, others = list[Wish](), list[Wish]()
        for one in wishes:
            (eager if matching.wants(one.followed, within[one.window]) else others).append(one)
        known = await facts(self._store, eager)
        asked = [*eager, *(one for one in others if not one.settings.silent)]
        trends = [await self._trends.beside(one.settings, matching.read(one.followed)) for one in asked]
        written, faults = await asyncio.to_thread(self._frozen, zip(asked, trends, strict=True), listed, known)
        if not self._stale:
            nothing = (one for one in others if one.settings.silent)
            written += [(empty(one.settings.channel, one.when.date, self._now), ()) for one in nothing]
        for channel, fault in faults.items():
            await notice(self._store, self._now, channel, f"I cannot make its digest: a fault of ours ({fault})")
        self.count += await self._store.plan(written)
        return [plan.channel for plan, _ in written]

    def _frozen(
        self, asked: Iterable[tuple[Wish, Trend | None]], listed: Listed, known: Facts
    ) -> tuple[list[tuple[Plan, Sequence[Delivery]]], Mapping[Channel, str]]:
        """Compose digests and render them; give also the channels for which we failed, and at what."""
        made, faults = list[tuple[Plan, Sequence[Delivery]]](), dict[Channel, str]()
        for one, trend in asked:
            home = one.settings.channel
            try:
                digest = composed(one, listed, known, self._now.date())
                if digest.entries or not self._stale:
                    late, stale = one.when.late, self._stale
                    digest = replace(digest, late=late, stale=stale, trend=trend, planned=self._now)
                    made.append(
                        freeze(one.settings, digest, self._chats[home.platform], self._now, spread=self._spread)
                    )
            except Exception as error:
                # The outermost loop of planning: a bug of ours must not cost the other channels their digest.
                log.exception("%s: its digest cannot be made", home)
                faults[home] = type(error).__name__
        return made, faults


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
    if settings.silent:
        return made
    known = {item.paper.id for item in made.left_out}
    rest = (one for one in matching.papers(within) if one[0].id not in known)
    return replace(made, nearest=misses.nearest(list(matching.read(wish.followed)), rest, today))


async def notice(store: Store, now: datetime, channel: Channel, text: str) -> None:
    """Tell those who look at the status what keeps a channel from its digest."""
    log.warning("%s: %s", channel, text)
    await notices.owe(store, channel, f"{channel}: {text}", now, again=False)
