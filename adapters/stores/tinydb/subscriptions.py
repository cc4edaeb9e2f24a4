"""Subscriptions and channel settings, in ``channels.json``. Every method runs on the worker's thread."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from adapters.stores import _rows as rows
from bot.errors import StoreError
from bot.models import Channel, ChannelSettings, Subscription

from .file import File
from .table import ChannelRows, Rows

log = logging.getLogger(__name__)

WARN_AT = 5_000
REFUSE_AT = 10_000
"""Subscriptions: a change of the file then takes 20 ms, and each further one makes it slower."""


class Channels:
    """What channels follow and when they want it (``bot.ports.Subscriptions``, without the waiting)."""

    def __init__(self, folder: Path) -> None:
        self._subscriptions = ChannelRows("subscriptions", rows.subscription_to_json, rows.subscription_from_json)
        self._settings = Rows("settings", rows.settings_to_json, rows.settings_from_json)
        self.file = File(folder / "channels.json", self._subscriptions, self._settings)

    def subscribe(self, subscription: Subscription, settings: ChannelSettings) -> bool:
        """Add it, and the settings when the channel has none yet. False when it was there already."""
        key = rows.subscription_key(subscription.channel, subscription.canonical)
        if key in self._subscriptions.values:
            return False
        self._make_room()
        home = rows.channel_key(subscription.channel)
        new = {} if home in self._settings.values else {home: settings}
        self.file.change(self._subscriptions.edit({key: subscription}), self._settings.edit(new))
        return True

    def unsubscribe(self, channel: Channel, canonical: str | None) -> int:
        """Remove one, or all with ``None``; give how many went."""
        there = self._subscriptions.of.get(channel, {})
        wanted = there if canonical is None else {rows.subscription_key(channel, canonical)} & there.keys()
        gone = dict.fromkeys(wanted)
        self.file.change(self._subscriptions.edit(gone))
        return len(gone)

    def subscriptions(self, channel: Channel | Collection[Channel] | None) -> Sequence[Subscription]:
        """Give a channel's (or those of several, or everybody's), by channel, then oldest first."""
        table = self._subscriptions
        if channel is None:
            found: Iterable[Subscription] = table.values.values()
        else:
            asked = {channel} if isinstance(channel, Channel) else {*channel}
            found = (one for home in asked for one in table.of.get(home, {}).values())
        return sorted(found, key=lambda one: (one.channel, one.created, one.canonical))

    def settings(self, channel: Channel) -> ChannelSettings | None:
        """Give a channel's settings."""
        return self._settings.values.get(rows.channel_key(channel))

    def all_settings(self, tenant: tuple[str, str] | None = None) -> Sequence[ChannelSettings]:
        """Give every channel's settings, or a tenant's, by channel."""
        every = self._settings.values.values()
        found = [one for one in every if tenant in {None, (one.channel.platform, one.channel.tenant)}]
        return sorted(found, key=lambda settings: settings.channel)

    def census(self) -> tuple[Counter[tuple[str, bool]], Counter[str]]:
        """Count channels by platform and whether they are paused, and subscriptions by platform."""
        settings = Counter((one.channel.platform, bool(one.paused)) for one in self._settings.values.values())
        return settings, Counter(one.channel.platform for one in self._subscriptions.values.values())

    def save_settings(self, settings: ChannelSettings) -> None:
        """Insert or replace a channel's settings."""
        self.file.change(self._settings.edit({rows.channel_key(settings.channel): settings}))

    def drop(self, channel: Channel) -> None:
        """Delete a channel's subscriptions and settings."""
        gone = dict.fromkeys(self._subscriptions.of.get(channel, {}))
        home = rows.channel_key(channel)
        known = {home: None} if home in self._settings.values else {}
        self.file.change(self._subscriptions.edit(gone), self._settings.edit(known))

    def _make_room(self) -> None:
        count = len(self._subscriptions.values)
        if count >= REFUSE_AT:
            raise StoreError(
                f"This store holds {count:,} subscriptions, as many as it can serve well."
                " Move to PostgreSQL with: broadsheet migrate --to postgresql://..."
            )
        if count + 1 == WARN_AT:
            log.warning(
                "%s now holds %d subscriptions and takes no more than %d."
                " Move to PostgreSQL before that: broadsheet migrate --to postgresql://...",
                self.file.path,
                WARN_AT,
                REFUSE_AT,
            )
