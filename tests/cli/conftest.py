from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Shell


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
