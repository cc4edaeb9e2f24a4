"""Values and short ways that the contract tests of stores share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.models import Channel, ChannelSettings, Delivery, Message, Plan, State, Subscription
from bot.ports import Store

NOW = datetime(2026, 8, 1, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
HOUR = timedelta(hours=1)
LEASE = NOW + timedelta(minutes=1)
HERE = Channel("slack", "T1", "C1")
THERE = Channel("slack", "T1", "C2")
TWIN = Channel("slack", "T2", "C1")
"""The same room id in another tenant."""
FINISHED = (State.SENT, State.DEAD, State.EXPIRED)
EVER = date(2000, 1, 1)


def subscription(channel: Channel = HERE, query: str = "agents", *, age: int = 0) -> Subscription:
    return Subscription(channel=channel, query=query, canonical=query, owner="U1", created=NOW - timedelta(days=age))


def settings(channel: Channel = HERE, *, count: int = 5) -> ChannelSettings:
    return ChannelSettings(channel=channel, created=NOW, count=count)


def digest(
    channel: Channel = HERE,
    *parts: Sequence[str],
    day: date = TODAY,
    kind: str = "digest",
    at: datetime = NOW,
    due: datetime | None = None,
) -> tuple[Plan, list[Delivery]]:
    """Give a plan and one row for each part, which shows these papers."""
    papers = tuple(paper for part in parts for paper in part)
    plan = Plan(channel=channel, date=day, kind=kind, planned=at, papers=papers, left_out=(("x", "too old"),))
    rows = [
        Delivery(
            channel=channel,
            plan=plan.id,
            part=number,
            message=Message({"text": f"part {number}", "blocks": [{"n": number}]}, tuple(part), number > 0),
            planned=at,
            next_at=due or at,
        )
        for number, part in enumerate(parts)
    ]
    return plan, rows


async def planned(store: Store, *args: object, **kwargs: object) -> list[Delivery]:
    """Store a digest and give its rows."""
    plan, rows = digest(*args, **kwargs)  # type: ignore[arg-type]
    assert await store.plan([(plan, rows)])
    return rows


async def moved(store: Store, row: Delivery, state: State, **changes: object) -> Delivery:
    """Take a row to a state, as its owner would."""
    if row.state in (State.PENDING, State.RETRY_WAIT):
        (row,) = await store.claim("me", NOW, LEASE, [row.key])
    new = replace(row, state=state, **{"lease_owner": "", "lease_until": None, **changes})  # type: ignore[arg-type]
    assert await store.update(row, new)
    return new


async def ready(store: Store, now: datetime = NOW, limit: int = 100) -> list[str]:
    return [row.key for row in await store.ready(now, limit)]
