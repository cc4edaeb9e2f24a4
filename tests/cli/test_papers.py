from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests import sentence_model
from tests.cli.shell import RECORDING, Shell

ASKED = 'agents, "world model", diffusion -survey'


def recorded() -> dict[str, str]:
    rows = json.loads(RECORDING.read_text("utf-8"))
    return {row["paper"]["id"]: f"{row['paper']['title']} {row['paper']['summary']}" for row in rows}


def test_the_acceptance_digest_holds_what_matches_in_score_order_and_a_rule_for_the_rest(shell: Shell) -> None:
    got = shell("digest", ASKED, "--input", str(RECORDING), "--json")
    assert got.code == 0, got.err
    scores = [entry["score"] for entry in got.json["entries"]]
    assert got.json["date"] == "2026-07-31"
    assert got.json["query"] == ASKED
    assert got.json["seen"] == 30
    assert scores == sorted(scores, reverse=True)
    shown = {entry["id"] for entry in got.json["entries"]}
    left = {item["id"] for item in got.json["left_out"]}
    assert len(shown) > 5
    assert not shown & left
    assert shown | left == set(recorded())
    assert all(item["reason"] for item in got.json["left_out"])


def test_every_quote_of_a_digest_stands_in_its_paper(shell: Shell) -> None:
    texts = recorded()
    for entry in shell("digest", ASKED, "--input", str(RECORDING), "--json").json["entries"]:
        assert entry["matches"], entry["id"]
        for match in entry["matches"]:
            assert match["quote"] in texts[entry["id"]]
            assert match["term"] in {"agents", '"world model"', "diffusion"}
            assert match["subscription"] == ASKED


def test_a_count_moves_the_rest_to_left_out_with_the_budget_as_the_rule(shell: Shell) -> None:
    got = shell("digest", ASKED, "--input", str(RECORDING), "--count", "3", "--json").json
    assert len(got["entries"]) == 3
    assert any(item["reason"] == "over the budget of 3" for item in got["left_out"])


def test_zero_upvotes_is_zero_and_not_missing(shell: Shell) -> None:
    got = shell("digest", "*", "--input", str(RECORDING), "--count", "30", "--json").json
    votes = {entry["id"]: entry["upvotes"] for entry in got["entries"]}
    assert votes["2607.16922"] == 0
    assert votes["2607.28618"] == 292


def test_a_threshold_names_itself_as_the_rule(shell: Shell) -> None:
    got = shell("digest", "agents upvotes>=20", "--input", str(RECORDING), "--json").json
    assert {"below upvotes>=20"} <= {item["reason"] for item in got["left_out"]}
    assert all(entry["upvotes"] >= 20 for entry in got["entries"])


def test_a_search_without_a_hit_says_what_else_to_try(shell: Shell) -> None:
    assert "The archive is empty" in shell("search", "agents").err
    shell("fetch", "--input", str(RECORDING))
    assert shell("search", "zebra").err == "No papers found for zebra. Try fewer words.\n"
    assert "Try --period any or fewer words." in shell("search", "zebra", "--period", "week").err


def test_an_empty_digest_says_what_came_closest(shell: Shell) -> None:
    words = ("digest", "agents upvotes>=9999", "--input", str(RECORDING))
    got = shell(*words, "--json").json
    assert got["entries"] == []
    assert len(got["nearest"]) == 3
    assert got["nearest"][0]["reason"].startswith("below upvotes>=9999 (has ")
    lines = [line for line in shell(*words).out.splitlines() if line.startswith("  Close: ")]
    assert all(miss["title"] in line or "… - " in line for miss, line in zip(got["nearest"], lines, strict=True))
    assert "nearest" not in shell("digest", "agents", "--input", str(RECORDING), "--json").json


def test_a_digest_for_people_shows_title_reason_and_numbers(shell: Shell) -> None:
    got = shell("digest", "agents", "--input", str(RECORDING), "--count", "2")
    assert "Qwen-UI-Agent" in got.out
    assert "Why: “" in got.out
    assert "30 papers read, 2 shown" in got.out
    assert "\x1b" not in got.out
    assert all(len(line) <= 80 for line in got.out.splitlines() if "http" not in line)


def test_json_lines_and_a_paper_called_0_are_read(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "papers.jsonl"
    file.write_text('{"id": "2607.00001", "title": "0"}\nnot json\n{"id": "2607.00002", "title": "Agents"}\n')
    got = shell("digest", "*", "--input", str(file), "--json")
    assert {entry["title"] for entry in got.json["entries"]} == {"0", "Agents"}
    assert "Line 2 was left out" in got.err


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"\x00\x01\x02\xff", ""), (b"<html></html>", ""), (b"[1, 2", "")],
    ids=["empty", "binary", "html", "half"],
)
def test_a_bad_file_is_one_sentence_and_exit_code_1(shell: Shell, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "bad"
    file.write_bytes(content)
    got = shell("digest", "*", "--input", str(file))
    assert got.code == 1
    assert said in got.err
    assert "Traceback" not in got.err
    assert got.out == ""


def test_a_missing_file_is_named(shell: Shell, tmp_path: Path) -> None:
    got = shell("digest", "*", "--input", str(tmp_path / "nowhere.json"))
    assert (got.code, "nowhere.json" in got.err) == (1, True)


def test_a_bad_query_points_at_the_place_and_exits_with_2(shell: Shell) -> None:
    got = shell("digest", "(rlhf OR", "--input", str(RECORDING))
    assert got.code == 2
    assert got.err.strip() == 'I can\'t read "(rlhf OR": a bracket opens at 1 and never closes.'


def test_without_network_and_archive_a_digest_says_what_to_do(offline: Shell) -> None:
    got = offline("digest", "agents")
    assert got.code == 1
    assert "--input FILE" in got.err
    assert "Traceback" not in got.err


def test_a_day_that_nobody_gave_is_not_called_read(offline: Shell) -> None:
    today = datetime.now(UTC).date()
    got = offline("fetch", "--since", today.isoformat())
    assert got.code == 1
    assert f"{today} failed" in got.err
    assert " read\n" not in got.err
    assert "No source answered" in got.err


def test_a_fetched_file_can_be_searched_shown_and_tried(shell: Shell) -> None:
    assert "30 papers read, 30 new." in shell("fetch", "--input", str(RECORDING)).out
    assert "30 papers read, 0 new." in shell("fetch", "--input", str(RECORDING)).out
    found = shell("search", '"world model"', "--json").json
    assert found["total"] == len(found["entries"]) == 2
    assert {"id", "title", "url", "authors", "upvotes", "score", "summary", "matches"} <= set(found["entries"][0])
    one = shell("show", "https://huggingface.co/papers/2607.28227", "--json").json
    assert one["title"].startswith("Qwen-UI-Agent")
    tried = shell("backtest", "agents -memory", "--json").json
    assert tried["matched"] > 3
    assert sum(tried["dropped"].values()) > 0
    assert "dropped by -memory" in shell("backtest", "agents -memory").out
    assert len(tried["examples"]["-memory"]) == min(3, tried["dropped"]["-memory"])
    assert "Qwen-UI-Agent" in shell("show", "arXiv:2607.28227v2").out


def test_papers_like_one_are_found_by_its_words(shell: Shell) -> None:
    shell("fetch", "--input", str(RECORDING))
    got = shell("similar", "2607.28227", "--count", "2", "--json").json
    assert got["paper"] == "2607.28227"
    assert got["query"] == "like 2607.28227"
    assert len(got["entries"]) == 2 < got["total"]
    assert "2607.28227" not in {entry["id"] for entry in got["entries"]}
    assert all(entry["matches"] for entry in got["entries"])
    assert "2 shown." in shell("similar", "2607.28227", "--count", "2").err


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("embeddings", "I cannot connect to 127.0.0.1"),
        pytest.param("semantic", "The model in ", marks=sentence_model.RUNS),
    ],
)
def test_a_model_that_is_not_there_leaves_it_to_the_words_and_says_so(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, by: str, said: str
) -> None:
    shell("fetch", "--input", str(RECORDING))
    plain = shell("similar", "2607.28227", "--json").json
    monkeypatch.setenv("BROADSHEET_SIMILAR", by)
    monkeypatch.setenv("BROADSHEET_EMBEDDINGS__BASE_URL", "http://127.0.0.1:9/v1")
    got = shell("similar", "2607.28227", "--json").json
    assert got.pop("note").startswith(f"By words only: {said}")
    assert got == plain


@sentence_model.RUNS
def test_a_sentence_model_in_the_data_folder_orders_what_the_words_found(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell("fetch", "--input", str(RECORDING))
    plain = [entry["id"] for entry in shell("similar", "2607.28227", "--count", "30", "--json").json["entries"]]
    monkeypatch.setenv("BROADSHEET_SIMILAR", "semantic")
    (shell.data / "model").mkdir()
    vectors = {"the": (1.0, 0.0), "and": (0.9, 0.1), "agents": (0.0, 1.0), "experts": (0.1, 0.9)}
    sentence_model.save(shell.data / "model", vectors)
    got = shell("similar", "2607.28227", "--count", "30", "--json").json
    assert "note" not in got
    assert sorted(entry["id"] for entry in got["entries"]) == sorted(plain)
    assert [entry["id"] for entry in got["entries"]] != plain


def test_a_backtest_beside_a_channel_knows_its_budget_and_what_it_has(shell: Shell) -> None:
    shell("fetch", "--input", str(RECORDING))
    shell("subscribe", "console:me", "agents")
    shell("settings", "console:me", "count=2")
    got = shell("backtest", "agents upvotes>=20", "--channel", "console:me", "--json").json
    assert got["budget"] == 2
    assert got["beside"]["channel"] == "console:me"
    assert got["beside"]["have"] == got["matched"] > 0
    assert "come to this channel already" in shell("backtest", "agents", "--channel", "console:me").out
    assert shell("backtest", "agents", "--channel", "nowhere").code == 2


def test_search_sorts_and_bounds(shell: Shell) -> None:
    shell("fetch", "--input", str(RECORDING))
    trending = shell("search", "agents", "--sort", "trending", "--count", "3", "--json").json
    assert len(trending["entries"]) == 3 < trending["total"]
    assert trending["entries"][0]["upvotes"] >= trending["entries"][-1]["upvotes"]
    assert shell("search", "agents", "--period", "week", "--json").json["total"] == 0
    best = shell("search", "agents", "--sort", "best")
    assert (best.code, "Use relevance, newest, trending." in best.err) == (2, True)
    assert shell("search", "agents", "--period", "decade").code == 2


def test_an_unknown_paper_gets_a_hint(shell: Shell) -> None:
    got = shell("show", "2401.99999")
    assert got.code == 1
    assert "2401.01234" in got.err


def test_the_demo_plays_without_network_and_says_what_comes_next(shell: Shell) -> None:
    got = shell("demo")
    assert got.code == 0, got.err
    assert "What to run next:" in got.out
    assert "Why: “" in got.out
    assert shell("demo", "--platform", "nowhere").code == 2


def test_the_demo_plays_again_in_the_same_folder(shell: Shell) -> None:
    first, second = shell("demo"), shell("demo")
    assert (first.code, second.code) == (0, 0)
    assert second.out == first.out


def test_the_demo_plays_whatever_is_set_up(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "STORE": "postgresql://u@127.0.0.1:1/db", "QUEUE": "procrastinate", "CHATS": "discord", "SIMILAR": "embeddings",
        "ENRICHERS": "semanticscholar", "DISCORD__TOKEN": "a.b.c",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"BROADSHEET_{name}", value)
    got = shell("demo")
    assert got.code == 0, got.err
    assert "What to run next:" in got.out


@pytest.mark.parametrize("platform", ["console", "nowhere", "email"])
def test_the_demo_adds_nothing_to_a_folder_of_somebody(shell: Shell, platform: str) -> None:
    shell("fetch", "--input", str(RECORDING))
    shell("demo", "--platform", platform)
    assert shell("status", "--json").json["papers"] == 30
    assert shell("list", "--json").json == []


def test_the_demo_shows_a_mail_without_settings_for_one(shell: Shell) -> None:
    got = shell("demo", "--platform", "email")
    assert (got.code, got.err) == (0, "")
    assert '"subject": "5 papers on agents' in got.out


@pytest.mark.parametrize(("since", "kept"), [("2026-07-31", 30), ("2026-08-01", 0)])
def test_of_a_file_those_are_kept_that_are_listed_since(shell: Shell, since: str, kept: int) -> None:
    got = shell("fetch", "--input", str(RECORDING), "--since", since)
    assert got.out == f"{kept} papers read, {kept} new.\n"
    assert shell("fetch", "--input", str(RECORDING), "--since", "2026-7-31").code == 2


def test_what_is_kept_has_no_blanks_at_the_ends_of_lines(shell: Shell) -> None:
    shown = shell("digest", "--input", str(RECORDING), "agents", "--count", "1").out
    assert [line for line in shown.splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize("words", [("--", "-memory agents"), ("-memory agents",), ("-memory agents", "--count", "3")])
def test_a_query_may_begin_with_a_minus(shell: Shell, words: tuple[str, ...]) -> None:
    got = shell("digest", "--input", str(RECORDING), "--json", *words)
    assert got.code == 0
    assert got.json["query"] == "-memory agents"
    assert "excluded by -memory" in {item["reason"] for item in got.json["left_out"]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("search", "-survey"), "say what you want, not only what you don't"),
        (("subscribe", "console:me", "-(a"), "a bracket opens at 2 and never closes"),
        (("search", "agents", "--count", "-5"), "greater than or equal to 1"),
        (("search", "--cuont"), "No such option: --cuont"),
    ],
)
def test_a_minus_is_no_option_and_an_option_no_query(shell: Shell, words: tuple[str, ...], said: str) -> None:
    got = shell(*words)
    assert (got.code, got.out) == (2, "")
    assert said in got.err


def test_wrong_settings_stop_a_digest_from_a_file_too(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROADSHEET_DIGEST__COUNT", "99")
    got = shell("digest", "agents", "--input", str(RECORDING))
    assert (got.code, got.out) == (2, "")
    assert "digest.count" in got.err
