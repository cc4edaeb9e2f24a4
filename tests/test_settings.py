from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot import plugins
from bot.errors import SettingsError
from bot.settings import FILE, PREFIX, SERVER, Core, built_in, of, read

CANARY = "canary-7f3a"
Write = Callable[[str], Path]

PAGER = """
from pydantic import BaseModel, ConfigDict, SecretStr

class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    number: int = 1
    token: SecretStr = SecretStr("")

def chat(settings):
    return object()
"""


@pytest.fixture(autouse=True)
def nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but a test's own."""
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def toml(tmp_path: Path) -> Write:
    return lambda text: _written(tmp_path / FILE, text)


@pytest.fixture
def dotenv(tmp_path: Path) -> Write:
    return lambda text: _written(tmp_path / ".env", text)


@pytest.fixture
def pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A third party's chat; gives its dotted name."""
    _written(tmp_path / "settings_party_pager.py", PAGER)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "settings_party").mkdir()
    _written(tmp_path / "settings_party" / "pager.py", PAGER)
    return "settings_party.pager"


def _written(file: Path, text: str) -> Path:
    file.write_text(text, "utf-8")
    return file


def problems(file: Path | None = None) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        read(file)
    return str(raised.value).splitlines()


def test_without_anything_the_built_in_defaults_hold() -> None:
    core = read(None)
    assert (core.store, core.sources, core.chats) == ("tinydb", ("huggingface",), ("console",))
    assert (core.digest.time, core.digest.timezone, core.digest.count) == ("09:00", "UTC", 5)
    assert of(core, "console").echo is True


def test_the_file_of_defaults_says_what_the_code_says() -> None:
    written = tomllib.loads((built_in() / FILE).read_text("utf-8"))
    defaults = {name: field.default for name, field in Core.model_fields.items()}
    defaults["web"] = plugins.load("web", SERVER).Settings()
    for name, value in written.items():
        if isinstance(value, dict):
            assert value == defaults[name].model_dump()
        else:
            assert (tuple(value) if isinstance(value, list) else value) == defaults[name]
    assert set(written) == set(defaults)


def test_each_layer_wins_over_the_one_below(toml: Write, dotenv: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file = toml("[digest]\ncount = 1\ntime = '01:00'\ntimezone = 'Asia/Tokyo'\n")
    dotenv("BROADSHEET_DIGEST__COUNT=2\nBROADSHEET_DIGEST__TIME=02:00\n")
    monkeypatch.setenv("BROADSHEET_DIGEST__COUNT", "3")
    wish = read(file).digest
    assert (wish.cadence, wish.timezone, wish.time, wish.count) == ("daily", "Asia/Tokyo", "02:00", 3)


def test_a_file_changes_only_what_it_names(toml: Write) -> None:
    core = read(toml("[fetch]\nevery = 5\n"))
    assert (core.fetch.every, core.fetch.days, core.digest.count) == (5, 3, 5)


@pytest.mark.parametrize(
    "written", ["huggingface,arxiv", " huggingface , arxiv ", '["huggingface", "arxiv"]', "['huggingface','arxiv',]"]
)
def test_lists_are_written_as_people_write_them(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROADSHEET_SOURCES", written)
    assert read(None).sources == ("huggingface", "arxiv")


def test_a_list_in_a_file_is_a_list(toml: Write) -> None:
    assert read(toml("sources = ['arxiv']\nchats = []\n")).sources == ("arxiv",)


@pytest.mark.parametrize("name", ["BROADSHEET_DIGEST__COUNT", "broadsheet_digest__count", "Broadsheet_Digest__Count"])
def test_case_does_not_matter_in_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "7")
    assert read(None).digest.count == 7


@pytest.mark.parametrize("name", ["STORE", "SOURCES", "DIGEST__COUNT", "HUGGINGFACE__TOKEN", "DIGEST"])
def test_an_empty_variable_is_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + name, "")
    core = read(None)
    assert (core.store, core.sources, core.digest.count) == ("tinydb", ("huggingface",), 5)
    assert of(core, "huggingface").token is None


def test_an_adapter_has_its_section_in_every_layer(toml: Write, dotenv: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file = toml("[huggingface]\nbase_url = 'https://one.example'\ncontact = 'me'\n[console]\necho = false\n")
    dotenv("BROADSHEET_HUGGINGFACE__CONTACT=you\n")
    monkeypatch.setenv("BROADSHEET_HUGGINGFACE__BASE_URL", "https://two.example")
    core = read(file)
    assert of(core, "console").echo is False
    assert (of(core, "huggingface").base_url, of(core, "huggingface").contact) == ("https://two.example", "you")


def test_every_problem_is_told_at_once(toml: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file = toml(
        "digset = 1\nchats = ['consol']\n"
        "[digest]\ncount = 99\ntimezone = 'Mars/Olympus'\ncadance = 'daily'\n"
        "[huggingface]\nbase_url = 'ftp://x'\n"
    )
    monkeypatch.setenv("BROADSHEET_FETCH__EVERY", "often")
    monkeypatch.setenv("BROADSHEET_HUGINGFACE__TOKEN", CANARY)
    told = problems(file)
    beginnings = [
        "chats: I know no chat called 'consol'. Did you mean console?",
        "digest.cadance: unknown. Did you mean cadence?",
        "digest.count: ",
        "digest.timezone: not a time zone I know; write it like Europe/Berlin.",
        "digset: unknown in ",
        "fetch.every: ",
        "huggingface.base_url: not a web address",
        "hugingface: unknown in the environment. Did you mean huggingface?",
    ]
    assert [line for line, start in zip(sorted(told), beginnings, strict=True) if not line.startswith(start)] == []
    assert CANARY not in "".join(told)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[digset]\ncount = 1", "digset: unknown in {file}. Did you mean digest?"),
        ("[zzzzzz]\ncount = 1", "zzzzzz: unknown in {file}."),
        ("[digest]\ntiem = '09:00'", "digest.tiem: unknown. Did you mean time?"),
        ("[digest]\ntime = '9h'", "digest.time: not local time of day, HH:MM."),
        ("[digest]\nzzzz = 1", "digest.zzzz: unknown. There are: cadence, time, timezone, count."),
        ("[console]\nekho = true", "console.ekho: unknown. Did you mean echo?"),
        ("[tinydb]\npath = '/x'", "tinydb: unknown in {file}."),
    ],
)
def test_what_is_unknown_gets_a_hint(text: str, said: str, toml: Write) -> None:
    file = toml(text)
    assert problems(file) == [said.format(file=file)]


def test_a_misspelt_section_in_dotenv_is_told_and_other_programs_lines_are_not(dotenv: Write) -> None:
    file = dotenv(f"DATABASE_URL={CANARY}\nBROADSHEET_DIGSET__COUNT={CANARY}\nBROADSHEET_SOURCES=arxiv\n")
    assert problems() == [f"digset: unknown in {file.name}. Did you mean digest?"]


def test_the_section_of_an_adapter_that_is_off_is_left_alone(toml: Write) -> None:
    assert read(toml("[arxiv]\nanything = 1\n")).sources == ("huggingface",)


def test_a_third_partys_adapter_has_a_section_of_its_own_name(pager: str, toml: Write) -> None:
    file = toml(f"chats = ['console', '{pager}']\n[pager]\nnumber = 110\n")
    assert of(read(file), pager).number == 110
    assert problems(toml(f"chats = ['{pager}']\n[pager]\nnumber = 'x'\n[digest]\ncount = 0\n")) == [
        "digest.count: input should be greater than or equal to 1.",
        "pager.number: input should be a valid integer.",
    ]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("DIGEST", "digest"),
        ("DIGEST__COUNT", "digest.count"),
        ("DIGEST__TIME", "digest.time"),
        ("DIGEST__TIMEZONE", "digest.timezone"),
        ("CONSOLE", "console"),
        ("CONSOLE__ECHO", "console.echo"),
        ("HUGGINGFACE__TOKEN", "huggingface.token"),
        ("HUGGINGFACE__BASE_URL", "huggingface.base_url"),
        ("SOURCES", "sources"),
    ],
)
def test_a_wrong_value_is_named_by_its_key_and_not_shown(name: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + name, f"{CANARY} {{\N{SNOWMAN}")
    told = problems()
    assert [line for line in told if not line.startswith(f"{key}: ")] == []
    assert len(told) == 1
    assert CANARY not in told[0] or name == "SOURCES"


def test_a_secret_is_not_shown_by_printing_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROADSHEET_HUGGINGFACE__TOKEN", CANARY)
    core = read(None)
    assert of(core, "huggingface").token.get_secret_value() == CANARY
    assert CANARY not in f"{core!r} {core} {core.model_dump()}"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda file: None, "There is no settings file"),
        (lambda file: file.mkdir(), "I cannot read the settings file"),
        (lambda file: file.write_text(f"token = {CANARY}"), "is not TOML"),
        (lambda file: file.write_bytes(b"\xff\xfe"), "is not TOML"),
    ],
    ids=["missing", "folder", "syntax", "bytes"],
)
def test_a_file_that_cannot_be_read_is_named(make: Callable[[Path], Any], said: str, tmp_path: Path) -> None:
    make(tmp_path / FILE)
    (told,) = problems(tmp_path / FILE)
    assert said in told
    assert str(tmp_path / FILE) in told
    assert CANARY not in told


def test_a_dotenv_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"BROADSHEET_STORE=\xff\n")
    assert problems() == ["I cannot read .env: it is not UTF-8."]


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read(None).digest.count = 9  # type: ignore[misc]


def test_a_variable_of_somebody_else_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("BROADSHEET_QUX__TOKEN", "canary-4711")
    with caplog.at_level("WARNING", "bot.settings"):
        assert read(None).store == "tinydb"
    assert caplog.messages == ["qux: unknown in the environment."]
