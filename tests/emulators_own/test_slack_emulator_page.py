from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from typing import Any

import aiohttp
import pytest

from tests.emulators.slack import Slack, serving
from tests.emulators.slack.building import (
    actions,
    button,
    card,
    chart,
    container,
    context,
    data_table,
    field,
    home,
    image,
    modal,
    mrkdwn,
    option,
    plain,
    rich,
    section,
    select,
    table,
)
from tests.emulators.slack.kit import bolt_app, by_socket, web_client
from tests.emulators.slack.page.blocks import DRAW
from tests.emulators.slack.rules.blocks import MESSAGE, MODAL
from tests.emulators.slack.state.nouns import JSON

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with serving(scale=math.inf) as served:
        yield served


class Browser:
    """A person's browser: it reads the page and sends its forms."""

    def __init__(self, slack: Slack, session: aiohttp.ClientSession) -> None:
        self.slack, self.session = slack, session
        self.user, self.place = slack.user("ada").id, slack.channel("ml").id

    async def look(self, **query: str) -> str:
        where = {"as": self.user, "in": self.place, **query}
        async with self.session.get(f"{self.slack.url}/page", params=where) as response:
            assert response.status == 200
            return await response.text()

    async def send(self, act: str, **form: str) -> str:
        """Send a form, and give the problem that the page then shows."""
        data = {"as": self.user, "in": self.place, "thread": "", **form}
        async with self.session.post(f"{self.slack.url}/page/{act}", data=data) as response:
            found = re.search(r'class="problem">([^<]*)<', await response.text())
            return unescape(found[1]) if found else ""


@pytest.fixture
async def browser(slack: Slack) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession() as session:
        yield Browser(slack, session)


async def test_the_page_shows_channels_messages_and_settings(browser: Browser) -> None:
    client = web_client(browser.slack)
    await client.chat_postMessage(channel=browser.place, text="*hello* <@U1> <https://arxiv.org|paper>")
    await client.chat_postEphemeral(channel=browser.place, user=browser.user, text="psst")
    page = await browser.look()
    assert "<b>hello</b>" in page
    assert '<a href="https://arxiv.org" rel="noreferrer noopener" target="_blank">paper</a>' in page
    assert "psst" in page
    assert f"BROADSHEET_SLACK__BASE_URL={browser.slack.base_url}" in page
    assert "#lab · private" in page
    assert "board" not in page
    assert "psst" not in await browser.look(**{"as": browser.slack.user("bob").id})


async def test_nothing_from_outside_is_ever_markup(browser: Browser) -> None:
    everything = [section(EVIL), section(accessory=button(text=plain(EVIL), value=EVIL)), image(alt_text=EVIL)]
    everything += [rich({"type": "text", "text": EVIL}, {"type": "link", "url": "https://x.org", "text": EVIL})]
    everything += [{"type": "header", "text": plain(EVIL)}, table(1, 1, EVIL), {"type": "markdown", "text": EVIL}]
    await web_client(browser.slack).chat_postMessage(channel=browser.place, text=EVIL, blocks=everything)
    await web_client(browser.slack).chat_postMessage(channel=browser.place, text="<javascript:alert(1)|x>")
    page = await browser.look(problem=EVIL)
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert page.count("&lt;img src=x") >= 8
    assert '<div class="block">x</div>' in page


async def test_the_page_forbids_scripts_but_its_own(browser: Browser) -> None:
    async with browser.session.get(f"{browser.slack.url}/") as response:
        policy = response.headers["Content-Security-Policy"]
        nonce = re.search(r"script-src 'nonce-(\w+)'", policy)
        assert nonce
        assert f'<script nonce="{nonce[1]}">' in await response.text()


SHOWN: dict[str, JSON] = {
    "section": section(fields=[mrkdwn("f")], accessory=select(2)),
    "header": {"type": "header", "text": plain()},
    "divider": {"type": "divider"},
    "image": image(title=plain()),
    "context": context(mrkdwn(), image()),
    "actions": actions(
        button(style="primary"),
        {"type": "checkboxes", "action_id": "k", "options": [option()]},
        {"type": "external_select", "action_id": "e"},
        {"type": "conversations_select", "action_id": "c"},
        {"type": "users_select", "action_id": "u"},
        {"type": "datepicker", "action_id": "d"},
    ),
    "input": field(multiline=True, optional=True),
    "rich_text": rich(
        {"type": "text", "text": "t", "style": {"bold": True, "code": True}},
        {"type": "user", "user_id": "U1"},
        {"type": "emoji", "name": "wave"},
        {"type": "date", "timestamp": 0, "format": "{date}"},
        {"type": "color", "value": "#fff"},
    ),
    "markdown": {"type": "markdown", "text": "# x"},
    "card": card(body=mrkdwn(), hero_image=image(), actions=[button()]),
    "carousel": {"type": "carousel", "elements": [card()]},
    "container": container(section()),
    "table": {"type": "table", "rows": [[rich({"type": "text", "text": "x"})]]},
    "data_table": data_table(),
    "data_visualization": chart(2, 2),
    "context_actions": {
        "type": "context_actions",
        "elements": [{"type": "icon_button", "icon": "trash", "text": plain()}],
    },
    "alert": {"type": "alert", "text": plain()},
}


def test_every_block_that_is_taken_can_be_drawn() -> None:
    assert set(SHOWN) == set(DRAW) == set(MESSAGE) | set(MODAL)


@pytest.mark.parametrize("kind", sorted(set(SHOWN) & set(MESSAGE)))
async def test_a_block_is_drawn_in_a_message(browser: Browser, kind: str) -> None:
    await web_client(browser.slack).chat_postMessage(channel=browser.place, text="x", blocks=[SHOWN[kind]])
    assert f'class="block {kind}"' in await browser.look()


async def test_what_hangs_below_a_message_is_drawn(browser: Browser) -> None:
    slack = browser.slack
    client = web_client(slack, slack.install(slack.channel("ml").team, ["chat:write", "files:write"]))
    attachment = {
        "title": "T",
        "title_link": "https://t.org",
        "text": "*a*",
        "fallback": "a",
        "blocks": [section("in")],
    }
    await client.chat_postMessage(channel=browser.place, text="<!date^0^{date}|then>", attachments=[attachment])
    slack.workspace.put(replace(slack.messages("ml")[0], unfurls=(("https://u.org", {"text": "card"}),)))
    upload = await client.files_upload_v2(filename="a.png", content="x", channel=browser.place)
    bullets = {"type": "rich_text_list", "style": "bullet", "elements": [rich()["elements"][0]]}
    picture = {"type": "image", "slack_file": {"id": upload["file"]["id"]}, "alt_text": "a"}
    shown: list[JSON] = [{"type": "rich_text", "elements": [bullets]}, picture]
    await client.chat_postMessage(channel=browser.place, text="x", blocks=shown)
    page = await browser.look()
    for part in ("<time>then</time>", 'href="https://t.org"', "<b>a</b>", 'href="https://u.org"', "card", "<ul><li>"):
        assert part in page
    assert f'href="/files/{upload["file"]["id"]}"' in page
    assert f'src="/files/{upload["file"]["id"]}"' in page


async def test_a_choice_is_made_in_a_message(browser: Browser) -> None:
    slack, app, seen = browser.slack, bolt_app(browser.slack), list[JSON]()

    async def take(ack: Any, body: JSON) -> None:  # noqa: ANN401 - Bolt gives it
        seen.append(body)
        await ack()

    app.action("s")(take)
    await web_client(slack).chat_postMessage(channel=browser.place, text="x", blocks=[actions(select(2))])
    message = slack.messages("ml")[0]
    what = json.dumps({"action": "s", "block": message.blocks[0]["block_id"]})
    async with by_socket(slack, app):
        assert await browser.send("select", where=message.ts, select=what, **{"field:s": "1"}) == ""
    assert seen[0]["actions"][0]["selected_option"]["value"] == "1"


async def test_a_person_types_presses_and_fills_in(browser: Browser) -> None:
    slack, app = browser.slack, bolt_app(browser.slack)
    fields = [field("words"), field("zone", "external_select"), field("days", "checkboxes", options=[option()])]
    fields += [{"type": "alert", "text": plain("careful")}]
    seen: list[JSON] = []

    async def command(ack: Any, body: JSON, client: Any) -> None:  # noqa: ANN401 - Bolt gives it
        await ack({"text": "x", "blocks": [actions(button("go", value="1"))]})
        await client.views_open(trigger_id=body["trigger_id"], view=modal(*fields, callback_id="form"))

    async def take(ack: Any, body: JSON) -> None:  # noqa: ANN401 - Bolt gives it
        seen.append(body)
        await ack()

    async def offer(ack: Any) -> None:  # noqa: ANN401 - Bolt gives it
        await ack(options=[option("Berlin", "berlin")])

    app.command("/papers")(command)
    app.action("go")(take)
    app.view("form")(take)
    app.options("zone")(offer)
    async with by_socket(slack, app):
        assert await browser.send("say", text="/papers subscribe") == ""
        view = await slack.until(lambda: slack.view("ada"))
        assert view
        await slack.until(lambda: slack.ephemerals("ada"))
        page = await browser.look()
        assert "careful" in page
        message = slack.ephemerals("ada")[0]
        what = json.dumps({"action": "go", "block": message.blocks[0]["block_id"], "value": "1"})
        assert await browser.send("press", where=message.ts, press=what) == ""
        assert "must be filled in" in await browser.send("submit", where=view.id)
        lookup = json.dumps({"action": "zone", "block": "zone"})
        filled = {"field:words": "agents", "query:zone": "ber"}
        assert await browser.send("options", where=view.id, options=lookup, **filled) == ""
        assert '<option value="berlin">Berlin' in await browser.look()
        filled |= {"field:zone": "berlin", "field:days": "x"}
        assert await browser.send("submit", where=view.id, **filled) == ""
    values = seen[-1]["view"]["state"]["values"]
    assert values["words"]["words"]["value"] == "agents"
    assert values["zone"]["zone"]["selected_option"] == option("Berlin", "berlin")
    assert values["days"]["days"]["selected_options"] == [option()]


async def test_a_person_writes_in_threads_and_uses_shortcuts(browser: Browser) -> None:
    slack = browser.slack
    await browser.send("say", text="root")
    root = slack.messages("ml")[0]
    await browser.send("say", text="reply", thread=root.ts)
    assert [message.thread_ts for message in slack.messages("ml")] == ["", root.ts]
    assert "<h3>Thread" in await browser.look(thread=root.ts)
    assert "1 reply" in await browser.look()
    for act, form in (
        ("say", {"text": "/papers help"}),
        ("home", {}),
        ("shortcut", {"shortcut": "papers_subscribe"}),
        ("message_shortcut", {"where": root.ts, "message_shortcut": "papers_which"}),
    ):
        assert await browser.send(act, **form) == "dispatch_failed"
    assert await browser.send("press", where="1.0", press=json.dumps({"action": "a"})) == "that is gone"


async def test_the_home_tab_is_drawn(browser: Browser) -> None:
    assert "Open Home" in await browser.look(**{"in": "home"})
    await web_client(browser.slack).views_publish(user_id=browser.user, view=home(section("mine"), actions(select(2))))
    assert "mine" in await browser.look(**{"in": "home"})


async def test_a_form_can_be_closed_by_hand(browser: Browser) -> None:
    slack = browser.slack
    installation = slack.installed(slack.channel("ml").team)
    trigger = slack.workspace.new_trigger(installation, installation.team, browser.user, browser.place)
    await web_client(slack).views_open(trigger_id=trigger.id, view=modal(field()))
    view = slack.view("ada")
    assert view
    assert await browser.send("close", where=view.id) == ""
    assert slack.view("ada") is None


async def test_another_sites_forms_are_refused(browser: Browser) -> None:
    headers = {"Origin": "https://evil.org"}
    async with browser.session.post(f"{browser.slack.url}/page/say", data={}, headers=headers) as response:
        assert response.status == 403


async def test_the_page_hears_of_changes(browser: Browser) -> None:
    rings = browser.slack.workspace.bell.rings
    address = f"{browser.slack.url}/page/changes?since={rings}"
    waiting = asyncio.create_task(browser.session.get(address))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    browser.slack.say("bob", "ml", "news")
    response = await waiting
    assert (response.status, int(await response.text())) == (200, rings + 1)
    response.release()
