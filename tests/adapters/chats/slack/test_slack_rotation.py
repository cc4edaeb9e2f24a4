"""Tokens that run out, and several processes that share a store: a refresh token works once, so one of them asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.chats.slack.access import Clients
from adapters.chats.slack.install import EARLY, Installations, Installed
from adapters.chats.slack.manifest import manifest
from bot.app import open_store
from bot.models import JSON
from bot.ports import Notes
from tests.adapters.chats.slack.test_slack_install import install, team_of
from tests.adapters.chats.slack.web import app_settings, web_office
from tests.emulators.faults import Fault, slow
from tests.emulators.slack import Slack, empty, serving
from tests.emulators.slack.rules.manifest import app_of
from tests.fakes import MemoryStore

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk with aiohttp


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    workspace = empty()
    workspace.app = app_of(json.loads(manifest(None, "https://bot.example.org")), workspace.app)
    async with serving(workspace, scale=float("inf")) as made:
        yield made


async def about_to_run_out(slack: Slack) -> Installed:
    """An installation whose token should be renewed now."""
    async with web_office(slack, app_settings(slack)) as out:
        team = team_of(slack, "Acme")
        await install(out, team)
        kept = await out.store.noted(f"installation/slack:{team}") or {}
    return Installed(**{**kept, "expires": int(datetime.now(UTC).timestamp() + EARLY - 60)})


def process(slack: Slack, stack: AsyncExitStack, notes: Notes) -> Installations:
    """What a process of its own has: nothing in common with others but the store."""
    app, clients = slack.workspace.app, Clients(slack.base_url, 5.0)
    stack.push_async_callback(clients.aclose)
    made = Installations(clients, app.client_id, app.client_secret)
    made.remember(notes)
    return made


def renewals(slack: Slack) -> Sequence[str]:
    calls = slack.ledger.calls("oauth.v2.access")
    return [call.outcome for call in calls if call.args.get("grant_type") == "refresh_token"]


async def test_of_many_processes_on_one_database_one_renews_a_token(slack: Slack, database: str) -> None:
    row = await about_to_run_out(slack)
    async with AsyncExitStack() as stack:
        crew = []
        for _ in range(4):
            store = await open_store(database, Path())
            stack.push_async_callback(store.aclose)
            crew.append(process(slack, stack, store))
        await crew[0].save(row)
        await asyncio.gather(*(one.of(row.team) for one in crew for _ in range(3)))
        assert renewals(slack) == ["ok"]
        fresh = await store.noted(f"installation/slack:{row.team}")
        assert fresh
        assert fresh["token"] != row.token
        assert not await store.notes("renewing/")


class Late(MemoryStore):
    """Its lock is asked for in time, and given when another process is long done."""

    def __init__(self, shared: MemoryStore) -> None:
        super().__init__()
        self._notes = shared._notes
        self.asked, self.may = asyncio.Event(), asyncio.Event()

    async def note(self, key: str, value: JSON, *, once: bool = False) -> bool:
        if key.startswith("renewing/"):
            self.asked.set()
            await self.may.wait()
        return await super().note(key, value, once=once)


async def test_a_process_that_gets_the_lock_late_takes_the_token_that_is_there(slack: Slack) -> None:
    row, store = await about_to_run_out(slack), MemoryStore()
    await store.note(f"installation/slack:{row.team}", asdict(row))
    late = Late(store)
    async with AsyncExitStack() as stack:
        second = asyncio.create_task(process(slack, stack, late).of(row.team))
        await late.asked.wait()
        first = await process(slack, stack, store).of(row.team)
        late.may.set()
        assert (await second).token == first.token != row.token
    assert renewals(slack) == ["ok"]


async def left_behind(notes: Notes, row: Installed) -> None:
    """A process died with the lock in its hand."""
    await notes.note(f"renewing/slack:{row.team}", {"at": 1.0, "by": "dead"})


async def test_of_many_processes_that_find_a_dead_ones_lock_one_renews_the_token(slack: Slack, database: str) -> None:
    row = await about_to_run_out(slack)
    async with AsyncExitStack() as stack:
        stores = [await open_store(database, Path()) for _ in range(8)]
        for store in stores:
            stack.push_async_callback(store.aclose)
        await process(slack, stack, store).save(row)
        for done in range(1, 6):
            await left_behind(store, row)
            crew = [process(slack, stack, one) for one in stores]
            await asyncio.gather(*(one.of(row.team) for one in crew))
            assert renewals(slack) == ["ok"] * done
            assert not await store.notes("renewing/")
            kept = await store.noted(f"installation/slack:{row.team}")
            await store.note(f"installation/slack:{row.team}", {**(kept or {}), "expires": row.expires})


class Behind(MemoryStore):
    """It has seen a lock that was left behind, and comes to removing it when another process has it."""

    def __init__(self, shared: MemoryStore) -> None:
        super().__init__()
        self._notes = shared._notes
        self.found, self.may = asyncio.Event(), asyncio.Event()

    async def forget(self, key: str, value: JSON | None = None) -> bool:
        self.found.set()
        await self.may.wait()
        return await super().forget(key, value)


async def test_nobody_takes_a_lock_over_that_another_process_has_just_taken_over(slack: Slack) -> None:
    row, store = await about_to_run_out(slack), MemoryStore()
    await store.note(f"installation/slack:{row.team}", asdict(row))
    await left_behind(store, row)
    behind = Behind(store)
    async with AsyncExitStack() as stack:
        second = asyncio.create_task(process(slack, stack, behind).of(row.team))
        await behind.found.wait()
        slack.faults.on("oauth.v2.access", slow(0.2))
        first = asyncio.create_task(process(slack, stack, store).of(row.team))
        while not renewals(slack):  # noqa: ASYNC110  (it rings no bell)
            await asyncio.sleep(0.01)
        behind.may.set()
        assert (await second).token == row.token
        assert (await first).token != row.token
    assert renewals(slack) == ["ok"]
    assert not await store.notes("renewing/")


async def test_a_process_that_was_taken_for_dead_while_it_asked_uses_the_token_that_is_there(slack: Slack) -> None:
    row, store = await about_to_run_out(slack), MemoryStore()
    row = replace(row, expires=int(datetime.now(UTC).timestamp()) - 10)
    await store.note(f"installation/slack:{row.team}", asdict(row))
    async with AsyncExitStack() as stack:
        slack.faults.on("oauth.v2.access", Fault(commit_after=0.3, answer_after=0.3))
        held_up = asyncio.create_task(process(slack, stack, store).of(row.team))
        while slack.faults.plans:  # noqa: ASYNC110  (it rings no bell)
            await asyncio.sleep(0.01)
        await left_behind(store, row)
        other = await process(slack, stack, store).of(row.team)
        assert (await held_up).token == other.token != row.token
    assert renewals(slack) == ["ok", "invalid_refresh_token"]
    assert not await store.notes("renewing/")
