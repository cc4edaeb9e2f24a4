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
from time import monotonic, sleep
from urllib.request import urlopen

import httpx

from tests.adapters.web.starlette.kit import fields
from tests.cli.serving import STARTING, ask
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


def test_the_page_alone_sends_the_letters_that_it_promises(tmp_path: Path, server: str) -> None:
    mail = {"SMTP_URL": ask(f"{server}/smtp"), "FROM": "papers@example.org", "PUBLIC_URL": "https://papers.example.org"}
    with running(tmp_path, "web", **{f"BROADSHEET_EMAIL__{key}": value for key, value in mail.items()}) as process:
        page = f"{told(process).split()[-1]}/email/subscribe"
        with httpx.Client() as browser:
            (form,) = fields(browser.get(page).text)
            assert browser.post(page, data={**form, "email": "ada@example.net"}).status_code == 200
        until = monotonic() + STARTING
        while not (letters := ask(f"{server}/accepted/ada@example.net")) and monotonic() < until:
            sleep(0.1)
    assert "https://papers.example.org/email/confirm?token=" in letters[0]["text"]
