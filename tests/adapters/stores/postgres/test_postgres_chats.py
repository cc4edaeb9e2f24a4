"""Real processes that people talk to, on a database that crashes under them and comes back.

They say that nothing can be saved meanwhile, and go on by themselves afterwards: nobody is started anew.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from tests.adapters.chats.discord.kit import said
from tests.adapters.chats.slack.payloads import read
from tests.cli.serving import STARTING
from tests.cli.shell import ROOT
from tests.emulators import discord, slack
from tests.postgres import NoServer, server

AWAY = "I can't save right now"
pytest.importorskip("starlette", reason="the extra `web` is not installed")


class Crew:
    """A process for each role that listens, and one for the scheduler and a worker."""

    def __init__(self, database: str, folder: Path) -> None:
        self.database = database
        self._folder = folder
        self.processes: list[asyncio.subprocess.Process] = []

    async def run(self, *words: str, errors: int = DEVNULL, settings: Mapping[str, str]) -> asyncio.subprocess.Process:
        given = {"STORE": self.database, "SOURCES": "[]", **settings}
        environment = {**os.environ, **{f"BROADSHEET_{name}": value for name, value in given.items()}}
        words = ("-m", "bot", "--data", str(self._folder), *words)
        return await asyncio.create_subprocess_exec(
            sys.executable, *words, cwd=ROOT, env=environment, stdout=DEVNULL, stderr=errors
        )

    async def start(self, *roles: str, **settings: str) -> None:
        words = [word for role in roles for word in ("--role", role)]
        self.processes.append(await self.run("run", *words, errors=STDOUT, settings=settings))

    async def end(self) -> None:
        """Everybody ends in an orderly way."""
        for one in self.processes:
            one.terminate()
        assert [await asyncio.wait_for(one.wait(), STARTING) for one in self.processes] == [0] * len(self.processes)

    async def listed(self) -> tuple[int | None, str]:
        """What the command line says."""
        one = await self.run("list", errors=PIPE, settings={})
        _, errors = await one.communicate()
        return one.returncode, errors.decode()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def in_slack(there: slack.Slack) -> str:
    answer = await there.command("ada", "ml", "/papers list")
    assert not answer.error
    return read({"blocks": (await answer.post(seconds=STARTING)).blocks})


async def in_discord(there: discord.Discord) -> str:
    answer = await there.command("ada", "ml", "/papers list")
    assert not answer.error
    return said(await answer.post(seconds=STARTING))


async def ready(port: int) -> str:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            return json.dumps(await answer.json())
    except aiohttp.ClientError:
        return ""


async def until(ask: Callable[[], Awaitable[str]], wanted: str) -> None:
    """Ask until the answer has these words in it."""
    heard = ""
    for _ in range(60):
        heard = await ask()
        if wanted in heard:
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"{wanted!r} was never said, but {heard!r}")


async def test_people_are_told_and_every_role_goes_on_by_itself(tmp_path: Path) -> None:
    ports = [free_port(), free_port()]
    try:
        own = (stack := AsyncExitStack()).enter_context(server())
    except NoServer as why:
        pytest.skip(str(why))
    async with stack:
        one = await stack.enter_async_context(slack.serving(scale=float("inf")))
        other = await stack.enter_async_context(discord.serving(scale=float("inf")))
        tokens = {
            "SLACK__BOT_TOKEN": slack.BOT_TOKEN,
            "SLACK__APP_TOKEN": slack.APP_TOKEN,
            "SLACK__BASE_URL": one.base_url,
            "DISCORD__TOKEN": other.state.app.token,
            "DISCORD__API_URL": other.api_url,
        }
        crew = Crew(own.url(), tmp_path)
        stack.push_async_callback(crew.end)
        await crew.start("slack", **tokens)
        await crew.start("discord", **tokens)
        await crew.start("web", WEB__PORT=str(ports[0]), **tokens)
        await crew.start("scheduler", "worker", "web", WEB__PORT=str(ports[1]), **tokens)
        await one.sockets.connected(seconds=STARTING)
        await other.gateway.connected(seconds=STARTING)
        await other.until(lambda: other.state.commands, STARTING)
        asked: list[Callable[[], Awaitable[str]]] = [lambda: in_slack(one), lambda: in_discord(other)]
        for ask in asked:
            await until(ask, "No subscriptions here yet")
        for port in ports:
            await until(partial(ready, port), '"ready": true')

        own.stop()
        for heard in await asyncio.gather(*(ask() for ask in asked)):
            assert AWAY in heard
        for port in ports:
            await until(partial(ready, port), '"store"')
        code, errors = await crew.listed()
        assert code == 1
        assert "I cannot use the PostgreSQL" in errors
        assert "Traceback" not in errors

        own.start()
        for ask in asked:
            await until(ask, "No subscriptions here yet")
        for port in ports:
            await until(partial(ready, port), '"ready": true')
        assert [process.returncode for process in crew.processes] == [None] * 4
