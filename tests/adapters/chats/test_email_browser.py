"""A mail in a browser: on a telephone and a desk, in the light and in the dark, through axe's eyes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, async_playwright

from adapters.chats.email import layout
from adapters.pictures.pillow import Settings, pictures
from bot.models import Digest
from tests.adapters.chats.email_kit import ADA, PAGE, a_digest
from tests.adapters.chats.test_email_picture import half_a_year
from tests.adapters.web.starlette.browser_kit import CHROMIUM, LONG, needs_browser
from tests.contracts.chat import NASTY
from tests.contracts.letters import LETTER
from tests.making import digest, entry, match, paper

pytestmark = needs_browser
LINKS = layout.Links(change=f"{PAGE}/email/preferences?token=a", stop=f"{PAGE}/email/unsubscribe?token=b")
DRAWN = f"data:image/png;base64,{b64encode(pictures(Settings()).trend(half_a_year())).decode()}"


def mails() -> dict[str, str]:
    one, two = paper("2608.00001", title=LONG, authors=(LONG,)), paper("2608.00002", title=NASTY, abstract=NASTY)
    made: dict[str, Digest] = {
        "digest": a_digest(*(paper(f"2608.{n:05}") for n in range(5))),
        "late, old, grouped and hostile": digest(
            ADA, entry(one, match(one, LONG)), entry(two, match(two, NASTY)), query=LONG, stale=LONG, late=True
        ),
        "weekly": replace(a_digest(), trend=half_a_year(LONG)),
        "empty": digest(ADA),
    }
    shown = {name: layout.laid_out(layout.words(said), LINKS)[1] for name, said in made.items()}
    drawn = layout.laid_out(layout.words(made["weekly"]), LINKS, "a@b")[1]
    shown["weekly, drawn"] = drawn.replace("cid:a@b", DRAWN)
    return {**shown, "letter": layout.letter_html(LETTER, f"{PAGE}/email/confirm?token=c")}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as play:
        started = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        await started.close()


async def test_no_mail_is_wider_than_a_window_or_hard_to_read(browser: Browser) -> None:
    asked: list[str] = []
    for width in (320, 600, 800):
        for scheme in ("light", "dark"):
            window = await browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
            )
            page = await window.new_page()
            page.on("request", lambda request: asked.append(request.url))
            for name, html in mails().items():
                where = f"{name}, {width} px, {scheme}"
                await page.set_content(html)
                assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, where
                found = (await Axe().run(page)).response["violations"]
                bad = [rule["id"] for rule in found if rule["impact"] in {"serious", "critical"}]
                assert bad == [], where
            await window.close()
    assert asked == []
