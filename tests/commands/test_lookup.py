from __future__ import annotations

from datetime import timedelta

import pytest

from bot.commands.lookup import paper as look_up
from bot.commands.lookup import search
from bot.errors import CommandError, QueryError
from tests.fakes import MemoryStore
from tests.making import DAY, NOW, paper


async def archive() -> MemoryStore:
    store = MemoryStore()
    papers = [
        paper("2608.00001", upvotes=1),
        paper("2607.00002", upvotes=99, listed=DAY - timedelta(days=20)),
        paper("2501.00003", upvotes=5, listed=DAY - timedelta(days=500)),
        paper("10.1234/abc.5", upvotes=2, listed=DAY - timedelta(days=3)),
        paper("huggingface:odd-one", title="Zebras", abstract="Stripes."),
    ]
    await store.add_papers(papers, NOW)
    return store


@pytest.mark.parametrize(
    ("raw", "id_"),
    [
        ("2608.00001", "2608.00001"),
        (" 2608.00001v3 ", "2608.00001"),
        ("arXiv:2608.00001", "2608.00001"),
        ("https://arxiv.org/abs/2608.00001v2", "2608.00001"),
        ("https://arxiv.org/pdf/2608.00001", "2608.00001"),
        ("https://huggingface.co/papers/2608.00001", "2608.00001"),
        ("<https://arxiv.org/abs/2608.00001|2608.00001>", "2608.00001"),
        ("have a look at 2608.00001 please", "2608.00001"),
        ("https://doi.org/10.1234/ABC.5", "10.1234/abc.5"),
        ("huggingface:odd-one", "huggingface:odd-one"),
        ("odd-one", "huggingface:odd-one"),
    ],
)
async def test_a_paper_is_found_by_any_of_its_names(raw: str, id_: str) -> None:
    assert (await look_up(await archive(), raw)).id == id_


@pytest.mark.parametrize("raw", ["2699.99999", "", "zebras", "\x1b[31m" + "x" * 5000])
async def test_what_is_not_there_is_named_shortly_with_what_would_work(raw: str) -> None:
    with pytest.raises(CommandError, match=r"I couldn't find `.*`. Use an arXiv number") as raised:
        await look_up(await archive(), raw)
    assert len(str(raised.value)) < 200
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    ("period", "ids"),
    [
        ("any", ["2608.00001", "10.1234/abc.5", "2607.00002", "2501.00003"]),
        ("year", ["2608.00001", "10.1234/abc.5", "2607.00002"]),
        ("month", ["2608.00001", "10.1234/abc.5", "2607.00002"]),
        ("week", ["2608.00001", "10.1234/abc.5"]),
    ],
)
async def test_a_search_looks_back_as_far_as_asked(period: str, ids: list[str]) -> None:
    found = await search(await archive(), "agents", period=period, sort="newest", limit=10, now=NOW)
    assert [hit.paper.id for hit in found.hits] == ids
    assert found.total == len(ids)


async def test_a_search_is_sorted_and_paged_as_asked() -> None:
    store, ids = await archive(), list[str]()
    for offset in range(4):
        found = await search(store, "agents", period="any", sort="trending", limit=1, offset=offset, now=NOW)
        assert found.total == 4
        ids += [hit.paper.id for hit in found.hits]
    assert ids == ["2607.00002", "2608.00001", "10.1234/abc.5", "2501.00003"]


@pytest.mark.parametrize(
    ("period", "sort", "said"),
    [
        ("decade", "newest", "`period:decade` isn't possible. Use any, week, month, year."),
        ("any", "best", "`sort:best` isn't possible. Use relevance, newest, trending."),
    ],
)
async def test_an_unknown_period_or_order_says_which_there_are(period: str, sort: str, said: str) -> None:
    with pytest.raises(CommandError) as raised:
        await search(await archive(), "agents", period=period, sort=sort, limit=1, now=NOW)
    assert str(raised.value) == said


async def test_a_query_that_cannot_be_read_is_a_query_error() -> None:
    with pytest.raises(QueryError, match="what you want"):
        await search(await archive(), "-survey", period="any", sort="newest", limit=1, now=NOW)
