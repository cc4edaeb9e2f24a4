"""How things stand: sources, next digests, outbox, what needs a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot import due, enrich, transitions
from bot.card import plural
from bot.errors import CommandError, SettingsError
from bot.models import Channel, ChannelSettings, Delivery, State
from bot.ports import Depth, Finding, Kind, Queue, Store
from bot.text import printable

SHOWN = timedelta(days=7)
"""How long a notice stands. A pause that lasts is told with its channel."""
LONG = timedelta(days=4)
"""A long weekend. A source that answers after a longer time, and has nothing newer, is not what it was."""
FEW = 20
"""Paused channels that are told one by one."""
MANY = 10_000
"""Channels that are read to tell whose digest comes next: 0.6 s on PostgreSQL. More are counted."""
SOURCE = "source/"
SAID = ("tried", "ok", "error")
"""What is told of a source, and of who tells more about papers."""


Standing = tuple[ChannelSettings, int, datetime | None]
"""A channel, its number of subscriptions, and its next moment; none where no digest comes."""


@dataclass(frozen=True, slots=True)
class Supply:
    """How many papers there are, the newest one's day or nothing, and when each source answered.

    ``old`` is a sentence when sources answer and have had nothing new for days.
    """

    papers: int
    newest: str
    sources: Mapping[str, Mapping[str, str]]
    old: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that ``status`` shows. ``outbox`` counts rows by state; ``attention`` has those that need a person.

    ``counts`` has the channels by platform and whether they are paused; ``channels`` is empty when there are too many.
    ``queue`` is empty where this process cannot see into it; ``off`` names platforms that channels are on and we not.
    """

    supply: Supply
    counts: Mapping[tuple[str, bool], int]
    channels: Sequence[Standing]
    outbox: Mapping[str, int]
    attention: Sequence[Delivery]
    notices: Sequence[str]
    queue: Mapping[Kind, Depth] = field(default_factory=dict)
    off: Collection[str] = ()


async def supply(store: Store) -> Supply:
    """Look at the archive and at who fills it."""
    newest = await store.newest_day()
    sources = await store.notes(SOURCE)
    notes = {**sources, **await store.notes(enrich.KEY)}
    told = {key.partition("/")[2]: {word: note[word] for word in SAID} for key, note in notes.items()}
    answers = [(key, datetime.fromisoformat(note["ok"]).date()) for key, note in sources.items() if note["ok"]]
    old = [key.removeprefix(SOURCE) for key, day in answers if newest and day - newest > LONG]
    said = f"{' and '.join(old)} answered, but no paper is newer than {newest}." if old else ""
    return Supply(await store.count_papers(), newest.isoformat() if newest else "", told, said)


async def status(
    store: Store,
    now: datetime,
    queue: Queue | None = None,
    chats: Collection[str] | None = None,
    most: int | None = None,
) -> Status:
    """Gather it. Channels stand with the number of their subscriptions and their next moment.

    ``chats`` are the platforms that are on; without it all count as on. More channels than ``most`` are only counted.

    Of what was sent only the number is read: that is two weeks of all channels.
    """
    census = await store.census()
    outbox: Counter[str] = Counter()
    for (_, state), count in census.messages.items():
        outbox[state.value] += count
    notices = await store.notes("notice/")
    few = most is None or sum(census.channels.values()) <= most
    every = await store.all_settings() if few else ()
    followed = Counter(item.channel for item in await store.subscriptions()) if few else Counter[Channel]()
    off = {platform for platform, _ in census.channels}.difference(chats) if chats is not None else set[str]()
    return Status(
        supply=await supply(store),
        counts=census.channels,
        channels=tuple((s, followed[s.channel], _next(s, now, followed[s.channel], off)) for s in every),
        outbox=dict(outbox),
        attention=await store.deliveries(states=(State.UNKNOWN, State.DEAD)),
        notices=tuple(note["text"] for note in notices.values() if now - datetime.fromisoformat(note["at"]) < SHOWN),
        queue=await queue.depth() if queue else {},
        off=off,
    )


def _next(settings: ChannelSettings, now: datetime, followed: int, off: Collection[str]) -> datetime | None:
    """The next moment; none for a zone that this machine does not know any more, which is a notice already."""
    if not followed or settings.channel.platform in off:
        return None
    try:
        return due.next_slot(settings, now)
    except SettingsError:
        return None


def told(depth: Mapping[Kind, Depth]) -> str:
    """Say what waits in the queue."""
    return "; ".join(
        f"{kind}: {found.waiting} waiting (the oldest for {found.oldest:.0f} s), {found.under_way} under way"
        for kind, found in sorted(depth.items())
    )


def findings(result: Status) -> Sequence[Finding]:
    """Say how delivery is, and what a person has to do for it."""
    counts = ", ".join(f"{count} {state}" for state, count in sorted(result.outbox.items()))
    found = [Finding(True, f"Outbox: {counts or 'empty'}.")]
    found += [Finding(True, f"Queue: {told(result.queue)}.")] if result.queue else []
    if result.supply.old:
        hint = "Look whether they have papers; `broadsheet fetch --since` fills days that are missing."
        found.append(Finding(False, result.supply.old, hint))
    for row in result.attention:
        what = f"Message {row.key} to {row.channel} is {row.state.value}: {printable(row.error)}"
        if row.state is State.DEAD:
            found.append(Finding(False, what, "It will not be sent; its papers are free for a later digest."))
        elif row.lease_until is None:
            found.append(Finding(False, what, f"Look whether it is there; if not: broadsheet resend {row.key}"))
        else:
            found.append(Finding(True, f"{what}. It is being cleared up."))
    silent = _silent(result)
    for name in sorted(silent.keys() & set(result.off)):
        get = "gets" if silent[name] == 1 else "get"
        what = f"{plural(silent[name], 'channel')} on {name} {get} nothing: {name} is not on."
        found.append(Finding(False, what, "Add it to `chats` in the settings."))
    return [*found, *_paused(result)]


def _silent(result: Status) -> Counter[str]:
    """Channels by platform that should get something; of too many to be read, those that are not paused."""
    if result.channels:
        return Counter(one.channel.platform for one, followed, _ in result.channels if followed and not one.paused)
    return Counter({platform: count for (platform, paused), count in result.counts.items() if count and not paused})


def _paused(result: Status) -> Iterator[Finding]:
    paused = [settings for settings, _, _ in result.channels if settings.paused]
    for settings in paused[:FEW]:
        resume = f"When you want it back: broadsheet settings {settings.channel} paused=no"
        yield Finding(True, f"{settings.channel} is paused: {printable(settings.paused)}. {resume}")
    more = sum(count for (_, stopped), count in result.counts.items() if stopped) - len(paused[:FEW])
    if more > 0:
        who = f"So are {more:,} more" if paused else f"{plural(more, 'channel')} paused"
        yield Finding(True, f"{who}: broadsheet status --json names them.")


async def resend(store: Store, key: str, now: datetime) -> Delivery:
    """Send an unconfirmed message again, because a person looked and it is not there."""
    row = await store.delivery(key)
    if row is None:
        raise CommandError(f"There is no message {key[:40]}. `broadsheet status` lists those that need you.")
    if row.state is not State.UNKNOWN:
        raise CommandError(f"Message {key} is {row.state.value}: only an unconfirmed one can be sent again.")
    new = transitions.again(row, now)
    if not await store.update(row, new):
        raise CommandError(f"Message {key} has just changed. Look at `broadsheet status` again.")
    return new
