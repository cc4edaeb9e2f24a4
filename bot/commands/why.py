"""Why a channel got a paper, or did not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import acronyms, due, pipeline, query
from bot.card import why as quoted
from bot.errors import QueryError
from bot.misses import with_numbers
from bot.models import Channel, ChannelSettings, Delivery, Match, Paper, State
from bot.ports import Store

BACK = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Why:
    """The answer: whether the channel has the paper, and the sentences that say why."""

    paper: Paper
    posted: bool
    reasons: tuple[str, ...]


async def why(store: Store, paper: Paper, channel: Channel, now: datetime) -> Why:
    """Look at what was posted, what was planned, and what every subscription of the channel says of this paper."""
    settings = await store.settings(channel)
    if settings is None:
        return Why(paper, False, ("This channel follows nothing yet.",))
    posted = (await store.posted([channel]))[channel].get(paper.id)
    reasons = await _carried(store, channel, paper.id)
    if posted and not reasons:
        reasons.append(f"Posted here on {posted.isoformat()}.")
    for plan in await store.plans(channel, now.date() - BACK):
        reasons += [f"Left out on {plan.date}: {reason}." for id_, reason in plan.left_out if id_ == paper.id]
    table = await acronyms.table(store)
    for item in await store.subscriptions(channel):
        reasons.append(f"`{item.query}`: {_verdict(item.query, paper, now, table)}.")
    if not posted:
        reasons += await _obstacles(store, settings, paper, now)
    return Why(paper, posted is not None, tuple(reasons) or ("This channel follows nothing yet.",))


async def _carried(store: Store, channel: Channel, paper: str) -> list[str]:
    """Name the messages that carry the paper, and how they stand."""
    rows = [row for row in await store.deliveries(channel=channel) if paper in row.message.papers]
    return [f"In the digest of {row.plan.rsplit('|', 2)[1]}: {_standing(row)}." for row in rows]


def _standing(row: Delivery) -> str:
    said = f"{row.state.value}{f', {row.error}' if row.error else ''}"
    if row.state is State.UNKNOWN and row.lease_until is None:
        said += f". Look whether it is there; if not: broadsheet resend {row.key}"
    return said


def _verdict(text: str, paper: Paper, now: datetime, table: query.Acronyms) -> str:
    try:
        wanted = query.parse(text, table)
    except QueryError as error:
        return f"cannot be read any more ({error})"
    verdict = query.explain(wanted, paper, now.date())
    if verdict.matched:
        return f"matches, {quoted((Match(paper, text, verdict.evidence),))}"
    return with_numbers(verdict.reason, wanted, paper, now.date())


async def _obstacles(store: Store, settings: ChannelSettings, paper: Paper, now: datetime) -> list[str]:
    """What else stands in the way: a pause, or the days that the next digest looks at; else its place in line."""
    if settings.paused:
        return [f"The digest is paused: {settings.paused}."]
    moment = due.next_slot(settings, now)
    since, until = due.window(settings, due.local_date(settings, moment))
    if paper.listed is None or not since <= paper.listed <= until:
        listed = f"was listed on {paper.listed}" if paper.listed else "has no date on the list"
        return [f"The next digest looks at papers listed from {since} to {until}; this one {listed}."]
    made = await pipeline.preview(store, settings, moment)
    if any(entry.paper.id == paper.id for entry in made.entries):
        local = moment.astimezone(due.zone(settings.timezone))
        said = f"{local.day} {local:%B at %H:%M} ({settings.timezone})"
        return [f"It will be in the next digest, {said}, unless better ones come."]
    return [f"Not in the next digest: {item.reason}." for item in made.left_out if item.paper.id == paper.id]
