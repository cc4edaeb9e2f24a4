from __future__ import annotations

from datetime import timedelta

import pytest

from bot import pipeline
from bot.models import Channel, Paper
from bot.talk import Reply
from tests.making import DAY, NOW, ROOM
from tests.talking import ANA, BEN, Town, labels, papers, seen


async def test_today_shows_the_newest_day_best_first(town: Town) -> None:
    answer = await town.ask("today")
    assert papers(answer) == ["2608.10000", "2608.30000", "2608.20000"]
    assert seen(answer).startswith("3 papers trending · Monday, 3 August 2026")
    assert isinstance(answer, Reply)
    assert not answer.public


async def test_today_on_a_topic_says_why(town: Town) -> None:
    answer = await town.ask("today robots count:2")
    assert papers(answer) == ["2608.20000"]
    assert "“Robots” in title" in seen(answer)
    assert "Follow this" in labels(answer)


async def test_share_here_says_the_same_to_everybody_without_private_buttons(town: Town) -> None:
    mine = await town.ask("search robots count:2 period:week")
    shared = await town.press(mine, "Share here")
    assert isinstance(shared, Reply)
    assert shared.public
    assert papers(shared) == papers(mine)
    assert "Share here" not in labels(shared)


async def test_more_goes_on_where_the_list_ended(town: Town) -> None:
    first = await town.ask("search agents sort:newest count:3")
    second = await town.press(first, "More")
    assert len(papers(first)) == len(papers(second)) == 3
    assert not set(papers(first)) & set(papers(second))
    assert "\n4 | " in seen(second)


async def test_more_of_today_shows_the_rest(town: Town) -> None:
    first = await town.ask("today count:2")
    assert seen(first).startswith("3 papers trending")
    assert len(papers(first)) == 2
    last = await town.press(first, "More")
    assert papers(last) == ["2608.20000"]
    assert "More" not in labels(last)


async def test_the_rest_is_what_no_digest_had_room_for(town: Town) -> None:
    assert "No subscriptions here yet." in seen(await town.say("rest"))
    await town.follow("agents")
    first = await town.say("rest", {"count": "3"})
    assert isinstance(first, Reply)
    assert not first.public
    total = int(seen(first).partition(" papers not in a digest here yet")[0])
    shown = papers(first)
    while "More" in labels(first):
        first = await town.press(first, "More")
        shown += papers(first)
    assert len(set(shown)) == len(shown) == total


async def test_the_rest_of_a_weekly_digest_is_there_all_week(town: Town) -> None:
    await town.follow("agents cadence:weekly day:mon count:1")
    town.clock.now += timedelta(days=7)
    await pipeline.plan(town.store, {"fake": town.chat}, town.clock(), fetching=pipeline.Fetching())
    (plan,) = await town.store.plans(ROOM, DAY)
    over = [id_ for id_, reason in plan.left_out if reason.startswith("over the budget")]
    assert over
    town.clock.now += timedelta(days=5)
    answer = await town.say("rest", {"count": "10"})
    assert set(over) <= set(papers(answer))
    assert not set(plan.papers) & set(papers(answer))


async def test_the_last_page_offers_no_more(town: Town) -> None:
    assert "More" not in labels(await town.ask("search survey count:10"))


async def test_trending_looks_back_a_week(town: Town) -> None:
    answer = await town.ask("trending robots count:10")
    assert len(papers(answer)) == 8
    assert seen(answer).startswith("Trending on robots in the last week")
    assert papers(await town.ask("trending period:today")) == papers(await town.ask("today"))


async def test_trending_looks_back_from_the_newest_day_when_that_is_long_ago(town: Town) -> None:
    before = papers(await town.ask("trending period:week count:10"))
    town.clock.move(days=100)
    answer = await town.ask("trending period:week count:10")
    assert seen(answer).startswith("Trending in the last week until Monday, 3 August 2026")
    assert sorted(papers(answer)) == sorted(before)
    assert papers(await town.press(await town.ask("trending count:3"), "More")) == papers(answer)[3:6]
    assert "last week until" in seen(await town.ask("trending robots"))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("search", "`/papers search` needs a query"),
        ("search xyzzy", "No papers found for `xyzzy`. Try fewer words."),
        ("search xyzzy period:week", "No papers found for `xyzzy` in the last week. Try `period:month`"),
        ("search -robots", "say what you want, not only what you don't"),
        ("search (a", "a bracket opens at 1 and never closes"),
        ("search a period:decade", "`period:decade` isn't possible. Use any, week, month, year."),
        ("search a count:50", "`count:50` isn't possible. Use a number from 1 to 10."),
        ("search a count:0", "`count:0` isn't possible. Use a number from 1 to 10."),
        ("search a count:١", "isn't possible. Use a number from 1 to 10."),
        ("search a share:perhaps", "`share:perhaps` isn't possible. Use yes or no."),
        ("show 2401.99999", "I couldn't find `2401.99999`. Use an arXiv number such as `2401.01234`, a DOI or a link."),
        ("show 3", "I have no number 3 for you here."),
        ("today xyzzy", "No papers on `xyzzy` on Monday, 3 August 2026."),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_says_what_can(town: Town, line: str, says: str) -> None:
    answer = await town.ask(line)
    assert says.replace("`", "") in seen(answer)
    assert isinstance(answer, Reply)
    assert not answer.public


async def test_without_papers_it_says_so() -> None:
    empty = await Town.founded(())
    for line in ("today", "trending"):
        assert seen(await empty.ask(line)).startswith("Paper data is unavailable right now.")


async def test_show_takes_ids_links_and_the_numbers_of_the_last_list_of_this_person_here(town: Town) -> None:
    listed = papers(await town.ask("search agents count:3 sort:newest"))
    await town.press(await town.ask("search agents count:3 sort:newest"), "More")
    for name in ("2608.10000", "https://arxiv.org/abs/2608.10000v2"):
        assert papers(await town.ask(f"show {name}")) == ["2608.10000"]
    again = papers(await town.ask("search agents count:3 sort:newest"))
    assert again == listed
    assert papers(await town.ask("show 2")) == [listed[1]]
    assert "no number 2" in seen(await town.ask("show 2", BEN))
    assert "no number 2" in seen(await town.ask("show 2", place=Channel("fake", "T1", "elsewhere")))


async def test_show_has_the_whole_abstract_and_the_links(town: Town) -> None:
    answer = await town.ask("show 2608.10000")
    assert "We present agents that plan ahead. They reach further than agents that do not." in seen(answer)
    assert f"Listed Monday, {DAY.day} August 2026." in seen(answer)


async def test_show_leads_to_the_discussion(town: Town) -> None:
    page = "https://news.ycombinator.com/item?id=1"
    await town.store.add_papers([Paper(id="2608.10000", title="Agents", discussion=page)], NOW)
    answer = await town.ask("show 2608.10000")
    assert "Hacker News" in seen(answer)
    assert page in str(answer)


async def test_the_abstract_button_of_a_digest_acts_on_the_paper(town: Town) -> None:
    answer = await town.say("abstract", {"paper": "2608.20003"})
    assert seen(answer).splitlines()[:2] == ["Robots of day 3", "We build robots."]


async def test_a_button_under_several_papers_asks_which(town: Town) -> None:
    which = await town.say("abstract", papers=("2608.20003", "2608.10000", "unknown"))
    assert "Which paper?" in seen(which)
    assert seen(await town.pick(which, "Robots of day 3")).startswith("Robots of day 3")
    assert seen(await town.say("abstract", papers=("2608.20003",))).startswith("Robots of day 3")
    assert "I don't know which paper you mean." in seen(await town.say("abstract", papers=()))


async def test_a_word_that_no_paper_has_brings_what_was_perhaps_meant(town: Town) -> None:
    answer = await town.ask("search robotz period:month")
    assert "No papers found for robotz in the last month." in seen(answer)
    assert "Did you mean robots?" in seen(answer)
    assert papers(await town.press(answer, "Search robots"))


async def test_more_like_this_is_a_list_without_the_paper_itself(town: Town) -> None:
    answer = await town.say("similar", {"paper": "2608.20003"})
    assert seen(answer).startswith("More like Robots of day 3")
    assert papers(answer)
    assert "2608.20003" not in papers(answer)


async def test_stale_sources_are_named(town: Town) -> None:
    old = town.clock().replace(month=1).isoformat()
    await town.store.note("source/hf", {"tried": old, "ok": old, "error": "no answer"})
    assert "no source has answered since" in seen(await town.ask("today", ANA, ROOM))
