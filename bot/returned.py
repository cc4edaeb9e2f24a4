"""Papers that were on their way and came back: their message expired, so a later digest has to look at them again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from bot import due
from bot.models import Channel, State
from bot.ports import Store


async def reach(store: Store, now: datetime, channels: Collection[Channel]) -> Mapping[Channel, date]:
    """Give for each of these channels the earliest listed day of a paper that came back in the last two weeks."""
    rows = await store.deliveries(states=(State.EXPIRED,), channel=channels)
    recent = [row for row in rows if now - row.planned < due.REACH]
    if not recent:
        return {}
    papers = await store.papers({id_ for row in recent for id_ in row.message.papers})
    days: dict[Channel, date] = {}
    for row in recent:
        for paper in (papers[id_] for id_ in row.message.papers if id_ in papers):
            if paper.listed:
                days[row.channel] = min(paper.listed, days.get(row.channel, paper.listed))
    return days


def widen(window: tuple[date, date], back: date | None) -> tuple[date, date]:
    """Let a digest's window reach back to such a day. What was posted in between is not posted again."""
    since, until = window
    return (min(since, back) if back else since, until)
