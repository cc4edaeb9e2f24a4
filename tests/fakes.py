"""Working stand-ins for what is outside. They pass the same contract tests as the real ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import astuple, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot import rank
from bot.collect import merge
from bot.models import (
    JSON,
    Channel,
    ChannelSettings,
    Delivery,
    Found,
    Hit,
    Outline,
    Paper,
    Plan,
    State,
    Subscription,
)
from bot.ports import Census, Outlines, SearchPage
from bot.query import Query, fold_paper, match
from bot.trend import Reading, Tally

FINISHED = {State.SENT, State.DEAD, State.EXPIRED}


class MemoryStore:
    """A store that forgets everything in the end. Plain rather than fast: it is what the others are compared with."""

    name = "memory"
    exclusive = True

    def __init__(self) -> None:
        self._papers: dict[str, Paper] = {}
        self._readings: dict[str, dict[date, Reading]] = {}
        self._subscriptions: dict[tuple[Channel, str], Subscription] = {}
        self._settings: dict[Channel, ChannelSettings] = {}
        self._plans: dict[str, Plan] = {}
        self._rows: dict[str, Delivery] = {}
        self._posted: dict[Channel, dict[str, date]] = {}
        self._notes: dict[str, Mapping[str, Any]] = {}

    async def aclose(self) -> None:
        pass

    async def add_papers(self, papers: Iterable[Paper], now: datetime) -> int:
        before = len(self._papers)
        for paper in papers:
            old = self._papers.get(paper.id)
            new = self._papers[paper.id] = merge(old, paper) if old else paper
            read = Reading(now.date(), new.upvotes, new.stars, new.comments)
            if old is None or read != replace(read, upvotes=old.upvotes, stars=old.stars, comments=old.comments):
                self._readings.setdefault(paper.id, {})[read.day] = read
        return len(self._papers) - before

    async def papers(self, ids: Collection[str]) -> Mapping[str, Paper]:
        return {id_: self._papers[id_] for id_ in ids if id_ in self._papers}

    async def listed(self, since: date, until: date) -> Sequence[Paper]:
        found = [(p.listed, p) for p in self._papers.values() if p.listed and since <= p.listed <= until]
        return [p for day, p in sorted(found, key=lambda pair: (-pair[0].toordinal(), pair[1].id))]

    async def outlines(self, query: Query, since: date, until: date, now: datetime, most: int) -> Outlines:
        found = [one for one in await self.listed(since, until) if match(query, one, now.date()) is not None]
        if len(found) > most:
            since = _day(found[most]) + timedelta(days=1)
            found = [one for one in found if _day(one) >= since]
        return Outlines(since, [Outline(p.id, _day(p), p.upvotes, p.comments, p.stars) for p in found])

    async def among(self, ids: Collection[str], queries: Sequence[Query], now: datetime) -> list[frozenset[str]]:
        some = (await self.papers(ids)).values()
        return [frozenset(p.id for p in some if match(query, p, now.date()) is not None) for query in queries]

    async def newest_day(self) -> date | None:
        return max((p.listed for p in self._papers.values() if p.listed), default=None)

    async def count_papers(self) -> int:
        return len(self._papers)

    async def standing(self, words: Collection[str]) -> Mapping[str, int]:
        folded = (astuple(fold_paper(paper)) for paper in self._papers.values())
        counts = Counter(word for streams in folded for word in set(" ".join(streams).split()))
        return {word: counts[word] for word in words if counts[word]}

    async def search(self, query: Query, page: SearchPage) -> Found:
        today = page.now.date()
        hits = [
            Hit(paper, rank.score(paper, today), evidence)
            for paper in self._papers.values()
            if page.since is None or (paper.listed and paper.listed >= page.since)
            if page.until is None or (paper.listed and paper.listed <= page.until)
            if (evidence := match(query, paper, today)) is not None
        ]
        if page.sort == "trending":
            hits.sort(key=lambda hit: rank.order(hit.paper, today))
        else:
            hits.sort(key=lambda hit: (-_born(hit.paper), hit.paper.id))
        return Found(len(hits), tuple(hits[page.offset : page.offset + page.limit]))

    async def tally(self, query: Query, since: date, until: date, now: datetime) -> Sequence[Tally]:
        days: dict[date, list[int]] = {}
        for paper in await self.listed(since, until):
            if paper.listed and match(query, paper, now.date()) is not None:
                days.setdefault(paper.listed, []).append(paper.upvotes or 0)
        return [Tally(day, len(votes), sum(votes)) for day, votes in sorted(days.items())]

    async def readings(self, id: str) -> Sequence[Reading]:  # noqa: A002
        return [reading for _, reading in sorted(self._readings.get(id, {}).items())]

    async def subscribe(self, subscription: Subscription, settings: ChannelSettings) -> bool:
        key = subscription.channel, subscription.canonical
        if key in self._subscriptions:
            return False
        self._subscriptions[key] = subscription
        self._settings.setdefault(subscription.channel, settings)
        return True

    async def unsubscribe(self, channel: Channel, canonical: str | None) -> int:
        gone = [key for key in self._subscriptions if key[0] == channel and canonical in (None, key[1])]
        for key in gone:
            del self._subscriptions[key]
        return len(gone)

    async def subscriptions(self, channel: Channel | Collection[Channel] | None = None) -> Sequence[Subscription]:
        asked = {channel} if isinstance(channel, Channel) else channel
        found = [s for s in self._subscriptions.values() if asked is None or s.channel in asked]
        return sorted(found, key=lambda s: (s.channel, s.created, s.canonical))

    async def settings(self, channel: Channel) -> ChannelSettings | None:
        return self._settings.get(channel)

    async def all_settings(self, tenant: tuple[str, str] | None = None) -> Sequence[ChannelSettings]:
        found = sorted(self._settings)
        return [self._settings[one] for one in found if tenant in {None, (one.platform, one.tenant)}]

    async def save_settings(self, settings: ChannelSettings) -> None:
        self._settings[settings.channel] = settings

    async def drop(self, channel: Channel) -> None:
        await self.unsubscribe(channel, None)
        self._settings.pop(channel, None)

    async def plan(self, asked: Sequence[tuple[Plan, Sequence[Delivery]]]) -> int:
        before = len(self._plans)
        for plan, deliveries in asked:
            if plan.id not in self._plans:
                self._plans[plan.id] = plan
                self._rows |= {row.key: deepcopy(row) for row in deliveries}
        return len(self._plans) - before

    async def plans(self, channel: Channel, since: date) -> Sequence[Plan]:
        found = [p for p in self._plans.values() if p.channel == channel and p.date >= since]
        return sorted(found, key=lambda p: (p.date, p.planned, p.kind))

    async def planned_dates(
        self, since: date, channels: Collection[Channel] | None = None
    ) -> Mapping[Channel, frozenset[tuple[date, str]]]:
        found = [p for p in self._plans.values() if p.date >= since and (channels is None or p.channel in channels)]
        return {
            channel: frozenset((p.date, p.kind) for p in found if p.channel == channel)
            for channel in {p.channel for p in found}
        }

    async def deliveries(
        self,
        *,
        states: Collection[State] = (),
        channel: Channel | Collection[Channel] | None = None,
        limit: int | None = None,
    ) -> Sequence[Delivery]:
        asked = {channel} if isinstance(channel, Channel) else channel
        among = (r for r in self._rows.values() if asked is None or r.channel in asked)
        found = [r for r in among if not states or r.state in states]
        return sorted(found, key=lambda r: (r.planned, r.plan, r.part))[:limit]

    async def delivery(self, key: str) -> Delivery | None:
        return self._rows.get(key)

    async def ready(
        self,
        now: datetime,
        limit: int,
        skip: Collection[tuple[str, str]] = (),
        channels: Collection[Channel] | None = None,
    ) -> Sequence[Delivery]:
        found = [
            r
            for r in self._rows.values()
            if self._has_turn(r, now) and (r.channel.platform, r.channel.tenant) not in skip
            if channels is None or r.channel in channels
        ]
        return sorted(found, key=lambda r: (r.next_at, r.planned, r.part, r.plan))[:limit]

    async def claim(
        self, owner: str, now: datetime, lease_until: datetime, keys: Collection[str]
    ) -> Sequence[Delivery]:
        leased = [
            replace(
                row,
                state=State.SENDING,
                attempts=row.attempts + 1,
                first_try=row.first_try or now,
                lease_owner=owner,
                lease_until=lease_until,
            )
            for key, row in self._rows.items()
            if key in keys and self._has_turn(row, now)
        ]
        self._rows |= {row.key: row for row in leased}
        return leased

    async def update(self, old: Delivery, new: Delivery) -> bool:
        row = self._rows.get(old.key)
        if row is None or _stand(row) != _stand(old):
            return False
        self._rows[row.key] = new
        return True

    async def posted(self, channels: Collection[Channel]) -> Mapping[Channel, Mapping[str, date]]:
        return {channel: self._posted_in(channel) for channel in channels}

    def _posted_in(self, channel: Channel) -> Mapping[str, date]:
        found = dict(self._posted.get(channel, {}))
        for row in self._rows.values():
            if row.channel == channel and row.state not in (State.DEAD, State.EXPIRED):
                day = self._plans[row.plan].date
                found |= {paper: max(day, found.get(paper, day)) for paper in row.message.papers}
        return found

    async def compact(self, before: datetime) -> int:
        gone = [
            plan
            for plan in self._plans.values()
            if plan.planned < before
            and all(row.state in FINISHED for row in self._rows.values() if row.plan == plan.id)
        ]
        rows = [row for row in self._rows.values() if row.plan in {plan.id for plan in gone}]
        for row in rows:
            if row.state is State.SENT:
                papers = self._posted.setdefault(row.channel, {})
                day = self._plans[row.plan].date
                papers |= {paper: max(day, papers.get(paper, day)) for paper in row.message.papers}
        for row in rows:
            del self._rows[row.key]
        for plan in gone:
            del self._plans[plan.id]
        oldest = (before - timedelta(days=400)).date()
        for channel, papers in self._posted.items():
            self._posted[channel] = {paper: day for paper, day in papers.items() if day >= oldest}
        return len(rows)

    async def census(self) -> Census:
        return Census(
            len(self._papers),
            Counter((one.channel.platform, bool(one.paused)) for one in self._settings.values()),
            Counter(one.channel.platform for one in self._subscriptions.values()),
            Counter((row.channel.platform, row.state) for row in self._rows.values()),
        )

    async def note(self, key: str, value: JSON, *, once: bool = False, over: JSON | None = None) -> bool:
        if (once and key in self._notes) or over not in (None, self._notes.get(key)):
            return False
        self._notes[key] = json.loads(json.dumps(value))
        return True

    async def forget(self, key: str, value: Mapping[str, Any] | None = None) -> bool:
        if value not in (None, self._notes.get(key)):
            return False
        return self._notes.pop(key, None) is not None

    async def noted(self, key: str) -> Mapping[str, Any] | None:
        return self._notes.get(key)

    async def known(self, keys: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
        return {key: self._notes[key] for key in keys if key in self._notes}

    async def notes(self, prefix: str) -> Mapping[str, Mapping[str, Any]]:
        return {key: value for key, value in sorted(self._notes.items()) if key.startswith(prefix)}

    def _has_turn(self, row: Delivery, now: datetime) -> bool:
        waiting = row.state in (State.PENDING, State.RETRY_WAIT) and row.next_at <= now
        return waiting and not any(
            _is_open(other) and _turn(other) < _turn(row)
            for other in self._rows.values()
            if other.channel == row.channel
        )


def _is_open(row: Delivery) -> bool:
    return row.state not in FINISHED and (row.state is not State.UNKNOWN or row.lease_until is not None)


def _turn(row: Delivery) -> tuple[datetime, str, int]:
    return row.planned, row.plan, row.part


def _stand(row: Delivery) -> tuple[State, int, str, datetime | None]:
    return row.state, row.attempts, row.lease_owner, row.lease_until


def _day(paper: Paper) -> date:
    return paper.listed or date.min


def _born(paper: Paper) -> int:
    day = paper.listed or paper.published
    return day.toordinal() if day else 0
