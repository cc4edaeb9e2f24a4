"""The role ``web`` as an operator runs it: a process of its own, ended by SIGTERM."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.cli.shell import ROOT


@contextmanager
def running(data: Path, role: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    given = {"BROADSHEET_SOURCES": "[]", "BROADSHEET_WEB__PORT": "0", **env}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "--data", str(data), "run", "--role", role],
        cwd=ROOT,
        env={**os.environ, **given},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


def told(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    return process.stderr.readline()


def test_the_page_is_there_and_goes_away_on_sigterm(tmp_path: Path) -> None:
    with running(tmp_path, "web") as process:
        address = told(process).split()[-1]
        for place, said in (("/healthz", b"ok"), ("/readyz", b'"ready":true'), ("/", b"No papers")):
            with urlopen(address + place, timeout=60) as answer:
                assert said in answer.read()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0


def test_a_port_that_is_taken_ends_the_role_but_not_everything_else(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running(tmp_path, "web", BROADSHEET_WEB__PORT=port) as process:
            assert process.wait(timeout=60) == 2
            assert f"web: I cannot listen on 127.0.0.1, port {port}: Address already in use." in told(process)
        with running(tmp_path, "all", BROADSHEET_WEB__PORT=port) as process:
            assert "There is no web page" in told(process)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0
