"""Digests for an address that anybody can type: nothing is sent before its owner said yes, and stopping is one click.

``ask``          somebody typed an address: the answer is the same whatever we know about it
``confirm``      its owner opened the link in the letter
``preferences``  what the address follows, for the link in every digest; ``change`` changes it
``stop``         ends it all; twice is fine
``suppress``     mail came back, or its reader complained: only a new confirmation starts it again

Links are tokens (``bot.signed``). Limits are notes that are made once, so any number of processes can share them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from bot import due, query, signed
from bot.commands.following import Subscribed, cancel, subscribe, unsubscribe
from bot.commands.tuning import BY_HAND, describe, keep, when
from bot.commands.tuning import change as changed
from bot.errors import CommandError
from bot.models import JSON, Channel, ChannelSettings, Subscription
from bot.ports import Chat, Letters, Notes, Returns, Store

KEPT = signed.LASTS[signed.CONFIRM]
"""An address that was not confirmed is deleted after this."""
AGAIN = timedelta(hours=24)
"""An address gets one letter in this time, whoever asks."""
PER_NETWORK, HOUR = 5, timedelta(hours=1)
"""Letters that one network can cause in an hour."""
WISHES = ("cadence", "day", "time", "timezone", "count")
"""What somebody who asks may choose."""
SHOWN = 100
"""Characters of a query that a letter shows."""

PENDING, ASKED, NETWORK, LEASES = "optin/pending/", "optin/asked/", "optin/network/", "optin/lease/"

ANSWER = (
    "If this address can get mail from us, a letter with a link is on its way. Nothing else is sent before that link is"
    " opened. It works for 48 hours, and an address gets one such letter a day."
)
GONE = "This link was used already, or it is older than 48 hours. Subscribe again to get a new one."
OLD = "This link is no longer valid. Use the one in your newest digest."
BACK = "Mail to this address came back, so it has to be confirmed anew: subscribe again."
BUSY = "There were too many requests from your network. Try again in an hour."

_ADDRESS_LIKE = re.compile(r"[\w-]\.\w|[/@\\]|www")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a confirmation started, and the token for its preferences."""

    subscribed: Subscribed
    token: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """What an address follows, when its digest comes, and when the next one does."""

    settings: ChannelSettings
    subscriptions: Sequence[Subscription]
    following: datetime


async def ask(
    store: Store,
    letters: Letters,
    address: str,
    text: str,
    wishes: Mapping[str, str],
    *,
    defaults: Callable[[Channel], ChannelSettings],
    network: str,
    now: datetime,
) -> str:
    """Let somebody at ``network``, an IP address, ask for digests to an address; give what to say to them.

    Raises ``CommandError`` and ``QueryError`` for what they typed, or for too many requests: never for what we know
    of the address. Whether it gets a letter is decided later, so that the time of the answer says nothing either.
    """
    channel = letters.address(address)
    wanted = query.parse(text)
    settings = changed(defaults(channel), _allowed(wishes))
    if not await _room(store, network, now):
        raise CommandError(BUSY)
    words = describe(settings)
    asked = {
        "channel": str(channel),
        "query": wanted.text,
        "wishes": {name: words[name] for name in WISHES},
        "when": when(settings),
        "at": now.isoformat(),
    }
    await store.note(f"{PENDING}{secrets.token_hex(12)}", asked)
    return ANSWER


async def look(store: Notes, token: str, now: datetime) -> tuple[Channel, str]:
    """Give the address and the query that a confirmation is for, changing nothing: scanners open links too.

    Raises ``CommandError`` when it cannot be used any more.
    """
    _, asked = await _pending(store, token, now)
    return Channel.parse(asked["channel"]), asked["query"]


async def confirm(
    store: Store, token: str, *, defaults: Callable[[Channel], ChannelSettings], now: datetime
) -> Confirmed:
    """Start what was asked for. Raises ``CommandError`` when the link was used or is too old."""
    key, asked = await _pending(store, token, now)
    channel = Channel.parse(asked["channel"])
    settings = changed(defaults(channel), asked["wishes"])
    done = await _followed(store, asked["query"], settings, now)
    if not await store.forget(key):
        raise CommandError(GONE)
    secret = await signed.key(store)
    return Confirmed(done, signed.sign(secret, signed.PREFERENCES, str(channel), now))


async def preferences(store: Store, token: str, now: datetime) -> Preferences:
    """Say what an address follows. Raises ``CommandError`` when the link is not valid."""
    return await _preferences(store, await _owner(store, token, (signed.PREFERENCES,), now), now)


async def change(
    store: Store, token: str, *, follow: str = "", unfollow: str = "", wishes: Mapping[str, str] = {}, now: datetime
) -> Preferences:
    """Add a query, then remove one, then change the settings; give what is then.

    Raises ``CommandError`` or ``QueryError`` for the first that cannot be done.
    """
    channel = await _owner(store, token, (signed.PREFERENCES,), now)
    kept = (await _preferences(store, channel, now)).settings
    if "paused" in wishes and kept.paused not in {"", BY_HAND}:
        raise CommandError(BACK)
    new = changed(kept, wishes)
    if follow:
        await subscribe(store, follow, settings=kept, owner="", now=now)
    if unfollow:
        await unsubscribe(store, channel, unfollow)
    if wishes:
        await keep(store, kept, new)
    return await _preferences(store, channel, now)


async def stop(store: Store, token: str, now: datetime) -> Channel:
    """End everything for an address and forget it: what it follows, what waits to be sent, every note of it.

    The papers that it got stay known, so that they do not come again to one that comes back. Raises ``CommandError``
    when the link is not valid.
    """
    channel = await _owner(store, token, (signed.STOP, signed.PREFERENCES), now)
    await cancel(store, channel, "unsubscribed")
    await store.drop(channel)
    for key in await store.notes(""):
        if f"/{key}/".endswith(f"/{channel}/"):
            await store.forget(key)
    return channel


async def suppress(store: Store, channel: Channel, reason: str) -> None:
    """Send nothing to this address any more until somebody confirms it anew; ``status`` shows why."""
    kept = await store.settings(channel)
    if kept and kept.paused in {"", BY_HAND}:
        await store.save_settings(replace(kept, paused=reason))
    await cancel(store, channel, reason)
    for key, asked in (await store.notes(PENDING)).items():
        if asked["channel"] == str(channel):
            await store.forget(key)


async def bounced(store: Store, chats: Mapping[str, Chat], raw: bytes, now: datetime) -> tuple[Channel, str] | None:
    """Suppress the address of a mail that came back; give it and why, or ``None`` when no chat believes it."""
    for chat in chats.values():
        if isinstance(chat, Returns) and (found := await chat.returned(raw, now)):
            await suppress(store, *found)
            return found
    return None


async def tidy(store: Notes, now: datetime) -> None:
    """Delete addresses that were not confirmed, and limits that are over."""
    for prefix, age in ((PENDING, KEPT), (ASKED, AGAIN), (NETWORK, HOUR), (LEASES, KEPT)):
        for key, note in (await store.notes(prefix)).items():
            if over(note, age, now):
                await store.forget(key)


async def first(store: Notes, key: str, channel: Channel, now: datetime) -> bool:
    """Whether this request has its address's one letter of the day; one that has not is forgotten."""
    place = f"{ASKED}{_mailbox(channel)}"
    if await once(store, place, AGAIN, now, request=key) or (await store.noted(place) or {}).get("request") == key:
        return True
    await store.forget(key)
    return False


async def once(store: Notes, key: str, age: timedelta, now: datetime, **said: str) -> bool:
    """Make a note that nobody else has made in this time."""
    taken = await store.noted(key)
    if taken and not (over(taken, age, now) and await store.forget(key)):
        return False
    return await store.note(key, {"at": now.isoformat(), **said}, once=True)


def over(note: JSON, age: timedelta, now: datetime) -> bool:
    """Whether a note is older than this, or from a clock that was wrong."""
    return abs(now - datetime.fromisoformat(note["at"])) >= age


def shown(text: str) -> str:
    """Give a query as a letter may show it; nothing when mail programs would make a link of a part of it."""
    canonical = query.parse(text).canonical
    return "" if len(canonical) > SHOWN or _ADDRESS_LIKE.search(canonical) else canonical


async def _pending(store: Notes, token: str, now: datetime) -> tuple[str, JSON]:
    name = signed.read(await signed.key(store), signed.CONFIRM, token, now)
    asked = await store.noted(f"{PENDING}{name}") if name else None
    if asked is None:
        raise CommandError(GONE)
    return f"{PENDING}{name}", asked


async def _followed(store: Store, text: str, settings: ChannelSettings, now: datetime) -> Subscribed:
    """Subscribe, and let the wishes of the one who confirmed hold; a channel that was stopped runs again."""
    held = await store.subscriptions(settings.channel)
    wanted = query.parse(text)
    known = next((item for item in held if item.canonical == wanted.canonical), None)
    before = await store.settings(settings.channel)
    if before:
        words = describe(settings)
        await store.save_settings(changed(replace(before, paused=""), {name: words[name] for name in WISHES}))
    if known is None:
        return await subscribe(store, text, settings=settings, owner="", now=now)
    kept = await store.settings(settings.channel) or settings
    return Subscribed(known, kept, due.next_slot(kept, now))


async def _owner(store: Notes, token: str, purposes: Sequence[str], now: datetime) -> Channel:
    secret = await signed.key(store)
    for purpose in purposes:
        if written := signed.read(secret, purpose, token, now):
            return Channel.parse(written)
    raise CommandError(OLD)


async def _preferences(store: Store, channel: Channel, now: datetime) -> Preferences:
    settings = await store.settings(channel)
    if settings is None:
        raise CommandError(OLD)
    return Preferences(settings, await store.subscriptions(channel), due.next_slot(settings, now))


def _allowed(wishes: Mapping[str, str]) -> Mapping[str, str]:
    for name in wishes:
        if name not in WISHES:
            raise CommandError(f"One cannot choose that here. There are: {', '.join(WISHES)}.")
    return wishes


async def _room(store: Notes, network: str, now: datetime) -> bool:
    """Take one of the places that a network has in an hour."""
    for place in range(PER_NETWORK):
        if await once(store, f"{NETWORK}{_home(network)}/{place}", HOUR, now):
            return True
    return False


def _mailbox(channel: Channel) -> str:
    """What counts as one address for the limit: case and ``+tag`` would let somebody fill one mailbox many times."""
    name, _, domain = channel.room.casefold().rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"


def _home(network: str) -> str:
    """What counts as one network: an IPv4 address, an IPv6 /64; all that is neither is one together."""
    try:
        where = ip_address(network)
    except ValueError:
        return "unknown"
    return str(ip_network(f"{where}/{32 if where.version == 4 else 64}", strict=False).network_address)
