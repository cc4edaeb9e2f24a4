"""Many workspaces: installed over the web, renewed in time, removed for good, and never mixed up."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from adapters.chats.slack.access import Clients
from adapters.chats.slack.install import EARLY, Installations
from adapters.chats.slack.manifest import manifest
from adapters.chats.slack.renew import HELD
from bot.errors import DeliveryError, Verdict
from bot.models import Channel
from tests.adapters.chats.slack.kit import Office
from tests.adapters.chats.slack.payloads import read
from tests.adapters.chats.slack.web import app_settings, web_office
from tests.contracts.chat import KEY
from tests.emulators.slack import Slack, add_channel, add_team, add_user, drop, empty, refuse, serving
from tests.emulators.slack.rules.manifest import app_of
from tests.making import digest, entry, paper

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk with aiohttp
REDIRECT = "https://bot.example.org/slack/oauth_redirect"


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    workspace = empty()
    workspace.app = app_of(json.loads(manifest(None, "https://bot.example.org")), workspace.app)
    async with serving(workspace, scale=float("inf")) as made:
        yield made


@pytest.fixture
async def out(slack: Slack) -> AsyncIterator[Office]:
    async with web_office(slack, app_settings(slack)) as made:
        yield made


def team_of(slack: Slack, name: str, *, enterprise: str = "") -> str:
    """A workspace with a person, ``ada-NAME``, and a channel, ``ml-NAME``."""
    team = add_team(slack.workspace, name, enterprise=enterprise)
    ada = add_user(slack.workspace, team, f"ada-{name}").id
    add_channel(slack.workspace, team, f"ml-{name}", {ada})
    return team.id


class Browser:
    """Goes where it is sent, with its cookies."""

    def __init__(self, out: Office) -> None:
        self._out = out
        self.cookie = ""

    async def begin(self) -> str:
        """Open the install page and give Slack's address in it."""
        async with aiohttp.ClientSession() as session, session.get(f"{self._out.url}/slack/install") as answer:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
            page = await answer.text()
        found = re.search(r'href="([^"]*/oauth/v2/authorize[^"]*)"', page)
        assert found
        return unescape(found[1])

    async def come_back(self, address: str, *, cookie: str | None = None) -> tuple[int, str]:
        """Follow Slack's redirect to our own server."""
        parts = urlsplit(address)
        headers = {"Cookie": self.cookie if cookie is None else cookie}
        url = f"{self._out.url}{parts.path}?{parts.query}"
        async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
            return answer.status, await answer.text()


async def install(out: Office, team: str, person: str = "") -> None:
    """Install the app as a person does."""
    browser = Browser(out)
    there = await browser.begin()
    back = out.slack.consent(there, person or f"ada-{out.slack.workspace.teams[team].name}", team)
    status, _ = await browser.come_back(back)
    assert status == 200


async def test_somebody_installs_us_is_greeted_and_can_begin(out: Office) -> None:
    team = team_of(out.slack, "Acme")
    await install(out, team)
    (greeting,) = out.slack.dm("ada-Acme")
    assert "/papers subscribe" in read({"blocks": greeting.blocks})
    out.slack.invite("ml-Acme")
    tried = await out.type("ada-Acme", "subscribe agents", "ml-Acme")
    await (await out.press("ada-Acme", tried, "Save")).post()
    assert "Subscribed this channel" in read({"blocks": out.slack.messages("ml-Acme")[0].blocks})


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"state": None}, 400),
        ({"state": "guess"}, 400),
        ({"code": None}, 401),
        ({"code": "guess"}, 401),
    ],
)
async def test_a_way_back_that_nobody_began_is_refused(out: Office, change: dict[str, str | None], status: int) -> None:
    team = team_of(out.slack, "Acme")
    browser = Browser(out)
    back = out.slack.consent(await browser.begin(), "ada-Acme", team)
    query = {key: values[0] for key, values in parse_qs(urlsplit(back).query).items()} | change
    kept = "&".join(f"{key}={value}" for key, value in query.items() if value is not None)
    assert (await browser.come_back(f"{REDIRECT}?{kept}"))[0] == status
    assert not await out.store.notes("installation/")


async def test_a_state_works_once_and_in_one_browser(out: Office) -> None:
    team = team_of(out.slack, "Acme")
    browser = Browser(out)
    back = out.slack.consent(await browser.begin(), "ada-Acme", team)
    assert (await browser.come_back(back, cookie=""))[0] == 400
    assert (await browser.come_back(back))[0] == 200
    assert (await browser.come_back(back))[0] == 401


@pytest.mark.parametrize(
    ("error", "said"),
    [("access_denied", "it was refused in Slack."), ("<script>alert(1)</script>", "Slack did not let us in.")],
)
async def test_an_error_on_the_way_back_is_a_sentence_and_a_way_to_try_again(
    out: Office, error: str, said: str
) -> None:
    browser = Browser(out)
    await browser.begin()
    _, page = await browser.come_back(f"{REDIRECT}?error={error}")
    assert f"The app is not in your workspace: {said}" in page
    assert 'href="/slack/install"' in page
    assert "<script>alert" not in page


async def test_a_slack_that_is_away_during_an_installation_is_no_fault(out: Office) -> None:
    team = team_of(out.slack, "Acme")
    browser = Browser(out)
    back = out.slack.consent(await browser.begin(), "ada-Acme", team)
    out.slack.faults.on("oauth.v2.access", drop(committed=False))
    assert (await browser.come_back(back))[0] == 502


async def post(out: Office, team: str, key: str = KEY) -> str:
    channel = Channel("slack", team, out.slack.channel(f"ml-{out.slack.workspace.teams[team].name}").id)
    (message,) = out.chat.render(digest(channel, entry(paper())))
    return await out.chat.post(channel, message, key, "")


async def kept(out: Office, key: str) -> dict[str, object]:
    return dict(await out.store.noted(f"installation/slack:{key}") or {})


async def test_a_token_is_renewed_before_it_runs_out_and_once(out: Office) -> None:
    team = team_of(out.slack, "Acme")
    await install(out, team)
    out.slack.invite("ml-Acme")
    before = await kept(out, team)
    await out.store.note(f"installation/slack:{team}", {**before, "expires": int(now() + EARLY - 60)})
    out.chat.installations._cache.clear()  # type: ignore[union-attr]
    await asyncio.gather(*(post(out, team, f"{n:024}") for n in range(5)))
    after = await kept(out, team)
    assert after["token"] != before["token"]
    assert (
        sum(call.args.get("grant_type") == "refresh_token" for call in out.slack.ledger.calls("oauth.v2.access")) == 1
    )
    assert not await out.store.notes("renewing/")


async def test_a_token_that_slack_calls_expired_is_renewed_and_the_message_goes_once(out: Office) -> None:
    team = team_of(out.slack, "Acme")
    await install(out, team)
    out.slack.invite("ml-Acme")
    out.slack.faults.on("chat.postMessage", refuse("token_expired"))
    await post(out, team)
    assert len(out.slack.messages("ml-Acme")) == 1


async def test_a_token_that_cannot_be_renewed_yet_serves_until_it_runs_out(out: Office) -> None:
    team = team_of(out.slack, "Acme")
    await install(out, team)
    out.slack.invite("ml-Acme")
    row = await kept(out, team)
    await out.store.note(f"installation/slack:{team}", {**row, "expires": int(now() + 600)})
    out.chat.installations._cache.clear()  # type: ignore[union-attr]
    out.slack.faults.on("oauth.v2.access", drop(committed=False))
    assert await post(out, team)
    await out.store.note(f"installation/slack:{team}", {**row, "expires": int(now() - 1)})
    out.chat.installations._cache.clear()  # type: ignore[union-attr]
    lost = refuse("invalid_refresh_token")
    for doubt, fault, verdict in (
        (15.0, drop(committed=False), Verdict.RETRY),
        (15.0, lost, Verdict.WAIT),
        (0.0, lost, Verdict.TENANT),
    ):
        out.chat.installations.renewals.doubt = doubt  # type: ignore[union-attr]
        out.slack.faults.on("oauth.v2.access", fault)
        with pytest.raises(DeliveryError) as caught:
            await post(out, team)
        assert caught.value.verdict is verdict


async def test_a_lock_that_a_dead_process_left_is_taken_over_and_a_living_one_is_not(out: Office) -> None:
    team = team_of(out.slack, "Acme")
    await install(out, team)
    out.slack.invite("ml-Acme")
    row = await kept(out, team)
    await out.store.note(f"installation/slack:{team}", {**row, "expires": int(now() - 1)})
    out.chat.installations._cache.clear()  # type: ignore[union-attr]
    await out.store.note(f"renewing/slack:{team}", {"at": now()})
    with pytest.raises(DeliveryError) as caught:
        await post(out, team)
    assert caught.value.verdict is Verdict.WAIT
    await out.store.note(f"renewing/slack:{team}", {"at": now() - HELD - 1})
    assert await post(out, team)


@pytest.mark.parametrize("tokens_first", [True, False])
async def test_an_uninstalled_workspace_has_no_token_left(out: Office, tokens_first: bool) -> None:
    team = team_of(out.slack, "Acme")
    await install(out, team)
    out.slack.workspace.clock.advance(5)
    for receipt in await out.slack.uninstall(team, tokens_first=tokens_first):
        assert not receipt.error
    await out.slack.until(lambda: True)
    assert not await kept(out, team)
    with pytest.raises(DeliveryError) as caught:
        await post(out, team)
    assert caught.value.verdict is Verdict.TENANT


async def test_a_late_word_of_an_old_end_does_not_end_the_new_installation(out: Office) -> None:
    team = team_of(out.slack, "Acme")
    await install(out, team)
    installations = Installations(Clients(out.slack.base_url, 5.0), "1", "2")
    installations.remember(out.store)
    assert await installations.forget(team, now() - 60) == ()
    assert await kept(out, team)


async def test_an_organisation_serves_its_workspaces_until_it_takes_one_out(out: Office) -> None:
    first, second = team_of(out.slack, "Red", enterprise="Org"), team_of(out.slack, "Blue", enterprise="Org")
    org = out.slack.workspace.teams[first].enterprise
    browser = Browser(out)
    back = out.slack.consent(await browser.begin(), "ada-Red", first, whole=True)
    assert (await browser.come_back(back))[0] == 200
    assert (await kept(out, org))["team"] == ""
    for team, name in ((first, "Red"), (second, "Blue")):
        answer = await out.type(f"ada-{name}", "help", f"ml-{name}")
        assert answer.text
        out.slack.invite(f"ml-{name}", team)
        assert await post(out, team)
    assert not (await out.slack.revoke_access(second)).error
    with pytest.raises(DeliveryError):
        await post(out, second)
    assert await post(out, first, "1" * 24)


async def test_two_workspaces_with_the_same_ids_never_meet(out: Office) -> None:
    red, blue = team_of(out.slack, "Red"), team_of(out.slack, "Blue")
    for team in (red, blue):
        await install(out, team)
    out.slack.invite("ml-Red")
    out.slack.invite("ml-Blue")
    tried = await out.type("ada-Red", "subscribe agents", "ml-Red")
    await (await out.press("ada-Red", tried, "Save")).post()
    assert {one.channel.tenant for one in await out.store.subscriptions()} == {red}
    assert "No subscriptions here yet" in read({"blocks": (await out.type("ada-Blue", "list", "ml-Blue")).blocks})
    foreign = Channel("slack", blue, out.slack.channel("ml-Red").id)
    (message,) = out.chat.render(digest(foreign, entry(paper())))
    with pytest.raises(DeliveryError):
        await out.chat.post(foreign, message, KEY, "")


def now() -> float:
    return datetime.now(UTC).timestamp()
