from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import feedparser  # type: ignore[import-untyped]
import pytest
from hypothesis import given

from adapters.web.starlette.feeds import ATOM, atom, json_feed
from bot.models import Entry, Paper
from bot.summary import Summary, SummaryKind
from tests.adapters.web.starlette.kit import HOSTILE, link, standing
from tests.hostile import hostile
from tests.making import DAY, paper

A = f"{{{ATOM}}}"
MANY = [
    paper(
        f"2607.0000{n}", title=f"Agents & {n}", abstract="One.\n\nTwo <b>.", listed=DAY - timedelta(days=n), tags=("a",)
    )
    for n in range(4)
]


async def test_a_reader_reads_the_atom_feed_back() -> None:
    async with standing(*MANY, paper("9", title="Vision", abstract=""), public_url="https://p.example") as stand:
        answer = await stand.http.get('/feed.atom?q=title:"agents"', headers={"Host": "p.example"})
        read = feedparser.parse(answer.content, response_headers=dict(answer.headers))
        assert not read.bozo
        assert read.version == "atom10"
        assert read.feed.title == "Broadsheet: title:agents"
        assert read.feed.links[0].href == "https://p.example/feed.atom?q=title%3Aagents"
        assert [one.title for one in read.entries] == [f"Agents & {n}" for n in range(4)]
        first = read.entries[0]
        assert first.id == first.link == "https://p.example/papers/2607.00000"
        assert first.published == "2026-08-03T00:00:00Z"
        assert [author.name for author in first.authors] == list(MANY[0].authors)
        assert first.tags[0].term == "a"
        assert first.content[0].value == "One.\n\nTwo <b>."


async def test_the_json_feed_says_the_same() -> None:
    async with standing(*MANY) as stand:
        answer = await stand.http.get(link(await stand.see("/search?q=agents"), "JSON"))
        assert answer.headers["content-type"].startswith("application/feed+json")
        read = answer.json()
        assert read["version"] == "https://jsonfeed.org/version/1.1"
        assert read["feed_url"].endswith("/feed.json?q=agents")
        assert [item["title"] for item in read["items"]] == [f"Agents & {n}" for n in range(4)]
        assert all({"id", "content_text"} <= item.keys() for item in read["items"])


async def test_without_a_query_a_feed_has_the_newest_papers_and_a_wrong_one_is_refused() -> None:
    async with standing(*MANY) as stand:
        assert len(feedparser.parse((await stand.http.get("/feed.atom")).content).entries) == 4
        for place in ("/feed.atom?q=(", "/feed.json?q=-x"):
            assert (await stand.http.get(place)).status_code == 400


async def test_an_unchanged_feed_costs_a_reader_nothing() -> None:
    async with standing(*MANY) as stand:
        first = await stand.http.get("/feed.atom")
        again = await stand.http.get("/feed.atom", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def entry(title: str, abstract: str) -> Entry:
    one = Paper(
        id="2607.00001", title=title, abstract=abstract, authors=(title,), tags=(title,), listed=date(2026, 8, 3)
    )
    return Entry(one, 1.0, Summary(abstract, SummaryKind.ABSTRACT))


def valid(feed: str) -> ET.Element:
    """Check what RFC 4287 asks of a feed, and give it."""
    root = ET.fromstring(feed)  # our own text
    for one in (root, *root.findall(f"{A}entry")):
        for name in ("id", "title", "updated"):
            assert len(one.findall(f"{A}{name}")) == 1
        assert any(item.get("rel") == "alternate" for item in one.findall(f"{A}link"))
    assert root.find(f"{A}author/{A}name") is not None
    return root


@given(hostile, hostile)
def test_any_text_makes_a_valid_feed_and_comes_back(title: str, abstract: str) -> None:
    def told(text: str) -> str:
        return "".join(
            c for c in text if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
        )

    place = {"public": "https://p.example", "here": "https://p.example/feed.atom", "page": "https://p.example/"}
    root = valid(atom(title, [entry(title, abstract)], **place))
    assert (root.findtext(f"{A}title") or "").replace("\n", "") == told(title).replace("\r", "").replace("\n", "")
    assert json.loads(json_feed(title, [entry(title, abstract)], **place))["items"][0]["title"] == title


@pytest.mark.parametrize("write", [atom, json_feed])
def test_what_is_hostile_is_text(write: object) -> None:
    place = {"public": "https://p.example", "here": "https://p.example/f", "page": "https://p.example/"}
    feed = write(HOSTILE, [entry(HOSTILE, HOSTILE)], **place)  # type: ignore[operator]
    assert "<script>" not in feed or write is json_feed
    assert valid(atom("", [], **place)).find(f"{A}entry") is None
