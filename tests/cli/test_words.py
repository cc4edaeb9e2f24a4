from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.cli.shell import Shell


def test_acronyms_are_shown_added_and_forgotten(shell: Shell) -> None:
    assert "Nothing learned yet" in shell("acronyms").err
    got = shell("acronyms", "--add", "BC = Behavior cloning", "--json").json
    assert got["added"] == [{"short": "bc", "long": "behavior cloning"}]
    assert "bc         behavior cloning (added)" in shell("acronyms").out
    got = shell("acronyms", "--forget", "bc", "--json").json
    assert (got["added"], got["forgotten"]) == ([], [{"short": "bc", "long": "behavior cloning"}])
    assert shell("acronyms", "--forget", "rl").out.splitlines()[-1] == "rl         reinforcement learning (forgotten)"


def test_a_digest_knows_the_acronyms_that_were_added(shell: Shell, tmp_path: Path) -> None:
    row = {"id": "x", "title": "Flow matching policies", "listed": "2026-07-31"}
    (tmp_path / "papers.jsonl").write_text(json.dumps(row), "utf-8")
    shell("fetch", "--input", str(tmp_path / "papers.jsonl"))
    assert shell("digest", "fmp", "--json").json["entries"] == []
    shell("acronyms", "--add", "FMP = flow matching policy")
    (entry,) = shell("digest", "fmp", "--json").json["entries"]
    assert entry["matches"][0]["quote"] == "Flow matching policies"


def test_a_digest_of_a_file_knows_the_acronyms_that_its_papers_define(shell: Shell, tmp_path: Path) -> None:
    rows = [
        {"id": "1", "title": "One", "abstract": "We use behavior cloning (BC)."},
        {"id": "2", "title": "A BC baseline"},
        {"id": "3", "title": "Behaviour cloned policies"},
    ]
    file = tmp_path / "papers.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    for asked in ("bc", '"behavior cloning"'):
        found = shell("digest", asked, "--input", str(file), "--json").json["entries"]
        assert len(found) == 3


def test_filling_the_archive_teaches_its_acronyms(shell: Shell, tmp_path: Path) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    row = {"title": "One", "abstract": "We use behavior cloning (BC).", "listed": str(yesterday)}
    file = tmp_path / "papers.jsonl"
    file.write_text("\n".join(json.dumps(row | {"id": str(n)}) for n in range(3)), "utf-8")
    shell("fetch", "--input", str(file))
    assert "bc         behavior cloning (3 papers)" in shell("acronyms").out


def test_wrong_acronyms_are_refused_in_one_line(shell: Shell) -> None:
    assert shell("acronyms", "--add", "bc").code == 2
    got = shell("acronyms", "--forget", "zzz")
    assert (got.code, len(got.err.splitlines())) == (1, 1)
