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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice

from bot import acronyms, agenda, due, listing, misses, notices, people, query, returned, taste, weekly
from bot import digest as digests
from bot.collect import Collected, collect
from bot.freeze import freeze
from bot.match import Matched, fold_again, hits, match
from bot.models import (
    Cadence,
    Channel,
    ChannelSettings,
    Digest,
    LeftOut,
    Match,
    Paper,
    Subscription,
)
from bot.ports import Chat, Source, Store

log = logging.getLogger(__name__)

_Waiting = tuple[ChannelSettings, due.Due, tuple[date, date]]
CHUNK = 200
"""Channels matched, composed and written together: one durable write serves them all, and memory stays flat."""


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
        planning = planning or await _Planning.begun(store, chats, now, fetching, spread)
        count += await planning.page(found)
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planning:
    """What all digests of one planning have in common."""

    store: Store
    chats: Mapping[str, Chat]
    now: datetime
    spread: int
    stale: str
    table: query.Acronyms
    trends: weekly.Trends

    @classmethod
    async def begun(
        cls, store: Store, chats: Mapping[str, Chat], now: datetime, fetching: Fetching, spread: int
    ) -> _Planning:
        return cls(
            store=store,
            chats=chats,
            now=now,
            spread=spread,
            stale=await staleness(store, now, fetching),
            table=await acronyms.table(store),
            trends=weekly.Trends(store, chats, now),
        )

    async def page(self, found: Sequence[tuple[ChannelSettings, due.Due]]) -> int:
        """Plan digests; give how many were new."""
        homes = [asked.channel for asked, _ in found]
        planned = await self.store.planned_dates(self.now.date() - due.REACH, homes)
        back = await returned.reach(self.store, self.now, homes)
        waiting = [(asked, when, _window(asked, when, planned, back)) for asked, when in found]
        listed = await listing.listed(self.store, (window for _, _, window in waiting))
        count, pending = 0, iter(waiting)
        while chunk := tuple(islice(pending, CHUNK)):
            count += await self._chunk(chunk, listed)
        return count

    async def _chunk(self, chunk: Sequence[_Waiting], listed: listing.Listed) -> int:
        store, now = self.store, self.now
        held = await store.subscriptions([settings.channel for settings, _, _ in chunk])
        followed = _by_channel(held, await people.names(store, held))
        wished = [item for settings, _, _ in chunk for item in followed.get(settings.channel, ())]
        matched = await asyncio.to_thread(match, wished, listed.papers, now.date(), self.table, listed.folded)
        for item, error in matched.unreadable:
            await _notice(store, now, item.channel, f"I cannot read the subscription `{item.query}` any more: {error}")
        ready = []
        for settings, when, window in chunk:
            made = await _compose(store, settings, when.date, window, followed, matched, listed, now)
            trend = await self.trends.beside(settings, followed.get(settings.channel, ()), matched.read)
            made = replace(made, late=when.late, stale=self.stale, trend=trend, planned=now)
            if made.entries or not self.stale:
                chat = self.chats[settings.channel.platform]
                ready.append(freeze(settings, made, chat, now, spread=self.spread))
        return await store.plan(ready)


def _window(
    asked: ChannelSettings, when: due.Due, planned: agenda.Planned, back: Mapping[Channel, date]
) -> tuple[date, date]:
    """The days that a due digest looks at: from the one before it, or from where papers came back."""
    last = max((day for day, _ in planned.get(asked.channel, ())), default=None)
    return returned.widen(due.window(asked, when.date, last), back.get(asked.channel))


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
    listed = await listing.listed(store, [window])
    held = await store.subscriptions(settings.channel)
    followed = _by_channel(held, await people.names(store, held))
    table = await acronyms.table(store)
    matched = match(followed.get(settings.channel, ()), listed.papers, now.date(), table, listed.folded)
    made = await _compose(store, settings, day, window, followed, matched, listed, now)
    named = {entry.paper.id for entry in made.entries} | {item.paper.id for item in made.left_out}
    unreadable = [item for item, _ in matched.unreadable]
    queries = [query.parse(item.query, table) for item in followed.get(settings.channel, ()) if item not in unreadable]
    rest = (paper for paper in listed.papers if paper.id not in named)
    return digests.with_left_out(made, [LeftOut(paper, why_not(queries, paper, now.date())) for paper in rest])


def answer(wanted: query.Query, papers: Sequence[Paper], *, channel: Channel, day: date, budget: int | None) -> Digest:
    """Compose a digest for one query over given papers, for people who ask: nothing was posted before."""
    matches = [Match(paper, wanted.text, evidence) for paper, evidence in hits(wanted, fold_again(papers), day)]
    made = digests.compose(
        channel, day, matches, query=wanted.text, seen=len(papers), posted={}, budget=budget, today=day
    )
    found = {item.paper.id for item in matches}
    rest = [paper for paper in papers if paper.id not in found]
    if not made.entries:
        made = replace(made, nearest=misses.nearest([wanted], rest, day))
    return digests.with_left_out(made, [LeftOut(paper, why_not([wanted], paper, day)) for paper in rest])


def why_not(queries: Sequence[query.Query], paper: Paper, today: date) -> str:
    """Name the rule that stopped a paper: of several queries, the one that came closest speaks."""
    reasons = [query.explain(wanted, paper, today).reason for wanted in queries]
    close = [reason for reason in reasons if not reason.startswith("does not mention")]
    return (close or reasons or ["no subscription"])[0]


async def _notice(store: Store, now: datetime, channel: Channel, text: str) -> None:
    """Tell those who look at the status what keeps a channel from its digest."""
    log.warning("%s: %s", channel, text)
    await notices.owe(store, channel, f"{channel}: {text}", now, again=False)


def _by_channel(
    subscriptions: Iterable[Subscription], names: Mapping[str, str]
) -> Mapping[Channel, list[Subscription]]:
    """Sort them by channel; the owner becomes a name that readers know."""
    found: defaultdict[Channel, list[Subscription]] = defaultdict(list)
    for item in subscriptions:
        found[item.channel].append(replace(item, owner=people.called(names, item.channel, item.owner)))
    return found


async def _compose(
    store: Store,
    settings: ChannelSettings,
    day: date,
    window: tuple[date, date],
    followed: Mapping[Channel, Sequence[Subscription]],
    matched: Matched,
    listed: listing.Listed,
    now: datetime,
) -> Digest:
    since, until = window
    mine = [m for m in matched.wanted.get(settings.channel, ()) if m.paper.listed and since <= m.paper.listed <= until]
    made = digests.compose(
        settings.channel,
        day,
        mine,
        query="; ".join(item.query for item in followed.get(settings.channel, ())),
        seen=listed.count(since, until),
        posted=(await store.posted([settings.channel]))[settings.channel],
        budget=settings.count,
        style=settings.style,
        taste=taste.from_note(await store.noted(taste.key(settings.channel))),
        today=now.date(),
    )
    if made.entries or (settings.quiet and settings.cadence is not Cadence.WEEKLY):
        return matched.proven(made)
    asked = [matched.read[item.query] for item in followed.get(settings.channel, ()) if item.query in matched.read]
    known = {item.paper.id for item in made.left_out}
    rest = (p for p in listed.papers if p.listed and since <= p.listed <= until and p.id not in known)
    return replace(made, nearest=misses.nearest(asked, rest, now.date(), matched.folded))
