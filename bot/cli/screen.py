"""What the commands print for people: plain words, readable at 80 columns, with and without colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot import card, ids
from bot.commands.backtest import Backtest, sentence
from bot.commands.status import Standing, Status, told
from bot.commands.tuning import when
from bot.models import Channel, ChannelSettings, Paper, State, Subscription
from bot.rank import score
from bot.terminal import Terminal
from bot.text import printable

MOST = 100
"""Channels, or messages that need a person, of which ``status`` tells one by one."""


def print_paper(paper: Paper, today: date) -> None:
    """Everything about one paper."""
    screen = Terminal()
    screen.print(Text(printable(paper.title), "bold"))
    screen.print(Text(printable(card.byline(paper)), "italic"))
    if paper.abstract:
        screen.print(Padding(Text(printable(paper.abstract.replace("\n\n", " "))), (1, 0)))
    facts = [*card.signals(paper), f"score {score(paper, today)}"]
    facts += [f"listed {paper.listed}"] if paper.listed else []
    facts += [f"published {paper.published}"] if paper.published else []
    screen.print(Text(" · ".join(facts), "green"))
    for name, value in (("tags", paper.tags), ("categories", paper.categories), ("from", paper.sources)):
        if value:
            screen.print(Text(f"{name}: {printable(', '.join(value))}", "dim"))
    for link in dict.fromkeys(
        filter(None, (paper.url or ids.paper_url(paper.id), paper.code, paper.project, paper.model, paper.discussion))
    ):
        screen.print(Text(printable(link), f"dim link {link}", overflow="fold"))


def print_backtest(result: Backtest) -> None:
    """A line a day, with a bar, and the sum."""
    screen = Terminal()
    most = max((day.matched for day in result.days), default=0)
    table = Table.grid(padding=(0, 2, 0, 0))
    for day in result.days:
        bar = "█" * round(20 * day.matched / most) if most else ""
        best = printable(day.papers[0].title) if day.papers else ""
        table.add_row(
            f"{day.date:%a} {day.date}",
            str(day.matched),
            Text(bar, "green"),
            Text(best, "dim", overflow="ellipsis", no_wrap=True),
        )
    screen.print(table)
    screen.print(Text(f"\n`{result.query}` {sentence(result)}."))
    lost = {f"Dropped by {term}": papers for term, papers in result.examples.items()}
    if result.beside:
        lost["Would not fit any more"] = result.beside.displaced
    for why, papers in lost.items():
        for paper in papers:
            screen.print(Text(f"{why}: {printable(paper.title)}", "dim", overflow="ellipsis", no_wrap=True))


def print_subscriptions(held: Sequence[Subscription], settings: Mapping[Channel, ChannelSettings]) -> None:
    """Channel by channel, numbered as `unsubscribe` takes it."""
    screen = Terminal()
    following: dict[Channel, list[Subscription]] = {}
    for item in held:
        following.setdefault(item.channel, []).append(item)
    for channel, items in following.items():
        known = settings.get(channel)
        paused = f" - paused: {known.paused}" if known and known.paused else ""
        screen.print(Text.assemble((str(channel), "bold"), f" {when(known) if known else ''}{paused}"))
        for number, item in enumerate(items, 1):
            asked = f"  (for {item.owner})" if item.owner else ""
            screen.print(Text(f"  {number}. {printable(item.query)}{printable(asked)}"))


def print_status(result: Status) -> None:
    """Sources, channels, outbox, and what needs a person."""
    screen = Terminal()
    there = result.supply
    screen.print(f"Archive: {card.plural(there.papers, 'paper')}{f', newest {there.newest}' if there.newest else ''}.")
    for name, note in there.sources.items():
        good = f"answered {_minute(note['ok'])}" if note.get("ok") else "has not answered yet"
        bad = f"; last error: {printable(note['error'])}" if note.get("error") else ""
        screen.print(Text(f"Source {name}: {good}{bad}"))
    if there.old:
        screen.print(Text(there.old))
    for settings, count, moment in _soonest(result.channels):
        due = f"next digest {moment:%a %d %b %H:%M} UTC" if moment else _silent(settings.channel, count, result)
        due = f"paused: {settings.paused}" if settings.paused else due
        screen.print(Text(f"{settings.channel}: {card.plural(count, 'subscription')}, {due}"))
    if result.counts and not result.channels:
        screen.print(_crowd(result.counts))
    if len(result.channels) > MOST:
        screen.print(f"... and {len(result.channels) - MOST:,} more channels: broadsheet status --json has all.")
    counts = ", ".join(f"{count} {state}" for state, count in sorted(result.outbox.items()))
    screen.print(f"Outbox: {counts or 'empty'}.")
    if result.queue:
        screen.print(f"Queue: {told(result.queue)}.")
    for row in result.attention[:MOST]:
        screen.print(Text(f"  {row.key} to {row.channel}: {row.state.value}, {printable(row.error)}"))
        if row.state is State.UNKNOWN and row.lease_until is None:
            screen.print(f"    Look whether it is there; if not: broadsheet resend {row.key}")
    for notice in result.notices:
        screen.print(Text(f"Notice: {printable(notice)}"))


def _crowd(counts: Mapping[tuple[str, bool], int]) -> str:
    """Channels that are too many to be read, by platform."""
    platforms = sorted({platform for platform, _ in counts})
    told = (f"{platform} {counts.get((platform, False), 0):,} and {counts.get((platform, True), 0):,} paused"
            for platform in platforms)  # fmt: skip
    return f"Channels: {'; '.join(told)}. broadsheet status --json has all, broadsheet list CHANNEL one."


def _silent(channel: Channel, followed: int, result: Status) -> str:
    """Why a channel gets no digest."""
    if not followed:
        return "no digest"
    off = channel.platform in result.off
    return f"no digest: {channel.platform} is not on" if off else "no digest: its time zone is unknown here"


def _soonest(channels: Sequence[Standing]) -> Sequence[Standing]:
    """All of them in order, or those whose digest comes first."""
    if len(channels) <= MOST:
        return channels
    return sorted(channels, key=lambda one: (bool(one[0].paused), one[2] is None, one[2] and one[2].timestamp()))[:MOST]


def _minute(stamp: str) -> str:
    return stamp[:16].replace("T", " ") + " UTC"
