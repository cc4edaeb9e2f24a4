"""A scheduler of very many channels on PostgreSQL: how long it takes to start and to tick, and its memory.

``python -m bench.ticks [CHANNELS]``, 1,000,000 unless it is told otherwise, each with one subscription, over 24 time
zones. None is due at first; then 200 are. What is measured is a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from math import inf
from pathlib import Path
from time import perf_counter, process_time

import psycopg

from adapters.stores import _rows as rows
from bench.crowd import ROOT
from bench.papers import papers
from bot import pipeline
from bot.app import open_store
from bot.models import Channel, ChannelSettings, Subscription
from bot.ports import Pacing
from tests.chats import BlindChat
from tests.postgres import server

TICKS = 4
DUE = 200
SETTINGS = (
    "INSERT INTO settings (platform, tenant, room, settings) SELECT 'fake', t, r, replace(replace(replace(%s, '@t', t),"
    " '@r', r), 'UTC', 'Etc/GMT' || CASE WHEN n %% 24 < 12 THEN '+' || n %% 24 ELSE '-' || n %% 24 - 11 END)"
    " FROM (SELECT n, 'T' || n %% 20000 AS t, 'room' || n AS r FROM generate_series(1, %s) AS n) AS made"
)
SUBSCRIPTIONS = (
    "INSERT INTO subscriptions SELECT 'fake', t, r, sha256(q::bytea), q, now(), replace(replace(replace(%s, '@t', t),"
    " '@r', r), '@q', q) FROM (SELECT 'T' || n %% 20000 AS t, 'room' || n AS r, 'agents' || n %% 5000 AS q"
    " FROM generate_series(1, %s) AS n) AS made"
)


def main() -> None:
    """Fill a database, and have another process tick."""
    words = sys.argv[1:]
    if words[:1] == ["--tick"]:
        asyncio.run(tick(words[1]))
        return
    count = int(words[0].replace(",", "")) if words else 1_000_000
    with server() as own:
        database = own.url()
        asyncio.run(fill(database, count))
        subprocess.run([sys.executable, "-m", "bench.ticks", "--tick", database], cwd=ROOT, check=True)


async def fill(database: str, count: int) -> None:
    """Make channels as the store writes them, by the database itself."""
    store, now = await open_store(database, Path()), datetime.now(UTC)
    await store.add_papers(list(papers(100)), now)
    await store.aclose()
    home = Channel("fake", "@t", "@r")
    settings = rows.settings_to_json(ChannelSettings(channel=home, created=now, time=time(9)))
    followed = rows.subscription_to_json(Subscription(home, "@q", "@q", "U1", now))
    with psycopg.connect(database, autocommit=True) as db:
        for statement, kept in ((SETTINGS, settings), (SUBSCRIPTIONS, followed)):
            db.execute(statement, (json.dumps(kept, separators=(",", ":")), count))
        db.execute("VACUUM ANALYZE")
    print(f"{count:,} channels", flush=True)


async def tick(database: str) -> None:
    """Start, tick, and say what each took; the last tick finds channels that are due."""
    begun = perf_counter()
    store, chat = await open_store(database, Path()), BlindChat(pacing=Pacing(per_channel=inf, per_tenant=inf))
    print(f"started in {perf_counter() - begun:.1f} s")
    for number in range(TICKS):
        now = datetime.now(UTC)
        if number == TICKS - 1:
            for n in range(1, DUE + 1):
                home = Channel("fake", f"T{n}", f"room{n}")
                early = (now - timedelta(minutes=1)).time().replace(microsecond=0)
                await store.save_settings(ChannelSettings(channel=home, created=now - timedelta(days=2), time=early))
        began, worked = perf_counter(), process_time()
        planned = await pipeline.plan(store, {chat.name: chat}, now, fetching=pipeline.Fetching())
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"tick {number + 1}: {planned} planned in {perf_counter() - began:.2f} s, {process_time() - worked:.2f} of"
            f" them at work; {memory:,.0f} MB at the most",
            flush=True,
        )
    await store.aclose()


if __name__ == "__main__":
    main()
