from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from bot.errors import StoreError
from bot.models import Channel, Found
from bot.ports import SearchPage
from bot.query import Query
from tests.adapters.web.starlette.kit import HOSTILE, Parsed, days, link, standing, titles, words
from tests.fakes import MemoryStore
from tests.making import DAY, NOW, ROOM, paper, plan, rows


class TiredStore(MemoryStore):
    """Finds nothing any more when it is tired."""

    tired = False

    async def search(self, query: Query, page: SearchPage) -> Found:
        if self.tired:
            raise StoreError("too long")
        return await super().search(query, page)


YESTERDAY = DAY - timedelta(days=1)


async def test_the_front_page_has_the_newest_day_best_first() -> None:
    old = paper("1", title="Old", listed=YESTERDAY, upvotes=900)
    low, high = paper("2", title="Low", listed=DAY, upvotes=3), paper("3", title="High", listed=DAY, upvotes=30)
    async with standing(old, low, high) as stand:
        page = await stand.see("/")
        assert titles(page) == ["High", "Low"]
        assert "Monday, 3 August 2026" in page
        assert "2 papers" in words(page)
        assert link(page, "High") == "/papers/3"
        assert titles(await stand.see("/?order=newest")) == ["Low", "High"]


async def test_a_card_shows_the_signals_the_label_of_the_summary_and_the_links() -> None:
    shown = paper(
        "2607.01234",
        title="Agents",
        upvotes=1200,
        comments=4,
        stars=1,
        code="https://github.com/a/b",
        project="https://a.example",
        listed=DAY,
        tldr="They plan.",
        citations=7,
        discussion="https://news.ycombinator.com/item?id=1",
        points=137,
    )
    async with standing(shown) as stand:
        page = await stand.see("/")
        for said in ("1,200 upvotes", "4 comments", "1 star", "They plan. TLDR from Semantic Scholar", "7 citations"):
            assert said in words(page)
        for said in ("137 points on Hacker News", "Code", "Project"):
            assert said in words(page)
        assert link(page, "arXiv") == "https://arxiv.org/abs/2607.01234"
        assert link(page, "PDF") == "https://arxiv.org/pdf/2607.01234"
        assert link(page, "Code") == "https://github.com/a/b"
        assert link(page, "Project") == "https://a.example"
        assert link(page, "Hacker News") == "https://news.ycombinator.com/item?id=1"


async def test_one_goes_from_day_to_day_over_those_without_papers() -> None:
    gap = [paper(str(n), title=f"T{n}", listed=DAY - timedelta(days=n)) for n in (0, 3, 4)]
    async with standing(*gap) as stand:
        page = await stand.see("/")
        seen = [titles(page)]
        for _ in range(2):
            page = await stand.see(link(page, "←"))
            seen.append(titles(page))
        assert seen == [["T0"], ["T3"], ["T4"]]
        page = await stand.see(link(page, "→"))
        assert titles(page) == ["T3"]
        assert titles(await stand.see(link(page, "→"))) == ["T0"]
        assert "→" not in await stand.see("/")


async def test_a_week_and_a_month_are_pages_of_their_own() -> None:
    async with standing(*days(45)) as stand:
        week = await stand.see("/papers?date=2026-07-22&period=week")
        assert "Week of 20 July 2026" in week
        assert len(titles(week)) == 7
        assert "Week of 13 July 2026" in await stand.see(link(week, "←"))
        assert "Week of 27 July 2026" in await stand.see(link(week, "→"))
        month = await stand.see(link(week, "Month"))
        assert "July 2026" in month
        assert len(titles(month)) == 31
        assert "June 2026" in await stand.see(link(month, "←"))


async def test_a_day_with_many_papers_has_several_pages() -> None:
    async with standing(*days(1, each=lambda _: 120)) as stand:
        first = await stand.see("/")
        second = await stand.see(link(first, "Page 2"))
        third = await stand.see(link(second, "Page 3"))
        assert [len(titles(page)) for page in (first, second, third)] == [50, 50, 20]
        assert len({*titles(first), *titles(second), *titles(third)}) == 120
        assert "Page 4" not in third
        assert "no more papers" in await stand.see("/papers?page=4")


async def test_an_empty_archive_and_an_empty_day_say_so() -> None:
    async with standing() as stand:
        assert "No papers yet" in words(await stand.see("/"))
    async with standing(paper("1", listed=DAY - timedelta(days=5))) as stand:
        page = await stand.see("/papers?date=2026-08-01")
        assert "No papers were listed" in words(page)
        assert titles(await stand.see(link(page, "Wednesday, 29 July 2026"))) == titles(
            await stand.see("/papers?date=2026-07-29")
        )


@pytest.mark.parametrize(
    "asked",
    [
        *("date=tomorrow", "date=2026-08-04", "date=0001-01-01", "date=9999-12-31", "date=2026-02-30", "date=%00"),
        *("period=year", "order=worst", "page=0", "page=-1", "page=999999999999", "page=1.5", "page=²"),
    ],
)
async def test_what_a_list_cannot_show_is_refused_in_a_sentence(asked: str) -> None:
    async with standing(paper("1")) as stand:
        page = await stand.see(f"/papers?{asked}", 400)
        assert re.search(r'<p class="lead">(That is not|There (is|are) no)[^<]+\.</p>', page)


async def test_a_paper_has_a_page_of_its_own_under_its_one_name() -> None:
    shown = paper("2607.01234", title="A world model", abstract="First part.\n\nSecond part.", tags=("world models",))
    async with standing(shown) as stand:
        page = await stand.see("/papers/2607.01234")
        assert "<h1>A world model</h1>" in page
        assert re.search(r"<p>First part\.</p>\s*<p>Second part\.</p>", page)
        assert link(page, "world models") == "/search?q=tag%3A%22world+models%22"
        assert shown.listed
        assert link(page, "Listed") == f"/papers?date={shown.listed.isoformat()}"
        moved = await stand.http.get("/papers/arXiv:2607.01234v2")
        assert (moved.status_code, moved.headers["location"]) == (301, "/papers/2607.01234")


@pytest.mark.parametrize("name", ["hep-th/9901001", "10.1234/ab(c).d", "hn:item/7"])
async def test_a_name_with_a_slash_is_a_name(name: str) -> None:
    async with standing(paper(name, title="Strings")) as stand:
        assert "<h1>Strings</h1>" in await stand.see(link(await stand.see("/"), "Strings"))


@pytest.mark.parametrize("name", ["2607.99999", "../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "x" * 900, "%00"])
async def test_a_paper_that_is_not_there_is_not_found(name: str) -> None:
    async with standing() as stand:
        page = await stand.see(f"/papers/{name}", 404)
        assert "root:" not in page


async def test_a_paper_names_those_like_it_and_no_page_waits_for_that() -> None:
    one, two = (paper(f"2607.0000{n}", title=f"Folding proteins {n}", abstract="protein folding") for n in (1, 2))
    other = paper("2607.00003", title="Walking robots", abstract="legs", authors=("Emmy Noether",))
    store = TiredStore()
    async with standing(one, two, other, store=store) as stand:
        page = await stand.see("/papers/2607.00001")
        assert "More like this" in words(page)
        assert link(page, "Folding proteins 2") == "/papers/2607.00002"
        assert "Walking robots" not in words(page)
        assert "More like this" not in words(await stand.see("/papers/2607.00003"))
        store.tired = True
        assert "More like this" not in words(await stand.see("/papers/2607.00002"))


async def test_a_papers_votes_over_time_are_a_picture_with_words() -> None:
    async with standing(paper("2607.00001", upvotes=3)) as stand:
        assert "<svg" not in await stand.see("/papers/2607.00001")
        for day, votes in ((1, 10), (3, 1200)):
            await stand.store.add_papers([paper("2607.00001", upvotes=votes)], NOW + timedelta(days=day))
    async with standing(store=stand.store) as stand:
        page = await stand.see("/papers/2607.00001")
        assert "3 on 3 Aug 2026, 1,200 on 6 Aug 2026." in page
        assert 'role="img" aria-label="Upvotes of ' in page
        assert "<polyline" in page


async def test_only_digests_of_channels_that_are_public_are_named() -> None:
    store = MemoryStore()
    named, secret = ROOM, Channel("fake", "T9", "board")
    for channel in (named, secret):
        made = plan(channel, date(2026, 8, 2))
        (row,) = rows(made)
        await store.plan([(made, [row])])
    carried = row.message.papers[0].replace("T9board", "T1papers")
    async with standing(paper(carried), paper("2"), store=store, public=str(named)) as stand:
        page = words(await stand.see(f"/papers/{carried}"))
        assert "fake:T1/papers, Sunday, 2 August 2026" in page
        assert "In these digests" not in words(await stand.see("/papers/2"))
    async with standing(store=store) as stand:
        assert "T1/papers" not in await stand.see(f"/papers/{carried}")


async def test_titles_abstracts_and_queries_are_data() -> None:
    evil = paper(
        "2607.00001", title=HOSTILE, abstract=HOSTILE, authors=(HOSTILE,), tags=(HOSTILE,), organization=HOSTILE
    )
    async with standing(evil, paper("2", title="alert")) as stand:
        for place in (
            "/",
            "/papers/2607.00001",
            "/search?q=alert",
            f"/search?q={HOSTILE}",
            "/search?q=%22%3E%3Cscript",
        ):
            page = (await stand.http.get(place)).text
            assert Parsed(page).live() == [], place
            assert "49" not in words(page), place


async def test_a_link_that_is_none_is_not_shown() -> None:
    bad = paper("1", url="javascript:alert(1)", code="data:text/html,x", project="//evil.example")
    async with standing(bad) as stand:
        for place in ("/", "/papers/1"):
            assert not re.search(r'href="(javascript|data|//)', await stand.see(place))
