from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.models import Found
from bot.ports import SearchPage
from bot.query import Query
from tests.adapters.web.starlette.kit import link, standing, titles, words
from tests.fakes import MemoryStore
from tests.making import DAY, paper

MANY = [paper(str(n), title=f"Agents {n}", listed=DAY - timedelta(days=n), upvotes=n) for n in range(50)]


async def test_a_search_shows_what_was_found_with_the_words_marked() -> None:
    found = paper(
        "1", title="World models & agents", abstract="Intro. " * 60 + "A world model plans for agents <fast>."
    )
    async with standing(found, paper("2", title="Vision", abstract="Nothing.")) as stand:
        page = await stand.see('/search?q="world model", agents')
        assert titles(page) == ["World models & agents"]
        assert "<mark>World models</mark> &amp; <mark>agents</mark>" in page
        assert "… " in words(page)
        assert "A <mark>world model</mark> plans for <mark>agents</mark> &lt;fast&gt;." in page
        assert "1 paper" in words(page)


async def test_a_query_that_cannot_be_read_is_told_where_and_stays_in_the_form() -> None:
    async with standing() as stand:
        page = await stand.see("/search?q=(rlhf OR", 400)
        assert "a bracket opens at 1 and never closes" in words(page)
        assert 'value="(rlhf OR"' in page
        assert 'aria-invalid="true"' in page
        assert "say what you want" in words(await stand.see("/search?q=-survey", 400))
        assert "1,000" in words(await stand.see(f"/search?q={'x' * 1001}", 400))


async def test_a_search_can_be_narrowed_ordered_and_turned_over() -> None:
    async with standing(*MANY) as stand:
        first = await stand.see("/search?q=agents&sort=newest")
        second = await stand.see(link(first, "Page 2"))
        assert titles(first) == [f"Agents {n}" for n in range(20)]
        assert titles(second) == [f"Agents {n}" for n in range(20, 40)]
        assert "50 papers" in words(second)
        assert len(titles(await stand.see("/search?q=agents&period=week"))) == 8
        assert await stand.see("/search?q=agents&period=decade", 400)
        assert await stand.see("/search?q=agents&sort=worst", 400)


async def test_the_box_says_how_to_follow_the_query_in_its_one_spelling() -> None:
    async with standing(*MANY) as stand:
        page = await stand.see('/search?q=AGENTS NOT survey, "World Model"')
        assert '/papers subscribe (agents -survey) OR "world model"' in words(page)
        feed = await stand.http.get(link(page, "Atom"))
        assert feed.headers["content-type"].startswith("application/atom+xml")


async def test_what_was_perhaps_meant_is_one_press_away() -> None:
    async with standing(*MANY) as stand:
        page = await stand.see("/search?q=agnets -survey&period=month&sort=newest")
        assert "Did you mean agents -survey?" in words(page)
        assert titles(await stand.see(link(page, "agents -survey"))) == [f"Agents {n}" for n in range(20)]
        assert "Did you mean" not in words(await stand.see("/search?q=agents"))


class Partly(MemoryStore):
    """A store that says of each search what it did not look at."""

    async def search(self, query: Query, page: SearchPage) -> Found:
        return replace(await super().search(query, page), note="Only papers with <dates> were searched.")


async def test_what_was_not_searched_is_told() -> None:
    async with standing(*MANY, store=Partly()) as stand:
        assert "Only papers with <dates> were searched." in words(await stand.see("/search?q=agents"))


async def test_the_trend_is_a_picture_with_words() -> None:
    async with standing(*MANY) as stand:
        page = await stand.see("/search?q=agents")
        assert 'aria-label="agents: 50 papers and 1,225 votes in 26 weeks; most in the week of' in page
        assert page.count('class="bar') == 26
        assert "<svg" not in await stand.see("/search?q=robots")


async def test_without_a_query_it_is_a_form_and_how_to_use_it() -> None:
    async with standing() as stand:
        page = await stand.see("/search")
        assert "Search all papers" in words(page)
        assert "both words" in words(page)
        assert "No paper says that" in words(await stand.see("/search?q=robots"))
