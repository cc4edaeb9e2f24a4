from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.enrich import enrich
from bot.errors import RateLimited, SourceError
from bot.models import Fetched, Paper
from bot.ports import Enricher
from tests.contracts.enricher import EnricherContract
from tests.fakes import MemoryStore
from tests.making import DAY, NOW, GivenEnricher, paper, settings, subscription

HOUR = timedelta(hours=1)
FIVE = [paper(f"2608.0000{n}", upvotes=60 - 10 * n) for n in range(1, 6)]
IDS = [one.id for one in FIVE]


class TestGivenEnricher(EnricherContract):
    @pytest.fixture
    def known(self) -> Paper:
        return FIVE[0]

    @pytest.fixture
    def enricher(self) -> Enricher:
        given = GivenEnricher()
        given.tldrs[IDS[0]] = "They plan."
        return given

    @pytest.fixture
    def unreachable(self) -> Enricher:
        given = GivenEnricher()
        given.error = SourceError("It is down.")
        return given

    @pytest.fixture
    def stuck(self) -> Enricher:
        return GivenEnricher(slow=True)


async def stored(*papers: Paper) -> MemoryStore:
    store = MemoryStore()
    await store.add_papers(papers or FIVE, NOW)
    return store


async def tldrs(store: MemoryStore) -> list[str]:
    return [one.id for one in await store.listed(DAY, DAY) if one.tldr]


async def state(store: MemoryStore, name: str = "given") -> dict[str, object]:
    return dict(await store.noted(f"enricher/{name}") or {})


async def test_the_best_papers_are_asked_for_first_in_batches_and_what_is_told_is_kept() -> None:
    store, given = await stored(), GivenEnricher()
    given.tldrs = {IDS[0]: "One.", IDS[4]: "Five."}
    await enrich(store, [given], NOW)
    assert given.asked == [IDS[:2], IDS[2:4], IDS[4:]]
    assert await tldrs(store) == [IDS[0], IDS[4]]
    assert (await store.papers(IDS))[IDS[0]].upvotes == 50
    found = await state(store)
    assert (found["tried"], found["ok"], found["error"]) == (NOW.isoformat(), NOW.isoformat(), "")


async def test_a_paper_is_asked_for_again_after_its_rest_and_not_for_ever() -> None:
    store, given = await stored(FIVE[0]), GivenEnricher(days=9, times=2)
    for hours in (0, 1, 23, 24, 25, 48, 72):
        await enrich(store, [given], NOW + timedelta(hours=hours))
    assert given.asked == [IDS[:1]] * 2


async def test_a_paper_that_lacks_nothing_or_was_listed_too_long_ago_is_let_be() -> None:
    old, told = paper("2607.00001", listed=DAY - timedelta(days=4)), paper("2608.00009", tldr="Known.")
    store, given = await stored(old, told, paper("2608.00010", listed=None)), GivenEnricher(days=3)
    await enrich(store, [given], NOW)
    assert given.asked == []
    assert await state(store) == {}


async def test_a_day_has_its_measure_and_the_next_one_begins_anew() -> None:
    store, given = await stored(), GivenEnricher(daily=3, times=9)
    for hours in (0, 1, 2):
        await enrich(store, [given], NOW + timedelta(hours=hours))
    assert given.asked == [IDS[:2], IDS[2:3]]
    await enrich(store, [given], NOW + timedelta(hours=15))
    assert given.asked[2:] == [IDS[3:]]


async def test_one_that_fails_is_noted_and_told_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    store, bad, good = await stored(), GivenEnricher("bad"), GivenEnricher("good")
    bad.error, good.tldrs = SourceError("bad is down."), {IDS[1]: "Two."}
    with caplog.at_level(logging.WARNING, "bot.enrich"):
        await enrich(store, [bad, good], NOW)
    assert await tldrs(store) == [IDS[1]]
    assert bad.asked == [IDS[:2]]
    assert (await state(store, "bad"))["error"] == "bad is down."
    assert (await state(store, "bad"))["ok"] == ""
    assert (await state(store, "good"))["error"] == ""
    assert "bad: bad is down." in caplog.messages


async def test_a_defect_of_one_costs_what_it_would_have_told() -> None:
    store, bad = await stored(), GivenEnricher()
    bad.error = ZeroDivisionError("a defect")
    await enrich(store, [bad], NOW)
    assert "ZeroDivisionError" in str((await state(store))["error"])


async def test_papers_on_which_it_fails_come_last_the_next_time_and_cost_no_answer() -> None:
    store, given = await stored(), GivenEnricher(times=1)
    given.error = SourceError("It stumbles.")
    await enrich(store, [given], NOW)
    given.error = None
    await enrich(store, [given], NOW + HOUR)
    assert given.asked == [IDS[:2], IDS[2:4], [IDS[4], IDS[0]], IDS[1:2]]


async def test_what_failed_counts_for_the_day_so_that_a_broken_service_is_not_paid_for_ever() -> None:
    store, given = await stored(), GivenEnricher(daily=4)
    given.error = SourceError("It stumbles.")
    for hours in range(5):
        await enrich(store, [given], NOW + timedelta(hours=hours))
    assert sum(map(len, given.asked)) == 4


@pytest.mark.parametrize(("minutes", "times"), [(0, 1), (9, 1), (10, 2), (-10, 1), (-70, 2)])
async def test_who_asked_for_a_pause_has_it_also_from_another_process(minutes: int, times: int) -> None:
    store, given = await stored(FIVE[0]), GivenEnricher()
    given.error = RateLimited("Wait 600 seconds.", 600)
    for moment in (NOW, NOW + timedelta(minutes=minutes)):
        await enrich(store, [given], moment)
    assert len(given.asked) == times


async def test_what_costs_something_is_asked_after_the_others_and_not_for_what_they_told() -> None:
    store, dear, cheap = await stored(), GivenEnricher("dear", shown=True), GivenEnricher("cheap")
    await store.subscribe(subscription("agents"), settings())
    cheap.tldrs = dict.fromkeys(IDS[:4], "Told.")
    await enrich(store, [dear, cheap], NOW, platforms={"fake"})
    assert dear.asked == [IDS[4:]]


async def test_one_that_never_answers_is_left_after_our_patience_and_holds_up_nobody() -> None:
    store, slow, quick = await stored(), GivenEnricher("slow", slow=True), GivenEnricher("quick")
    quick.tldrs = dict.fromkeys(IDS, "Told.")
    await enrich(store, [slow, quick], NOW, patience=0.05)
    assert slow.asked == [IDS[:2]]
    assert (await state(store, "slow"))["error"] == "It did not answer in time."
    assert await tldrs(store) == IDS


async def test_without_time_nothing_is_asked_and_nothing_is_held_against_anybody() -> None:
    store, slow, dear = await stored(), GivenEnricher("slow", slow=True), GivenEnricher("dear", shown=True)
    await store.subscribe(subscription("agents"), settings())
    await enrich(store, [slow, dear], NOW, platforms={"fake"}, patience=0.05)
    assert dear.asked == []
    assert await state(store, "dear") == {}


async def test_what_nobody_asked_for_is_not_kept() -> None:
    class Talkative(GivenEnricher):
        async def enrich(self, papers: Sequence[Paper]) -> Fetched:
            return Fetched((Paper(id="2608.77777", title="Unasked"),), ("Row 3 is odd.",))

    store = await stored()
    await enrich(store, [Talkative()], NOW)
    assert await store.count_papers() == 5


async def test_a_process_that_ends_in_the_middle_loses_one_answer() -> None:
    class Stalling(GivenEnricher):
        async def enrich(self, papers: Sequence[Paper]) -> Fetched:
            if self.asked:
                reached.set()
                await asyncio.Event().wait()
            return await super().enrich(papers)

    reached = asyncio.Event()
    store, first, second = await stored(), Stalling(times=1), GivenEnricher(times=1)
    first.tldrs = second.tldrs = dict.fromkeys(IDS, "Told.")
    running = asyncio.create_task(enrich(store, [first], NOW))
    await reached.wait()
    running.cancel()
    await asyncio.wait([running])
    assert await tldrs(store) == IDS[:2]
    await enrich(store, [second], NOW + HOUR)
    assert second.asked == [[IDS[4], IDS[2]], IDS[3:4]]


async def test_what_was_asked_is_forgotten_when_its_day_is_over() -> None:
    store, given = await stored(), GivenEnricher(days=3)
    await enrich(store, [given], NOW)
    assert list(await store.notes("asked/given/")) == [f"asked/given/{DAY}"]
    await enrich(store, [given], NOW + timedelta(days=4))
    assert await store.notes("asked/") == {}


async def test_one_that_cannot_tell_what_it_wants_costs_what_it_would_have_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(GivenEnricher):
        def wants(self, paper: Paper) -> bool:
            raise KeyError(paper.id)

    store, given = await stored(), GivenEnricher()
    given.tldrs = {IDS[0]: "One."}
    await enrich(store, [Broken("broken"), given], NOW)
    assert await tldrs(store) == [IDS[0]]
    assert "reason of its own (KeyError)" in str((await state(store, "broken"))["error"])
    assert "broken has a defect" in caplog.text


async def test_a_note_of_a_later_version_is_read_as_far_as_it_is_known() -> None:
    store, given = await stored(), GivenEnricher(daily=4)
    today = {"day": NOW.date().isoformat(), "spent": 2}
    await store.note("enricher/given", {**today, "mood": "fine"})
    await enrich(store, [given], NOW)
    assert given.asked == [IDS[:2]]
