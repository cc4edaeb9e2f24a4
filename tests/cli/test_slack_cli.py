"""What the command line shows of Slack without a token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.talk import VERBS
from tests.adapters.chats.slack.payloads import accepted, live
from tests.cli.shell import Shell
from tests.emulators.slack import App
from tests.emulators.slack.rules.manifest import app_of, problems


def documents(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects at the beginning of a text."""
    decoder = json.JSONDecoder()
    while text.lstrip().startswith("{"):
        found, end = decoder.raw_decode(text.lstrip())
        text = text.lstrip()[end:]
        yield found


def test_the_demo_prints_payloads_that_slack_takes(shell: Shell) -> None:
    done = shell("demo", "--platform", "slack")
    made = list(documents(done.out))
    assert done.code == 0
    assert made
    for payload in made:
        accepted(payload)
        assert all(token.kind == "link" for token in live(payload))


@pytest.mark.parametrize("http", ["", "https://papers.example.org/"])
def test_the_manifest_is_one_that_slack_takes(shell: Shell, http: str) -> None:
    done = shell("manifest", "slack", *(["--http", http] if http else []))
    made = json.loads(done.out)
    assert (done.code, problems(made)) == (0, [])
    app = app_of(made, App())
    assert app.scopes == ("commands", "chat:write")
    assert {"chat:write.public", "users:read"} <= set(app.optional_scopes)
    assert app.socket_mode is not bool(http)
    assert dict(app.shortcuts) == {"papers_subscribe": "global", "papers_which": "message"}
    (command,) = made["features"]["slash_commands"]
    assert all(verb.name in command["usage_hint"] for verb in VERBS)
    if http:
        assert app.request_url == "https://papers.example.org/slack/events"
        assert app.redirect_urls == ("https://papers.example.org/slack/oauth_redirect",)


def test_a_manifest_needs_a_platform_that_has_one(shell: Shell) -> None:
    assert shell("manifest", "console").code == 2
    assert shell("manifest", "teams").code == 2
    assert shell("manifest", "slack", "--http", "papers.example.org").code == 2


def test_the_manifest_uses_the_command_of_the_settings(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROADSHEET_SLACK__BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("BROADSHEET_SLACK__COMMAND", "/arxiv")
    made = json.loads(shell("manifest", "slack").out)
    assert made["features"]["slash_commands"][0]["command"] == "/arxiv"


def test_a_token_switches_slack_on_and_a_wrong_one_is_named_and_not_shown(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROADSHEET_SLACK__BOT_TOKEN", "xoxp-verysecret")
    done = shell("list")
    assert done.code == 2
    assert "slack.bot_token" in done.err
    assert "verysecret" not in done.err + done.out


def test_slack_without_a_token_says_which_key(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROADSHEET_CHATS", "slack")
    done = shell("list")
    assert done.code == 2
    assert "bot_token" in done.err
