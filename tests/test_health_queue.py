"""What those who watch us are told about the queue."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from adapters.queues.inprocess import InProcessQueue, Settings
from bot import health
from bot.commands.status import findings, status
from bot.pipeline import Fetching
from bot.ports import Depth, Job, Kind
from tests.fakes import MemoryStore
from tests.making import NOW, ROOM

LATE = Depth(3, 1, 20 * 60.0)


class Standing(InProcessQueue):
    """A queue that says how deep it is as it is told."""

    def __init__(self, depth: Mapping[Kind, Depth]) -> None:
        super().__init__(Settings())
        self._depth = depth

    async def depth(self) -> Mapping[Kind, Depth]:
        return self._depth


@pytest.mark.parametrize(
    ("depth", "down"),
    [
        ({}, {}),
        ({Kind.DIGEST: Depth(3, 1, 60.0)}, {}),
        ({Kind.DIGEST: LATE}, {"queue": "Jobs have been waiting for 20 minutes: are there workers?"}),
        ({Kind.REPLY: LATE}, {"queue": "Jobs have been waiting for 20 minutes: are there workers?"}),
        ({Kind.REFRESH: LATE}, {}),
    ],
)
async def test_jobs_that_people_wait_for_and_nobody_takes_are_down(
    depth: Mapping[Kind, Depth], down: Mapping[str, str]
) -> None:
    looking = health.Watch(MemoryStore(), {}, Fetching(), queue=Standing(depth))
    assert await looking.down(NOW) == down


async def test_a_scheduler_is_not_down_because_workers_are() -> None:
    duty = health.Duty(frozenset({"scheduler"}))
    looking = health.Watch(MemoryStore(), {}, Fetching(), duty=duty, queue=Standing({Kind.DIGEST: LATE}))
    assert await looking.down(NOW) == {}


async def test_every_kind_has_its_numbers_also_when_nothing_waits() -> None:
    queue = InProcessQueue(Settings())
    await queue.defer([Job(Kind.DIGEST, ROOM)])
    numbers = await health.numbers(MemoryStore(), NOW, queue)
    jobs = {tuple(one.labels.values()): one.value for one in numbers if one.name == "broadsheet_queue_jobs"}
    assert jobs == {(kind, state): 0 for kind in Kind for state in ("waiting", "under_way")} | {
        ("digest", "waiting"): 1
    }
    ages = [one.labels["kind"] for one in numbers if one.name == "broadsheet_queue_oldest_seconds"]
    assert ages == list(Kind)


async def test_the_status_tells_what_waits_where_it_can_see_it() -> None:
    seen = await status(MemoryStore(), NOW, Standing({Kind.DIGEST: LATE, Kind.REPLY: Depth(1, 0, 2.0)}))
    said = [finding.what for finding in findings(seen)]
    digests = "digest: 3 waiting (the oldest for 1200 s), 1 under way"
    assert said[-1] == f"Queue: {digests}; reply: 1 waiting (the oldest for 2 s), 0 under way."
    assert not any(finding.what.startswith("Queue") for finding in findings(await status(MemoryStore(), NOW)))
