"""The store, in its four parts; the papers are in ``archiving``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable

from bot.models import Channel, ChannelSettings, Delivery, Plan, State, Subscription
from bot.ports.archiving import Archive


class Subscriptions(Protocol):
    """What channels follow and when they want it."""

    async def subscribe(self, subscription: Subscription, settings: ChannelSettings) -> bool:
        """Add it, and the settings when the channel has none yet, in one step. False when it was there already."""
        ...

    async def unsubscribe(self, channel: Channel, canonical: str | None) -> int:
        """Remove one, or all with ``None``; give how many went."""
        ...

    async def subscriptions(self, channel: Channel | Collection[Channel] | None = None) -> Sequence[Subscription]:
        """Give a channel's (or those of several, or everybody's), by channel, then oldest first."""
        ...

    async def settings(self, channel: Channel) -> ChannelSettings | None:
        """Give a channel's settings."""
        ...

    async def all_settings(self, tenant: tuple[str, str] | None = None) -> Sequence[ChannelSettings]:
        """Give every channel's settings, by channel; of one tenant of a platform when those two are named."""
        ...

    async def save_settings(self, settings: ChannelSettings) -> None:
        """Insert or replace a channel's settings."""
        ...

    async def drop(self, channel: Channel) -> None:
        """Delete a channel's subscriptions and settings. One that is not there is no error."""
        ...


class Outbox(Protocol):
    """Plans, deliveries, and what was posted: one unit, changed in one transaction."""

    async def plan(self, asked: Sequence[tuple[Plan, Sequence[Delivery]]]) -> int:
        """Store plans, each together with its rows; give how many were new.

        One whose id exists, or came before it, is not new: nothing of it is stored. One that cannot be kept costs the
        others nothing: what is wrong with it is raised as a ``StoreError`` when they are stored.
        """
        ...

    async def plans(self, channel: Channel, since: date) -> Sequence[Plan]:
        """Give a channel's plans from this local date on, oldest first."""
        ...

    async def planned_dates(
        self, since: date, channels: Collection[Channel] | None = None
    ) -> Mapping[Channel, frozenset[tuple[date, str]]]:
        """Give for each channel (of these, if any are named) the (local date, kind) that have a plan from this date on.

        A channel without one is left out.
        """
        ...

    async def deliveries(
        self,
        *,
        states: Collection[State] = (),
        channel: Channel | Collection[Channel] | None = None,
        limit: int | None = None,
    ) -> Sequence[Delivery]:
        """Give rows in these states (all when none are named) and channels, by planned moment, plan and part."""
        ...

    async def delivery(self, key: str) -> Delivery | None:
        """Give one row."""
        ...

    async def ready(
        self,
        now: datetime,
        limit: int,
        skip: Collection[tuple[str, str]] = (),
        channels: Collection[Channel] | None = None,
    ) -> Sequence[Delivery]:
        """Give rows whose turn has come, one per channel at the most, longest waiting first (next_at, planned, part).

        A row's turn: state ``pending`` or ``retry_wait``, ``next_at`` reached, and no earlier row of its channel still
        open: one sender per channel, parts in order. Open is ``pending``, ``retry_wait``, ``sending``, and ``unknown``
        while it has a ``lease_until`` (it is being settled). ``skip`` names (platform, tenant) to leave out,
        ``channels`` those to look at.
        """
        ...

    async def claim(
        self, owner: str, now: datetime, lease_until: datetime, keys: Collection[str]
    ) -> Sequence[Delivery]:
        """Lease those of these rows whose turn it (still) is and give them, ``sending``, on disk before this returns.

        Sets ``lease_owner``, ``lease_until``, ``first_try`` (once) and counts the attempt.
        """
        ...

    async def update(self, old: Delivery, new: Delivery) -> bool:
        """Replace a row if it still has the state, attempt and lease of ``old``. False when it has moved on.

        A row that becomes ``sent`` also enters what was posted, in the same transaction.
        """
        ...

    async def posted(self, channels: Collection[Channel]) -> Mapping[Channel, Mapping[str, date]]:
        """Give for each of these channels the paper ids that it has, each with the local date of its digest.

        Papers planned and not yet sent count: they are on their way. Those of ``dead`` and ``expired`` rows do not.
        """
        ...

    async def compact(self, before: datetime) -> int:
        """Fold finished plans older than this into what was posted; give how many rows went."""
        ...


class Notes(Protocol):
    """Small facts that a restart must not forget: a source's freshness, a saved paper, a one-time token.

    Keys are paths (``source/arxiv``); what belongs to a tenant has the tenant in its key.
    """

    async def note(
        self, key: str, value: Mapping[str, Any], *, once: bool = False, over: Mapping[str, Any] | None = None
    ) -> bool:
        """Keep a JSON object under a key. With ``once`` only under a free key: False when it was taken.

        With ``over`` only in the place of this very value, as it was read: False when it is not there (any more).
        """
        ...

    async def forget(self, key: str, value: Mapping[str, Any] | None = None) -> bool:
        """Remove a key. True for the one caller who removed it, so that a token can be used once.

        With a value only while that is what is kept: nobody takes away what another has just put there.
        """
        ...

    async def noted(self, key: str) -> Mapping[str, Any] | None:
        """Give it back."""
        ...

    async def known(self, keys: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
        """Give those of these keys that are there, with what is under each."""
        ...

    async def notes(self, prefix: str) -> Mapping[str, Mapping[str, Any]]:
        """Give all under a prefix."""
        ...


@runtime_checkable
class Agenda(Protocol):
    """A store of so many channels that a tick must not read them all: it knows which have to be looked at.

    Of schedulers that ask side by side each is given others.
    """

    async def awake(
        self, platforms: Collection[str], now: datetime, far: datetime, limit: int, until: datetime | None = None
    ) -> Sequence[ChannelSettings]:
        """Give channels of these platforms that do not rest, those that woke first; without ``until`` in that order.

        One whose rest ends after ``far`` was sent to it by a clock that was wrong: it is given too. With ``until``
        they rest until then, in one step with being given, so that nobody else is given them meanwhile. Who was given
        them and dies has them given to another one after that.
        """
        ...

    async def rest(self, moments: Mapping[Channel, datetime], until: datetime) -> None:
        """Let channels that were given with this ``until`` rest to their moments instead.

        One that was given again since then, or whose settings have changed, stays as it is.
        """
        ...


@runtime_checkable
class Movable(Protocol):
    """A store whose contents can be taken out and put in whole: rows as JSON, in the kinds of ``bot.migrate``."""

    async def alone(self) -> None:
        """See to it that no other process uses the data until this one closes. Raises ``StoreLocked``."""
        ...

    async def page(self, kind: str, after: str, limit: int) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Give rows of a kind with their keys, after the one with this key ("" for the first). Keys are the store's."""
        ...

    async def put(self, kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert or replace rows of a kind; all or none."""
        ...


@dataclass(frozen=True, slots=True)
class Census:
    """How much there is: channels by platform and whether they are paused, the others by platform, and by state."""

    papers: int
    channels: Mapping[tuple[str, bool], int]
    subscriptions: Mapping[str, int]
    messages: Mapping[tuple[str, State], int]


class Store(Archive, Subscriptions, Outbox, Notes, Protocol):
    """Everything that outlives a process."""

    name: str
    exclusive: bool
    """True when no other process can use the same data: a lease of another owner is then a dead one's."""

    async def census(self) -> Census:
        """Count, without reading it all."""
        ...

    async def aclose(self) -> None:
        """Finish writing and let go of locks."""
        ...
