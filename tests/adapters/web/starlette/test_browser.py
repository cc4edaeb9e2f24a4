"""The page as people have it: in a browser, without scripts, with a keyboard, on a telephone, through axe's eyes."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, expect

from bot.models import Channel
from tests.adapters.web.starlette.browser_kit import BROKEN, SCHEMES, WIDTHS, needs_browser, world

pytestmark = needs_browser
ADA = "ada@example.net"
PAGES = ("/", "/papers?date=2026-08-02&period=week", "/papers/2608.00001", "/search", "/search?q=agents", "/search?q=(")
expect.set_options(timeout=60_000)
FORMS = ("/email/subscribe", "/email/unsubscribe?token=x")
ERRORS = ("/nowhere", "/papers/none", "/papers?date=x", "/email/preferences?token=x", *BROKEN)


async def visible(page: Page) -> str:
    return await page.inner_text("main")


async def test_somebody_without_scripts_reads_searches_subscribes_and_stops() -> None:
    async with world() as there:
        page = await (await there.context(scripts=False)).new_page()
        await page.goto(there.address)
        await expect(page.locator("h1")).to_have_text("Monday, 3 August 2026")
        assert await page.locator("article").count() == 5

        await page.get_by_role("link", name="2 Aug").click()
        await expect(page.locator("h1")).to_have_text("Sunday, 2 August 2026")
        await page.get_by_role("link", name="Week").click()
        await expect(page.locator("h1")).to_have_text("Week of 27 July 2026")
        await page.get_by_label("Go to a date").fill("2026-08-01")
        await page.get_by_role("button", name="Go").click()
        await expect(page.locator("h1")).to_have_text("Saturday, 1 August 2026")

        await page.get_by_label("Search all papers").fill('"plan ahead" -survey')
        await page.get_by_role("button", name="Search").click()
        await expect(page.locator("h1")).to_have_text('"plan ahead" -survey')
        assert await page.locator("mark").first.inner_text() == "plan ahead"
        assert '/papers subscribe "plan ahead" -survey' in await visible(page)

        await page.get_by_role("button", name="Get it by mail").click()
        await page.get_by_label("Your mail address").fill(ADA)
        await page.get_by_label("How often").select_option("weekdays")
        await page.get_by_label("Time zone").fill("Europe/Berlin")
        await page.get_by_role("button", name="Subscribe").click()
        await expect(page.locator("h1")).to_have_text("Look into your inbox")

        found = re.search(rf"{re.escape(there.address)}/email/confirm\?\S+", await there.letter(ADA))
        assert found
        await page.goto(found[0])
        await page.get_by_role("button", name="Yes").click()
        await expect(page.get_by_role("status")).to_contain_text("Confirmed")
        assert "Weekdays at 09:00 (Europe/Berlin)" in await visible(page)

        await page.get_by_label("Follow also").fill("robots")
        await page.get_by_role("button", name="Add").click()
        await page.get_by_role("button", name='Remove "plan ahead" -survey').click()
        await page.get_by_label("Papers at the most").fill("3")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("status")).to_contain_text("Saved")
        followed = await there.store.subscriptions(Channel("email", "", ADA))
        assert [item.query for item in followed] == ["robots"]
        assert "up to 3 papers" in await visible(page)

        listed = re.search(r"<(http\S+)>", await there.digest(ADA))
        assert listed
        await page.goto(listed[1])
        assert len(await there.store.subscriptions()) == 1
        async with httpx.AsyncClient() as mail_service:
            for _ in range(2):
                answer = await mail_service.post(listed[1], data={"List-Unsubscribe": "One-Click"})
                assert answer.status_code == 200
        assert await there.store.subscriptions() == []


async def test_the_keyboard_is_enough() -> None:
    async with world() as there:
        page = await (await there.context()).new_page()
        await page.goto(there.address)
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the papers")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.closest('main') !== null")
        await page.goto(there.address)
        await page.get_by_label("Search all papers").focus()
        await page.keyboard.type("agents")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("agents")


@pytest.mark.parametrize("width", WIDTHS)
async def test_nothing_is_wider_than_the_window_and_the_page_can_be_looked_at(width: int, tmp_path: Path) -> None:
    async with world() as there:
        private = await there.private()
        for scheme in SCHEMES:
            page = await (await there.context(width=width, scheme=scheme)).new_page()
            for number, place in enumerate((*PAGES, *FORMS, *ERRORS, *private)):
                await page.goto(there.address + place)
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, place
                picture = await page.screenshot(path=tmp_path / f"{number}-{width}-{scheme}.png", full_page=True)
                assert len(picture) > 5_000


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_axe_finds_nothing_serious(scheme: str) -> None:
    async with world() as there:
        page = await (await there.context(scheme=scheme)).new_page()
        for place in (*PAGES, *FORMS, *ERRORS, *await there.private()):
            await page.goto(there.address + place)
            found = (await Axe().run(page)).response["violations"]
            serious = [one for one in found if one["impact"] in {"serious", "critical"}]
            assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious] == [], place


async def test_nothing_is_loaded_from_elsewhere_and_nothing_is_refused() -> None:
    async with world() as there:
        page = await (await there.context()).new_page()
        asked: list[str] = []
        told: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        for place in PAGES[:5]:
            await page.goto(there.address + place)
        assert [url for url in asked if not url.startswith(there.address)] == []
        assert told == []
        assert await page.context.cookies() == []
