from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any, Self

import aiohttp
import discord
import pytest
from discord import app_commands, ui

from tests.emulators.discord import Discord, serving
from tests.emulators.discord.building import (
    button,
    container,
    embed,
    file,
    gallery,
    label,
    option,
    row,
    section,
    select,
    separator,
    text,
    text_input,
    thumbnail,
)
from tests.emulators.discord.kit import Quick, connected
from tests.emulators.discord.page.components import Drawing, component, form_part
from tests.emulators.discord.page.components import embed as drawn_embed
from tests.emulators.discord.state.nouns import JSON

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
async def emulated() -> AsyncIterator[Discord]:
    async with serving(scale=math.inf) as served:
        yield served


class Browser:
    """A person's browser: it reads the page and sends its forms."""

    def __init__(self, emulated: Discord, session: aiohttp.ClientSession) -> None:
        self.emulated, self.session = emulated, session
        self.user, self.place = str(emulated.user("ada").id), str(emulated.channel("ml").id)

    async def look(self, **query: str) -> str:
        where = {"as": self.user, "in": self.place, **query}
        async with self.session.get(f"{self.emulated.url}/page", params=where) as response:
            assert response.status == 200
            return await response.text()

    async def send(self, act: str, **form: str) -> str:
        """Send a form, and give the problem that the page then shows."""
        data = {"as": self.user, "in": self.place, **form}
        async with self.session.post(f"{self.emulated.url}/page/{act}", data=data) as response:
            found = re.search(r'class="problem">([^<]*)<', await response.text())
            return unescape(found[1]) if found else ""


@pytest.fixture
async def browser(emulated: Discord) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession() as session:
        yield Browser(emulated, session)


class Form(ui.Modal, title="Subscribe"):
    """A form with a text and a choice."""

    words: ui.Label[Self] = ui.Label(text="Keywords", component=ui.TextInput(custom_id="words"))
    place: ui.Label[Self] = ui.Label(
        text="Where",
        component=ui.RadioGroup(
            custom_id="place", options=[discord.RadioGroupOption(label="Here"), discord.RadioGroupOption(label="DM")]
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        words, place = (one.component for one in (self.words, self.place))
        assert isinstance(words, ui.TextInput)
        assert isinstance(place, ui.RadioGroup)
        await interaction.response.send_message(f"{words.value} in {place.value}")


class Menu(ui.View):
    """A button that opens the form, and a menu."""

    @ui.button(label="Open")
    async def open(self, interaction: discord.Interaction, _button: ui.Button[Self]) -> None:
        await interaction.response.send_modal(Form(custom_id="f"))

    @ui.select(custom_id="topic", options=[discord.SelectOption(label="Agents", value="a")])
    async def topic(self, interaction: discord.Interaction, chosen: ui.Select[Self]) -> None:
        await interaction.response.edit_message(content=f"chose {chosen.values[0]}", view=None)


@pytest.fixture
async def client(emulated: Discord) -> AsyncIterator[Quick]:
    made = Quick()

    @made.tree.command(description="Papers")
    async def papers(interaction: discord.Interaction, query: str) -> None:
        await interaction.response.send_message(f"**found** {query}", view=Menu(), ephemeral=query == "psst")

    @papers.autocomplete("query")
    async def queries(_interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current} agents", value=f"{current}-a")] if current else []

    async with connected(emulated, made):
        await made.tree.sync()
        yield made


async def test_the_page_shows_what_a_person_sees(browser: Browser, client: Quick) -> None:
    await browser.send("say", text="/papers query:psst")
    await browser.send("say", text="/papers query:agents")
    page = await browser.look()
    assert "<b>found</b> agents" in page
    assert "only you can see this" in page
    assert "#lab" in page
    assert "#board" not in page
    assert f"BROADSHEET_DISCORD__API_URL={browser.emulated.api_url}" in page
    others = await browser.look(**{"as": str(browser.emulated.user("bob").id)})
    assert "psst" not in others
    assert "#lab" not in others


async def test_commands_are_completed_and_run(browser: Browser, client: Quick) -> None:
    assert await browser.send("complete", text="/papers query:multi") == ""
    page = await browser.look()
    assert 'value="/papers query:multi-a"' in page
    assert "multi agents" in page
    assert await browser.send("say", text="/papers query:multi-a") == ""
    assert "multi agents" not in await browser.look()
    assert browser.emulated.messages("ml")[0].content == "**found** multi-a"
    assert await browser.send("complete", text="/papers query:") == "no results"
    assert await browser.send("say", text="/other") == "/other is not offered here"


async def test_buttons_forms_and_menus_work(browser: Browser, client: Quick) -> None:
    await browser.send("say", text="/papers query:agents")
    message = browser.emulated.messages("ml")[0]
    assert await browser.send("press", message=str(message.id), press="Open") == ""
    page = await browser.look()
    assert "<h3>Subscribe</h3>" in page
    assert "Keywords" in page
    assert await browser.send("submit", **{"field:words": ""}) == "words must be filled in"
    assert await browser.send("submit", **{"field:words": "x", "field:place": "Here"}) == ""
    assert browser.emulated.messages("ml")[-1].content == "x in Here"
    assert "<h3>Subscribe</h3>" not in await browser.look()
    await browser.send("press", message=str(message.id), press="Open")
    await browser.send("close")
    assert "<h3>Subscribe</h3>" not in await browser.look()
    assert await browser.send("submit") == "no form is open"
    await browser.send("select", message=str(message.id), select="topic", **{"field:topic": "a"})
    assert browser.emulated.messages("ml")[0].content == "chose a"
    assert await browser.send("press", message="1", press="Open") == "that is gone"


async def test_people_write_and_forums_show_their_posts(browser: Browser, client: Quick) -> None:
    assert await browser.send("say", text="hello") == ""
    assert browser.emulated.messages("ml")[0].content == "hello"
    forum = client.get_channel(browser.emulated.channel("digest").id)
    assert isinstance(forum, discord.ForumChannel)
    post = await forum.create_thread(name="Today", content="first", applied_tags=[forum.available_tags[0]])
    page = await browser.look(**{"in": str(forum.id)})
    assert "Today" in page
    assert "[agents]" in page
    assert "first" in await browser.look(**{"in": str(post.thread.id)})


async def test_the_page_waits_for_changes(browser: Browser) -> None:
    page = await browser.look()
    since = re.search(r'data-rings="(\d+)"', page)
    assert since
    address = f"{browser.emulated.url}/page/changes"
    waiting = asyncio.create_task(browser.session.get(address, params={"since": since[1]}))
    browser.emulated.say("bob", "ml", "news")
    async with await waiting as response:
        assert response.status == 200
        assert int(await response.text()) > int(since[1])


async def test_other_sites_cannot_act_here(browser: Browser) -> None:
    data = {"as": browser.user, "in": browser.place, "text": "x"}
    headers = {"Origin": "https://evil.example"}
    async with browser.session.post(f"{browser.emulated.url}/page/say", data=data, headers=headers) as response:
        assert response.status == 403
    assert browser.emulated.messages("ml") == []


SHOWN: list[JSON] = [
    row(
        button(label=EVIL),
        button(style=4, disabled=True),
        {"type": 2, "style": 5, "label": EVIL, "url": "https://x.org"},
    ),
    row(select(2, placeholder=EVIL)),
    row({"type": 5, "custom_id": "u"}),
    row({"type": 8, "custom_id": "c"}),
    container(text(f"# {EVIL}"), separator(), section(text("**b** <@1>"), accessory=thumbnail()), accent_color=7),
    gallery(2),
    file(),
]
FIELDS: list[JSON] = [
    label(text_input(value=EVIL), label=EVIL, description=EVIL),
    label(text_input(style=2)),
    label(select(2)),
    label({"type": 21, "custom_id": "r", "options": [option("a", EVIL), option("b")]}),
    label({"type": 22, "custom_id": "k", "options": [option("a")]}),
    label({"type": 23, "custom_id": "b"}),
    label({"type": 19, "custom_id": "u"}),
    row(text_input(label="old")),
    text(),
]
DRAW = Drawing({"1": "ada"}, {"a.txt": "/attachments/1"}, (("5", "#ml"),), (("1", "ada"),))


def test_everything_is_drawn_and_nothing_of_it_is_html() -> None:
    shown = [component(one, DRAW) for one in SHOWN] + [form_part(one, DRAW) for one in FIELDS]
    card: Any = embed(
        title=EVIL,
        description=f"**b** [x](https://x.org) {EVIL}",
        fields=[{"name": EVIL, "value": EVIL}],
        author={"name": EVIL},
        footer={"text": EVIL},
        image={"url": "https://x.org/a.png"},
    )
    shown.append(drawn_embed(card, DRAW))
    page = "".join(shown)
    assert "<img src=x" not in page
    assert "<mark>@ada</mark>" in page
    assert "<b>b</b>" in page
    assert ">#ml<" in page
