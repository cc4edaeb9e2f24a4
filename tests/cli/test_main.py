from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.cli import main
from tests.cli.shell import RECORDING, ROOT, Shell, spawn

SECRET = "xoxb-canary-4711"


def test_help_and_version_answer_on_stdout(shell: Shell) -> None:
    for words in (["--help"], ["--version"], ["digest", "--help"]):
        got = shell(*words)
        assert (got.code, got.err) == (0, "")
        assert "broadsheet" in got.out


@pytest.mark.parametrize("words", [["nonsense"], ["digest", "--nonsense"], ["search"], ["--log-format", "xml", "list"]])
def test_wrong_usage_is_exit_code_2_and_one_line(shell: Shell, words: list[str]) -> None:
    got = shell(*words)
    assert (got.code, got.out) == (2, "")
    assert len(got.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nonsense",), "No such command 'nonsense'. See broadsheet --help.\n"),
        (("show",), "Missing argument 'PAPER'. See broadsheet show --help.\n"),
        (("unsubscribe", "console:me"), "name one query, or use --all. See broadsheet unsubscribe --help.\n"),
    ],
)
def test_wrong_usage_says_where_to_read_how_it_goes(shell: Shell, words: tuple[str, ...], said: str) -> None:
    assert shell(*words).err.endswith(said)


def test_no_words_at_all_show_every_command_whole(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    shown = capsys.readouterr()
    assert (ended.value.code, shown.out) == (2, "")
    assert shown.err.startswith("Usage: broadsheet")
    assert "See broadsheet" not in shown.err
    assert "..." not in shown.err.partition("Commands:")[2]


def test_all_wrong_settings_are_named_at_once_without_their_values(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROADSHEET_DIGEST__COUNT", SECRET)
    monkeypatch.setenv("BROADSHEET_SOURCES", "huggingfase")
    monkeypatch.setenv("BROADSHEET_DIGST__TIME", "09:00")
    got = shell("list")
    assert got.code == 2
    assert "digest.count" in got.err
    assert "Did you mean huggingface?" in got.err
    assert "Did you mean digest?" in got.err
    assert SECRET not in got.err + got.out


def test_logs_can_be_json(offline: Shell) -> None:
    got = offline("--log-format", "json", "tick", "--now", "2026-08-03T10:00:00Z")
    lines = [line for line in got.err.splitlines() if line.startswith("{")]
    assert any('"level": "warning"' in line for line in lines)


def test_a_fault_of_ours_is_a_sentence_and_its_traceback_only_with_v(tmp_path: Path) -> None:
    plugin = tmp_path / "broken_source.py"
    plugin.write_text(
        "from pydantic import BaseModel\n"
        "class Settings(BaseModel): ...\n"
        "def source(settings): raise ZeroDivisionError\n"
    )
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "BROADSHEET_SOURCES": "broken_source.sub"}
    plugin.rename(tmp_path / "sub.py")
    (tmp_path / "broken_source").mkdir()
    (tmp_path / "sub.py").rename(tmp_path / "broken_source" / "sub.py")
    quiet = spawn("--data", str(tmp_path / "d"), "list", env=env)
    assert quiet.code == 1
    assert "Something went wrong on my side (ZeroDivisionError)" in quiet.err
    assert "Traceback" not in quiet.err
    loud = spawn("--data", str(tmp_path / "d"), "-v", "list", env=env)
    assert "Traceback" in loud.err


def test_a_closed_pipe_is_not_an_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(30) == 0
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()


def test_a_locale_that_lacks_characters_costs_those_only(tmp_path: Path) -> None:
    env = {**os.environ, "BROADSHEET_SOURCES": "[]", "PYTHONIOENCODING": "ascii"}
    words = ("--data", str(tmp_path), "digest", "agents", "--input", str(RECORDING))
    plain = spawn(*words, env=env)
    assert (plain.code, plain.err) == (0, "")
    assert "LLM-based Multi-Agent Systems" in plain.out
    there = spawn(*words, "--json", env={**env, "PYTHONIOENCODING": "utf-8"})
    assert spawn(*words, "--json", env=env).json == there.json


def test_output_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("only Linux has a device that is always full")
    words = [sys.executable, "-m", "bot", "--data", str(tmp_path), "digest", "--input", str(RECORDING)]
    with full.open("w") as nowhere:
        done = subprocess.run(words, cwd=ROOT, stdout=nowhere, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "No space left" in done.stderr


def test_run_serves_until_sigterm_and_a_second_process_is_refused(tmp_path: Path) -> None:
    env = {**os.environ, "BROADSHEET_SOURCES": "[]"}
    words = [sys.executable, "-m", "bot", "--data", str(tmp_path), "run"]
    process = subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 20
        while not (tmp_path / "channels.json").exists() and not (tmp_path / "papers.sqlite").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        second = spawn("--data", str(tmp_path), "list", env=env)
        assert second.code == 1
        assert f"process {process.pid}" in second.err
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=25)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert "Traceback" not in err


def test_doctor_names_what_is_wrong(shell: Shell) -> None:
    got = shell("doctor")
    assert "ok   Settings: sources none; chats console." in got.out
    assert "Data folder" in got.out


def test_an_unknown_role_is_wrong_usage(shell: Shell) -> None:
    assert shell("run", "--role", "juggler").code == 2
