"""Paper -> match: which subscriptions want which paper, with the words that prove it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bot import query
from bot.errors import QueryError
from bot.models import Channel, Evidence, Match, Paper, Subscription

Hits = tuple[tuple[Paper, tuple[Evidence, ...]], ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """What each channel wants (channels without a match are left out), and the subscriptions that cannot be read."""

    wanted: Mapping[Channel, tuple[Match, ...]]
    unreadable: tuple[tuple[Subscription, QueryError], ...] = ()


def match(subscriptions: Iterable[Subscription], papers: Iterable[Paper], today: date) -> Matched:
    """Match every subscription against every paper.

    Queries are looked at once each, however many channels follow them. Within a channel: subscriptions in the order
    given, papers in the order given. A stored query that cannot be read any more costs its own subscription only.
    """
    looked_at: dict[str, Hits | QueryError] = {}
    folded = fold(papers)
    found: defaultdict[Channel, list[Match]] = defaultdict(list)
    unreadable: list[tuple[Subscription, QueryError]] = []
    for item in subscriptions:
        if item.query not in looked_at:
            looked_at[item.query] = _looked_at(item.query, folded, today)
        result = looked_at[item.query]
        if isinstance(result, QueryError):
            unreadable.append((item, result))
        else:
            found[item.channel] += (Match(paper, item.query, evidence, item.owner) for paper, evidence in result)
    return Matched({channel: tuple(matches) for channel, matches in found.items() if matches}, tuple(unreadable))


def fold(papers: Iterable[Paper]) -> tuple[tuple[Paper, query.FoldedPaper], ...]:
    """Fold every paper once, for any number of queries."""
    return tuple((paper, query.fold_paper(paper)) for paper in papers)


def hits(wanted: query.Query, papers: Iterable[tuple[Paper, query.FoldedPaper]], today: date) -> Hits:
    """Give the papers that one query wants, each with its evidence."""
    found = ((paper, query.match(wanted, paper, today, folded)) for paper, folded in papers)
    return tuple((paper, evidence) for paper, evidence in found if evidence is not None)


def _looked_at(text: str, papers: Iterable[tuple[Paper, query.FoldedPaper]], today: date) -> Hits | QueryError:
    try:
        return hits(query.parse(text), papers, today)
    except QueryError as error:
        return error
