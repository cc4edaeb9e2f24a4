from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import pytest
from pydantic import ValidationError

from adapters.sources import arxiv
from adapters.sources.arxiv import BATCH, DAY, PAGE, Settings
from bot.collect import merge
from bot.models import Paper
from bot.ports import Lookup, Source
from tests.adapters.sources.arxiv_kit import (
    FRIDAY,
    MONDAY,
    NOON,
    SATURDAY,
    SUNDAY,
    TUESDAY,
    WEDNESDAY,
    at,
    entry,
    listed,
    reader,
    reading,
    week,
)
from tests.contracts.source import SourceContract
from tests.emulators.arxiv import Archive, atom, failing, giving
from tests.emulators.wire import silent, wire


class TestArxiv(SourceContract):
    @pytest.fixture
    def window(self) -> tuple[date, date]:
        return FRIDAY, WEDNESDAY

    @pytest.fixture
    async def source(self) -> AsyncIterator[Source]:
        async with reading(week(), days=10) as source:
            yield source

    @pytest.fixture
    async def unreachable(self) -> AsyncIterator[Source]:
        async with wire(silent) as server:
            pass
        source = reader(server.url, days=10)
        yield source
        await source.aclose()

    @pytest.fixture
    async def stuck(self) -> AsyncIterator[Source]:
        async with wire(silent) as server:
            source = reader(server.url, days=10)
            yield source
            await source.aclose()


def test_the_module_builds_a_source_that_can_look_papers_up() -> None:
    source = arxiv.source(Settings())
    assert source.name == "arxiv"
    assert isinstance(source, Lookup)


@pytest.mark.parametrize(
    "wrong",
    [
        {"feed_url": "arxiv.org"},
        {"categories": ()},
        {"categories": ["cs.RO+cs.AI"]},
        {"categories": ["../x"]},
        {"categories": ["cs.RO"] * 21},
        {"pause": -1},
        {"days": 31},
        {"contact": "a\nb"},
        {"unknown": 1},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


@pytest.mark.parametrize("written", ["cs.RO, quant-ph,math.CO", '["cs.RO","quant-ph", "math.CO"]'])
def test_categories_may_be_written_in_one_line(written: str) -> None:
    assert Settings.model_validate({"categories": written}).categories == ("cs.RO", "quant-ph", "math.CO")


async def test_new_and_cross_listed_papers_are_kept_and_replacements_are_not() -> None:
    async with reading(week()) as source:
        got = await source.fetch(WEDNESDAY, WEDNESDAY)
    assert listed(got.papers) == {"2610.00001": WEDNESDAY, "2610.00002": WEDNESDAY}


async def test_the_days_before_come_from_the_query_api_by_the_day_of_their_announcement() -> None:
    async with reading(week(), days=10) as source:
        got = await source.fetch(FRIDAY, WEDNESDAY)
    assert listed(got.papers) == {
        "2610.00001": WEDNESDAY,
        "2610.00002": WEDNESDAY,
        "2610.00004": TUESDAY,
        "2610.00005": MONDAY,
        "2610.00006": FRIDAY,
    }


async def test_a_minute_decides_on_which_day_a_paper_was_announced() -> None:
    papers = [entry("2610.00001", at(MONDAY, 17, 59)), entry("2610.00002", at(MONDAY, 18, 0))]
    async with reading(Archive(WEDNESDAY, papers=papers)) as source:
        assert set(listed((await source.fetch(TUESDAY, TUESDAY)).papers)) == {"2610.00001"}


async def test_a_weekend_is_empty_and_not_asked_for() -> None:
    archive = week()
    async with reading(archive, now=lambda: at(SUNDAY, 12)) as source:
        archive.announced = ()
        assert await source.fetch(SATURDAY, SUNDAY) == await source.fetch(SATURDAY, SATURDAY)
    assert [request.path for request in archive.asked] == ["/atom/cs.RO+cs.AI"]


async def test_a_day_that_has_begun_in_utc_only_is_not_asked_for() -> None:
    archive = week()
    async with reading(archive, now=lambda: at(WEDNESDAY, 2)) as source:
        await source.fetch(WEDNESDAY, WEDNESDAY)
    assert archive.asked == []


async def test_days_beyond_the_setting_are_named_and_not_asked_for() -> None:
    archive = week()
    async with reading(archive, days=1) as source:
        got = await source.fetch(FRIDAY, WEDNESDAY)
    assert set(listed(got.papers)) == {"2610.00001", "2610.00002", "2610.00004"}
    assert got.problems == (
        f"arXiv was not asked for the days before {TUESDAY}: arxiv.days in the settings is the limit.",
    )


async def test_a_question_is_asked_once_a_day() -> None:
    archive, clock = week(), [NOON]
    async with reading(archive, now=lambda: clock[0]) as source:
        first = await source.fetch(TUESDAY, WEDNESDAY)
        assert await source.fetch(TUESDAY, WEDNESDAY) == first
        assert len(archive.asked) == 2
        clock[0] += timedelta(days=1)
        await source.fetch(TUESDAY, WEDNESDAY)
    assert len(archive.asked) == 4


async def test_a_feed_that_is_rebuilt_late_is_asked_for_again() -> None:
    archive = week()
    archive.today = TUESDAY
    async with reading(archive) as source:
        assert (await source.fetch(WEDNESDAY, WEDNESDAY)).papers == ()
        archive.today = WEDNESDAY
        assert len((await source.fetch(WEDNESDAY, WEDNESDAY)).papers) == 2


async def test_an_announcement_from_the_future_counts_for_today() -> None:
    archive = week()
    archive.today = WEDNESDAY + timedelta(300)
    async with reading(archive) as source:
        assert set(listed((await source.fetch(WEDNESDAY, WEDNESDAY)).papers).values()) == {WEDNESDAY}


async def test_all_pages_of_a_day_are_read() -> None:
    papers = [entry(f"2610.{number:05}", at(MONDAY, 12)) for number in range(PAGE + 1)]
    archive = Archive(WEDNESDAY, papers=papers)
    async with reading(archive) as source:
        assert len((await source.fetch(TUESDAY, TUESDAY)).papers) == PAGE + 1
    assert [request.query["start"] for request in archive.asked] == ["0", str(PAGE)]


async def test_a_day_has_an_end_even_if_arxiv_says_otherwise() -> None:
    papers = [entry(f"2610.{number:05}", at(MONDAY, 12)) for number in range(DAY + 1)]
    async with reading(Archive(WEDNESDAY, papers=papers)) as source:
        got = await source.fetch(TUESDAY, TUESDAY)
    assert len(got.papers) == DAY
    assert got.problems == (f"arXiv has more than 2,000 papers of {TUESDAY}; the rest was left out.",)


async def test_a_feed_that_is_cut_at_its_limit_is_told() -> None:
    entries = [entry(f"2610.{number:05}") for number in range(DAY)]
    async with reading(Archive(WEDNESDAY, announced=entries)) as source:
        got = await source.fetch(WEDNESDAY, WEDNESDAY)
    assert got.problems == ("arXiv's feed ends after 2,000 papers. Name fewer categories to have them all.",)


async def test_an_empty_page_amid_the_results_is_asked_for_again() -> None:
    archive = week()
    empty = giving(atom("x", "<opensearch:totalResults>5</opensearch:totalResults>").body)  # type: ignore[arg-type]
    async with reading(archive, empty) as source:
        assert set(listed((await source.fetch(TUESDAY, TUESDAY)).papers)) == {"2610.00004"}
    assert len(archive.asked) == 2


async def test_papers_are_looked_up_by_any_spelling_and_have_no_day() -> None:
    archive = week()
    async with reading(archive) as source:
        got = await source.lookup(["arXiv:2610.00004v3", "2610.00005", "2610.00005", "2610.99999", "hackernews:1"])
    assert listed(got.papers) == {"2610.00004": None, "2610.00005": None}
    assert [paper.published for paper in got.papers] == [MONDAY, FRIDAY]
    assert archive.asked[0].query["id_list"] == "2610.00004,2610.00005,2610.99999"
    assert archive.asked[0].query["max_results"] == "3"


async def test_looking_up_nothing_asks_nothing() -> None:
    archive = week()
    async with reading(archive) as source:
        assert (await source.lookup(["hackernews:1"])).papers == ()
    assert archive.asked == []


async def test_many_papers_are_looked_up_in_batches() -> None:
    papers = [entry(f"2610.{number:05}") for number in range(2 * BATCH + 1)]
    archive = Archive(WEDNESDAY, papers=papers)
    async with reading(archive) as source:
        got = await source.lookup([paper.id for paper in papers])
    assert len(got.papers) == 2 * BATCH + 1
    assert [request.query["max_results"] for request in archive.asked] == ["100", "100", "1"]


async def test_a_failed_batch_is_a_problem_and_not_the_end() -> None:
    papers = [entry(f"2610.{number:05}") for number in range(BATCH + 1)]
    async with reading(Archive(WEDNESDAY, papers=papers), failing(404)) as source:
        got = await source.lookup([paper.id for paper in papers])
    assert len(got.papers) == 1
    assert len(got.problems) == 1


async def test_the_service_is_told_who_asks() -> None:
    archive = week()
    async with reading(archive, contact="mailto:me@example.org") as source:
        await source.fetch(WEDNESDAY, WEDNESDAY)
    assert archive.asked[0].headers["User-Agent"].endswith(" (mailto:me@example.org)")


async def test_a_paper_that_hugging_face_names_too_becomes_one_with_both_labels() -> None:
    ours = Paper(id="2610.00001", title="A", upvotes=7, listed=WEDNESDAY, sources=("huggingface",))
    async with reading(week()) as source:
        theirs = (await source.fetch(WEDNESDAY, WEDNESDAY)).papers[0]
    both = merge(ours, theirs)
    assert both.sources == ("huggingface", "arxiv")
    assert (both.upvotes, both.abstract, both.categories) == (7, "An abstract.", ("cs.RO",))


def test_moments_of_the_kit_are_what_they_say() -> None:
    assert WEDNESDAY.weekday() == 2
    assert datetime.combine(WEDNESDAY, NOON.time(), NOON.tzinfo) == NOON
