"""The outcomes as tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.kill_matrix.kinds import KINDS
from tests.kill_matrix.run import Outcome
from tests.kill_matrix.strategies import AFTER, BEFORE, CONTROLS, HASTY
from tests.kill_matrix.world import PAPERS

SUMS = ("runs", "cut short", "half done", "in flight", "messages")
ENDS = ("lost", "repeated", "unknown")
HEAD = ("strategy", "kind of kill", "platform", *SUMS, *ENDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """All runs of one strategy, one kind of kill and one kind of platform."""

    strategy: str
    attack: str
    kind: str
    runs: int
    cut_short: int
    half_done: int
    in_flight: int
    messages: int
    lost: int
    repeated: int
    unknown: int
    breaches: tuple[str, ...]


def lines(outcomes: Iterable[Outcome]) -> list[Line]:
    """Add the runs up, in the order in which they were first seen."""
    groups: defaultdict[tuple[str, str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        scenario = outcome.scenario
        groups[scenario.strategy, scenario.attack, scenario.kind.name].append(outcome)
    return [_line(*names, group) for names, group in groups.items()]


def broken(found: Sequence[Line]) -> list[str]:
    """Why the harness proves nothing: what a strategy that must fail did not do."""
    lost = sum(line.lost for line in found if line.strategy == BEFORE)
    silent = [] if lost else [f"'{BEFORE}' lost nothing"]
    return silent + [f"'{name}' repeated nothing" for name in (AFTER, HASTY) if not _fails(name, found)]


def _fails(name: str, found: Sequence[Line]) -> bool:
    """Whether a strategy repeated something, or was played only where it cannot."""
    played = [line for line in found if line.strategy == name]
    harmful = [line for line in played if name not in KINDS[line.kind].spared]
    return any(line.repeated for line in harmful) or (bool(played) and not harmful)


def breaches(found: Iterable[Line]) -> list[str]:
    """Every broken promise of ours."""
    return [
        f"{line.attack}, {line.kind}: {breach}"
        for line in found
        if line.strategy not in CONTROLS
        for breach in line.breaches
    ]


def plain(found: Sequence[Line]) -> str:
    """For a terminal."""
    rows = [HEAD, *map(_cells, found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def markdown(found: Sequence[Line]) -> str:
    """For the documentation: a row for each strategy and kind of kill, platforms side by side."""
    kinds = list(dict.fromkeys(line.kind for line in found))
    rows: defaultdict[tuple[str, str], dict[str, Line]] = defaultdict(dict)
    for line in found:
        rows[line.strategy, line.attack][line.kind] = line
    head = ("strategy", "kind of kill", *SUMS, *kinds)
    rule = ["---"] * 2 + ["---:"] * (len(head) - 2)
    cells = (
        (*names, *_sums(group.values()), *(_ends(group.get(kind)) for kind in kinds)) for names, group in rows.items()
    )
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, rule, *cells))


def data(found: Sequence[Line]) -> dict[str, Any]:
    """For programs."""
    return {"lines": [asdict(line) for line in found], "breaches": breaches(found), "broken": broken(found)}


def _line(strategy: str, attack: str, kind: str, group: Sequence[Outcome]) -> Line:
    findings = [outcome.findings for outcome in group]
    return Line(
        strategy=strategy,
        attack=attack,
        kind=kind,
        runs=len(group),
        cut_short=sum(outcome.cut_short for outcome in group),
        half_done=sum(outcome.half_done for outcome in group),
        in_flight=sum(outcome.in_flight for outcome in group),
        messages=sum(outcome.scenario.channels * len(PAPERS) for outcome in group),
        lost=sum(found.lost for found in findings),
        repeated=sum(found.repeated for found in findings),
        unknown=sum(found.unknown for found in findings),
        breaches=tuple(breach for found in findings for breach in found.breaches),
    )


def _cells(line: Line) -> tuple[str, ...]:
    return (line.strategy, line.attack, line.kind, *_sums([line]), *(str(getattr(line, end)) for end in ENDS))


def _sums(group: Collection[Line]) -> list[str]:
    return [f"{sum(getattr(line, name.replace(' ', '_')) for line in group):,}" for name in SUMS]


def _ends(line: Line | None) -> str:
    return " / ".join(str(getattr(line, end)) for end in ENDS) if line else ""
