"""What must hold after a run, whatever was done to it. Pure: facts in, findings out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.kill_matrix.scenario import Scenario
from tests.kill_matrix.service import Accepted

Row = Mapping[str, Any]
"""``key``, ``channel``, ``state``, ``papers``, ``remote_id`` and ``open``, by planned moment, plan and part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a run left behind, in the store and at the server."""

    expected: Mapping[str, frozenset[str]]
    """Channel -> the papers that it must get."""
    accepted: Mapping[str, Sequence[Accepted]]
    """Channel -> what stands in it, in the order of arrival."""
    rows: Sequence[Row]
    posted: Mapping[str, frozenset[str]]
    kills: int
    """Lives that a kill ended."""
    orderly: bool = True
    """Whether every life that was asked to stop did so, and left nothing under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """One run, judged. ``lost`` and ``repeated`` count papers, and each message of the matrix shows one."""

    lost: int = 0
    repeated: int = 0
    unknown: int = 0
    """Messages that are left to a person, and shown to one."""
    breaches: tuple[str, ...] = field(default=())


def judge(scenario: Scenario, facts: Facts) -> Findings:
    """Count what went wrong, and name what was not allowed to."""
    unknown = sum(row["state"] == "unknown" for row in facts.rows)
    lost = sum(len(_lost(channel, facts)) for channel in facts.expected)
    repeated = sum(_repeated(messages) for messages in facts.accepted.values())
    breaches = (
        *_breaches_of_count(scenario, facts, lost, repeated, unknown),
        *_breaches_of_order(facts),
        *_breaches_of_record(facts),
        *([] if facts.orderly else ["a polite end left something under way"]),
    )
    return Findings(lost=lost, repeated=repeated, unknown=unknown, breaches=breaches)


def _lost(channel: str, facts: Facts) -> frozenset[str]:
    """Papers that did not arrive and that nobody is told about."""
    arrived = {paper for message in facts.accepted[channel] for paper in message["papers"]}
    told = {paper for row in _of(facts.rows, channel) if row["state"] == "unknown" for paper in row["papers"]}
    return facts.expected[channel] - arrived - told


def _repeated(messages: Sequence[Accepted]) -> int:
    papers = [paper for message in messages for paper in message["papers"]]
    return len(papers) - len(set(papers))


def _breaches_of_count(scenario: Scenario, facts: Facts, lost: int, repeated: int, unknown: int) -> Iterator[str]:
    kind = scenario.kind
    unclear = max(facts.kills, scenario.refusals) * scenario.channels
    if lost:
        yield f"{lost} lost"
    if repeated and not kind.repeats:
        yield f"{repeated} repeated"
    copies = _copies(facts)
    extra = sum(copies.values()) - len(copies)
    if kind.repeats and scenario.in_time and extra > unclear:
        yield f"{extra} messages repeated, {unclear} allowed"
    if kind.repeats and any(count > 2 for count in copies.values()):
        yield "more than one extra copy"
    if unknown and kind.readable and not kind.hangs:
        yield f"{unknown} unknown, and could have been read back"
    left = unclear if kind.hangs else unclear - scenario.channels
    if scenario.in_time and unknown > max(0, left):
        yield f"{unknown} unknown, {max(0, left)} allowed"


def _breaches_of_order(facts: Facts) -> Iterator[str]:
    for channel, messages in facts.accepted.items():
        planned = [row["key"] for row in _of(facts.rows, channel)]
        arrived = list(dict.fromkeys(message["key"] for message in messages))
        if arrived != [key for key in planned if key in arrived]:
            yield f"{channel}: out of order"


def _breaches_of_record(facts: Facts) -> Iterator[str]:
    """The store must say what the server says."""
    if any(row["open"] for row in facts.rows):
        yield "a row is not at rest"
    for channel, messages in facts.accepted.items():
        rows = _of(facts.rows, channel)
        carried = {paper for row in rows if row["state"] in {"sent", "unknown"} for paper in row["papers"]}
        if carried != facts.posted[channel]:
            yield f"{channel}: posted is not what the rows carry"
        if not {paper for message in messages for paper in message["papers"]} <= carried:
            yield f"{channel}: a paper stands in the channel and not in the record"
        if not {row["remote_id"] for row in rows if row["state"] == "sent"} <= {m["id"] for m in messages}:
            yield f"{channel}: a row is sent and its message is not there"
        if len({(message["key"], str(message["payload"])) for message in messages}) != len(
            {message["key"] for message in messages}
        ):
            yield f"{channel}: a copy differs from its first"


def _copies(facts: Facts) -> Counter[str]:
    return Counter(message["key"] for messages in facts.accepted.values() for message in messages)


def _of(rows: Sequence[Row], channel: str) -> list[Row]:
    return [row for row in rows if row["channel"] == channel]
