from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import ROOT, Shell


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty folder, without sources."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("BROADSHEET_SOURCES", "[]")
    monkeypatch.setenv("COLUMNS", "80")
    return Shell(tmp_path / "data", capsys)


@pytest.fixture
def offline(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The same with a source that cannot be reached: its address is a closed port."""
    monkeypatch.setenv("BROADSHEET_SOURCES", "huggingface")
    monkeypatch.setenv("BROADSHEET_HUGGINGFACE__BASE_URL", "http://127.0.0.1:9")
    return shell


@pytest.fixture
def server() -> Iterator[str]:
    """The control side of a mail server in a process of its own."""
    command = [sys.executable, "-m", "tests.emulators.mail"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield process.stdout.readline().strip()
        process.stdin.close()
