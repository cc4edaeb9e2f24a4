"""The example in docs/add-a-source.md, taken out of the page and run as a stranger would: beside the project."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "add-a-source.md").read_text("utf-8")
NAMED = re.compile(r"`([\w/]+\.py)`:\n\n```python\n(.*?)```", re.DOTALL)
SETTINGS = re.compile(r"```toml\n(.*?)```", re.DOTALL)


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A folder with the page's files, one for each block that has a name."""
    for name, code in NAMED.findall(PAGE):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(code, "utf-8")
    (found,) = SETTINGS.findall(PAGE)
    (tmp_path / "broadsheet.toml").write_text(found, "utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BROADSHEET_", "PYTEST_"))}
    environment = {**kept, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_the_page_has_a_module_and_its_test(beside: Path) -> None:
    assert {path.name for path in beside.rglob("*.py")} == {"reports.py", "test_reports.py"}


def test_the_example_passes_its_own_test(beside: Path) -> None:
    settings = (
        "-c",
        str(ROOT / "pyproject.toml"),
        "--rootdir",
        str(beside),
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    )
    done = run(beside, "-m", "pytest", "-q", *settings, str(beside / "test_reports.py"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "13 passed" in done.stdout


def test_the_example_is_found_by_its_dotted_name_with_its_settings(beside: Path) -> None:
    asked = (
        "from pathlib import Path; from bot import plugins, settings;"
        "core = settings.read(Path('broadsheet.toml'));"
        "made = plugins.load('sources', core.sources[1]).source(settings.of(core, core.sources[1]));"
        "print(made.name, settings.of(core, core.sources[1]).base_url)"
    )
    done = run(beside, "-c", asked)
    assert done.stdout == "reports https://reports.mylab.example\n", done.stderr
