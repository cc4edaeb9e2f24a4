"""A small world with one digest to come: three papers, a channel or more that follow everything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from bot.app import open_store
from bot.models import Channel, ChannelSettings, Paper, Subscription

START = datetime(2026, 8, 3, 12, tzinfo=UTC)
"""Noon of a Monday: three hours after the digest was due."""
PAPERS = tuple(
    Paper(id=f"2608.0000{n}", title=f"Paper number {n}", listed=START.date(), upvotes=100 - n, sources=("file",))
    for n in range(1, 4)
)


async def prepare(url: str, folder: Path, channels: Iterable[Channel]) -> None:
    """Make a store that has these channels and the papers, and nothing planned."""
    store = await open_store(url, folder)
    created = START - timedelta(days=3)
    await store.add_papers(PAPERS, START)
    for channel in channels:
        settings = ChannelSettings(channel=channel, created=created, time=time(9), count=10)
        everything = Subscription(channel=channel, query="*", canonical="*", owner="u1", created=created)
        await store.subscribe(everything, settings)
    await store.aclose()
