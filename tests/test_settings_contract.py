"""Every setting that operators were promised, by its name, in every layer."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.errors import SettingsError
from bot.settings import PREFIX, Core, of, read

PROMISED = {
    "STORE": "tinydb:elsewhere",
    "SOURCES": "huggingface, arxiv",
    "CHATS": "console, slack, discord, email",
    "SLACK__BOT_TOKEN": "xoxb-1-2-abc",
    "SLACK__APP_TOKEN": "xapp-1-A-2-abc",
    "SLACK__SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
    "SLACK__CLIENT_ID": "1.2",
    "SLACK__CLIENT_SECRET": "fedcba9876543210fedcba9876543210",
    "SLACK__BASE_URL": "http://localhost:1/api/",
    "DISCORD__TOKEN": "MTIz.abc.def",
    "DISCORD__API_URL": "http://localhost:2/api/v10",
    "DISCORD__GATEWAY_URL": "ws://localhost:3",
    "HUGGINGFACE__BASE_URL": "http://localhost:4",
    "HUGGINGFACE__TOKEN": "hf_abc",
    "ARXIV__API_URL": "http://localhost:5/api/query",
    "ARXIV__FEED_URL": "http://localhost:6",
    "SEMANTICSCHOLAR__BASE_URL": "http://localhost:7",
    "SEMANTICSCHOLAR__KEY": "s2key",
    "HACKERNEWS__BASE_URL": "http://localhost:8",
    "MODEL__BASE_URL": "http://localhost:9/v1",
    "MODEL__NAME": "tiny",
    "MODEL__KEY": "sk-abc",
    "EMAIL__SMTP_URL": "smtp://localhost:2525",
    "EMAIL__FROM": "Papers <papers@example.org>",
    "WEB__HOST": "0.0.0.0",
    "WEB__PORT": "8080",
    "WEB__PUBLIC_URL": "https://papers.example.org",
}


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def value(core: Core, name: str) -> str:
    """What a setting came to, as it was written."""
    section, _, key = name.lower().rpartition("__")
    found = getattr(of(core, section) if section else core, "from_" if key == "from" else key)
    shown = found.get_secret_value() if isinstance(found, SecretStr) else found
    return ", ".join(shown) if isinstance(shown, tuple) else str(shown)


def reached(core: Core) -> Mapping[str, str]:
    return {name: value(core, name) for name in PROMISED}


def test_the_environment_has_them_all(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    for name, wish in PROMISED.items():
        monkeypatch.setenv(PREFIX + name, wish)
    core = read(None)
    assert reached(core) == PROMISED
    assert core.enrichers == ("hackernews", "model", "semanticscholar")
    assert caplog.messages == []


def test_a_dotenv_file_has_them_all() -> None:
    Path(".env").write_text("".join(f"{PREFIX}{name}='{wish}'\n" for name, wish in PROMISED.items()), "utf-8")
    assert reached(read(None)) == PROMISED


def test_a_settings_file_has_them_all() -> None:
    top = [f'{name.lower()} = "{wish}"' for name, wish in PROMISED.items() if "__" not in name]
    sections: dict[str, list[str]] = {}
    for name, wish in PROMISED.items():
        section, _, key = name.lower().rpartition("__")
        if section:
            sections.setdefault(section, []).append(f'{key} = "{wish}"')
    lines = [*top, *(line for section, keys in sections.items() for line in (f"[{section}]", *keys))]
    file = Path("broadsheet.toml")
    file.write_text("\n".join(lines), "utf-8")
    assert tomllib.loads(file.read_text("utf-8"))
    assert reached(read(file)) == PROMISED


def test_a_wrong_address_is_told_by_its_key_for_every_one_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = [name for name in PROMISED if name.endswith("_URL")]
    for name, wish in PROMISED.items():
        monkeypatch.setenv(PREFIX + name, "gopher://c4nary/" if name in urls else wish)
    with pytest.raises(SettingsError) as raised:
        read(None)
    told = str(raised.value).splitlines()
    assert sorted(line.partition(":")[0] for line in told) == sorted(name.lower().replace("__", ".") for name in urls)
    assert "c4nary" not in str(raised.value)
