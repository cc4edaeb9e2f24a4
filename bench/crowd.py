"""Many channels due at once: real processes on one PostgreSQL, against a platform that takes 50 ms for each message.

``python -m bench.crowd [CHANNELS [WORKERS [PLACES]]]``. Two schedulers plan, then one worker sends, in another round
two, then three; or so many; a page is served beside them. A worker has four messages under way at once, so that what
it waits for is the platform and not a processor: two cores hold two workers, the database and the platform. It counts
at the platform: each digest exactly once, and no tenant more than it may have of all workers together. The time of
processors, with that of the starts, says more than the clock on a machine that does other things too. The module is
also the chat that they load.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

import psycopg
from pydantic import BaseModel

from adapters.stores import _rows as rows
from bench.papers import papers
from bot.app import open_store
from bot.models import Channel, ChannelSettings, Subscription
from bot.ports import Chat, Movable, Pacing
from tests.httpchat import HttpChat
from tests.postgres import Server, schema, server

DELAY = 0.05
TENANTS = 40
PLACES = 4
"""Messages that a worker has under way at once."""
RATE, BURST = 5.0, 5
"""Messages a second that a tenant may have, and at once."""
WINDOW = 10.0
"""Seconds in which messages of a tenant are counted."""
ROOT = Path(__file__).parents[1]
CROWDS: Sequence[tuple[int, int]] = ((2, 1), (2, 2), (2, 3))
"""Schedulers and workers of each round."""


class Settings(BaseModel):
    """Where the platform is."""

    url: str


def chat(settings: Settings) -> Chat:
    """Build the chat that the processes send through."""
    return HttpChat(
        settings.url, pacing=Pacing(per_channel=inf, per_tenant=RATE, tenant_burst=BURST, timeout=30.0, settle=5.0)
    )


def main() -> None:
    """Play every round, or one with so many workers, on a database of its own."""
    numbers = [int(word.replace(",", "")) for word in sys.argv[1:]]
    count, crowds = (numbers or [10_000])[0], [(2, workers) for workers in numbers[1:2]] or CROWDS
    places = (*numbers, 0, 0, 0)[2] or PLACES
    with server() as database, ExitStack() as stack:
        url = stack.enter_context(platform())
        for number, (schedulers, workers) in enumerate(crowds):
            asyncio.run(_round(database, url, f"r{number}", count, schedulers, workers, places))


async def _round(on: Server, url: str, name: str, count: int, schedulers: int, workers: int, places: int) -> None:
    async with schema(on) as database:
        await prepare(database, name, count)
        for tenant in range(TENANTS):
            ask("PUT", f"{url}/control/rules/{name}t{tenant}", {"delay": DELAY})
        with TemporaryDirectory() as folder:
            where = {**environment(database, url), "BROADSHEET_DELIVERY__CONCURRENCY": str(places)}
            with processes("web", 1, where, Path(folder)):
                begun = _processors()
                with processes("scheduler", schedulers, where, Path(folder)):
                    planning = until(database, "SELECT count(*) FROM deliveries", count)
                planned = _processors()
                with processes("worker", workers, where, Path(folder)):
                    sending = until(database, "SELECT count(*) FROM deliveries WHERE state = 'sent'", count)
                sent = _processors()
    moments = arrivals(url, name, count)
    arrived = [len(times) for times in moments.values()]
    each = [1000 * seconds / count for seconds in (planned - begun, sent - planned)]
    print(
        f"{count:,} channels: {schedulers} schedulers planned {count / planning:,.0f}/s ({each[0]:.1f} ms of processor"
        f" each), {workers} worker(s) sent {count / sending:,.0f}/s ({each[1]:.1f} ms); lost {arrived.count(0)},"
        f" twice {sum(n > 1 for n in arrived)}; a tenant had {busiest(moments)} messages in {WINDOW:.0f} s at the most,"
        f" and may have {RATE * WINDOW + BURST:.0f}",
        flush=True,
    )


def arrivals(url: str, name: str, count: int) -> Mapping[str, Sequence[float]]:
    """The moments at which the platform took each channel's messages."""
    found: dict[str, list[float]] = {}
    for home in homes(name, count):
        there = ask("GET", f"{url}/control/accepted/{quote(home, safe='')}")
        found[home] = [datetime.fromisoformat(message["time"]).timestamp() for message in there]
    return found


def busiest(moments: Mapping[str, Sequence[float]]) -> int:
    """The most that one tenant had in a window."""
    tenants: defaultdict[str, list[float]] = defaultdict(list)
    for home, times in moments.items():
        tenants[home.partition("/")[0]] += times
    return max(most(sorted(times)) for times in tenants.values())


def most(times: Sequence[float]) -> int:
    """How many of these, in order, lie in one window at the most."""
    return max((bisect_left(times, first + WINDOW) - number for number, first in enumerate(times)), default=0)


def _processors() -> float:
    """Seconds that the processes which have ended were at work."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def homes(name: str, count: int) -> Iterator[str]:
    return (f"{name}t{number % TENANTS}/room{number}" for number in range(count))


async def prepare(database: str, name: str, count: int) -> None:
    """Channels that follow everything, one paper each, all due a minute ago."""
    store = await open_store(database, Path())
    assert isinstance(store, Movable)
    now = datetime.now(UTC)
    moment = now - timedelta(minutes=1)
    await store.add_papers([replace(paper, listed=now.date()) for paper in papers(20)], now)
    rooms = [Channel("httpchat", *home.split("/")) for home in homes(name, count)]
    settings = [
        ChannelSettings(
            channel=home, created=now - timedelta(days=2), time=moment.time().replace(microsecond=0), count=1
        )
        for home in rooms
    ]
    followed = [Subscription(home, "*", "*", "U1", now - timedelta(days=2)) for home in rooms]
    await store.put("settings", [rows.settings_to_json(item) for item in settings])
    await store.put("subscriptions", [rows.subscription_to_json(item) for item in followed])
    await store.aclose()


def environment(database: str, url: str) -> Mapping[str, str]:
    return {
        **os.environ,
        "BROADSHEET_STORE": database,
        "BROADSHEET_SOURCES": "[]",
        "BROADSHEET_CHATS": "bench.crowd",
        "BROADSHEET_CROWD__URL": url,
        "BROADSHEET_WEB__PORT": "0",
    }


@contextmanager
def processes(role: str, count: int, environment: Mapping[str, str], folder: Path) -> Iterator[None]:
    """Run so many of a role; give them time to end in an orderly way."""
    command = [sys.executable, "-m", "bot", "--data", str(folder), "run", "--role", role]
    running = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(count)]
    try:
        yield
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(60)


def until(database: str, question: str, wanted: int) -> float:
    """Wait until the answer is this; give the seconds since the first one."""
    with psycopg.connect(database, autocommit=True) as db:
        began = 0.0
        while True:
            found = (db.execute(question).fetchone() or (0,))[0]
            began = began or (monotonic() if found else 0.0)
            if found >= wanted:
                return monotonic() - began
            sleep(0.1)


@contextmanager
def platform() -> Iterator[str]:
    """The platform in a process of its own; gives its URL."""
    words = [sys.executable, "-m", "tests.emulators.httpchat"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def ask(method: str, url: str, body: object = None) -> list[Any]:
    said = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, said, {"Content-Type": "application/json"}, method=method), timeout=30) as answer:
        found = json.load(answer)
        return found if isinstance(found, list) else []


if __name__ == "__main__":
    main()
