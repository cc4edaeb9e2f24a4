from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.card import described
from bot.desk import FrontDesk
from bot.errors import StoreError
from bot.query import Query
from bot.talk import Answer, Picture, Reply
from bot.trend import Tally, Trend
from tests.fakes import MemoryStore
from tests.talking import Town, papers, seen


class Drawer:
    """Draws a trend as its own words."""

    def trend(self, trend: Trend) -> bytes:
        return described(trend).encode()


class Hurried(MemoryStore):
    """A store in which counting takes too long."""

    async def tally(self, query: Query, since: date, until: date, now: datetime) -> Sequence[Tally]:
        raise StoreError("This took longer than 5 seconds and was stopped.")


def pictures(answer: Answer) -> list[Picture]:
    assert isinstance(answer, Reply)
    return [part for part in answer.parts if isinstance(part, Picture)]


def drawing(town: Town) -> Town:
    town.desk = FrontDesk(replace(town.desk._context, draw=Drawer()), town.clock)
    return town


async def test_a_topic_that_trends_comes_with_its_picture_and_the_picture_in_words() -> None:
    town = drawing(await Town.founded())
    (picture,) = pictures(await town.ask("trending robots count:3"))
    assert picture.alt.startswith("robots: ")
    assert "papers" in picture.alt
    assert picture.png == picture.alt.encode()
    more = await town.press(await town.ask("trending robots count:3"), "More")
    assert papers(more)
    assert pictures(more) == []


async def test_without_somebody_who_draws_the_words_stand_alone() -> None:
    town = await Town.founded()
    answer = await town.ask("trending robots count:3")
    assert pictures(answer) == []
    assert "in 26 weeks; most in the week of" in seen(answer)


async def test_everything_that_trends_has_no_picture() -> None:
    town = drawing(await Town.founded())
    assert pictures(await town.ask("trending")) == []


async def test_a_topic_that_takes_too_long_to_count_is_listed_all_the_same() -> None:
    town = drawing(await Town.founded(store=Hurried()))
    answer = await town.ask("trending robots count:3")
    assert len(papers(answer)) == 3
    assert pictures(answer) == []
