"""The pipe of ``bot``'s docstring, in calls. The only module that knows every step.

fetch    sources -> papers -> archive
plan     due channels: papers -> match -> rank -> summary -> digest -> messages -> outbox
tidy     what is long finished -> what was posted
preview  the same for one channel, nothing stored, with a reason for every paper that it leaves out
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from bot import acronyms, agenda, due, listing, misses, notices, people, query, rank, returned, taste, weekly
from bot import digest as digests
from bot.collect import Collected, collect
from bot.freeze import freeze
from bot.listing import Listed
from bot.match import fold_again, hits
from bot.models import (
    JSON,
    Cadence,
    Channel,
    ChannelSettings,
    Delivery,
    Digest,
    LeftOut,
    Match,
    Paper,
    Plan,
    Subscription,
)
from bot.ports import Chat, Source, Store

log = logging.getLogger(__name__)

CHUNK = 200
"""Digests composed and written together: one durable write serves them all, and memory stays flat."""


@dataclass(frozen=True, slots=True)
class Fetching:
    """How often the sources are asked (settings, section ``fetch``)."""

    every: timedelta = timedelta(minutes=15)
    days: int = 3
    stale: timedelta = timedelta(hours=6)


async def fetch(store: Store, sources: Sequence[Source], now: datetime, fetching: Fetching) -> int:
    """Ask the sources that are due for today and the days before; give the number of new papers.

    After an outage the days reach back to the last answer, two weeks at the most.

    A source that fails is noted and logged; the others go on. Never raises for a source.
    """
    asked = await due_sources(store, sources, now, fetching)
    if not asked:
        return 0
    today = now.date()
    notes = [note for source in asked if (note := await store.noted(f"source/{source.name}")) and note["ok"]]
    answered = [datetime.fromisoformat(note["ok"]).date() for note in notes]
    since = min(today - timedelta(days=fetching.days), max(min(answered, default=today), today - due.REACH))
    _, new = await ask(store, asked, since, today, now)
    return new


async def ask(
    store: Store, sources: Sequence[Source], since: date, until: date, now: datetime
) -> tuple[Collected, int]:
    """Ask sources for these days, keep what they give, log their problems; give it and the number of new papers.

    When today is among the days, it is also noted who answered.
    """
    got = await collect(sources, since, until)
    new = await store.add_papers(got.papers, now)
    for source in sources:
        problems = got.problems.get(source.name, ())
        for problem in problems:
            log.warning("%s: %s", source.name, problem)
        if since <= now.date() <= until:
            before = await store.noted(f"source/{source.name}") or {}
            ok = now.isoformat() if source.name in got.succeeded else before.get("ok", "")
            error = "" if source.name in got.succeeded else "; ".join(problems)
            await store.note(f"source/{source.name}", {"tried": now.isoformat(), "ok": ok, "error": error})
    return got, new


async def due_sources(store: Store, sources: Sequence[Source], now: datetime, fetching: Fetching) -> list[Source]:
    """Give the sources that have not been asked for as long as they should be."""
    return [source for source in sources if await _is_due(store, source.name, now, fetching)]


async def _is_due(store: Store, name: str, now: datetime, fetching: Fetching) -> bool:
    note = await store.noted(f"source/{name}")
    return note is None or abs(now - datetime.fromisoformat(note["tried"])) >= fetching.every


async def staleness(store: Store, now: datetime, fetching: Fetching) -> str:
    """Say since when no source has answered, in one sentence; empty when the data is fresh or none was ever asked."""
    notes = await store.notes("source/")
    answered = [datetime.fromisoformat(note["ok"]) for note in notes.values() if note["ok"]]
    if not notes or (answered and now - max(answered) < fetching.stale):
        return ""
    return (
        f"Data from {max(answered):%d %B %H:%M} UTC: no source has answered since."
        if answered
        else "No source has answered yet."
    )


async def plan(store: Store, chats: Mapping[str, Chat], now: datetime, *, fetching: Fetching, spread: int = 0) -> int:
    """Decide and store every digest that is due; give how many. A second call plans nothing more.

    A channel whose digest would be empty while the sources are silent waits for them instead. Raises ``StoreError``
    when the store takes no more; what it took stands, and a later call goes on behind it.
    """
    count, planning = 0, None
    async for found in agenda.due_pages(store, chats, now, partial(_notice, store, now)):
        if planning is None:
            stale, table = await staleness(store, now, fetching), await acronyms.table(store)
            planning = _Planning(store, chats, now, stale, table, spread)
        count += await planning.page(found)
    return count


class _Planning:
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

    async def page(self, found: Sequence[agenda.Found]) -> int:
        """Plan digests; give how many were new."""
        wishes = await self._wishes(found)
        listed = self._listed = await self._reaching(wishes)
        await asyncio.to_thread(listed.matching.ask, [item.query for one in wishes for item in one.followed])
        for one in wishes:
            for item, error in listed.matching.unreadable(one.followed):
                text = f"I cannot read the subscription `{item.query}` any more: {error}"
                await _notice(self._store, self._now, item.channel, text)
        chunks = (wishes[start : start + CHUNK] for start in range(0, len(wishes), CHUNK))
        return sum([await self._chunk(chunk, listed) for chunk in chunks])

    async def _wishes(self, found: Sequence[agenda.Found]) -> Sequence[_Wish]:
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
            wishes.append(_Wish(asked, when, window, followed.get(asked.channel, ())))
        return wishes

    async def _reaching(self, wishes: Sequence[_Wish]) -> Listed:
        """Give the papers that the digests before these looked at, or those of more days where they do not reach."""
        windows = [one.window for one in wishes] + [(old.since, old.until) for old in (self._listed,) if old]
        since, until = min(since for since, _ in windows), max(until for _, until in windows)
        if self._listed and (self._listed.since, self._listed.until) == (since, until):
            return self._listed
        return await listing.listed(self._store, since, until, self._now.date(), self._table)

    async def _chunk(self, chunk: Sequence[_Wish], listed: Listed) -> int:
        eager = [one for one in chunk if listed.matching.wants(one.followed, listed.within(*one.window))]
        facts = await _facts(self._store, eager)
        trends = [await self._trends.beside(one.settings, listed.matching.read(one.followed)) for one in chunk]

        def frozen() -> Iterator[tuple[Plan, Sequence[Delivery]]]:
            for one, trend in zip(chunk, trends, strict=True):
                made = _composed(one, listed, facts, self._now.date())
                if made.entries or not self._stale:
                    made = replace(made, late=one.when.late, stale=self._stale, trend=trend, planned=self._now)
                    chat = self._chats[made.channel.platform]
                    yield freeze(one.settings, made, chat, self._now, spread=self._spread)

        return await self._store.plan(await asyncio.to_thread(lambda: list(frozen())))


@dataclass(frozen=True, slots=True)
class _Wish:
    """A channel whose digest is wanted, the days that this one looks at, and what the channel follows."""

    settings: ChannelSettings
    when: due.Due
    window: tuple[date, date]
    followed: Sequence[Subscription]


@dataclass(frozen=True, slots=True)
class _Facts:
    """Of some channels: the papers that they have, what they like (as it is noted), and their people's names."""

    posted: Mapping[Channel, Mapping[str, date]]
    tastes: Mapping[str, JSON]
    names: Mapping[str, str]


async def _facts(store: Store, wishes: Sequence[_Wish]) -> _Facts:
    homes = [one.settings.channel for one in wishes]
    return _Facts(
        await store.posted(homes),
        await store.known([taste.key(home) for home in homes]),
        await people.names(store, (item for one in wishes for item in one.followed)),
    )


async def tidy(store: Store, now: datetime) -> None:
    """Once a day: fold what is long finished into what was posted."""
    note = await store.noted("tidied")
    if note is None or abs(now - datetime.fromisoformat(note["at"])) >= timedelta(days=1):
        await store.compact(now - due.REACH - timedelta(days=1))
        await acronyms.learn(store, now)
        await store.note("tidied", {"at": now.isoformat()})


async def preview(store: Store, settings: ChannelSettings, now: datetime) -> Digest:
    """Compose what a channel would get now; every paper of its window is in it or has its reason."""
    day = due.local_date(settings, now)
    plans = await store.plans(settings.channel, day - due.REACH)
    window = due.window(settings, day, max((item.date for item in plans if item.date < day), default=None))
    back = await returned.reach(store, now, [settings.channel])
    window = returned.widen(window, back.get(settings.channel))
    wish = _Wish(settings, due.Due(day), window, await store.subscriptions(settings.channel))
    listed = await listing.listed(store, *window, now.date(), await acronyms.table(store))
    listed.matching.ask(item.query for item in wish.followed)
    made = _composed(wish, listed, await _facts(store, [wish]), now.date())
    named = {entry.paper.id for entry in made.entries} | {item.paper.id for item in made.left_out}
    queries = list(listed.matching.read(wish.followed))
    rest = (paper for paper, _ in listed.matching.papers(listed.within(*window)) if paper.id not in named)
    return digests.with_left_out(made, [LeftOut(paper, misses.why_not(queries, paper, now.date())) for paper in rest])


def answer(wanted: query.Query, papers: Sequence[Paper], *, channel: Channel, day: date, budget: int | None) -> Digest:
    """Compose a digest for one query over given papers, for people who ask: nothing was posted before."""
    folded = fold_again(rank.rank(papers, day))
    matches = [Match(paper, wanted.text, evidence) for paper, evidence in hits(wanted, folded, day)]
    made = digests.compose(
        channel, day, matches, query=wanted.text, seen=len(papers), posted={}, budget=budget, today=day
    )
    found = {item.paper.id for item in matches}
    rest = [paper for paper in papers if paper.id not in found]
    if not made.entries:
        made = replace(made, nearest=misses.nearest([wanted], (one for one in folded if one[0].id not in found), day))
    return digests.with_left_out(made, [LeftOut(paper, misses.why_not([wanted], paper, day)) for paper in rest])


async def _notice(store: Store, now: datetime, channel: Channel, text: str) -> None:
    """Tell those who look at the status what keeps a channel from its digest."""
    log.warning("%s: %s", channel, text)
    await notices.owe(store, channel, f"{channel}: {text}", now, again=False)


def _composed(wish: _Wish, listed: Listed, facts: _Facts, today: date) -> Digest:
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
