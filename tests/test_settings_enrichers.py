from __future__ import annotations

from pathlib import Path

import pytest

from bot import plugins
from bot.errors import SettingsError
from bot.settings import of, read


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def toml(text: str) -> Path:
    file = Path("broadsheet.toml")
    file.write_text(text, "utf-8")
    return file


def test_none_is_on_by_itself() -> None:
    assert read(None).enrichers == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENRICHERS", "semanticscholar"),
        ("SOURCES", "huggingface, semanticscholar"),
        ("SEMANTICSCHOLAR__KEY", "k"),
        ("SEMANTICSCHOLAR__BASE_URL", "http://localhost:1"),
    ],
)
@pytest.mark.parametrize("layer", ["environment", "dotenv", "toml"])
def test_naming_one_or_giving_its_key_switches_it_on(
    name: str, value: str, layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = None
    if layer == "environment":
        monkeypatch.setenv(f"BROADSHEET_{name}", value)
    elif layer == "dotenv":
        Path(".env").write_text(f"BROADSHEET_{name}={value}\n", "utf-8")
    else:
        section, _, key = name.lower().partition("__")
        listed = ", ".join(f"'{word.strip()}'" for word in value.split(","))
        file = toml(f"[{section}]\n{key} = '{value}'\n" if key else f"{section} = [{listed}]\n")
    core = read(file)
    assert (core.sources, core.enrichers) == (("huggingface",), ("semanticscholar",))
    assert of(core, "semanticscholar").base_url.startswith("http")


def test_each_has_a_key_that_switches_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in plugins.available("enrichers"):
        monkeypatch.setenv(f"BROADSHEET_{name}__BASE_URL".upper(), "http://localhost:1")
    monkeypatch.setenv("BROADSHEET_MODEL__NAME", "tiny")
    core = read(None)
    assert core.enrichers == plugins.available("enrichers")
    assert {of(core, name).base_url for name in core.enrichers} == {"http://localhost:1"}


def test_one_that_is_named_twice_is_on_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROADSHEET_SEMANTICSCHOLAR__KEY", "k")
    core = read(toml("sources = ['semanticscholar']\nenrichers = ['semanticscholar']\n"))
    assert (core.sources, core.enrichers) == ((), ("semanticscholar",))


@pytest.mark.parametrize("key", ["BASE_URL", "NAME", "KEY"])
def test_half_a_model_says_what_is_missing(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"BROADSHEET_MODEL__{key}", "http://localhost:1/v1")
    with pytest.raises(SettingsError) as raised:
        read(None)
    missing = {"BASE_URL", "NAME"} - {key}
    assert sorted(str(raised.value).splitlines()) == sorted(f"model.{one.lower()}: field required." for one in missing)


def test_another_key_of_its_section_does_not_switch_it_on() -> None:
    assert read(toml("[semanticscholar]\ncontact = 'me'\n")).enrichers == ()


def test_what_is_wrong_is_told_by_its_key_and_not_shown() -> None:
    with pytest.raises(SettingsError) as raised:
        read(toml("enrichers = ['semanticscolar']\n[semanticscholar]\nkey = 'two w0rds'\nbase_url = 'x'\nkye = 1\n"))
    told = sorted(str(raised.value).splitlines())
    assert told == [
        "enrichers: I know no enricher called 'semanticscolar'. Did you mean semanticscholar?",
        "semanticscholar.base_url: not a web address; write it like https://example.org.",
        "semanticscholar.key: not a token: it has characters that no token has.",
        "semanticscholar.kye: unknown. Did you mean key?",
    ]


def test_every_one_is_an_adapter_with_settings_of_its_own() -> None:
    for name in plugins.available("enrichers"):
        assert plugins.load("enrichers", name).Settings.model_config["extra"] == "forbid"
