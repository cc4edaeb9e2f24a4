"""A worker that is killed in the middle of a message: how long until another one goes on, with the default settings.

``python -m bench.takeover [slack|discord ...]``. Two real workers on one PostgreSQL send a digest of several messages
to the emulated platform, which takes half a second for each; the one that has the first message under way is killed.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import psycopg

from bench.crowd import ROOT, until
from bench.papers import papers
from bot.app import open_store
from bot.freeze import freeze
from bot.models import ChannelSettings, Digest, Entry
from bot.ports import Pacing
from bot.summary import Summary, SummaryKind
from tests.kill_matrix.discord import DiscordService
from tests.kill_matrix.service import Service, Venue
from tests.kill_matrix.slack import SlackService
from tests.postgres import server

SLOW = 0.5
PAPERS = 3
SERVICES: Mapping[str, Service] = {"slack": SlackService(readable=True), "discord": DiscordService()}
KEYS = {"slack": ("BOT_TOKEN", "BASE_URL", "/api/"), "discord": ("TOKEN", "API_URL", "/api/v10")}
"""What the settings call a token and an address, and the path behind it."""


def main() -> None:
    """Play each that was asked for."""
    for name in [word.lower() for word in sys.argv[1:]] or SERVICES:
        service = SERVICES[name]
        with server() as database, _served(service) as url:
            venue = service.enter(url, "takeover", 1)
            service.behave(venue, SLOW, ())
            _play(name, venue, database.url())


@contextmanager
def _served(service: Service) -> Iterator[str]:
    words = [sys.executable, *service.emulator]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def _play(name: str, venue: Venue, database: str) -> None:
    """Kill, wait, and print what became of it."""
    service = SERVICES[name]
    parts = asyncio.run(_planned(service, venue, database))
    with _crew(_environment(name, venue, database)) as crew:
        until(database, "SELECT count(*) FROM deliveries WHERE state = 'sending'", 1)
        with psycopg.connect(database, autocommit=True) as db:
            (owner,) = db.execute("SELECT lease_owner FROM deliveries WHERE state = 'sending'").fetchone() or ("",)
        next(one for one in crew if f"-{one.pid}-" in owner).kill()
        killed = monotonic()
        while len(service.accepted(venue, venue.channels[0])) < 2:
            sleep(0.1)
        went_on = monotonic() - killed
        until(database, "SELECT count(*) FROM deliveries WHERE state = 'sent'", parts)
        whole = monotonic() - killed
    keys = [message["key"] for message in service.accepted(venue, venue.channels[0])]
    print(
        f"{name}: killed with the first of {parts} messages under way, the digest went on after {went_on:.0f} s and was"
        f" whole after {whole:.0f} s; {len(keys)} messages arrived, {len(keys) - len(set(keys))} of them twice",
        flush=True,
    )


def _environment(name: str, venue: Venue, database: str) -> Mapping[str, str]:
    secret, address, path = (f"BROADSHEET_{name.upper()}__{key}" if key[0] != "/" else key for key in KEYS[name])
    own = {"BROADSHEET_STORE": database, "BROADSHEET_SOURCES": "[]", "BROADSHEET_CHATS": name}
    return {**os.environ, **own, secret: venue.secret, address: f"{venue.url}{path}"}


@contextmanager
def _crew(environment: Mapping[str, str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bot", "--data", folder, "run", "--role", "worker"]
        crew = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(2)]
        try:
            yield crew
        finally:
            for one in crew:
                one.terminate()
                one.wait(60)


async def _planned(service: Service, venue: Venue, database: str) -> int:
    """Put a digest into the outbox; give how many messages it has."""
    now, channel = datetime.now(UTC), venue.channels[0]
    settings = ChannelSettings(channel=channel, created=now - timedelta(days=1))
    entries = tuple(Entry(paper, 1.0, Summary("A line.", SummaryKind.ABSTRACT)) for paper in papers(PAPERS))
    digest = Digest(channel=channel, date=now.date(), query="*", seen=PAPERS, entries=entries, planned=now)
    chat = service.chat(venue, Pacing(per_channel=1.0, per_tenant=1.0))
    plan, rows = freeze(settings, digest, chat, now)
    await chat.aclose()
    store = await open_store(database, Path())
    await store.save_settings(settings)
    await store.plan([(plan, rows)])
    await store.aclose()
    return len(rows)


if __name__ == "__main__":
    main()
