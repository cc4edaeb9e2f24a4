"""The JSON shapes of the command line (docs/command-line.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from bot import ids
from bot.commands.backtest import Backtest, Beside
from bot.commands.status import Status
from bot.commands.tuning import describe
from bot.models import Digest, Entry, Evidence, Found, LeftOut, Match, Paper
from bot.rank import score


def entry(item: Entry) -> dict[str, Any]:
    """A paper in a list, with its summary and the evidence for it."""
    return {
        **_head(item.paper, item.score),
        "summary": {"text": item.summary.text, "kind": item.summary.kind.value},
        "matches": [row for match in item.matches for row in _evidence(match.subscription, match.evidence)],
    }


def digest(made: Digest) -> dict[str, Any]:
    """``digest --json``."""
    return {
        "date": made.date.isoformat(),
        "query": made.query,
        "seen": made.seen,
        "entries": [entry(item) for item in made.entries],
        "left_out": list(map(_left_out, made.left_out)),
        **({"nearest": list(map(_left_out, made.nearest))} if made.nearest else {}),
    }


def found(query: str, result: Found, entries: Iterable[Entry]) -> dict[str, Any]:
    """``search --json``; ``via`` of an entry, ``note`` and ``meant`` are there only when there is something to say."""
    said = {key: value for key, value in (("note", result.note), ("meant", result.meant)) if value}
    rows = [
        {**entry(item), **({"via": hit.via} if hit.via else {})} for item, hit in zip(entries, result.hits, strict=True)
    ]
    return {"query": query, "total": result.total, "entries": rows, **said}


def paper(item: Paper, today: date) -> dict[str, Any]:
    """``show --json``: everything that is known."""
    from bot.papers_json import to_json

    return {**to_json(item), "score": score(item, today)}


def backtest(result: Backtest) -> dict[str, Any]:
    """``backtest --json``."""
    days = [
        {
            "date": day.date.isoformat(),
            "matched": day.matched,
            "posted": day.posted,
            "papers": list(map(_named, day.papers)),
        }
        for day in result.days
    ]
    return {
        "query": result.query,
        "budget": result.budget,
        "matched": result.matched,
        "posted": result.posted,
        "dropped": dict(result.dropped),
        "unsaid": result.unsaid,
        "examples": {term: list(map(_named, papers)) for term, papers in result.examples.items()},
        "days": days,
        **({"beside": _beside(result.beside)} if result.beside else {}),
    }


def status(result: Status) -> dict[str, Any]:
    """``status --json``."""
    return {
        "papers": result.supply.papers,
        "newest": result.supply.newest,
        "sources": result.supply.sources,
        "channels": [
            {
                "channel": str(settings.channel),
                "subscriptions": count,
                "next": moment.isoformat() if moment and not settings.paused else None,
                **describe(settings),
            }
            for settings, count, moment in result.channels
        ],
        "outbox": result.outbox,
        "queue": {kind: asdict(depth) for kind, depth in result.queue.items()},
        "attention": [
            {"key": row.key, "channel": str(row.channel), "state": row.state.value, "error": row.error}
            for row in result.attention
        ],
        "notices": list(result.notices),
    }


def _beside(found: Beside) -> dict[str, Any]:
    """``backtest --channel``."""
    return {"channel": str(found.channel), "have": found.have, "displaced": list(map(_named, found.displaced))}


def _left_out(item: LeftOut) -> dict[str, str]:
    return {**_named(item.paper), "reason": item.reason}


def _named(item: Paper) -> dict[str, str]:
    return {"id": item.id, "title": item.title}


def _head(item: Paper, points: float) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title,
        "url": item.url or ids.paper_url(item.id),
        "authors": list(item.authors),
        "upvotes": item.upvotes,
        "score": points,
    }


def _evidence(subscription: str, evidence: Iterable[Evidence]) -> list[dict[str, str]]:
    return [{"subscription": subscription, "field": e.field, "term": e.term, "quote": e.quote} for e in evidence]


def entries_of(result: Found, query: str) -> tuple[Entry, ...]:
    """Turn search results into entries, so that they are shown like a digest's."""
    from bot.summarize import summarize
    from bot.summary import Style

    return tuple(
        Entry(hit.paper, hit.score, summarize(hit.paper, Style.AUTO), (Match(hit.paper, query, hit.evidence),))
        for hit in result.hits
    )
