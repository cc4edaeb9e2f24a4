"""Digests for people who have an address and no chat, as the page offers them (``bot.ports.Inbox``).

What it does is in ``bot.commands.optin``; here it gets this installation's parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot import signed
from bot.commands import optin
from bot.commands.tuning import describe, when
from bot.models import Channel, ChannelSettings
from bot.ports import Following, Letters, Store


class Mailing:
    """``bot.ports.Inbox``."""

    def __init__(
        self,
        store: Store,
        letters: Letters,
        defaults: Callable[[Channel], ChannelSettings],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._letters = letters
        self._defaults = defaults
        self._now = now

    async def ask(self, address: str, text: str, wishes: Mapping[str, str], network: str) -> str:
        """Let somebody ask for digests to an address."""
        return await optin.ask(
            self._store,
            self._letters,
            address,
            text,
            wishes,
            defaults=self._defaults,
            network=network,
            now=self._now(),
        )

    async def look(self, token: str) -> tuple[str, str]:
        """Give the address and the query that a confirmation is for."""
        channel, text = await optin.look(self._store, token, self._now())
        return channel.room, text

    async def confirm(self, token: str) -> str:
        """Start what was asked for."""
        return (await optin.confirm(self._store, token, defaults=self._defaults, now=self._now())).token

    async def following(self, token: str) -> Following:
        """Say what an address follows."""
        return _shown(await optin.preferences(self._store, token, self._now()))

    async def change(self, token: str, *, follow: str, unfollow: str, wishes: Mapping[str, str]) -> Following:
        """Change it."""
        now = self._now()
        return _shown(await optin.change(self._store, token, follow=follow, unfollow=unfollow, wishes=wishes, now=now))

    async def stop(self, token: str) -> None:
        """End everything for an address."""
        await optin.stop(self._store, token, self._now())

    async def seal(self, browser: str) -> str:
        """Sign a form for the browser that opened it."""
        return signed.sign(await signed.key(self._store), signed.FORM, browser, self._now())

    async def sealed(self, browser: str, token: str) -> bool:
        """Tell whether this browser opened the form, not too long ago."""
        return signed.read(await signed.key(self._store), signed.FORM, token, self._now()) == browser != ""


def _shown(found: optin.Preferences) -> Following:
    return Following(
        address=found.settings.channel.room,
        queries=tuple(item.canonical for item in found.subscriptions),
        wishes=describe(found.settings),
        when=when(found.settings),
        paused=found.settings.paused,
        next=found.following,
    )
