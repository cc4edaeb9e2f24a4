"""A real browser before the real server, and behind that a real mail server, all on loopback."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

from adapters.chats.email import EmailChat
from adapters.web.starlette import Settings, server
from bot import letters
from bot.errors import StoreError
from bot.inbox import Mailing
from bot.models import Channel, Paper
from bot.pipeline import Fetching
from bot.ports import Answered, Asked, Hook
from bot.site import Library
from tests.adapters.chats.email_kit import KEY, chat
from tests.adapters.web.starlette.kit import a_new_one
from tests.emulators.mail import MailServer, serving
from tests.fakes import MemoryStore
from tests.making import DAY, NOW, Clock, digest, entry, paper

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian: apt install chromium)"
)
WIDTHS = (320, 768, 1280)
SCHEMES = ("light", "dark")
BROKEN = {"/fault": ZeroDivisionError(), "/away": StoreError("the disk is full")}
"""What these places of the page end with."""
LONG = "Un" + "believably" * 12
"""A word that is wider than a telephone."""


@dataclass
class World:
    """What a test with a browser holds."""

    browser: Browser
    address: str
    store: MemoryStore
    office: MailServer
    mailer: EmailChat
    clock: Clock
    inbox: Mailing

    async def context(self, *, width: int = 1280, scheme: str = "light", scripts: bool = True) -> BrowserContext:
        """A person with a browser: its window, its taste, and whether it runs scripts."""
        made = await self.browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
        )
        made.set_default_timeout(60_000)
        return made

    async def letter(self, address: str) -> str:
        """Let the letters go, and give the text of the newest one to this address."""
        await letters.send(self.store, {"email": self.mailer}, self.clock())
        return self.office.boxes[address][-1].part("plain")

    async def private(self) -> tuple[str, ...]:
        """Pages behind signed links: a letter's, what an address follows, running and paused, and its way out."""
        asked = {}
        for address in ("new@example.net", "reader@example.net", "paused@example.net"):
            await self.inbox.ask(address, f'"plan ahead" -survey, {LONG}', {"timezone": "Europe/Berlin"}, "127.0.0.1")
            asked[address] = (await self.letter(address)).partition("/email/confirm?token=")[2].split()[0]
        reader, paused = [
            await self.inbox.confirm(asked[name]) for name in ("reader@example.net", "paused@example.net")
        ]
        await self.inbox.change(paused, follow="robots", unfollow="", wishes={"paused": "yes"})
        return (
            f"/email/confirm?token={asked['new@example.net']}",
            f"/email/confirm?token={asked['reader@example.net']}",
            f"/email/preferences?token={reader}&done=changed",
            f"/email/preferences?token={paused}",
            f"/email/unsubscribe?token={reader}",
        )

    async def digest(self, address: str) -> str:
        """Send a digest, and give what its header says about unsubscribing."""
        channel = Channel("email", "", address)
        made = replace(digest(channel, entry(paper("2608.00001"))), planned=NOW)
        await self.mailer.post(channel, self.mailer.render(made)[0], KEY, "")
        return str(self.office.boxes[address][-1].mail["List-Unsubscribe"])


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """Everything, with three days of papers."""
    store, clock, stop = MemoryStore(), Clock(), asyncio.Event()
    await store.add_papers(_papers(3), NOW - timedelta(days=2))
    await store.add_papers(_papers(40), NOW)
    async with serving() as office, async_playwright() as play:
        web = server(Settings(port=0, rate=1000))
        mailer = chat(office, store=store, public_url=web.address)
        inbox = Mailing(store, mailer, a_new_one, clock)
        hooks = [Hook(place, ("GET",), _broken) for place in BROKEN]
        site = Library(store, {"email": mailer}, now=clock, fetching=Fetching(), inbox=inbox, hooks=hooks)
        serve = asyncio.create_task(web.serve(site, stop))
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            yield World(browser, web.address, store, office, mailer, clock, inbox)
        finally:
            await browser.close()
            stop.set()
            await serve
            await mailer.aclose()


async def _broken(asked: Asked) -> Answered:
    raise BROKEN[asked.path]


def _papers(votes: int) -> list[Paper]:
    made = [
        paper(
            f"2608.0{n:04}",
            title=f"Agents that plan, part {n}",
            abstract="We study agents. They plan ahead and act.\n\nThey also remember <what> they did.",
            listed=DAY - timedelta(days=n // 4),
            upvotes=votes + n,
            comments=4,
            stars=1200,
            code="https://github.com/a/b",
            tags=("agents", "planning"),
            organization="Some Lab",
        )
        for n in range(12)
    ]
    return [*made, paper("2608.09999", title=f"{LONG} אבג", abstract=LONG, listed=DAY, upvotes=123_456)]
