"""The pace of senders that share a store: together they keep to what a platform allows one of them.

A sender first asks its own buckets, which cost nothing, then the store for turns of the tenant and of the channel.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from math import inf
from time import monotonic

from bot.models import Channel, Delivery
from bot.pacing import Buckets
from bot.ports import Chat, Pacing, Shared, Store, Turn


async def granted(
    store: Store,
    chats: Mapping[str, Chat],
    rows: Sequence[Delivery],
    tenants: Mapping[str, Buckets],
    channels: Mapping[str, Buckets],
) -> tuple[list[Delivery], list[float]]:
    """Give the rows that have their turns among all senders, and the waits of the others, which are closed for that."""
    limited = [row for row in rows if _is_limited(chats[row.channel.platform].pacing)]
    if not limited or not isinstance(store, Shared):
        return list(rows), []
    waits = await store.take([_turns(row.channel, chats[row.channel.platform].pacing) for row in limited])
    late: dict[str, float] = {}
    for row, (tenant, channel) in zip(limited, waits, strict=True):
        if max(tenant, channel) > 0:
            late[row.key] = max(tenant, channel)
            tenants[row.channel.platform].close(row.channel.tenant, monotonic() + tenant)
            channels[row.channel.platform].close(row.channel, monotonic() + channel)
    return [row for row in rows if row.key not in late], list(late.values())


def mixed(rows: Sequence[Delivery], owner: str) -> Sequence[Delivery]:
    """Put rows in an order of the sender's own, so that two of them seldom reach for the same ones."""
    return sorted(rows, key=lambda row: zlib.crc32(f"{owner}{row.key}".encode()))


async def hold(store: Store, chat: Chat, channel: Channel, seconds: float) -> None:
    """Tell every sender that a tenant wants nothing for so long."""
    if isinstance(store, Shared):
        tenant, _ = _turns(channel, chat.pacing)
        await store.hold(tenant, seconds)


def _is_limited(pacing: Pacing) -> bool:
    return min(pacing.per_tenant, pacing.per_channel) < inf


def _turns(channel: Channel, pacing: Pacing) -> tuple[Turn, Turn]:
    """A turn of the tenant, and one of the channel."""
    return (
        Turn(Channel(channel.platform, channel.tenant, ""), pacing.per_tenant, pacing.tenant_at_once),
        Turn(channel, pacing.per_channel, pacing.burst),
    )
