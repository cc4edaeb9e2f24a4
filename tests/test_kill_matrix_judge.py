from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.kill_matrix.judge import Facts, Findings, judge
from tests.kill_matrix.kinds import BARRED, KEYED, MAIL, NEITHER, READABLE, Kind
from tests.kill_matrix.matrix import probe
from tests.kill_matrix.scenario import Life, Refused
from tests.kill_matrix.service import Accepted

ROOM = "httpchat:team/room1"
PAPERS = ("p1", "p2", "p3")


def row(number: int, state: str = "sent", **changes: object) -> dict[str, Any]:
    paper = f"p{number}"
    remote = f"m{number}" if state == "sent" else ""
    made = {"key": f"k{number}", "channel": ROOM, "state": state, "papers": [paper], "remote_id": remote}
    return {**made, "open": False, **changes}


def message(number: int, *, papers: Sequence[str] = (), payload: object = None) -> Accepted:
    shown = list(papers or [f"p{number}"])
    return Accepted(id=f"m{number}", key=f"k{number}", papers=shown, payload=payload or {"n": number})


def facts(
    rows: Sequence[dict[str, Any]] = (row(1), row(2), row(3)),
    accepted: Sequence[Accepted] = (message(1), message(2), message(3)),
    *,
    posted: Sequence[str] = PAPERS,
    kills: int = 0,
    orderly: bool = True,
) -> Facts:
    return Facts(
        expected={ROOM: frozenset(PAPERS)},
        accepted={ROOM: accepted},
        rows=rows,
        posted={ROOM: frozenset(posted)},
        kills=kills,
        orderly=orderly,
    )


def breaches(kind: Kind, found: Facts) -> tuple[str, ...]:
    return judge(probe(kind), found).breaches


def test_a_run_in_which_all_arrived_once_is_well() -> None:
    assert judge(probe(READABLE), facts()) == Findings()


def test_a_paper_that_nobody_got_and_nobody_is_told_about_is_lost() -> None:
    found = judge(probe(READABLE), facts(accepted=[message(1), message(3)]))
    assert found.lost == 1
    assert "1 lost" in found.breaches


@pytest.mark.parametrize("state", ["dead", "expired"])
def test_a_paper_in_a_row_that_came_to_nothing_is_lost(state: str) -> None:
    found = judge(probe(NEITHER), facts([row(1), row(2, state), row(3)], [message(1), message(3)], posted=["p1", "p3"]))
    assert found.lost == 1


def test_a_message_that_is_shown_as_unknown_is_not_lost() -> None:
    hidden = facts([row(1), row(2, "unknown"), row(3)], [message(1), message(3)], kills=1)
    assert judge(probe(NEITHER), hidden) == Findings(unknown=1)


@pytest.mark.parametrize(("kind", "kills", "allowed"), [(NEITHER, 0, False), (NEITHER, 1, True), (MAIL, 1, False)])
def test_unknown_needs_enough_kills(kind: Kind, kills: int, allowed: bool) -> None:
    left = facts([row(1), row(2, "unknown"), row(3)], kills=kills)
    assert (breaches(kind, left) == ()) is allowed


@pytest.mark.parametrize(("kind", "allowed"), [(READABLE, False), (BARRED, True)])
def test_what_can_be_read_back_never_stays_unknown(kind: Kind, allowed: bool) -> None:
    left = facts([row(1), row(2, "unknown"), row(3)], kills=9)
    assert (breaches(kind, left) == ()) is allowed


@pytest.mark.parametrize("kind", [KEYED, READABLE, NEITHER], ids=lambda kind: kind.name)
def test_no_repeat_is_allowed_where_it_can_be_avoided(kind: Kind) -> None:
    twice = facts(accepted=[message(1), message(2), message(2), message(3)], kills=9)
    assert judge(probe(kind), twice).repeated == 1
    assert breaches(kind, twice) == ("1 repeated",)


@pytest.mark.parametrize(("kills", "copies", "allowed"), [(0, 2, False), (1, 2, True), (9, 3, False)])
def test_mail_may_repeat_once_per_kill_and_never_twice(kills: int, copies: int, allowed: bool) -> None:
    twice = facts(accepted=[message(1), *[message(2)] * copies, message(3)], kills=kills)
    assert (breaches(MAIL, twice) == ()) is allowed


def test_a_copy_is_the_same_as_its_first() -> None:
    other = facts(accepted=[message(1), message(2), message(2, payload="other"), message(3)], kills=1)
    assert breaches(MAIL, other) == (f"{ROOM}: a copy differs from its first",)


def test_a_paper_under_two_keys_is_a_repeat() -> None:
    twice = facts(accepted=[message(1), message(2), message(3, papers=["p3", "p1"])])
    assert judge(probe(READABLE), twice).repeated == 1


@pytest.mark.parametrize("order", [(2, 1, 3), (1, 3, 2)])
def test_parts_arrive_in_order(order: tuple[int, ...]) -> None:
    assert breaches(READABLE, facts(accepted=[message(n) for n in order])) == (f"{ROOM}: out of order",)


@pytest.mark.parametrize(
    ("found", "breach"),
    [
        (facts([row(1), row(2), row(3, open=True)]), "a row is not at rest"),
        (facts(posted=["p1", "p2"]), f"{ROOM}: posted is not what the rows carry"),
        (facts(posted=[*PAPERS, "p4"]), f"{ROOM}: posted is not what the rows carry"),
        (facts([row(1), row(2), row(3, remote_id="m9")]), f"{ROOM}: a row is sent and its message is not there"),
        (
            facts([row(1), row(2), row(3, "expired")], posted=["p1", "p2"]),
            f"{ROOM}: a paper stands in the channel and not in the record",
        ),
        (facts(orderly=False), "a polite end left something under way"),
    ],
    ids=[f"record-{number}" for number in range(6)],
)
def test_the_record_says_what_the_channel_says(found: Facts, breach: str) -> None:
    assert breaches(READABLE, found) == (breach,)


def test_a_disk_that_refuses_counts_like_a_kill() -> None:
    left = facts([row(1), row(2, "unknown"), row(3)])
    refused = replace(probe(NEITHER), lives=(Life(Refused(1, 28, lasting=False)), Life()))
    assert judge(refused, left).breaches == ()
