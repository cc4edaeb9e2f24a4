from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from adapters.queues.inprocess import InProcessQueue, Settings
from bot.app import App
from bot.cli.archiving import GIVE_UP, fill
from bot.errors import SourceError
from bot.models import Fetched
from bot.settings import read
from tests.fakes import MemoryStore
from tests.making import DAY, NOW, GivenSource, paper

LONG_AGO = DAY - timedelta(days=300)
TODAY = NOW.date()


class PatchySource(GivenSource):
    """Cannot give some days."""

    def __init__(self, *lost: date) -> None:
        super().__init__("patchy", paper(listed=DAY))
        self.lost = lost

    async def fetch(self, since: date, until: date) -> Fetched:
        self.error = SourceError("not today") if since in self.lost else None
        return await super().fetch(since, until)


def app_of(source: GivenSource) -> App:
    return App(
        core=read(None),
        store=MemoryStore(),
        sources=(source,),
        queue=InProcessQueue(Settings()),
        chats={},
        now=lambda: NOW,
    )


def back(*days: int) -> Sequence[date]:
    return [TODAY - timedelta(days=n) for n in days]


async def test_a_network_that_is_away_is_not_waited_for_day_by_day() -> None:
    source = PatchySource(*back(*range(400)))
    with pytest.raises(SourceError, match="No source answered"):
        await fill(app_of(source), LONG_AGO)
    assert len(source.asked) == GIVE_UP


async def test_days_that_fail_here_and_there_are_left_for_another_time() -> None:
    source = PatchySource(*back(1, 2, 4))
    said = await fill(app_of(source), TODAY - timedelta(days=9))
    assert said.startswith("7 days read")
    assert said.endswith("3 days left: run it again for those.")
    assert len(source.asked) == 10


async def test_what_was_read_before_the_network_went_is_told() -> None:
    source = PatchySource(*back(*range(2, 400)))
    said = await fill(app_of(source), TODAY - timedelta(days=9))
    assert said.startswith("2 days read")
    assert said.endswith("8 days left: run it again for those.")
