"""Mail from the command line: subscribe, tick, look into the mailbox, take a bounce back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.serving import ask
from tests.cli.shell import ROOT, Shell


@pytest.fixture
def mailing(shell: Shell, server: str, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("BROADSHEET_EMAIL__SMTP_URL", ask(f"{server}/smtp"))
    monkeypatch.setenv("BROADSHEET_EMAIL__FROM", "Papers <papers@example.org>")
    monkeypatch.setenv("BROADSHEET_EMAIL__PUBLIC_URL", "https://papers.example.org")
    return shell


def test_an_address_subscribes_and_gets_its_digest(mailing: Shell, server: str) -> None:
    assert mailing("doctor").out.count("ok  ") >= 3
    assert mailing("fetch", "--input", str(ROOT / "config" / "sample" / "papers.jsonl")).code == 0
    done = mailing("subscribe", "email:Ada@EXAMPLE.net", "agents")
    assert "Subscribed email:Ada@example.net to agents" in done.out
    assert done.err == ""
    assert mailing("tick", "--now", "2026-07-31T10:00:00Z").code == 0
    (mail,) = ask(f"{server}/accepted/Ada@example.net")
    assert "papers on agents" in mail["text"]


def test_a_bounce_stops_the_mails_once_and_only_in_its_time(mailing: Shell, server: str, tmp_path: Path) -> None:
    assert mailing("subscribe", "email:ada@example.net", "*").code == 0
    bounce, now = tmp_path / "bounce.json", datetime.now(UTC)
    wishes = ("quiet=no", f"time={now - timedelta(hours=1):%H:%M}")
    assert mailing("settings", "email:ada@example.net", *wishes).code == 0
    for days, said in ((4, "nothing to do"), (1, "email:ada@example.net gets no more: mail came back (5.1.1)")):
        assert mailing("tick", "--now", (now - timedelta(days=days)).isoformat()).code == 0
        name = ask(f"{server}/accepted/ada@example.net")[-1]["message_id"]
        short = {"message_id": name, "recipient": "ada@example.net", "kind": "bounce", "status": "5.1.1"}
        bounce.write_text(json.dumps(short))
        assert said in mailing("bounce", str(bounce)).out
    assert "nothing to do" in mailing("bounce", str(bounce)).out
    assert "paused: mail came back (5.1.1)" in mailing("status").out
    assert "paused=mail came back" in mailing("settings", "email:ada@EXAMPLE.net").out


@pytest.mark.parametrize("address", ["ada", "ada@example.net,eve@example.net", '"ada"@example.net'])
def test_what_is_no_address_is_refused_by_the_command(mailing: Shell, address: str) -> None:
    done = mailing("subscribe", f"email:{address}", "agents")
    assert done.code == 1
    assert done.err.startswith(f"I can't write to `{address}`: ")


def test_an_import_reads_addresses_as_the_command_does_and_names_the_bad_one(mailing: Shell, tmp_path: Path) -> None:
    file = tmp_path / "channels.toml"
    table = '[[channel]]\nname = "email:{}"\n[[channel.follows]]\nquery = "agents"\n'
    for rooms, code in ((["Ada@EXAMPLE.net", "ada"], 1), (["Ada@EXAMPLE.net"], 0)):
        file.write_text("version = 1\n" + "".join(map(table.format, rooms)))
        done = mailing("import", str(file))
        assert done.code == code
        assert done.err.startswith("channel email:ada: I can't write to `ada`: ") is (code == 1)
        assert ("email:Ada@example.net" in mailing("list").out) is (code == 0)


def test_a_file_that_is_not_there_is_named(mailing: Shell) -> None:
    done = mailing("bounce", "nowhere.eml")
    assert (done.code, done.err) == (1, "I cannot read nowhere.eml: No such file or directory.\n")
