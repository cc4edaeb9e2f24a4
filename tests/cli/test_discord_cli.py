"""What the command line shows of Discord without a token."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.chats.discord.limits import EMBED_SUM
from adapters.chats.discord.render import papers, size
from bot.talk import VERBS
from tests.adapters.chats.discord.payloads import accepted, live
from tests.cli.shell import Shell
from tests.cli.test_slack_cli import documents


def test_the_demo_prints_payloads_that_discord_takes(shell: Shell) -> None:
    done = shell("demo", "--platform", "discord")
    made = list(documents(done.out))
    assert done.code == 0
    assert made
    for payload in made:
        accepted(payload)
        assert live(payload) == []
        assert size(payload["embeds"]) <= EMBED_SUM
        assert papers(payload)


def test_the_manifest_is_an_invite_link_with_its_permissions(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    first = urlsafe_b64encode(b"123456789012345678").decode().rstrip("=")
    monkeypatch.setenv("BROADSHEET_DISCORD__TOKEN", f"{first}.b.verysecret")
    done = shell("manifest", "discord")
    link, *rest = done.out.splitlines()
    asked = parse_qs(urlsplit(link).query)
    assert asked["client_id"] == ["123456789012345678"]
    assert asked["scope"] == ["bot applications.commands"]
    assert asked["permissions"] == [str(1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 35 | 1 << 38)]
    assert "Send Messages in Threads" in done.out
    assert all(verb.name in rest[-1] for verb in VERBS)
    assert "verysecret" not in done.out


def test_without_a_token_the_link_says_what_to_put_in(shell: Shell) -> None:
    assert "client_id=APPLICATION_ID" in shell("manifest", "discord").out


def test_a_token_switches_discord_on_and_a_wrong_one_is_named_and_not_shown(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROADSHEET_DISCORD__TOKEN", "verysecret")
    done = shell("list")
    assert done.code == 2
    assert "discord.token" in done.err
    assert "verysecret" not in done.err + done.out
