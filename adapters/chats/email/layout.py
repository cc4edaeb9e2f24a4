"""Digest -> words -> text and HTML. Pure.

What is kept in the outbox are the words, clean and unescaped; the layout is put around them when they are sent. Jinja
escapes everything in HTML. Links lead to https pages of papers and to our own page, nowhere else.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from adapters.chats.email.mail import LONGEST
from bot import card, ids
from bot.digest import groups
from bot.models import JSON, Digest, Entry
from bot.ports import Letter
from bot.text import clip, link, printable
from bot.trend import Trend, Week

WIDTH = 72
"""Columns of the text part."""
TEXTS = ("title", "byline", "summary", "label", "signals")
CARD = (*TEXTS, "url", "forum", "discussion")
"""What all readers of a paper see of it; why each of them got it stands beside it."""
MARKS = "\0change\0", "\0stop\0"
SUBJECT, PREHEADER = 150, 140
"""Characters: phones show the first 40 of a subject, and about 90 of what comes after it."""

ASKING = "Somebody, we hope you, asked for digests of research papers to this address."
NOT_YOU = (
    "If it was not you, do nothing: without that click no other mail comes, and the address is deleted after 48 hours."
)


@dataclass(frozen=True, slots=True)
class Links:
    """Where a reader changes or stops what they get; empty without a page of ours."""

    change: str = ""
    stop: str = ""


def words(digest: Digest) -> JSON:
    """Everything that a mail says, JSON-ready."""
    found = groups(digest)
    headline = card.headline(digest)
    titles = " · ".join(entry.paper.title for entry in digest.entries)
    return {
        "subject": printable(headline, SUBJECT),
        "preheader": printable(clip(titles, PREHEADER)) if titles else card.day(digest.date),
        "headline": printable(headline),
        "day": card.day(digest.date),
        "late": digest.late,
        "stale": printable(digest.stale),
        "groups": [
            {"query": printable(group.query) if len(found) > 1 else "", "papers": list(map(_paper, group.entries))}
            for group in found
        ],
        "numbers": card.numbers(digest),
        "follows": printable(clip(digest.query, 300)),
        "trend": _numbers(digest.trend) if digest.trend else None,
        "planned": digest.planned.isoformat() if digest.planned else f"{digest.date.isoformat()}T12:00:00+00:00",
    }


def trend(said: JSON) -> Trend | None:
    """Read the trend that stands in what a mail says."""
    kept = said.get("trend")
    if not kept:
        return None
    weeks = (Week(date.fromisoformat(start), papers, votes) for start, papers, votes in kept["weeks"])
    return Trend(kept["query"], tuple(weeks))


def laid_out(said: JSON, links: Links, picture: str = "") -> tuple[str, str]:
    """Give the text and the HTML for one reader. Readers of the same words share the layout: most follow one list.

    ``picture`` is the name of the trend's picture; the HTML tells it in words when there is none.
    """
    text, html = _shared(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), bool(links.change), picture)
    return _filled(text, links.change, links.stop), _filled(html, escape(links.change), escape(links.stop))


def letter_html(letter: Letter, url: str) -> str:
    """Ask for a confirmation."""
    return _drawn(
        "letter.html", {"letter": letter, "url": url, "preheader": ASKING, "asking": ASKING, "not_you": NOT_YOU}
    )


def letter_text(letter: Letter, url: str) -> str:
    """The same in plain text."""
    what = f"Papers on: {letter.query}" if letter.query else "Papers on the topic that was typed there"
    lines = [ASKING, "", what, f"When: {letter.when}", "", "To say yes, open this page within 48 hours:", url, ""]
    lines += _wrapped(NOT_YOU)
    return "\n".join([*lines, ""])


def _numbers(found: Trend) -> dict[str, Any]:
    weeks = [[week.start.isoformat(), week.papers, week.votes] for week in found.weeks]
    return {"query": printable(clip(found.query, 100)), "weeks": weeks}


def _shown(said: JSON) -> Mapping[str, str]:
    """The topic of a trend, and what its picture shows; empty without one."""
    found = trend(said)
    return {"topic": card.topic(found), "words": card.described(found)} if found else {}


def _paper(entry: Entry) -> dict[str, Any]:
    shown = card.card(entry)
    lines = (shown.title, shown.byline, shown.summary, shown.label, shown.why)
    title, byline, summary, label, why = map(printable, lines)
    return {
        "id": shown.paper,
        "title": title,
        "url": _https(shown.url) or ids.paper_url(shown.paper),
        "byline": byline,
        "summary": summary,
        "label": label,
        "signals": " · ".join(shown.signals),
        "why": why,
        "forum": printable(shown.forum),
        "discussion": _https(shown.discussion),
    }


def _https(url: str) -> str:
    safe = link(url)
    return safe if safe.startswith("https://") else ""


@lru_cache(maxsize=64)
def _shared(said: bytes, page: bool, picture: str) -> tuple[str, str]:
    """Text and HTML with marks where a reader's own links will stand; no word holds a NUL."""
    read, links = orjson.loads(said), Links(*MARKS) if page else Links()
    return "\n".join([*_text(read, links), ""]), _drawn(
        "digest.html", {**read, "links": links, "picture": picture, "trend": _shown(read), "card": _card_html}
    )


def _filled(page: str, change: str, stop: str) -> str:
    return page.replace(MARKS[0], change).replace(MARKS[1], stop)


def _text(said: JSON, links: Links) -> Iterator[str]:
    late = " (late)" if said["late"] else ""
    yield from _wrapped(said["headline"])
    yield f"{said['day']}{late}"
    yield from _wrapped(said["stale"])
    number = 0
    for group in said["groups"]:
        if group["query"]:
            yield ""
            yield from _wrapped(f"== {group['query']} ==")
        for paper in group["papers"]:
            number += 1
            yield ""
            yield from _text_of(paper, f"{number}. ")
    if shown := _shown(said):
        yield ""
        yield from _wrapped(shown["words"])
    yield from ("", "-" * WIDTH)
    if said["numbers"]:
        yield f"{said['numbers']}."
    if said["follows"]:
        yield from _wrapped(f"You get this because this address follows: {said['follows']}")
    if links.change:
        yield f"Change what you get: {links.change}"
        yield f"Stop: {links.stop}"
    else:
        yield "To stop, answer this mail with the word stop."


def _text_of(paper: Mapping[str, str], number: str) -> Iterator[str]:
    indent = " " * len(number)
    yield from _card_text(number, *(paper[name] for name in TEXTS))
    if paper["why"]:
        yield from _wrapped(f"Why: {paper['why']}", first=indent, rest=indent)
    if paper["url"]:
        yield f"{indent}{paper['url']}"
    if paper.get("discussion"):
        yield from _wrapped(f"Discussion on {paper['forum']}: {paper['discussion']}", first=indent, rest=indent)


@lru_cache(maxsize=512)
def _card_text(number: str, title: str, byline: str, summary: str, label: str, signals: str) -> tuple[str, ...]:
    """What all readers of a paper read, as lines: they differ in why they got it."""
    indent = " " * len(number)
    lines = _wrapped(title, first=number, rest=indent)
    for line in (byline, summary, f"({label})" if label else "", signals):
        lines += _wrapped(line, first=indent, rest=indent)
    return tuple(lines)


def _card_html(number: int, paper: Mapping[str, str]) -> Markup:
    """The same as HTML."""
    return _card_drawn(number, *(paper.get(name, "") for name in CARD))


@lru_cache(maxsize=512)
def _card_drawn(number: int, *said: str) -> Markup:
    paper = dict(zip(CARD, said, strict=True))
    return Markup(_templates().get_template("card.html").render(number=number, paper=paper))  # noqa: S704  (escaped)


def _wrapped(said: str, *, first: str = "", rest: str = "") -> list[str]:
    """Lines of this width; a longer word has one of its own."""
    if said and len(first) + len(said) <= WIDTH:
        return [first + said]
    return textwrap.wrap(
        said, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def _drawn(template: str, said: Mapping[str, Any]) -> str:
    """HTML in ASCII; a line that is longer than mail may be is broken at spaces, which mean the same."""
    drawn = _templates().get_template(template).render(said).encode("ascii", "xmlcharrefreplace").decode()
    if max(map(len, drawn.splitlines())) <= LONGEST:
        return drawn
    lines = (
        textwrap.wrap(line, LONGEST, break_long_words=False, break_on_hyphens=False) for line in drawn.splitlines()
    )
    return "\n".join(part for line in lines for part in line)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
