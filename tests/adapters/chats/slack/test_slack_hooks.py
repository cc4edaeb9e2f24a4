"""Requests over HTTP: signed ones are answered, others are not, and nothing of them is logged."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.ports import Asked, Hook
from tests.adapters.chats.slack.kit import Office
from tests.adapters.chats.slack.payloads import read
from tests.adapters.chats.slack.web import app_settings, web_office
from tests.emulators.slack import BOT_TOKEN, serving
from tests.talking import seen

BODY = urlencode({"command": "/papers", "text": "help canary-body", "team_id": "T1", "user_id": "U1"}).encode()


@pytest.fixture
async def out() -> AsyncIterator[Office]:
    async with serving(scale=float("inf")) as slack:
        settings = app_settings(slack, client_id="", client_secret=None, bot_token=BOT_TOKEN)
        async with web_office(slack, settings) as made:
            yield made


def signed(out: Office, body: bytes = BODY, *, stamp: str | None = None, **wrong: str) -> dict[str, list[str]]:
    stamp = str(int(time.time())) if stamp is None else stamp
    secret = wrong.get("secret", out.slack.workspace.app.signing_secret).encode()
    digest = hmac.new(secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {
        "x-slack-request-timestamp": [stamp],
        "x-slack-signature": [f"v0={digest}"],
        "content-type": ["application/x-www-form-urlencoded"],
    }


def hook(out: Office, path: str = "/slack/events") -> Hook:
    return next(one for one in out.chat.hooks(out.desk) if one.path == path)


def asked(headers: Mapping[str, Sequence[str]], body: bytes = BODY) -> Asked:
    return Asked(method="POST", path="/slack/events", headers=headers, body=body)


async def test_commands_buttons_forms_and_events_come_over_http(out: Office) -> None:
    tried = await out.type("ada", "subscribe agents")
    await (await out.press("ada", tried, "Save")).post()
    await out.slack.command("ada", "ml", "/papers subscribe")
    view = await out.modal("ada", "Subscribe to papers")
    sent = await out.slack.submit("ada", view, {"keywords": "robots"})
    assert "would have posted" in read({"blocks": (await out.slack.until(lambda: sent.posts))[0].blocks})
    assert not (await out.slack.open_home("ada")).error
    assert await out.slack.until(lambda: out.slack.home("ada"))


async def test_slack_finds_the_challenge_answered(out: Office) -> None:
    assert await out.slack.http.verify()


def wrong_headers(out: Office) -> dict[str, dict[str, list[str]]]:
    good, now = signed(out), int(time.time())
    stamp, signature = good["x-slack-request-timestamp"], good["x-slack-signature"]
    return {
        "none": {},
        "no signature": {"x-slack-request-timestamp": stamp},
        "no timestamp": {"x-slack-signature": signature},
        "empty": {**good, "x-slack-signature": [""]},
        "another secret": signed(out, secret="guess"),
        "old": signed(out, stamp=str(now - 301)),
        "from the future": signed(out, stamp=str(now + 301)),
        "letters": signed(out, stamp="abc"),
        "5,000 digits": signed(out, stamp="1" * 5000),
        "negative": signed(out, stamp="-1"),
        "a fraction": signed(out, stamp=f"{now}.0"),
        "not ASCII": {**good, "x-slack-signature": ["v0=é"]},
        "digits of another script": {**good, "x-slack-request-timestamp": ["١٢٣"]},
        "upper case": {**good, "x-slack-signature": [signature[0].upper()]},
        "twice": {**good, "x-slack-signature": signature * 2},
        "two timestamps": {**good, "x-slack-request-timestamp": stamp * 2},
        "another version": {**good, "x-slack-signature": [signature[0].replace("v0=", "v1=")]},
    }


KINDS = (
    "none", "no signature", "no timestamp", "empty", "another secret", "old", "from the future", "letters",
    "5,000 digits", "negative", "a fraction", "not ASCII", "digits of another script", "upper case", "twice",
    "two timestamps", "another version",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
async def test_what_slack_did_not_sign_is_401_and_not_logged(
    out: Office, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answered = await hook(out).answer(asked(wrong_headers(out)[kind]))
    assert answered.status == 401
    assert "canary-body" not in caplog.text
    assert b"canary-body" not in answered.body


async def test_a_body_that_was_changed_on_the_way_is_401(out: Office) -> None:
    assert (await hook(out).answer(asked(signed(out), BODY + b"&more=1"))).status == 401
    recoded = BODY.replace(b"+", b"%20")
    assert (await hook(out).answer(asked(signed(out), recoded))).status == 401


async def test_a_request_that_comes_again_is_401_and_does_nothing(out: Office) -> None:
    gate, headers = hook(out), signed(out)
    assert (await gate.answer(asked(headers))).status == 200
    assert (await gate.answer(asked(headers))).status == 401


async def test_bytes_that_are_no_text_are_answered(out: Office) -> None:
    body = b"\xff\xfe\x00payload=\x80"
    assert (await hook(out).answer(asked(signed(out, body), body))).status < 500


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"payload=%7B", b"payload=null", b"payload=[]", b"{" * 50_000])
async def test_signed_nonsense_is_no_fault(out: Office, body: bytes) -> None:
    assert (await hook(out).answer(asked(signed(out, body), body))).status < 500


async def test_a_workspace_that_is_not_ours_gets_nothing(out: Office) -> None:
    body = urlencode({"command": "/papers", "text": "help", "team_id": "T0FOREIGN", "user_id": "U1"}).encode()
    answered = await hook(out).answer(asked(signed(out, body), body))
    assert answered.status < 500
    assert out.slack.ledger.count("response_url") == 0


async def test_there_are_no_hooks_where_socket_mode_is_used(out: Office) -> None:
    assert {one.path for one in out.chat.hooks(out.desk)} == {"/slack/events"}


async def test_bolts_own_variables_change_nothing(out: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.setenv(name, "from-another-app")
    answered = await hook(out).answer(asked(signed(out)))
    assert answered.status == 200


async def test_debug_logs_hold_no_token(out: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await out.type("ada", "today")
    for secret in (BOT_TOKEN, out.slack.workspace.app.signing_secret):
        assert secret not in caplog.text


async def raw(out: Office, headers: dict[str, str]) -> Any:  # noqa: ANN401
    async with aiohttp.ClientSession() as session, session.post(f"{out.url}/slack/events", headers=headers) as answer:
        return answer.status


async def test_the_greeting_is_three_lines(out: Office) -> None:
    assert len(seen(await out.desk.installed(out.channel)).splitlines()) == 3
