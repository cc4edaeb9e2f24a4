"""How things stand: sources, next digests, outbox, what needs a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot import due, enrich, transitions
from bot.errors import CommandError, SettingsError
from bot.models import ChannelSettings, Delivery, State
from bot.ports import Depth, Finding, Kind, Queue, Store
from bot.text import printable

SHOWN = timedelta(days=7)
"""How long a notice stands. A pause that lasts is told with its channel."""
SOURCE = "source/"
SAID = ("tried", "ok", "error")
"""What is told of a source, and of who tells more about papers."""


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that ``status`` shows. ``outbox`` counts rows by state; ``attention`` has those that need a person.

    ``queue`` is empty where this process cannot see into it.
    """

    papers: int
    newest: str
    sources: Mapping[str, Mapping[str, str]]
    channels: Sequence[tuple[ChannelSettings, int, datetime | None]]
    outbox: Mapping[str, int]
    attention: Sequence[Delivery]
    notices: Sequence[str]
    queue: Mapping[Kind, Depth] = field(default_factory=dict)


async def status(store: Store, now: datetime, queue: Queue | None = None) -> Status:
    """Gather it. Channels stand with the number of their subscriptions and their next moment."""
    followed = Counter(item.channel for item in await store.subscriptions())
    rows = await store.deliveries()
    newest = await store.newest_day()
    notes = {**await store.notes(SOURCE), **await store.notes(enrich.KEY)}
    notices = await store.notes("notice/")
    return Status(
        papers=await store.count_papers(),
        newest=newest.isoformat() if newest else "",
        sources={key.partition("/")[2]: {word: note[word] for word in SAID} for key, note in notes.items()},
        channels=tuple((s, followed[s.channel], _next(s, now)) for s in await store.all_settings()),
        outbox=dict(Counter(row.state.value for row in rows)),
        attention=tuple(row for row in rows if row.state in {State.UNKNOWN, State.DEAD}),
        notices=tuple(note["text"] for note in notices.values() if now - datetime.fromisoformat(note["at"]) < SHOWN),
        queue=await queue.depth() if queue else {},
    )


def _next(settings: ChannelSettings, now: datetime) -> datetime | None:
    """The next moment; none for a zone that this machine does not know any more, which is a notice already."""
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
    for row in result.attention:
        what = f"Message {row.key} to {row.channel} is {row.state.value}: {printable(row.error)}"
        if row.state is State.DEAD:
            found.append(Finding(False, what, "It will not be sent; its papers are free for a later digest."))
        elif row.lease_until is None:
            found.append(Finding(False, what, f"Look whether it is there; if not: broadsheet resend {row.key}"))
        else:
            found.append(Finding(True, f"{what}. It is being cleared up."))
    for settings, _, _ in result.channels:
        if settings.paused:
            resume = f"When you want it back: broadsheet settings {settings.channel} paused=no"
            found.append(Finding(True, f"{settings.channel} is paused: {printable(settings.paused)}. {resume}"))
    return found


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
