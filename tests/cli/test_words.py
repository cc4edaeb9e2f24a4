from __future__ import annotations

from tests.cli.shell import Shell


def test_acronyms_are_shown_added_and_forgotten(shell: Shell) -> None:
    assert "Nothing learned yet" in shell("acronyms").err
    got = shell("acronyms", "--add", "BC = Behavior cloning", "--json").json
    assert got["added"] == [{"short": "bc", "long": "behavior cloning"}]
    assert "bc         behavior cloning (added)" in shell("acronyms").out
    got = shell("acronyms", "--forget", "bc", "--json").json
    assert (got["added"], got["forgotten"]) == ([], [{"short": "bc", "long": "behavior cloning"}])
    assert shell("acronyms", "--forget", "rl").out.splitlines()[-1] == "rl         reinforcement learning (forgotten)"


def test_wrong_acronyms_are_refused_in_one_line(shell: Shell) -> None:
    assert shell("acronyms", "--add", "bc").code == 2
    got = shell("acronyms", "--forget", "zzz")
    assert (got.code, len(got.err.splitlines())) == (1, 1)
