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
from adapters.chats.slack.install import EARLY, Installations
from adapters.chats.slack.installed import Installed
from adapters.chats.slack.manifest import manifest
from bot.app import open_store
from bot.errors import DeliveryError, StoreError, Verdict
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

    async def note(self, key: str, value: JSON, *, once: bool = False, over: JSON | None = None) -> bool:
        if key.startswith("renewing/"):
            self.asked.set()
            await self.may.wait()
        return await super().note(key, value, once=once, over=over)


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
    """It has seen a lock that was left behind, and comes to taking it over when another process has it."""

    def __init__(self, shared: MemoryStore) -> None:
        super().__init__()
        self._notes = shared._notes
        self.found, self.may = asyncio.Event(), asyncio.Event()

    async def note(self, key: str, value: JSON, *, once: bool = False, over: JSON | None = None) -> bool:
        if over is not None:
            self.found.set()
            await self.may.wait()
        return await super().note(key, value, once=once, over=over)


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


class Leaving(MemoryStore):
    """It is away from the moment at which a new token should be saved."""

    away = False

    async def note(self, key: str, value: JSON, *, once: bool = False, over: JSON | None = None) -> bool:
        self.away = self.away or key.startswith("installation/")
        self._need()
        return await super().note(key, value, once=once, over=over)

    async def noted(self, key: str) -> JSON | None:
        self._need()
        return await super().noted(key)

    async def forget(self, key: str, value: JSON | None = None) -> bool:
        self._need()
        return await super().forget(key, value)

    async def back(self) -> MemoryStore:
        """It is back, for good."""
        self.away = False
        self.note = super().note  # type: ignore[method-assign]
        return self

    def _need(self) -> None:
        if self.away:
            raise StoreError("I can't save right now.")


async def leaving(slack: Slack) -> tuple[Installed, Leaving]:
    """A token that has run out, in a store that goes away."""
    row, store = replace(await about_to_run_out(slack), expires=int(datetime.now(UTC).timestamp()) - 10), Leaving()
    store._notes[f"installation/slack:{row.team}"] = asdict(row)
    return row, store


async def until_unlocked(store: MemoryStore) -> None:
    async with asyncio.timeout(5):
        while await store.notes("renewing/"):  # noqa: ASYNC110  (it rings no bell)
            await asyncio.sleep(0.01)


async def test_a_new_token_serves_while_the_store_is_away_and_is_saved_when_it_is_back(
    slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    row, store = await leaving(slack)
    async with AsyncExitStack() as stack:
        one = process(slack, stack, store)
        fresh = await one.of(row.team)
        assert fresh.token != row.token
        one._cache.clear()
        assert await one.of(row.team) == await one.renew(row.team) == fresh
        secret = one.renewals.unsaved[row.team]
        await store.back()
        await until_unlocked(store)
        assert await store.noted(f"installation/slack:{row.team}") == asdict(secret)
    assert renewals(slack) == ["ok"]
    assert "kept in memory until it can be saved" in caplog.text
    assert "its new token is saved" in caplog.text
    assert not [one for one in (secret.token, secret.refresh, row.token, row.refresh) if one in caplog.text]


async def test_a_process_that_takes_the_other_one_for_dead_waits_for_the_token_that_it_has(slack: Slack) -> None:
    row, store = await leaving(slack)
    async with AsyncExitStack() as stack:
        one = process(slack, stack, store)
        fresh = await one.of(row.team)
        await store.back()
        await left_behind(store, row)
        other = process(slack, stack, store)
        with pytest.raises(DeliveryError) as caught:
            await other.of(row.team)
        assert caught.value.verdict is Verdict.WAIT
        async with asyncio.timeout(5):
            while one.renewals.unsaved:  # noqa: ASYNC110  (it rings no bell)
                await asyncio.sleep(0.01)
        other._cache.clear()
        assert await other.of(row.team) == fresh
    assert renewals(slack) == ["ok", "invalid_refresh_token"]


@pytest.mark.parametrize("anew", [True, False])
async def test_an_installation_made_or_ended_while_a_token_waits_to_be_saved_is_the_right_one(
    slack: Slack, *, anew: bool
) -> None:
    row, store = await leaving(slack)
    other = replace(row, token="xoxb-other", expires=0)
    async with AsyncExitStack() as stack:
        one = process(slack, stack, store)
        await one.of(row.team)
        await (await store.back()).forget(f"installation/slack:{row.team}")
        if anew:
            await store.note(f"installation/slack:{row.team}", asdict(other))
        await until_unlocked(store)
        assert await store.noted(f"installation/slack:{row.team}") == (asdict(other) if anew else None)
        assert not one.renewals.unsaved


async def test_whoever_needed_a_token_may_be_cancelled_and_it_is_kept_nevertheless(slack: Slack) -> None:
    row, store = await about_to_run_out(slack), MemoryStore()
    await store.note(f"installation/slack:{row.team}", asdict(row))
    async with AsyncExitStack() as stack:
        one = process(slack, stack, store)
        slack.faults.on("oauth.v2.access", slow(0.2))
        asking = asyncio.create_task(one.of(row.team))
        while slack.faults.plans:  # noqa: ASYNC110  (it rings no bell)
            await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.wait([asking])
        await one.aclose()
        kept = await store.noted(f"installation/slack:{row.team}") or {}
        assert kept["token"] != row.token
        assert not await store.notes("renewing/")


async def test_a_process_that_ends_before_the_store_is_back_says_what_is_lost(
    slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    row, store = await leaving(slack)
    async with AsyncExitStack() as stack:
        one = process(slack, stack, store)
        await one.of(row.team)
        one.renewals.last = 0.01
        await one.aclose()
    assert f"{row.team}: its new token could not be saved. Install the app there again" in caplog.text
