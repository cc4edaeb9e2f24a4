"""Feeds of any query: Atom (RFC 4287) and JSON Feed 1.1. Pure: entries in, text out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from urllib.parse import quote
from xml.etree import ElementTree as ET

from bot.models import Entry, Paper

ATOM = "http://www.w3.org/2005/Atom"
ATOM_TYPE, JSON_TYPE = "application/atom+xml; charset=utf-8", "application/feed+json; charset=utf-8"
EPOCH = date(1991, 8, 14)
"""For the rare paper that nobody has dated."""


def atom(title: str, entries: Sequence[Entry], *, public: str, here: str, page: str) -> str:
    """Write an Atom feed. ``here`` is its own address, ``page`` the page that shows the same."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "en"})
    _put(feed, "title", title)
    _put(feed, "subtitle", "Trending research papers, by Broadsheet")
    _put(feed, "id", here)
    _put(feed, "link", rel="self", type="application/atom+xml", href=here)
    _put(feed, "link", rel="alternate", type="text/html", href=page)
    _put(feed, "updated", max((_moment(entry.paper) for entry in entries), default=_at(EPOCH)))
    _put(_put(feed, "author"), "name", "Broadsheet")
    _put(feed, "generator", "Broadsheet")
    for entry in entries:
        _entry(feed, entry, public)
    return ET.tostring(feed, encoding="unicode", xml_declaration=True)


def json_feed(title: str, entries: Sequence[Entry], *, public: str, here: str, page: str) -> str:
    """Write a JSON feed."""
    items = [
        {
            "id": place,
            "url": place,
            "title": entry.paper.title,
            "content_text": entry.paper.abstract or entry.summary.text or entry.paper.title,
            "summary": entry.summary.text,
            "date_published": _moment(entry.paper),
            "authors": [{"name": name} for name in entry.paper.authors],
            "tags": [*entry.paper.tags, *entry.paper.categories],
            **({"external_url": entry.paper.url} if entry.paper.url else {}),
        }
        for entry in entries
        if (place := address(entry.paper, public))
    ]
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": page,
        "feed_url": here,
        "language": "en",
        "items": items,
    }
    return json.dumps(document, ensure_ascii=False)


def address(paper: Paper, public: str) -> str:
    """The page of a paper: also what a reader knows it by."""
    return f"{public}/papers/{quote(paper.id, safe='/:')}"


def _entry(feed: ET.Element, entry: Entry, public: str) -> None:
    paper, made = entry.paper, _put(feed, "entry")
    _put(made, "title", paper.title)
    _put(made, "id", address(paper, public))
    _put(made, "link", rel="alternate", type="text/html", href=address(paper, public))
    if paper.url:
        _put(made, "link", rel="related", href=paper.url)
    _put(made, "published", _moment(paper))
    _put(made, "updated", _moment(paper))
    for name in paper.authors:
        _put(_put(made, "author"), "name", name)
    for tag in (*paper.tags, *paper.categories):
        _put(made, "category", term=tag)
    _put(made, "summary", entry.summary.text)
    if paper.abstract:
        _put(made, "content", paper.abstract, type="text")


def _put(parent: ET.Element, name: str, text: str = "", /, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}", {key: _legal(value) for key, value in attributes.items()})
    child.text = _legal(text) or None
    return child


def _legal(text: str) -> str:
    """Leave out what XML 1.0 cannot hold. ``bot.text`` has done so for papers; a query comes as it was typed."""
    return "".join(
        c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )


def _moment(paper: Paper) -> str:
    return _at(paper.listed or paper.published or EPOCH)


def _at(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat().replace("+00:00", "Z")
