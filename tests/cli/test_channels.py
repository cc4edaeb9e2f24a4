from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.screen import MOST, print_status
from bot.commands.status import Status, Supply
from tests.cli.shell import RECORDING, Shell

ME = "console:me"
MONDAY = "2026-08-03T10:00:00Z"


@pytest.fixture
def following(shell: Shell) -> Shell:
    """A channel that follows agents, with the recorded day in the archive."""
    shell("fetch", "--input", str(RECORDING))
    assert shell("subscribe", ME, "agents -memory").code == 0
    return shell


def posted(shell: Shell) -> str:
    return (shell.data / "console" / "me.txt").read_text("utf-8")


def test_subscribing_says_what_when_and_how_many(shell: Shell) -> None:
    got = shell("subscribe", ME, 'Agents, "World Model"')
    assert got.code == 0
    assert "daily at 09:00 (UTC), up to 5 papers" in got.out
    assert "First digest" in got.out


def test_operators_in_small_letters_are_asked_about(shell: Shell) -> None:
    got = shell("subscribe", ME, "agents or robots")
    assert (got.code, got.err) == (0, "`or` and `not` in small letters are words. Did you mean: agents OR robots\n")


def test_the_same_query_in_another_spelling_is_refused(shell: Shell) -> None:
    shell("subscribe", ME, "agents, dpo")
    got = shell("subscribe", ME, "AGENTS | DPO")
    assert got.code == 1
    assert "already subscribed" in got.err


def test_the_list_is_true_and_numbers_unsubscribe(shell: Shell) -> None:
    shell("subscribe", ME, "agents")
    shell("subscribe", ME, "diffusion")
    shell("subscribe", "console:other", "rlhf")
    assert [row["query"] for row in shell("list", ME, "--json").json] == ["agents", "diffusion"]
    assert "2. diffusion" in shell("list").out
    assert "Unsubscribed console:me from diffusion." in shell("unsubscribe", ME, "2").out
    assert [row["query"] for row in shell("list", "--json").json] == ["agents", "rlhf"]
    assert shell("unsubscribe", ME, "nothing like it").code == 1
    assert shell("unsubscribe", ME, "--all").code == 0
    assert shell("list", ME, "--json").json == []


def test_unsubscribing_from_all_and_one_at_once_is_wrong_usage(shell: Shell) -> None:
    assert shell("unsubscribe", ME).code == 2
    assert shell("unsubscribe", ME, "x", "--all").code == 2


@pytest.mark.parametrize("name", ["me", "slack:", "slack:T/", ":x", "console:a b"])
def test_a_bad_channel_is_wrong_usage(shell: Shell, name: str) -> None:
    got = shell("subscribe", name, "agents")
    assert got.code == 2
    assert "is not a channel" in got.err


def test_settings_are_kept_and_checked(shell: Shell) -> None:
    shell("subscribe", ME, "agents")
    assert (
        shell("settings", ME, "time=07:30", "timezone=europe/berlin", "count=3", "cadence=weekly", "day=fri").code == 0
    )
    held = shell("settings", ME, "--json").json
    assert (held["time"], held["timezone"], held["count"]) == ("07:30", "Europe/Berlin", "3")
    assert (held["cadence"], held["day"]) == ("weekly", "fri")
    assert held["taste"] == "none yet"
    assert shell("settings", ME, "taste=reset").out.splitlines()[-1] == "taste=none yet"
    wrong = shell("settings", ME, "timezone=Berln")
    assert (wrong.code, "Europe/Berlin" in wrong.err) == (2, True)
    assert shell("settings", ME, "count=50").code == 2
    assert "`time`" in shell("settings", ME, "tiem=1").err
    assert shell("settings", ME, "time").code == 2


def test_a_tick_posts_once_however_often_it_runs(following: Shell) -> None:
    first = following("tick", "--now", MONDAY)
    assert first.code == 0, first.err
    before = posted(following)
    assert before.count("-- end of ") == 1
    assert "Qwen-UI-Agent" in before
    assert "Memory" not in before.replace("Why:", "")
    assert following("tick", "--now", MONDAY).code == 0
    assert posted(following) == before


def test_what_was_posted_does_not_come_again_the_next_day(following: Shell) -> None:
    following("settings", ME, "count=1")
    following("tick", "--now", "2026-08-01T10:00:00Z")
    following("tick", "--now", "2026-08-02T10:00:00Z")
    titles = [line for line in posted(following).splitlines() if line.startswith(" 1. ")]
    assert len(titles) == len(set(titles)) == 2


def test_why_names_the_digest_the_words_and_the_rule(following: Shell) -> None:
    following("tick", "--now", MONDAY)
    came = following("why", "2607.28227", ME).out
    assert "has it" in came
    assert "In the digest of 2026-08-03: sent." in came
    assert "in title" in came or "in abstract" in came
    left = following("why", "2607.26637", ME).out
    assert "does not have it" in left
    assert "excluded by -memory" in left
    assert "does not mention" in following("why", "2607.27230", ME).out
    told = following("why", "2607.26637", ME, "--json").json
    assert (told["id"], told["channel"], told["posted"]) == ("2607.26637", ME, False)
    assert [f"- {reason}" for reason in told["reasons"]] == left.splitlines()[2:]


def test_a_paused_channel_gets_nothing_and_status_says_so(following: Shell) -> None:
    following("settings", ME, "paused=yes")
    following("tick", "--now", MONDAY)
    assert not (following.data / "console" / "me.txt").exists()
    assert "paused: paused by hand" in following("status").out
    following("settings", ME, "paused=no")
    following("tick", "--now", MONDAY)
    assert "Qwen-UI-Agent" in posted(following)


def test_status_shows_sources_channels_and_outbox(following: Shell, offline: Shell) -> None:
    assert offline("tick", "--now", MONDAY).code == 0
    got = following("status", "--json").json
    assert got["papers"] == 30
    assert got["newest"] == "2026-07-31"
    assert got["sources"]["huggingface"]["error"]
    assert got["channels"][0]["channel"] == ME
    assert got["outbox"] == {"sent": 1}
    assert "Source huggingface: has not answered yet" in following("status").out
    assert "No source has answered yet." in posted(following)


def test_export_and_import_carry_everything_over(following: Shell, tmp_path: Path) -> None:
    following("settings", ME, "time=07:00", "timezone=Europe/Berlin")
    following("subscribe", "slack:T1/C1", '"world model", exact:"RAG"')
    file = tmp_path / "all.toml"
    assert following("export", str(file)).code == 0
    text = file.read_text("utf-8")
    assert following("export").out == text
    other = Shell(tmp_path / "other", following.capture)
    assert "Would add 2 subscriptions" in other("import", str(file), "--dry-run").out
    assert other("list", "--json").json == []
    assert "Added 2 subscriptions" in other("import", str(file)).out
    assert other("export").out == text
    again = other("import", str(file)).out
    assert "Added 0 subscriptions" in again
    assert "own settings" not in again


def test_an_import_says_which_settings_it_leaves_alone(following: Shell, tmp_path: Path) -> None:
    file = tmp_path / "all.toml"
    following("export", str(file))
    following("settings", ME, "time=07:15")
    assert "1 channel keeps its own settings, which differ from the file's." in following("import", str(file)).out
    assert "07:15" in following("export").out


@pytest.mark.parametrize(
    "text", ["", "version = 2", "not toml [", 'version = 1\n[[channel]]\nname = "x"', "version = 1\nchannel = 3"]
)
def test_a_bad_import_changes_nothing_and_says_why(shell: Shell, tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(text)
    got = shell("import", str(file))
    assert got.code == 1
    assert got.err.strip()
    assert "Traceback" not in got.err
    assert shell("list", "--json").json == []


def test_an_unconfirmed_message_is_the_only_one_to_send_again(following: Shell) -> None:
    following("tick", "--now", MONDAY)
    assert "There is no message" in following("resend", "nonsense").err


def test_what_is_added_to_a_paused_channel_promises_no_digest(following: Shell) -> None:
    following("settings", ME, "paused=yes")
    said = following("subscribe", ME, "robots").out
    assert f"It is paused: paused by hand. Resume with: broadsheet settings {ME} paused=no" in said
    assert "First digest" not in said


def test_status_and_doctor_say_who_gets_nothing(following: Shell) -> None:
    following("subscribe", "slack:T1/C1", "agents")
    following("settings", "console:idle", "count=3")
    shown = following("status").out
    assert "slack:T1/C1: 1 subscription, no digest: slack is not on" in shown
    assert "console:idle: 0 subscriptions, no digest\n" in shown
    rows = {row["channel"]: row["next"] is None for row in following("status", "--json").json["channels"]}
    assert rows == {"slack:T1/C1": True, "console:idle": True, ME: False}
    assert "FIX  1 channel on slack gets nothing: slack is not on. Add it to `chats`" in following("doctor").out


def test_status_shows_the_soonest_of_many_channels_and_counts_the_others(offline: Shell, tmp_path: Path) -> None:
    one = '[[channel]]\nname = "console:c{}"\ntime = "{:02}:30"\npaused = "no"\nfollows = []\n'
    file = tmp_path / "many.toml"
    file.write_text("version = 1\n" + "\n".join(one.format(number, 23 - number % 20) for number in range(MOST + 7)))
    assert offline("import", str(file)).err.splitlines()[-1] == "channels ... 100 %"
    lines = offline("status").out.splitlines()
    assert sum(line.startswith("console:") for line in lines) == MOST
    assert "... and 7 more channels: broadsheet status --json has all." in lines
    assert len(offline("status", "--json").json["channels"]) == MOST + 7


def test_channels_that_are_too_many_are_told_in_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    counts = {("slack", False): 12000, ("slack", True): 34, ("discord", False): 5}
    print_status(Status(Supply(0, "", {}), counts, (), {}, (), ()))
    assert "Channels: discord 5 and 0 paused; slack 12,000 and 34 paused." in capsys.readouterr().out
