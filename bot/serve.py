"""Running for good: roles, signals, an orderly end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from bot.app import App
from bot.errors import BroadsheetError, SettingsError
from bot.health import Duty
from bot.ports import Desk, Listen, Server
from bot.schedule import safely, ticker

log = logging.getLogger(__name__)
ROLES = ("all", "scheduler", "web", "worker")
"""A chat's name is a role too: the part that listens to it."""
LOOK = 2.0
"""Seconds between two looks at the letters that wait: somebody looks into an inbox meanwhile."""


@contextmanager
def stopping(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set the event; a second one ends the process at once: what is out stays leased, it is safe."""
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@contextmanager
def _first() -> Iterator[None]:
    """Of errors that ended several tasks together, the first one of ours is told."""
    try:
        yield
    except* BroadsheetError as group:
        raise group.exceptions[0] from None


async def serve(app: App, roles: frozenset[str]) -> None:
    """Play the roles until told to stop. Raises ``SettingsError`` when there is nothing, or nothing any more, to do."""
    _check(app, roles - {*ROLES})
    stop, wake, duty = asyncio.Event(), asyncio.Event(), Duty(roles)
    with stopping(stop), _first():
        server = _server(app, needed="web" in roles) if roles & {"all", "web"} else None
        async with asyncio.TaskGroup() as group:
            if roles & {"all", "scheduler"}:
                group.create_task(_schedule(app, stop, wake, duty))
            if roles & {"all", "worker"}:
                worker = app.worker()
                duty.under_way = lambda: len(worker.deliverer.leases)
                group.create_task(worker.run(stop, wake))
            if roles & {"all", "web", "worker"}:
                group.create_task(_write(app, stop))
            desk = app.desk(wake.set)
            for name, chat in app.chats.items():
                if isinstance(chat, Listen) and roles & {"all", name}:
                    group.create_task(_listen(name, chat, desk, stop, duty))
            if server:
                log.info("The page is at %s", server.address)
                group.create_task(server.serve(app.site(desk, duty), stop))
    if duty.given_up and not stop.is_set():
        raise SettingsError("\n".join(duty.given_up.values()))


def _check(app: App, chats: Collection[str]) -> None:
    """Raise ``SettingsError`` for roles that are chats which nobody can listen to."""
    for name in sorted(chats):
        if name not in app.chats:
            raise SettingsError(
                f"{name}: it is not set up, so there is nobody to listen to. Give its token, or name it in chats."
            )
        if not isinstance(app.chats[name], Listen):
            raise SettingsError(f"{name}: nobody speaks to us there, so it has no role. Digests are the role worker's.")


async def _listen(name: str, chat: Listen, desk: Desk, stop: asyncio.Event, duty: Duty) -> None:
    """A chat whose settings are wrong costs that chat; one that cannot get through ends the process."""
    try:
        await chat.listen(desk, stop)
    except SettingsError as error:
        duty.given_up[name] = str(error)
        log.error("I do not listen to one chat: %s", error)  # noqa: TRY400  (a sentence, not a fault of ours)


def _server(app: App, *, needed: bool) -> Server | None:
    """Take the web server's address; whoever asked for everything gets what there is."""
    try:
        return app.server()
    except SettingsError as error:
        if needed:
            raise
        log.warning("There is no web page: %s", error)
        return None


async def _schedule(app: App, stop: asyncio.Event, wake: asyncio.Event, duty: Duty) -> None:
    async def tick() -> None:
        await app.refresh(stop)
        if await app.plan():
            wake.set()
        await app.tidy()
        await desk.tidy()
        duty.ticked = app.now()

    desk, duty.ticked = app.desk(), app.now()
    await safely(tick)
    await ticker(tick, stop=stop)
    wake.set()


async def _write(app: App, stop: asyncio.Event) -> None:
    """Send letters beside the digests: people wait for them. One that is under way at the end goes again later."""

    async def look() -> None:
        while True:
            await safely(app.write)
            await asyncio.sleep(LOOK)

    looking = asyncio.create_task(look())
    try:
        await stop.wait()
    finally:
        looking.cancel()
        await asyncio.wait([looking])
