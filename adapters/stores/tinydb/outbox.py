"""Plans, deliveries and what was posted, in ``outbox.json``. Every method runs on the worker's thread."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path

from adapters.stores import _rows as rows
from adapters.stores._rows import Posted
from bot.errors import StoreError
from bot.models import Channel, Delivery, Plan, State

from .file import File
from .table import ChannelRows, Rows, index

MOST_UNFINISHED = 10_000
"""Rows not yet sent, dead or expired. More means that nothing gets out, or that this store is too small."""
REMEMBERED = timedelta(days=400)
"""How long a paper counts as posted after its digest was compacted."""

_FINISHED = {State.SENT, State.DEAD, State.EXPIRED}
_WAITING = {State.PENDING, State.RETRY_WAIT}
_NOT_POSTED = {State.DEAD, State.EXPIRED}


class DeliveryRows(ChannelRows[Delivery]):
    """Outbox rows; those that are not finished also stand in an index of their own."""

    def __init__(self) -> None:
        super().__init__("deliveries", rows.delivery_to_json, rows.delivery_from_json)
        self.unfinished: defaultdict[Channel, dict[str, Delivery]] = defaultdict(dict)

    def place(self, key: str, value: Delivery | None) -> None:
        """Keep the index in step."""
        live = value if value and value.state not in _FINISHED else None
        index(self.unfinished, key, self.values.get(key), live)
        super().place(key, value)

    def clear(self) -> None:
        """Forget the index too."""
        super().clear()
        self.unfinished.clear()


class Outbox:
    """What is to be sent and what was (``bot.ports.Outbox``, without the waiting)."""

    def __init__(self, folder: Path) -> None:
        self._plans = ChannelRows("plans", rows.plan_to_json, rows.plan_from_json)
        self._rows = DeliveryRows()
        self._posted = Rows("posted", rows.posted_to_json, rows.posted_from_json)
        self.file = File(folder / "outbox.json", self._plans, self._rows, self._posted)

    def plan(self, plan: Plan, deliveries: Sequence[Delivery]) -> bool:
        """Store a plan and its rows together. False, and nothing stored, when the plan's id exists."""
        if plan.id in self._plans.values:
            return False
        self._make_room(len(deliveries))
        self.file.change(self._plans.edit({plan.id: plan}), self._rows.edit({row.key: row for row in deliveries}))
        return True

    def plan_each(self, asked: Sequence[tuple[Plan, Sequence[Delivery]]]) -> tuple[int, StoreError | None]:
        """Store plans, each with its rows; give how many were new, and what was wrong with the first that cannot be."""
        new, refused = 0, None
        for plan, deliveries in asked:
            try:
                new += self.plan(plan, deliveries)
            except StoreError as error:
                refused = refused or error
        return new, refused

    def plans(self, channel: Channel, since: date) -> Sequence[Plan]:
        """Give a channel's plans from this local date on, oldest first."""
        found = (plan for plan in self._plans.of.get(channel, {}).values() if plan.date >= since)
        return sorted(found, key=lambda plan: (plan.date, plan.planned, plan.kind))

    def planned_dates(
        self, since: date, channels: Collection[Channel] | None
    ) -> Mapping[Channel, frozenset[tuple[date, str]]]:
        """Give for each channel (of these) the (local date, kind) that have a plan, from this date on."""
        among = None if channels is None else set(channels)
        found: defaultdict[Channel, set[tuple[date, str]]] = defaultdict(set)
        for plan in self._plans.values.values():
            if plan.date >= since and (among is None or plan.channel in among):
                found[plan.channel].add((plan.date, plan.kind))
        return {channel: frozenset(dates) for channel, dates in found.items()}

    def deliveries(
        self, states: Collection[State], channel: Channel | Collection[Channel] | None, limit: int | None
    ) -> Sequence[Delivery]:
        """Give rows in these states (all when none are named), by planned moment, plan and part."""
        found = (row for row in self._among(states, channel) if not states or row.state in states)
        return sorted(found, key=_turn)[:limit]

    def census(self) -> Counter[tuple[str, State]]:
        """Count rows by platform and state."""
        return Counter((row.channel.platform, row.state) for row in self._rows.values.values())

    def delivery(self, key: str) -> Delivery | None:
        """Give one row."""
        return self._rows.values.get(key)

    def ready(
        self, now: datetime, limit: int, skip: Collection[tuple[str, str]], channels: Collection[Channel] | None = None
    ) -> Sequence[Delivery]:
        """Give rows whose turn has come, longest waiting first."""
        unfinished = self._rows.unfinished
        heads = (
            _head(unfinished[channel].values())
            for channel in (unfinished if channels is None else unfinished.keys() & channels)
            if (channel.platform, channel.tenant) not in skip
        )
        due = (row for row in heads if row and _is_due(row, now))
        return sorted(due, key=lambda row: (row.next_at, row.planned, row.part, row.plan))[:limit]

    def claim(self, owner: str, now: datetime, lease_until: datetime, keys: Collection[str]) -> Sequence[Delivery]:
        """Lease those of these rows whose turn it is."""
        asked = [self._rows.values[key] for key in dict.fromkeys(keys) if key in self._rows.values]
        leased = [
            replace(
                row,
                state=State.SENDING,
                attempts=row.attempts + 1,
                first_try=row.first_try or now,
                lease_owner=owner,
                lease_until=lease_until,
            )
            for row in asked
            if _is_due(row, now) and _head(self._rows.unfinished[row.channel].values()) is row
        ]
        self.file.change(self._rows.edit({row.key: row for row in leased}))
        return leased

    def update(self, old: Delivery, new: Delivery) -> bool:
        """Replace a row if it still has the state, attempt and lease of ``old``."""
        row = self._rows.values.get(old.key)
        if row is None or _stand(row) != _stand(old):
            return False
        if new.key != row.key or new.channel != row.channel:
            raise StoreError(f"Row {row.key} cannot become the row of another message.")
        self.file.change(self._rows.edit({row.key: new}))
        return True

    def posted(self, channels: Collection[Channel]) -> Mapping[Channel, Mapping[str, date]]:
        """Give for each of these channels the paper ids that it has, each with the local date of its latest digest."""
        return {channel: self._posted_in(channel) for channel in channels}

    def compact(self, before: datetime) -> int:
        """Fold finished plans older than this into what was posted, for 400 days; give how many rows went."""
        parts = defaultdict(list)
        for row in self._rows.values.values():
            parts[row.plan].append(row)
        gone = [
            plan
            for plan in self._plans.values.values()
            if plan.planned < before and all(row.state in _FINISHED for row in parts[plan.id])
        ]
        finished = [row for plan in gone for row in parts[plan.id]]
        self.file.change(
            self._posted.edit(self._folded(finished, (before - REMEMBERED).date())),
            self._plans.edit(dict.fromkeys(plan.id for plan in gone)),
            self._rows.edit(dict.fromkeys(row.key for row in finished)),
        )
        return len(finished)

    def _among(self, states: Collection[State], channel: Channel | Collection[Channel] | None) -> Iterable[Delivery]:
        """Give the smallest index that holds such rows: unfinished ones are asked for every second."""
        if channel is not None:
            asked = [channel] if isinstance(channel, Channel) else channel
            return chain.from_iterable(self._rows.of.get(home, {}).values() for home in asked)
        if states and _FINISHED.isdisjoint(states):
            return chain.from_iterable(some.values() for some in self._rows.unfinished.values())
        return self._rows.values.values()

    def _posted_in(self, channel: Channel) -> Mapping[str, date]:
        folded = self._posted.values.get(rows.channel_key(channel))
        return self._with_papers(folded.papers if folded else {}, self._rows.of.get(channel, {}).values())

    def _folded(self, finished: Iterable[Delivery], since: date) -> dict[str, Posted | None]:
        """Give the posted sets that change when these rows go and older papers are forgotten."""
        arrived = defaultdict(list)
        for row in finished:
            arrived[row.channel].append(row)
        changes: dict[str, Posted | None] = {}
        for channel in {posted.channel for posted in self._posted.values.values()} | arrived.keys():
            key = rows.channel_key(channel)
            old = self._posted.values.get(key, Posted(channel, {})).papers
            papers = {paper: day for paper, day in self._with_papers(old, arrived[channel]).items() if day >= since}
            if papers != old:
                changes[key] = Posted(channel, papers) if papers else None
        return changes

    def _with_papers(self, papers: Mapping[str, date], some: Iterable[Delivery]) -> dict[str, date]:
        """Add what these rows carry, unless they came to nothing."""
        found = dict(papers)
        for row in some:
            if row.state not in _NOT_POSTED:
                plan = self._plans.values.get(row.plan)
                day = plan.date if plan else row.planned.date()
                found.update((paper, max(day, found.get(paper, day))) for paper in row.message.papers)
        return found

    def _make_room(self, more: int) -> None:
        count = sum(map(len, self._rows.unfinished.values()))
        if count + more > MOST_UNFINISHED:
            raise StoreError(
                f"The outbox holds {count:,} unfinished messages, as many as this store can serve well."
                " See broadsheet status for what holds them up, or move to PostgreSQL with:"
                " broadsheet migrate --to postgresql://..."
            )


def _turn(row: Delivery) -> tuple[datetime, str, int]:
    """The order of a channel's rows."""
    return row.planned, row.plan, row.part


def _head(some: Iterable[Delivery]) -> Delivery | None:
    """Give the earliest row that is open: the only one of its channel that may move."""
    return min((row for row in some if row.state != State.UNKNOWN or row.lease_until), key=_turn, default=None)


def _is_due(row: Delivery, now: datetime) -> bool:
    return row.state in _WAITING and row.next_at <= now


def _stand(row: Delivery) -> tuple[State, int, str, datetime | None]:
    """What tells two moments of a row apart."""
    return row.state, row.attempts, row.lease_owner, row.lease_until
