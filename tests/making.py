"""Papers, channels and rows for tests: give what matters, the rest is ordinary."""
# ruff: noqa: ANN401  (facts are whatever the noun takes)

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot import query
from bot.models import (
    Channel,
    ChannelSettings,
    Delivery,
    Digest,
    Entry,
    Evidence,
    Fetched,
    Match,
    Message,
    Paper,
    Plan,
    State,
    Subscription,
)
from bot.ports import Asking
from bot.summary import Summary, SummaryKind

DAY = date(2026, 8, 3)
NOW = datetime(2026, 8, 3, 9, 30, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ROOM = Channel("fake", "T1", "papers")
OTHER_ROOM = Channel("fake", "T1", "robots")
FOREIGN_ROOM = Channel("fake", "T2", "papers")


class Clock:
    """The time as the code under test sees it; it moves when told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class GivenSource:
    """A source with these papers and problems, until it is given an error."""

    def __init__(self, name: str, *papers: Paper, problems: tuple[str, ...] = ()) -> None:
        self.name = name
        self.papers = papers
        self.problems = problems
        self.error: Exception | None = None
        self.asked: list[tuple[date, date]] = []

    async def fetch(self, since: date, until: date) -> Fetched:
        self.asked.append((since, until))
        if self.error:
            raise self.error
        return Fetched(tuple(p for p in self.papers if p.listed and since <= p.listed <= until), self.problems)

    async def aclose(self) -> None:
        pass


class GivenEnricher:
    """Tells these TLDRs by paper id, until it is given an error; with ``slow`` it never answers."""

    def __init__(self, name: str = "given", *, slow: bool = False, **bounds: Any) -> None:
        ordinary: dict[str, Any] = {"batch": 2, "days": 3, "again": timedelta(days=1), "times": 2, "daily": 100}
        self.name = name
        self.asking = Asking(**(ordinary | bounds))
        self.tldrs: dict[str, str] = {}
        self.problems: tuple[str, ...] = ()
        self.error: Exception | None = None
        self.slow = slow
        self.asked: list[list[str]] = []

    def wants(self, paper: Paper) -> bool:
        return not paper.tldr

    async def enrich(self, papers: Sequence[Paper]) -> Fetched:
        self.asked.append([one.id for one in papers])
        if self.slow:
            await asyncio.Event().wait()
        if self.error:
            raise self.error
        known = [one for one in papers if one.id in self.tldrs]
        return Fetched(tuple(Paper(id=p.id, title=p.title, tldr=self.tldrs[p.id]) for p in known), self.problems)

    async def aclose(self) -> None:
        pass


def paper(id_: str = "2608.00001", **facts: Any) -> Paper:
    ordinary: dict[str, Any] = {
        "title": f"Agents that plan, part {id_}",
        "abstract": "We present agents that plan ahead. They reach further than agents that do not.",
        "authors": ("Ada Lovelace", "Alan Turing", "Grace Hopper", "Kurt Gödel"),
        "listed": DAY,
        "upvotes": 10,
        "url": f"https://huggingface.co/papers/{id_}",
        "sources": ("huggingface",),
    }
    return Paper(id=id_, **(ordinary | facts))


def match(item: Paper, subscription: str = "agents", owner: str = "") -> Match:
    quote = item.title[:6]
    return Match(item, subscription, (Evidence("title", subscription, quote, 0, len(quote)),), owner)


def entry(item: Paper, *matches: Match, score: float = 4.2) -> Entry:
    return Entry(item, score, Summary("They plan ahead.", SummaryKind.ABSTRACT), matches or (match(item),))


def digest(channel: Channel = ROOM, *entries: Entry, **facts: Any) -> Digest:
    ordinary: dict[str, Any] = {"query": "agents", "seen": max(12, len(entries))}
    return Digest(channel=channel, date=DAY, entries=entries, **(ordinary | facts))


def settings(channel: Channel = ROOM, **wishes: Any) -> ChannelSettings:
    ordinary: dict[str, Any] = {"channel": channel, "created": LONG_AGO, "owner": "U1"}
    return ChannelSettings(**(ordinary | wishes))


def subscription(text: str, channel: Channel = ROOM, owner: str = "U1", created: datetime = LONG_AGO) -> Subscription:
    wanted = query.parse(text)
    return Subscription(channel=channel, query=wanted.text, canonical=wanted.canonical, owner=owner, created=created)


def plan(channel: Channel = ROOM, day: date = DAY, *, planned: datetime = NOW, **facts: Any) -> Plan:
    return Plan(channel=channel, date=day, planned=planned, **{"kind": "digest", **facts})


def rows(made: Plan, parts: int = 1, *, per_part: int = 1) -> list[Delivery]:
    """A plan's rows: later parts are replies, each part carries papers of its own."""
    tag = f"{made.channel.tenant}{made.channel.room}-{made.date:%d}"
    return [
        Delivery(
            channel=made.channel,
            plan=made.id,
            part=part,
            message=Message(
                {"text": f"part {part}"}, tuple(f"{tag}-{part}-{n}" for n in range(per_part)), reply=part > 0
            ),
            planned=made.planned,
            next_at=made.planned,
        )
        for part in range(parts)
    ]


def sending(row: Delivery, *, now: datetime = NOW, owner: str = "me", attempts: int = 1) -> Delivery:
    """The row as it is under a lease."""
    return replace(
        row,
        state=State.SENDING,
        attempts=attempts,
        first_try=now,
        lease_owner=owner,
        lease_until=now + timedelta(minutes=1),
    )
