from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.chats.email.pool import Server
from bot.errors import SettingsError
from bot.settings import of, read
from tests.adapters.chats.email_kit import settings

CANARY = "canary-7f3a"


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port", "user", "password"),
    [
        ("smtp://mail.example.org", "smtp", "mail.example.org", 25, "", ""),
        ("smtps://ada:s3cret@mail.example.org", "smtps", "mail.example.org", 465, "ada", "s3cret"),
        ("smtp+starttls://u%40x.org:p%2F%3A%40@10.0.0.1:2525/", "smtp+starttls", "10.0.0.1", 2525, "u@x.org", "p/:@"),
        (" SMTP://[::1]:1025 ", "smtp", "::1", 1025, "", ""),
    ],
)
def test_a_server_is_one_address(url: str, scheme: str, host: str, port: int, user: str, password: str) -> None:
    server = Server.parse(url)
    assert (server.scheme, server.host, server.port) == (scheme, host, port)
    assert (server.user, server.password) == (user, password)
    assert password not in repr(server) or not password


@pytest.mark.parametrize(
    ("url", "tls"),
    [
        ("smtp://mail.example.org", None),
        ("smtp://127.0.0.1:1025", False),
        ("smtp://localhost", False),
        ("smtp+starttls://localhost", True),
        ("smtps://mail.example.org", False),
    ],
)
def test_tls_is_taken_where_it_is_offered_and_this_machine_needs_none(url: str, tls: bool | None) -> None:
    assert Server.parse(url).tls is tls


BAD: dict[str, Any] = {
    "smtp_url": [
        f"https://{CANARY}@x.org",
        f"smtp://{CANARY}:x",
        "",
        "mail.example.org",
        f"smtp://x.org/{CANARY}",
        f"smtp://x.org:99999?{CANARY}",
    ],
    "from": ["", "papers", f"{CANARY} <", "A <a@b.org>, B <b@b.org>", "x\r\nBcc: y <a@b.org>", "\u202ex <a@b.org>"],
    "reply_to": [CANARY, "a@b.org\r\nBcc: c@d.org"],
    "public_url": [
        "papers.example.org",
        "ftp://x.org",
        "https://u:p@x.org",
        "https://x.org?a=b",
        "javascript:alert(1)",
    ],
    "list_id": ["papers", "a b.c", "a.b>\r\nBcc: x", "päpers.example.org"],
    "per_connection": [0],
    "rate": [-1],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in BAD.items() for value in values])
def test_a_wrong_value_is_refused_and_not_repeated(key: str, value: Any) -> None:  # noqa: ANN401
    with pytest.raises(ValidationError) as raised:
        settings(**{key: value})
    (problem,) = raised.value.errors(include_input=False, include_context=False)
    assert problem["loc"] == (key,)
    assert CANARY not in problem["msg"]


def test_the_environment_sets_it_and_names_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BROADSHEET_CHATS", "email")
    monkeypatch.setenv("BROADSHEET_EMAIL__SMTP_URL", f"smtp://u:{CANARY}@127.0.0.1:2525")
    with pytest.raises(SettingsError) as raised:
        read(None)
    assert "email.from: field required" in str(raised.value)
    assert CANARY not in str(raised.value)
    monkeypatch.setenv("BROADSHEET_EMAIL__FROM", "Papers <papers@example.org>")
    section = of(read(None), "email")
    assert section.from_ == "Papers <papers@example.org>"
    assert CANARY not in repr(section)


def test_the_file_sets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "broadsheet.toml"
    file.write_text('chats = ["email"]\n[email]\nsmtp_url = "smtp://localhost"\nfrom = "a@b.org"\nform = 1\n')
    with pytest.raises(SettingsError, match=r"email\.form: unknown\. Did you mean from\?"):
        read(file)


def test_nothing_is_logged_by_reading_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        settings(f"smtp://u:{CANARY}@127.0.0.1")
    assert CANARY not in caplog.text
