"""Fault 103: whatever is run and however it fails, no secret of the settings is in what it says."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.cli.shell import Shell

CANARY = "canary7f3aDoNotShow"
SECRET = {
    "SLACK__BOT_TOKEN": f"xoxb-{CANARY}",
    "SLACK__APP_TOKEN": f"xapp-{CANARY}",
    "SLACK__SIGNING_SECRET": CANARY,
    "DISCORD__TOKEN": f"MTA.{CANARY}.{CANARY}",
    "HUGGINGFACE__TOKEN": f"hf_{CANARY}",
    "EMAIL__SMTP_URL": f"smtp://papers:{CANARY}@127.0.0.1:9",
}
COMMANDS = (
    "doctor",
    "tick --now 2026-08-03T10:00:00Z",
    "status --json",
    "digest",
    "list",
    "settings slack:T1/C1",
    "export",
    "manifest slack",
    "subscribe email:nobody agents",
    "migrate --to postgresql://papers:{CANARY}@127.0.0.1:9/papers",
)


class Refusal(BaseHTTPRequestHandler):
    """A service that was given a secret and does not like it: it says it back."""

    def do_GET(self) -> None:
        said = " ".join(map(str, self.headers.values())).encode()
        self.send_response(401, said.decode("latin-1")[:200])
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET  # noqa: N815  (the base class looks for it)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def places() -> Iterator[dict[str, str]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusal) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        yield {
            "SOURCES": "huggingface",
            "SLACK__BASE_URL": f"{here}/api/",
            "DISCORD__API_URL": f"{here}/api/v10",
            "DISCORD__GATEWAY_URL": "ws://127.0.0.1:9/",
            "HUGGINGFACE__BASE_URL": here,
            "EMAIL__FROM": "papers@example.org",
        }
        server.shutdown()


@pytest.mark.parametrize("log", ["text", "json"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_secret_is_said(
    shell: Shell,
    places: dict[str, str],
    command: str,
    log: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name, value in (SECRET | places).items():
        monkeypatch.setenv(f"BROADSHEET_{name}", value)
    got = shell("-v", "--log-format", log, *command.format(CANARY=CANARY).split())
    assert got.out + got.err
    assert CANARY not in got.out + got.err + caplog.text


@pytest.mark.parametrize("name", SECRET)
def test_a_wrong_secret_is_named_by_its_key(
    shell: Shell, places: dict[str, str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in {**places, name: f" {CANARY} \x7f"}.items():
        monkeypatch.setenv(f"BROADSHEET_{key}", value)
    got = shell("-v", "list")
    assert CANARY not in got.out + got.err
