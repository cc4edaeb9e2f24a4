"""Subscriptions and channel settings as one readable TOML file, and back."""

from __future__ import annotations

import asyncio
import tomllib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import tomli_w

from bot import query
from bot.commands.tuning import change, describe
from bot.errors import CommandError, QueryError
from bot.models import Channel, ChannelSettings, Subscription
from bot.ports import Subscriptions

HEAD = "# Broadsheet: channels and what they follow. Read it back with: broadsheet import FILE\n\n"


Home = Callable[[Channel], Channel]
Held = tuple[ChannelSettings, tuple[Subscription, ...]]
"""A channel of a file and what it follows."""
TOGETHER = 100
"""Channels that are stored at a time: stores write for many in one go."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file held, and what of it was new."""

    channels: int
    subscriptions: int
    new: int
    kept: int = 0
    """Channels that were there with other settings, which stay."""


def _as_it_is(channel: Channel) -> Channel:
    return channel


async def export(store: Subscriptions) -> str:
    """Write every channel with its settings and subscriptions, in a stable order."""
    follows: defaultdict[Channel, list[dict[str, Any]]] = defaultdict(list)
    for item in await store.subscriptions():
        follows[item.channel].append({"query": item.query, "owner": item.owner, "created": item.created})
    tables = [
        {
            "name": str(settings.channel),
            "owner": settings.owner,
            **describe(settings),
            "follows": follows[settings.channel],
        }
        for settings in await store.all_settings()
    ]
    return HEAD + tomli_w.dumps({"version": 1, "channel": tables})


async def load(store: Subscriptions, text: str, now: datetime, *, dry_run: bool, home: Home = _as_it_is) -> Imported:
    """Read a file back. All of it is checked before anything is stored; what is there already stays as it is.

    ``home`` gives a channel as its chat knows it, or raises ``CommandError``.

    Raises ``CommandError`` that names the channel and what is wrong with it.
    """
    return await keep(store, read(text, now, home), dry_run=dry_run)


async def keep(
    store: Subscriptions, channels: Sequence[Held], *, dry_run: bool, told: Callable[[int], None] = lambda _: None
) -> Imported:
    """Store what a file holds; ``told`` is called with how many more channels are done."""
    new: set[tuple[Channel, str]] = set()
    kept = 0
    for start in range(0, len(channels), TOGETHER):
        some = channels[start : start + TOGETHER]
        known = {
            (item.channel, item.canonical)
            for item in await store.subscriptions({settings.channel for settings, _ in some})
        }
        new |= {(item.channel, item.canonical) for _, items in some for item in items} - known
        there = await asyncio.gather(*(store.settings(settings.channel) for settings, _ in some))
        kept += sum(
            old is not None and describe(old) != describe(settings)
            for old, (settings, _) in zip(there, some, strict=True)
        )
        if not dry_run:
            for ended in await asyncio.gather(*(_keep(store, held) for held in some), return_exceptions=True):
                if ended is not None:
                    raise ended
        told(len(some))
    return Imported(len(channels), sum(len(items) for _, items in channels), len(new), kept)


async def _keep(store: Subscriptions, held: Held) -> None:
    settings, items = held
    if not items and await store.settings(settings.channel) is None:
        await store.save_settings(settings)
    for item in items:
        await store.subscribe(item, settings)


def read(text: str, now: datetime, home: Home = _as_it_is) -> Sequence[Held]:
    """Parse and check an exported file."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CommandError(f"This is not a TOML file: {error}.") from error
    if document.get("version") != 1:
        raise CommandError("This file has no `version = 1` that I can read. Was it written by `broadsheet export`?")
    tables = document.get("channel", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise CommandError("Channels stand in this file as `[[channel]]`, each with its `name` and what it follows.")
    return [_channel(table, now, home) for table in tables]


def _channel(table: dict[str, Any], now: datetime, home: Home) -> Held:
    name = table.get("name", "?")
    try:
        channel = home(Channel.parse(str(name)))
        settings = ChannelSettings(channel=channel, created=now, owner=str(table.get("owner", "")))
        wishes = {key: str(value) for key, value in table.items() if key not in {"name", "owner", "follows"}}
        return change(settings, wishes), tuple(_follows(settings.channel, row, now) for row in table.get("follows", []))
    except (ValueError, CommandError, QueryError) as error:
        raise CommandError(f"channel {name}: {error}") from error
    except (KeyError, AttributeError, TypeError) as error:
        raise CommandError(f"channel {name}: each of `follows` needs a `query`, in quotation marks.") from error


def _follows(channel: Channel, row: dict[str, Any], now: datetime) -> Subscription:
    wanted = query.parse(str(row["query"]))
    created = row.get("created")
    made = Subscription(channel, wanted.text, wanted.canonical, str(row.get("owner", "")), now)
    if isinstance(created, datetime) and created.tzinfo:
        return replace(made, created=created.astimezone(UTC))
    return made
