"""The real server on loopback over a store in memory, and a client that a browser would be."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from html.parser import HTMLParser

import httpx

from adapters.web.starlette import Settings
from adapters.web.starlette.application import application
from adapters.web.starlette.running import PATIENCE, Uvicorn
from bot.errors import CommandError
from bot.inbox import Mailing
from bot.models import Channel, ChannelSettings, Paper
from bot.pipeline import Fetching
from bot.ports import Chat, Hook, Letter, Store
from bot.site import Library
from tests.chats import FakeChat, Platform
from tests.fakes import MemoryStore
from tests.making import DAY, LONG_AGO, Clock, paper

HOSTILE = """</title><img src=x onerror=alert(1)>"'><script>alert(2)</script>{{7*7}}&amp;"""

ADDRESS = "http://127.0.0.1:8000"


class Post(FakeChat):
    """A chat by letters, which it keeps."""

    name = "email"

    def __init__(self) -> None:
        super().__init__(Platform())
        self.letters: list[tuple[Channel, Letter]] = []

    def address(self, written: str) -> Channel:
        if written.count("@") != 1 or any(c.isspace() or c < " " for c in written):
            raise CommandError("That is not a mail address.")
        return Channel("email", "", written)

    async def confirm(self, channel: Channel, letter: Letter, key: str) -> None:
        self.letters.append((channel, letter))


def a_new_one(channel: Channel) -> ChannelSettings:
    return ChannelSettings(channel=channel, created=LONG_AGO)


@dataclass
class Stand:
    """What a test holds of a running page."""

    store: Store
    clock: Clock
    http: httpx.AsyncClient
    address: str
    stop: asyncio.Event

    async def see(self, place: str, status: int = 200) -> str:
        """Ask for a page and give its HTML."""
        answer = await self.http.get(place)
        assert answer.status_code == status, (place, answer.status_code, answer.text[:300])
        return answer.text


@asynccontextmanager
async def standing(
    *papers: Paper,
    store: Store | None = None,
    chats: Sequence[Chat] = (),
    hooks: Sequence[Hook] = (),
    clock: Clock | None = None,
    post: Post | None = None,
    wire: bool = False,
    patience: float = PATIENCE,
    **settings: str | float,
) -> AsyncIterator[Stand]:
    """Serve until the block ends: the application alone, or over the ``wire`` by the server."""
    kept, now, stop = store or MemoryStore(), clock or Clock(), asyncio.Event()
    await kept.add_papers(papers, now())
    inbox = Mailing(kept, post, a_new_one, now) if post else None
    every = {chat.name: chat for chat in (*chats, *([post] if post else []))}
    site = Library(kept, every, now=now, fetching=Fetching(), hooks=hooks, inbox=inbox)
    given = Settings.model_validate({"port": 0, "rate": 10_000, **settings})
    if not wire:
        transport = httpx.ASGITransport(application(site, given, ADDRESS), raise_app_exceptions=False)
        async with httpx.AsyncClient(base_url=ADDRESS, transport=transport) as http:
            yield Stand(kept, now, http, ADDRESS, stop)
        return
    made = Uvicorn(given, patience)
    serving = asyncio.create_task(made.serve(site, stop))
    try:
        async with httpx.AsyncClient(base_url=made.address, timeout=60) as http:
            yield Stand(kept, now, http, made.address, stop)
    finally:
        stop.set()
        await serving


def days(count: int, *, first: datetime | None = None, each: Callable[[int], int] = lambda _: 1) -> list[Paper]:
    """Papers of the days that end with ``DAY``, newest first: one a day, or as many as ``each`` says."""
    last = first.date() if first else DAY
    return [
        paper(f"{n}-{k}", listed=last - timedelta(days=n), upvotes=100 - k)
        for n in range(count)
        for k in range(each(n))
    ]


class Parsed(HTMLParser):
    """A page as a browser reads it: elements with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def live(self) -> list[str]:
        """What could run or load something: there must be none of it."""
        scripts = {"script", "img", "iframe", "object", "embed", "style", "base"}
        return [
            f"{tag} {attributes}"
            for tag, attributes in self.elements
            if tag in scripts or any(name.startswith("on") or name == "style" for name in attributes)
        ]


def fields(page: str, action: str = "") -> list[dict[str, str]]:
    """The forms of a page that are sent to an address that begins like this, each with what it would send."""
    found: list[dict[str, str]] = []
    wanted, select = False, ""
    for tag, given in Parsed(page).elements:
        if tag == "form":
            wanted = given.get("method") == "post" and (given.get("action") or "").startswith(action)
            if wanted:
                found.append({})
        name = given.get("name") or ""
        if wanted and tag == "input":
            found[-1][name] = given.get("value") or ""
        elif wanted and tag == "select":
            select = name
        elif wanted and tag == "option" and ("selected" in given or select not in found[-1]):
            found[-1][select] = given.get("value") or ""
    return found


def titles(page: str) -> list[str]:
    """The titles of the papers on a page, in order."""
    return [unescape(re.sub(r"<[^>]+>", "", found)) for found in re.findall(r"<h2><a [^>]+>(.*?)</a></h2>", page)]


def link(page: str, label: str) -> str:
    """Where the link with this text leads."""
    for address, inside in re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL):
        if label in re.sub(r"<[^>]+>", "", inside):
            return unescape(address)
    raise AssertionError(f"no link {label!r}")


def words(page: str) -> str:
    """What a person reads on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())
