from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from bot import plugins
from bot.errors import SettingsError

FOUND = [(port, name) for port in plugins.PORTS for name in plugins.available(port)]

WORKING = """
from pydantic import BaseModel

class Settings(BaseModel):
    pass

def chat(settings):
    return object()
"""


@pytest.fixture
def party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """A folder for the modules of a third party, in a package of the test's own name."""
    package = tmp_path / f"party_{request.node.name.partition('[')[0]}"
    package.mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    return package


def problem(port: str, name: str) -> str:
    with pytest.raises(SettingsError) as raised:
        plugins.load(port, name)
    return str(raised.value)


def test_there_are_adapters_for_every_port_and_helpers_are_not_among_them() -> None:
    assert {port for port, _ in FOUND} == set(plugins.PORTS)
    assert ("sources", "huggingface") in FOUND
    assert [name for _, name in FOUND if name.startswith("_")] == []


def test_a_port_that_has_no_folder_has_no_adapters() -> None:
    assert plugins.available("oracles") == ()


def test_looking_for_adapters_imports_none_of_them() -> None:
    code = (
        "import sys; from bot import plugins\n"
        "names = [f'adapters.{port}.{name}' for port in plugins.PORTS for name in plugins.available(port)]\n"
        "print(len(names), [name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.split(maxsplit=1) == [str(len(FOUND)), "[]\n"]


@pytest.mark.parametrize(("port", "name"), FOUND)
def test_every_adapter_that_is_found_has_a_builder_and_strict_frozen_settings(port: str, name: str) -> None:
    module = plugins.load(port, name)
    assert callable(getattr(module, plugins.PORTS[port]))
    assert issubclass(module.Settings, BaseModel)
    assert module.Settings.model_config.get("frozen")
    with pytest.raises(ValidationError):
        module.Settings.model_validate({"no_such_key": 1})


@pytest.mark.parametrize(("port", "name"), [pair for pair in FOUND if pair[0] != "stores"])
def test_every_setting_that_a_person_can_make_is_described(port: str, name: str) -> None:
    fields = plugins.load(port, name).Settings.model_fields
    assert [key for key, field in fields.items() if not field.description] == []


def test_a_misspelt_name_gets_a_hint() -> None:
    assert problem("sources", "hugingface") == (
        "sources: I know no source called 'hugingface'. Did you mean huggingface?"
    )


@pytest.mark.parametrize("name", ["", "teletype", "_http", "console/x", "con:sole"])
def test_a_name_like_none_that_exists_gets_the_list(name: str) -> None:
    said = problem("chats", name)
    assert said.startswith(f"chats: I know no chat called {name!r}. ")
    assert "console" in said


def test_a_dotted_name_loads_a_third_partys_module(party: Path) -> None:
    (party / "pager.py").write_text(WORKING)
    module = plugins.load("chats", f"{party.name}.pager")
    assert module.chat(module.Settings()) is not None
    assert plugins.section(f"{party.name}.pager") == "pager"


def test_a_module_that_is_not_there_is_named(party: Path) -> None:
    assert problem("chats", f"{party.name}.nothing") == f"chats: there is no module '{party.name}.nothing'."
    assert problem("chats", "nowhere_at_all.nothing") == "chats: there is no module 'nowhere_at_all.nothing'."


def test_a_package_that_an_adapter_needs_is_named_with_what_to_install(party: Path) -> None:
    (party / "pager.py").write_text("import nowhere_at_all\n")
    said = problem("chats", f"{party.name}.pager")
    assert "needs the package 'nowhere_at_all'" in said
    assert "broadsheet[pager]" in said


def test_a_missing_package_whose_name_begins_like_the_adapters_is_not_mistaken_for_it(party: Path) -> None:
    (party / "pager.py").write_text(f"import {party.name[:-1]}\n")
    assert f"needs the package '{party.name[:-1]}'" in problem("chats", f"{party.name}.pager")


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("", "no Settings and no chat"),
        (WORKING.replace("def chat", "def source"), "no chat"),
        ("chat = 1", "no Settings"),
    ],
)
def test_a_module_that_is_no_adapter_says_what_it_lacks(party: Path, text: str, lacks: str) -> None:
    (party / "pager.py").write_text(text)
    sys.modules.pop(f"{party.name}.pager", None)
    assert problem("chats", f"{party.name}.pager") == f"chats: {party.name}.pager is no chat: it has {lacks}."


def test_a_module_that_was_written_for_another_version_is_named_with_the_reason(party: Path) -> None:
    (party / "pager.py").write_text("from bot.models import Nonsense")
    said = problem("chats", f"{party.name}.pager")
    assert said.startswith(f"chats: {party.name}.pager does not fit this Broadsheet (cannot import name 'Nonsense'")


@pytest.mark.parametrize("name", [".pager", "..pager", "pager.", "a..b", ".", "../pager", "os.path;x"])
def test_a_name_with_stray_dots_is_no_module(name: str) -> None:
    assert problem("chats", name) == f"chats: there is no module {name!r}."
