"""When an installation ends: its digests stop at once, its data goes after 30 days, unless it comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot import notices
from bot.ports import Store

KEPT = timedelta(days=30)


async def tenant_gone(store: Store, platform: str, tenant: str, reason: str, now: datetime) -> None:
    """Pause every channel of a tenant and remember since when. A second time changes nothing."""
    await store.note(_key(platform, tenant), {"at": now.isoformat(), "reason": reason}, once=True)
    for settings in await store.all_settings((platform, tenant)):
        await notices.pause(store, settings.channel, reason, now)


async def tenant_back(store: Store, platform: str, tenant: str) -> None:
    """Let go on what only the uninstalling had stopped."""
    note = await store.noted(_key(platform, tenant))
    if note is None:
        return
    for settings in await store.all_settings((platform, tenant)):
        if settings.paused == note["reason"]:
            await store.save_settings(replace(settings, paused=""))
            await notices.owed(store, settings.channel)
    await store.forget(_key(platform, tenant))


async def forget_gone(store: Store, now: datetime) -> int:
    """Delete what belongs to tenants that have been gone for 30 days; give how many those were."""
    due = [
        key for key, note in (await store.notes("gone/")).items() if now - datetime.fromisoformat(note["at"]) >= KEPT
    ]
    for key in due:
        platform, _, tenant = key.removeprefix("gone/").partition(":")
        await forget_tenant(store, platform, tenant, now)
    return len(due)


async def forget_tenant(store: Store, platform: str, tenant: str, now: datetime) -> None:
    """Delete everything that a tenant's people left: subscriptions, settings, names, lists, tastes, tokens."""
    for settings in await store.all_settings((platform, tenant)):
        await notices.pause(store, settings.channel, "deleted", now)
        await store.drop(settings.channel)
    own = f"/{platform}:{tenant}/"
    for key in await store.notes(""):
        if own in f"/{key}/".replace("//", "/"):
            await store.forget(key)


def _key(platform: str, tenant: str) -> str:
    return f"gone/{platform}:{tenant}"
