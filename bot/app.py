"""The composition root: settings -> adapters -> lifetimes. Nothing else builds an adapter."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, cast
from uuid import uuid4

from bot import enrich, letters, pipeline, plugins
from bot.deliver import Deliverer, Limits
from bot.desk import Context, FrontDesk
from bot.enrich import AT_WORK
from bot.errors import SettingsError
from bot.given import Given
from bot.health import Duty
from bot.inbox import Mailing
from bot.migrate import check_whole
from bot.models import Cadence, Channel, ChannelSettings
from bot.ports import (
    Chat,
    Desk,
    Draw,
    Enricher,
    Hooks,
    Illustrate,
    Job,
    Kind,
    Letters,
    Queue,
    Remember,
    Server,
    Similar,
    Source,
    Store,
)
from bot.settings import SERVER, Core, of
from bot.site import Library
from bot.work import Worker, sweep

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
PATIENCE, PEEK = 30.0, 0.1
"""Seconds that a digest waits for sources that are being asked, and between two looks whether they answered."""
SOON = 2.0
"""Seconds in which a worker that has the time takes a job: done here before that, it would be done twice."""
SCHEMES = {"postgresql": "postgres"}
"""What a store's URL may begin with, where that is not the adapter's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What is open, for as long as it is."""

    core: Core
    store: Store
    sources: Sequence[Source]
    chats: Mapping[str, Chat]
    queue: Queue
    now: Clock
    similar: Similar | None = None
    """What ranks similar papers by meaning; nothing when words decide alone."""
    enrichers: Sequence[Enricher] = ()

    @property
    def fetching(self) -> pipeline.Fetching:
        """The settings of section ``fetch``."""
        fetch = self.core.fetch
        return pipeline.Fetching(timedelta(minutes=fetch.every), fetch.days, timedelta(hours=fetch.stale))

    def defaults(self, channel: Channel, owner: str = "") -> ChannelSettings:
        """The settings that a new channel starts with."""
        wish = self.core.digest
        return ChannelSettings(
            channel=channel,
            created=self.now(),
            cadence=Cadence(wish.cadence),
            time=time.fromisoformat(wish.time),
            timezone=wish.timezone,
            count=wish.count,
            owner=owner,
        )

    async def fetch(self) -> int:
        """Ask the sources that are due, and then what others know of the papers; give the number of new ones."""
        asked = await pipeline.due_sources(self.store, self.sources, self.now(), self.fetching)
        new = await pipeline.fetch(self.store, asked, self.now(), self.fetching)
        if asked or not self.sources:
            await self.enrich()
        return new

    async def enrich(self) -> None:
        """Ask what others know of the newest papers."""
        await enrich.enrich(self.store, self.enrichers, self.now(), platforms=self.chats.keys())

    async def refresh(self, stop: asyncio.Event) -> None:
        """Have workers do as ``fetch`` does, and wait for them a while; do it here when none comes to it."""
        asked = await pipeline.due_sources(self.store, self.sources, self.now(), self.fetching)
        await self._have_asked([source.name for source in asked], monotonic() + PATIENCE, stop)
        until = monotonic() + enrich.PATIENCE
        for some in enrich.in_turn(self.enrichers) if asked or not self.sources else ():
            await self._have_asked([enricher.name for enricher in some], until, stop)

    async def _have_asked(self, names: Sequence[str], until: float, stop: asyncio.Event) -> None:
        await self.queue.defer([Job(Kind.REFRESH, source=name) for name in names])
        until = max(until, monotonic() + SOON)
        while names and not stop.is_set() and (left := (await self.queue.depth()).get(Kind.REFRESH)):
            if monotonic() > until:
                if left.waiting:
                    await asyncio.gather(*(self.ask(name, enrich.PATIENCE) for name in names))
                return
            await asyncio.sleep(PEEK)

    async def ask(self, name: str, patience: float = AT_WORK) -> None:
        """Ask the source or the enricher of this name."""
        sources = [source for source in self.sources if source.name == name]
        await pipeline.fetch(self.store, sources, self.now(), self.fetching)
        enrichers = [enricher for enricher in self.enrichers if enricher.name == name]
        await enrich.enrich(self.store, enrichers, self.now(), platforms=self.chats.keys(), patience=patience)

    async def plan(self) -> int:
        """Decide every digest that is due."""
        spread = self.core.delivery.spread
        return await pipeline.plan(self.store, self.chats, self.now(), fetching=self.fetching, spread=spread)

    def worker(self) -> Worker:
        """Who takes jobs from the queue and does them."""
        given = Given(self.store, self.chats)
        return Worker(
            queue=self.queue,
            deliverer=self.deliverer(given),
            given=given,
            sweep=lambda: sweep(self.store, self.chats, self.queue, self.now()),
            refresh=self.ask,
            chats=self.chats,
            places=2 * self.core.delivery.concurrency,
        )

    def deliverer(self, given: Given | None = None) -> Deliverer:
        """A sender with a name of its own."""
        limits = self.core.delivery
        return Deliverer(
            self.store,
            self.chats,
            owner=f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}",
            now=self.now,
            limits=Limits(concurrency=limits.concurrency, lease=limits.lease, drain=limits.drain),
            given=given,
        )

    def desk(self, wake: Callable[[], None] = lambda: None) -> FrontDesk:
        """Where the people of every chat are answered. ``wake`` tells the worker of something new in the outbox."""
        context = Context(
            store=self.store,
            chats=self.chats,
            defaults=self.defaults,
            fetching=self.fetching,
            wake=wake,
            draw=drawer(),
            meaning=self.similar,
            sources=self.sources,
        )
        return FrontDesk(context, self.now, self.core.support)

    def server(self) -> Server:
        """Build the web server. Raises ``SettingsError`` when a package is missing or the address is taken."""
        module = plugins.load("web", SERVER)
        try:
            return cast(Server, module.server(of(self.core, "web")))
        except ModuleNotFoundError as error:
            raise plugins.missing("web", "web", error) from error

    def site(self, desk: Desk, duty: Duty | None = None) -> Library:
        """What the web server shows; ``desk`` answers those who speak to a chat over HTTP."""
        hooks = [hook for chat in self.chats.values() if isinstance(chat, Hooks) for hook in chat.hooks(desk)]
        letters = [chat for chat in self.chats.values() if isinstance(chat, Letters)]
        inbox = Mailing(self.store, letters[0], self.defaults, self.now) if letters else None
        return Library(
            self.store,
            self.chats,
            now=self.now,
            fetching=self.fetching,
            hooks=hooks,
            inbox=inbox,
            duty=duty,
            queue=self.queue,
        )

    async def tick(self, stop: asyncio.Event) -> int:
        """Fetch, plan, deliver, once. Gives the number of digests that were planned.

        What is in the outbox goes out even when the store takes no more plans: that is what makes room.
        """
        await self.fetch()
        try:
            planned = await self.plan()
        finally:
            await self.write()
            await self.deliverer().drain(stop)
        await self.tidy()
        return planned

    async def write(self) -> None:
        """Send the letters that ask for a confirmation."""
        await letters.send(self.store, self.chats, self.now())

    async def tidy(self) -> None:
        """Fold what is long finished, once a day."""
        await pipeline.tidy(self.store, self.now())


def clock(start: datetime | None = None) -> Clock:
    """The time, in UTC; with a start, a clock that was set to it now."""
    if start is None:
        return lambda: datetime.now(UTC)
    began = monotonic()
    return lambda: start + timedelta(seconds=monotonic() - began)


@asynccontextmanager
async def opened(core: Core, data: Path, now: Clock) -> AsyncIterator[App]:
    """Open the store, the sources and the chats; close them in reverse, whatever happens."""
    async with AsyncExitStack() as stack:
        store = await open_store(core.store, data)
        stack.push_async_callback(store.aclose)
        await check_whole(store)
        queue = await _open_queue(core, store)
        stack.push_async_callback(queue.aclose)
        sources: list[Source] = _open(stack, "sources", core.sources, core, data)
        enrichers: list[Enricher] = _open(stack, "enrichers", core.enrichers, core, data)
        chats: list[Chat] = _open(stack, "chats", core.chats, core, data)
        for chat in chats:
            if isinstance(chat, Remember):
                chat.remember(store)
            if isinstance(chat, Illustrate) and (draw := drawer()):
                chat.illustrate(draw)
        similar: list[Similar] = _open(stack, "similar", core.similar, core, data)
        named = {chat.name: chat for chat in chats}
        by = similar[0] if similar else None
        yield App(
            core=core, store=store, sources=sources, enrichers=enrichers, chats=named, queue=queue, now=now, similar=by
        )


def drawer() -> Draw | None:
    """Build who draws, if that is installed."""
    try:
        module = plugins.load("pictures", "pillow")
    except SettingsError:
        return None
    return cast(Draw, module.pictures(module.Settings()))


def _open(stack: AsyncExitStack, port: str, names: Iterable[str], core: Core, data: Path) -> list[Any]:
    """Build adapters, each to be closed also when a later one cannot be built."""
    found = []
    for name in names:
        found.append(_build(port, name, core, data))
        stack.push_async_callback(found[-1].aclose)
    return found


def _build(port: str, name: str, core: Core, data: Path) -> Any:  # noqa: ANN401  (a Source, an Enricher or a Chat)
    """Build an adapter. A relative path in its settings lies in the data folder; an empty ``public_url`` is web's."""
    settings = of(core, name)
    paths = {key: path for key, path in settings if isinstance(path, Path)}
    known: dict[str, Any] = {key: data / path for key, path in paths.items() if not path.is_absolute()}
    if getattr(settings, "public_url", None) == "":
        known["public_url"] = of(core, "web").public_url.rstrip("/")
    return getattr(plugins.load(port, name), plugins.PORTS[port])(settings.model_copy(update=known))


async def _open_queue(core: Core, store: Store) -> Queue:
    name = core.mover
    try:
        return cast(Queue, await plugins.load("queues", name).queue(of(core, name), store))
    except ModuleNotFoundError as error:
        raise plugins.missing("queues", "postgres", error) from error


async def open_store(url: str, data: Path) -> Store:
    """Open the store that a URL names: ``tinydb``, ``tinydb:FOLDER``, ``postgresql://...``."""
    scheme = url.partition(":")[0]
    module = plugins.load("stores", SCHEMES.get(scheme, scheme))
    try:
        settings = module.Settings.at(url, data)
    except ValueError as error:
        raise SettingsError(f"store: {scheme} cannot be opened with this address.") from error
    return cast(Store, await module.store(settings))
