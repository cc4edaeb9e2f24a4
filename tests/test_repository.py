from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot import __version__
from tests.architecture import read

ROOT = Path(__file__).parents[1]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS: dict[str, list[str]] = PYPROJECT["dependency-groups"]
EXTRAS: dict[str, list[str]] = PYPROJECT["project"]["optional-dependencies"]
NEEDED: list[str] = [*PYPROJECT["project"]["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
LOCKED = {
    "runtime": NEEDED,
    "dev": [*NEEDED, *GROUPS["dev"]],
    "bench": GROUPS["bench"],
    "build": [*PYPROJECT["build-system"]["requires"], *GROUPS["build"]],
}
TARGETS = {"help", "demo", "test", "check", "bench", "kill-matrix", "simulate", "run", "lock"}
APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
LEAKS = {
    "index host": re.compile(r"\b(pypi\.org|pythonhosted\.org|npmjs\.(org|com)|anaconda\.(org|com))\b"),
    "index option": re.compile(r"--(extra-)?index-url|--find[-]links|--trusted[-]host"),
    "machine path": re.compile(r"(?<![\w.~%/-])/(work|root|Users)/[\w.]"),
}


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def pins(text: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)}


def tracked(folder: Path = ROOT) -> Iterator[Path]:
    """What a checkout holds: every file that .gitignore lets through."""
    patterns = [".git", *(ROOT / ".gitignore").read_text().split()]
    for path in sorted(folder.iterdir()):
        place = "/" + path.relative_to(ROOT).as_posix()
        if any(fnmatch(place if p.startswith("/") else path.name, p.rstrip("/")) for p in patterns):
            continue
        yield from tracked(path) if path.is_dir() else [path]


def leaks(text: str) -> list[str]:
    return [f"{kind}: {found[0]}" for kind, pattern in LEAKS.items() if (found := pattern.search(text))]


@pytest.mark.parametrize("name", LOCKED)
def test_a_lock_pins_each_direct_dependency_at_a_version_that_is_allowed(name: str) -> None:
    pinned = pins(lock(name))
    wrong = [
        line
        for line in LOCKED[name]
        if not (wish := Requirement(line)).specifier.contains(pinned.get(canonicalize_name(wish.name), "0"))
    ]
    assert wrong == [], "run: make lock"


@pytest.mark.parametrize(("name", "tops"), [("runtime", ["bot", "adapters"]), ("dev", ["tests", "bench"])])
def test_every_package_that_is_imported_is_a_direct_dependency(name: str, tops: list[str]) -> None:
    tree, owners = read(ROOT), packages_distributions()
    imported = {to.partition(".")[0] for module in tree.under(*tops) for _, to in tree.imports(module)}
    foreign = imported - sys.stdlib_module_names - {"bot", "adapters", "tests", "bench", "docs"}
    declared = {canonicalize_name(Requirement(line).name) for line in LOCKED[name]}
    used = {canonicalize_name(owner) for package in foreign for owner in owners.get(package, [package])}
    assert used <= declared


def test_the_development_lock_holds_the_runtime_lock() -> None:
    assert pins(lock("runtime")).items() <= pins(lock("dev")).items()


@pytest.mark.parametrize("name", LOCKED)
def test_every_line_of_a_lock_is_a_pin_with_its_hashes(name: str) -> None:
    body = [line for line in lock(name).splitlines() if not line.startswith("#")]
    pin = r"[a-z0-9.-]+==\S+( ; [^\\]+)? \\(\n    --hash=sha256:[0-9a-f]{64}( \\)?)+\n?"
    assert re.fullmatch(f"({pin})+", "\n".join(body))


def test_no_file_names_a_package_index_or_a_machine() -> None:
    found = {path: leaks(path.read_text(encoding="utf-8", errors="replace")) for path in tracked()}
    assert {path.relative_to(ROOT).as_posix(): what for path, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "text",
    ["https://pypi@org/simple", "-@-extra-index-url x", "-@-find-links x", "in /@Users/me/x", '"/@work/x"', "/@root/x"],
)
def test_a_leak_is_seen(text: str) -> None:
    assert leaks(text) == []
    assert leaks(text.replace("pypi@", "pypi.").replace("@", "")) != []


@pytest.mark.parametrize("text", ["--no-emit-index-url", "https://x.org/work/paper", "~/work/x", "/homepage/x"])
def test_what_only_looks_like_a_leak_is_not_one(text: str) -> None:
    assert leaks(text) == []


def test_a_checkout_is_looked_at_whole_and_nothing_else() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in tracked()}
    assert {"Makefile", ".ci/run", "bot/models.py", "config/broadsheet.toml"} <= names
    assert not any(part in name for name in names for part in (".venv/", "__pycache__", ".git/", "_cache/"))


def test_the_changelog_begins_with_this_version() -> None:
    titles = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert next(title for title in titles if title != "Unreleased") == __version__


def test_every_target_of_the_makefile_is_there_and_explained() -> None:
    text = (ROOT / "Makefile").read_text()
    assert set(re.findall(r"^([a-z-]+):.*## \S", text, re.MULTILINE)) == TARGETS
    assert set(re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)[0].split()) == TARGETS


def test_ci_runs_check_and_test_and_can_be_started() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert re.search(r"^exec make check test\b", script.read_text(), re.MULTILINE)


def test_the_licence_is_apache_2() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2
    assert PYPROJECT["project"]["license"] == "Apache-2.0"


def test_hooks_run_the_tools_of_the_lock_and_fetch_none() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    assert set(re.findall(r"repo: (\S+)", text)) == {"local"}
    entries = re.findall(r"entry: \.venv/bin/(\S+)", text)
    assert len(entries) == text.count("- id:")
    assert set(entries) <= set(pins(lock("dev")))


def test_the_image_copies_what_is_there_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text()
    sources = [name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE) for name in line.split()]
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")}
    assert sources != []
    assert [name for name in sources if not (ROOT / name).exists()] == []
    assert {name.split("/")[0] for name in sources} == allowed
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", text.split("\nFROM")[-1], re.MULTILINE)
    assert 'ENTRYPOINT ["tini", "--", "broadsheet"]' in text


def test_the_wheel_holds_the_code_and_the_configuration_and_no_tests(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = tmp_path.glob("*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    names = [path.relative_to(ROOT) for path in tracked()]
    code = {name.as_posix() for name in names if name.parts[0] in {"bot", "adapters"}}
    config = {f"bot/{name.as_posix()}" for name in names if name.parts[0] == "config"}
    assert held == code | config
