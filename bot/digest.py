"""Ranked -> digest: what one channel gets, and for every paper that it does not get, the rule. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot import rank
from bot.models import Channel, Digest, Entry, LeftOut, Match, Paper
from bot.summarize import summarize
from bot.summary import Style
from bot.taste import NONE, Taste, factor

Wanted = Mapping[str, tuple[Match, ...]]
"""Paper id -> the matches that want it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that stand together, under the query that brought them."""

    query: str
    entries: tuple[Entry, ...]


def compose(
    channel: Channel,
    day: date,
    matches: Sequence[Match],
    *,
    query: str,
    seen: int,
    posted: Mapping[str, date],
    budget: int | None,
    style: Style = Style.AUTO,
    taste: Taste = NONE,
    today: date,
) -> Digest:
    """Decide a channel's digest. Each paper stands once, with every subscription that it hit.

    Dropped, in this order, each with its rule: what the channel already has, what was withdrawn, what does not fit the
    budget (``None`` is no budget). ``taste`` orders what is in it, by score times ``factor``. ``today`` is the
    day that scores count from; ``day`` is the channel's local date. ``matches`` come with the best ranked papers first.
    """
    wanted = _by_paper(matches)
    papers = [found[0].paper for found in wanted.values()]
    dropped = {paper.id: reason for paper in papers if (reason := _barred(paper, posted))}
    free = [paper for paper in papers if paper.id not in dropped]
    ids = [paper.id for paper in free]
    kept = fitting(
        ids, lambda id_: {match.subscription for match in wanted[id_]}, len(ids) if budget is None else budget
    )
    dropped |= {paper.id: f"over the budget of {budget}" for paper in free if paper.id not in kept}
    shown = ((paper, rank.score(paper, today)) for paper in free if paper.id in kept)
    liked = sorted(shown, key=lambda each: -each[1] * factor(taste, each[0]))
    entries = (Entry(paper, score, summarize(paper, style), wanted[paper.id]) for paper, score in liked)
    left_out = (LeftOut(paper, dropped[paper.id]) for paper in papers if paper.id in dropped)
    return Digest(channel=channel, date=day, query=query, seen=seen, entries=tuple(entries), left_out=tuple(left_out))


def groups(digest: Digest) -> tuple[Group, ...]:
    """Put entries under the subscription that each hit first, groups by their best entry, order kept inside."""
    found: dict[str, list[Entry]] = {}
    for entry in digest.entries:
        found.setdefault(entry.matches[0].subscription if entry.matches else "", []).append(entry)
    return tuple(Group(query, tuple(entries)) for query, entries in found.items())


def with_left_out(digest: Digest, more: Sequence[LeftOut]) -> Digest:
    """Add papers that were never wanted, with their reasons."""
    return replace(digest, left_out=(*digest.left_out, *more))


def _by_paper(matches: Sequence[Match]) -> Wanted:
    found: dict[str, tuple[Match, ...]] = {}
    for item in matches:
        found[item.paper.id] = (*found.get(item.paper.id, ()), item)
    return found


def _barred(paper: Paper, posted: Mapping[str, date]) -> str:
    if paper.id in posted:
        return f"already posted {posted[paper.id].isoformat()}"
    return "withdrawn by its authors" if paper.withdrawn else ""


def fitting(ids: Sequence[str], asked: Callable[[str], set[str]], budget: int) -> set[str]:
    """Choose what fits of ranked papers: each subscription's best, so that a niche does not drown, then the best.

    ``asked`` gives the subscriptions that want a paper.
    """
    served: set[str] = set()
    firsts: dict[str, None] = {}
    for id_ in ids:
        if by := asked(id_) - served:
            firsts[id_] = None
            served |= by
    rest = [id_ for id_ in ids if id_ not in firsts]
    return set([*firsts, *rest][:budget])
