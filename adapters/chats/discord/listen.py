"""The gateway: discord.py's sharded client with nothing in it but what we listen to, and a watch over it.

It needs one intent, for servers and their channels, and keeps no messages and no members. discord.py notices a silent
connection at a heartbeat, every 41 seconds, when nothing came for as long as it is told: 45 seconds there make 86 in
the worst case. What it does not come back from by itself, a hung upgrade or a lost shard, ends after a minute here.
An open connection that answers heartbeats proves nothing (discord-api-docs #8162): each shard that said nothing for a
quarter of an hour, whatever the others say, gets a new one.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, Self

import aiohttp
import discord
from discord.gateway import DiscordWebSocket

from adapters.chats.discord.controls import ON_MESSAGE
from adapters.chats.discord.errors import failure
from adapters.chats.discord.front import Front
from adapters.chats.discord.pace import Pace
from adapters.chats.discord.settings import Settings
from bot.errors import BroadsheetError, SettingsError
from bot.models import Channel

log = logging.getLogger(__name__)
for name in ("discord.client", "discord.shard", "discord.state"):
    # They warn of voice that nobody wants, and give tracebacks of a network that is down; the watch says it.
    logging.getLogger(name).setLevel(logging.CRITICAL)

REMOVED = "The app was removed from the server."
DELETED = "The channel was deleted."
THREAD_DELETED = "The thread was deleted."
WRONG_TOKEN = 4004


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds."""

    silence: float = 45.0
    """Without anything heard, at a heartbeat."""
    lost: float = 60.0
    """Without progress while a shard is not connected, after which all begin anew."""
    quiet: float = 900.0
    """Without any event, after which a new connection takes the place of one that only seems to be there. With more
    than five shards in all it is more, so that those never make half of the thousand new sessions of a day."""
    dark: float = 300.0
    """Without a connection, after which we give up."""
    pause: float = 5.0
    """Between two tries, twice as long each time."""
    look: float = 1.0
    apart: float = 5.0
    """Between two new sessions, as Discord wants it."""


class Act(discord.ui.DynamicItem[discord.ui.Item[Any]], template=ON_MESSAGE):
    """Whatever is pressed or picked in a message of ours, however old it is."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Take the part of the message."""
        del interaction, match
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Make it an event of the client's, whose faults are told."""
        interaction.client.dispatch("act", interaction)


class Gateway(discord.AutoShardedClient):
    """One life of a connection."""

    def __init__(self, front: Front, settings: Settings, patience: Patience, pace: Pace) -> None:
        own: dict[str, Any] = {"http_trace": aiohttp.TraceConfig()}
        own["http_trace"].on_request_headers_sent.append(lambda *_: pace.turn())
        if settings.shards:
            own["shard_ids"] = list(range(settings.first_shard, settings.last + 1))
        super().__init__(
            intents=discord.Intents(guilds=True),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            heartbeat_timeout=patience.silence,
            shard_connect_timeout=patience.lost,
            shard_count=settings.shards or (1 if settings.gateway_url else None),
            **own,
        )
        self.add_dynamic_items(Act)
        self._front = front
        self._asks = not settings.gateway_url
        self._pace = pace
        self._apart = patience.apart
        self.away: set[int] = set()
        """Shards that were connected and are not."""
        self.moved = monotonic()
        """When a shard last came or went."""
        self._heard: dict[int, tuple[int | None, float]] = {}
        """The number of each shard's last event, and when it was first seen here."""
        self._replacing: dict[int, asyncio.Task[None]] = {}

    @property
    def is_whole(self) -> bool:
        """Whether every shard is connected."""
        return self.is_ready() and not self.away

    def listen_to_shards(self, quiet: float) -> None:
        """Give a new connection to each shard that seems well and has said nothing for so long."""
        now, longest = monotonic(), quiet * max(1.0, (self.shard_count or 1) / 5)
        for shard, there in self.shards.items():
            number = self._get_websocket(shard_id=shard).sequence
            begun = self._replacing.get(shard)
            if number != self._heard.setdefault(shard, (number, now))[0] or (begun and not begun.done()):
                self._heard[shard] = (number, now)
            elif now - self._heard[shard][1] > longest and shard not in self.away:
                log.info("Discord: shard %d said nothing for %.0f seconds; it is connected anew", shard, longest)
                self._replacing[shard] = asyncio.create_task(_replace(there))

    def stop_replacing(self) -> None:
        """Leave it; the end is near."""
        for task in self._replacing.values():
            task.cancel()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait until Discord takes one more session, of whichever process of this bot."""
        del shard_id
        wait = await self._pace.session(self._apart, first=initial)
        self.moved = monotonic() + wait
        await asyncio.sleep(wait)

    async def setup_hook(self) -> None:
        """Ask for the gateway's address, once: discord.py would begin a new session at the one that it knows."""
        if self._asks:
            shards, address, limit = await self.http.get_bot_gateway()
            self.shard_count = self.shard_count or shards
            self._apart /= max(1, limit["max_concurrency"])
            go_to(address)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody did something; what is in a message comes as ``act``."""
        await self._front.heard(interaction)

    async def on_act(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody pressed or picked something."""
        await self._front.acted(interaction)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """A server added us, perhaps again."""
        await self._front.desk.installed(Channel("discord", str(guild.id), ""))

    async def on_ready(self) -> None:
        """Let go on where we were added again while we did not listen."""
        for guild in self.guilds:
            await self._front.desk.installed(Channel("discord", str(guild.id), ""))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """A server removed us. An outage of Discord's is another event."""
        await self._front.desk.tenant_gone("discord", str(guild.id), REMOVED)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel is no more."""
        await self._front.desk.room_gone(Channel("discord", str(channel.guild.id), str(channel.id)), DELETED)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """A thread is no more."""
        place = Channel("discord", str(payload.guild_id), str(payload.thread_id))
        await self._front.desk.room_gone(place, THREAD_DELETED)

    async def on_shard_connect(self, shard_id: int) -> None:
        """A shard is there."""
        self.away.discard(shard_id)
        self.moved = monotonic()

    on_shard_ready = on_shard_resumed = on_shard_connect

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """A shard is gone; discord.py brings it back, if it can."""
        self.away.add(shard_id)
        self.moved = monotonic()

    async def on_error(self, event_method: str, /, *args: Any, **_: Any) -> None:  # noqa: ANN401  (whatever came)
        """A fault of ours in one of these."""
        error = sys.exc_info()[1]
        given = args[0] if args and isinstance(args[0], discord.Interaction) else None
        if error is not None:
            log.debug("%s failed", event_method)
            await self._front.failed(error, given)


async def _replace(shard: discord.ShardInfo) -> None:
    """Connect a shard anew. What does not come of it is discord.py's, and then the watch's."""
    with suppress(TimeoutError, OSError, aiohttp.ClientError):
        await shard.reconnect()


def go_to(address: str) -> None:
    """Let discord.py connect there: the one place that it has for that is the same for all its clients."""
    DiscordWebSocket.DEFAULT_GATEWAY = type(DiscordWebSocket.DEFAULT_GATEWAY)(address)


async def serve(
    make: Callable[[Patience], Gateway], settings: Settings, stop: asyncio.Event, patience: Patience | None = None
) -> None:
    """Keep a connection until told to stop. Raises ``BroadsheetError`` when there is none for too long."""
    patience = patience or Patience()
    discord.http.Route.BASE = settings.api_url
    if settings.gateway_url:
        go_to(settings.gateway_url)
    lit, pause = monotonic(), patience.pause
    while not stop.is_set():
        client = make(patience)
        run = asyncio.create_task(client.start(settings.token.get_secret_value()))
        try:
            whole = await _watch(client, run, stop, patience)
        finally:
            await _end(client, run)
        if stop.is_set():
            return
        why = _why(run)
        lit, pause = (monotonic(), patience.pause) if whole else (lit, min(2 * pause, patience.dark))
        if monotonic() - lit > patience.dark:
            raise BroadsheetError(f"Discord could not be reached for {patience.dark:.0f} seconds.")
        log.warning("Discord: the connection is made anew (%s)", why)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await stop.wait()


async def _watch(client: Gateway, run: asyncio.Task[None], stop: asyncio.Event, patience: Patience) -> bool:
    """Wait for an end; give whether it was ever connected."""
    whole = False
    while not run.done() and not stop.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(patience.look):
                await stop.wait()
        whole = whole or client.is_whole
        if not client.is_whole and monotonic() - client.moved > patience.lost:
            break
        client.listen_to_shards(patience.quiet)
    return whole


async def _end(client: Gateway, run: asyncio.Task[None]) -> None:
    """End it, whatever state it is in."""
    client.stop_replacing()
    with suppress(TimeoutError, OSError, aiohttp.ClientError):
        async with asyncio.timeout(5.0):
            await client.close()
    run.cancel()
    await asyncio.wait([run])


def _why(run: asyncio.Task[None]) -> str:
    """What ended it, in words. Raises ``SettingsError`` for a token that is refused."""
    error = None if run.cancelled() else run.exception()
    refused = isinstance(error, discord.ConnectionClosed) and error.code == WRONG_TOKEN
    if refused or isinstance(error, discord.LoginFailure):
        raise SettingsError("discord.token: Discord does not accept it.") from error
    return str(failure(error)) if error else "no answer"
