"""The pipe of ``bot``'s docstring, in calls; ``planning`` makes them for many channels together.

fetch    sources -> papers -> archive
plan     due channels: papers -> match -> rank -> summary -> digest -> messages -> outbox
tidy     what is long finished -> what was posted
preview  the same for one channel, nothing stored, with a reason for every paper that it leaves out
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from bot import acronyms, agenda, due, listing, misses, query, rank, returned
from bot import digest as digests
from bot.collect import Collected, collect
from bot.match import fold_again, hits
from bot.models import Channel, ChannelSettings, Digest, LeftOut, Match, Paper
from bot.planning import Planning, Wish, composed, facts, notice
from bot.ports import Chat, Source, Store

log = logging.getLogger(__name__)


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
    for a digest that cannot be stored when all others are, and at once when the store takes no more; what it took
    stands, and a later call goes on behind it.
    """
    planning: Planning | None = None

    async def decide(found: Sequence[agenda.Found]) -> Collection[Channel]:
        nonlocal planning
        if planning is None:
            stale, table = await staleness(store, now, fetching), await acronyms.table(store)
            planning = Planning(store, chats, now, stale, table, spread)
        return await planning.page(found)

    await agenda.look(store, chats, now, decide, partial(notice, store, now))
    if planning and planning.refused:
        raise planning.refused
    return planning.count if planning else 0


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
    wish = Wish(settings, due.Due(day), window, await store.subscriptions(settings.channel))
    listed = await listing.listed(store, *window, now.date(), await acronyms.table(store))
    listed.matching.ask(item.query for item in wish.followed)
    made = composed(wish, listed, await facts(store, [wish]), now.date())
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
