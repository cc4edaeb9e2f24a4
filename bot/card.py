"""Entry -> card: what a reader sees of a paper, in plain words, before any platform's markup. Pure.

Every chat renders the same card, so the words are the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from bot import ids, text
from bot.models import Digest, Entry, Evidence, Match, Paper
from bot.summarize import label
from bot.trend import Trend

FORUMS = {"news.ycombinator.com": "Hacker News"}
OVER = "over the budget"
"""Begins the reason of a paper that a digest had no room for."""
STOP = "Stop with `/papers digest action:pause`, or `/papers unsubscribe`."
"""Ends a digest in a chat that has commands."""
_PROSE = ("title", "abstract")
_LINKS = {"code": "has code", "model": "has a model", "project": "has a project page"}
_BEFORE = {"authors": "by", "organization": "from", "sources": "from", "categories": "in"}


@dataclass(frozen=True, slots=True)
class Card:
    """The parts of a card. Texts are plain and unescaped: each platform escapes them in its renderer."""

    paper: str
    title: str
    url: str
    byline: str
    summary: str
    label: str
    signals: tuple[str, ...]
    why: str
    discussion: str = ""
    """An address, for those who can link it under ``forum``."""
    forum: str = ""


def card(entry: Entry) -> Card:
    """Lay out one entry."""
    paper = entry.paper
    return Card(
        paper=paper.id,
        title=paper.title,
        url=paper.url or ids.paper_url(paper.id),
        byline=byline(paper),
        summary=entry.summary.text,
        label=label(entry.summary),
        signals=signals(paper),
        why=why(entry.matches),
        discussion=text.link(paper.discussion),
        forum=forum(paper),
    )


def byline(paper: Paper) -> str:
    """Authors (first three, then a count), and the organisation."""
    parts = [text.authors(paper.authors), paper.organization]
    return " · ".join(part for part in parts if part)


def signals(paper: Paper) -> tuple[str, ...]:
    """What the world says of it: upvotes, comments, stars, code and project, each only if known."""
    found = []
    if paper.upvotes is not None:
        found.append(plural(paper.upvotes, "upvote"))
    if paper.comments:
        found.append(plural(paper.comments, "comment"))
    if paper.stars:
        found.append(plural(paper.stars, "star"))
    if paper.citations:
        found.append(plural(paper.citations, "citation"))
    if paper.points and forum(paper):
        replies = f", {plural(paper.replies, 'comment')}" if paper.replies else ""
        found.append(f"{plural(paper.points, 'point')}{replies} on {forum(paper)}")
    if paper.code:
        found.append("code")
    if paper.project:
        found.append("project page")
    if paper.withdrawn:
        found.append("withdrawn")
    return tuple(found)


def forum(paper: Paper) -> str:
    """The name of the place where it is discussed, empty where it is not."""
    host = urlsplit(text.link(paper.discussion)).netloc.removeprefix("www.")
    return FORUMS.get(host, host)


def why(matches: tuple[Match, ...]) -> str:
    """Why it is here: what three terms found, then whose subscription; two subscriptions at the most."""
    parts = []
    for item in matches[:2]:
        says = ", ".join(list(dict.fromkeys(map(_said, _quotes(item))))[:3]) or "everything that trends"
        parts.append(f"{says} (for {item.owner})" if item.owner else says)
    more = f" and {plural(len(matches) - 2, 'more subscription')}" if len(matches) > 2 else ""
    return "; ".join(parts) + more


def _quotes(item: Match) -> list[Evidence]:
    """Give one quote for each term: one that is given already, or goes on where the last one ends, or its first."""
    found: list[Evidence] = []
    for term in dict.fromkeys(e.term for e in item.evidence):
        quotes = [e for e in item.evidence if e.term == term]
        if any(_place(e) in map(_place, found) for e in quotes):
            continue
        joined = next((longer for e in quotes if found and (longer := _joined(found[-1], e, item.paper))), None)
        if joined:
            found[-1] = joined
        else:
            found.append(quotes[0])
    return found


def _joined(last: Evidence, e: Evidence, paper: Paper) -> Evidence | None:
    """Join two quotes that stand side by side."""
    if last.field != e.field or e.field not in _PROSE or not last.start < last.end < e.start == last.end + 1:
        return None
    prose: str = getattr(paper, e.field)
    return replace(last, quote=prose[last.start : e.end], end=e.end)


def _place(e: Evidence) -> tuple[str, str, int]:
    return e.field, e.quote, e.start


def _said(e: Evidence) -> str:
    quote = text.clip(e.quote, 60)
    match e.field:
        case "upvotes" | "stars" | "comments":
            return plural(int(e.quote), e.field.removesuffix("s"))
        case "age":
            days = int(e.quote)  # below zero where the source's day has begun and ours has not
            return f"{plural(days, 'day')} old" if days > 0 else "listed today"
        case "title" | "abstract" | "tags":
            return f"“{quote}” in {e.field}"
    return _LINKS.get(e.field) or f"{_BEFORE[e.field]} {quote}"


def headline(digest: Digest) -> str:
    """One line that says what this is, also when nothing else can be shown."""
    what = f"on {text.clip(digest.query, 120)}" if digest.query not in {"", "*"} else "trending"
    return f"{plural(len(digest.entries), 'paper')} {what}" if digest.entries else f"No new papers {what}"


def numbers(digest: Digest) -> str:
    """The day in numbers, for the foot."""
    over = no_room(digest)
    old = sum(item.reason.startswith("already posted") for item in digest.left_out)
    parts = [f"{plural(digest.seen, 'paper')} read", f"{len(digest.entries):,} shown"] if digest.seen else []
    parts += [f"{over:,} over the budget"] if over else []
    parts += [f"{old:,} posted before"] if old else []
    parts += [f"closest “{text.clip(item.paper.title, 80)}”: {item.reason}" for item in digest.nearest[:1]]
    return ", ".join(parts)


def no_room(digest: Digest) -> int:
    """How many papers are over the budget."""
    return sum(item.reason.startswith(OVER) for item in digest.left_out)


def topic(found: Trend) -> str:
    """What a trend is of."""
    return "all papers" if found.query in {"", "*"} else found.query


def described(found: Trend) -> str:
    """What the picture of a trend shows, in words: for those who cannot see it, and for a title."""
    what = topic(found)
    papers, votes = (sum(week.papers for week in found.weeks), sum(week.votes for week in found.weeks))
    if not papers:
        return f"{what}: no papers in {plural(len(found.weeks), 'week')}."
    best = max(found.weeks, key=lambda week: (week.papers, week.start))
    last = found.weeks[-1]
    return (
        f"{what}: {plural(papers, 'paper')} and {plural(votes, 'vote')} in {plural(len(found.weeks), 'week')};"
        f" most in the week of {best.start.day} {best.start:%B %Y} ({plural(best.papers, 'paper')}),"
        f" {plural(last.papers, 'paper')} so far this week."
    )


def day(value: date) -> str:
    """A date as people write it: Friday, 31 July 2026."""
    return f"{value:%A}, {value.day} {value:%B %Y}"


def plural(count: int, noun: str) -> str:
    """1 paper, 2 papers, 1,200 papers."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
