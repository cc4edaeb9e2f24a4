"""The contract of ``Archive``: papers, and a search that finds what ``bot.query.match`` accepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from bot import rank
from bot.collect import merge
from bot.errors import QueryError
from bot.models import Outline, Paper
from bot.ports import SearchPage, Store
from bot.query import Query, match, parse
from bot.trend import Reading, Tally
from tests.contracts.store_values import NOW, TODAY

DAY = timedelta(days=1)
STORE_IS_SHARED = settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[
        HealthCheck.differing_executors,
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)
"""The examples of one test meet the same store, so it fills up: that is wanted. Several stores inherit the tests."""

SAID = (
    "agents", "agent", "multi-agent", "multiagent", "multi agent", "diffusion", "policy", "policies", "RL",
    "reinforcement learning", "reinforcement learning (RL)", "RAG", "rag", "optimal", "optimization",
    "optimizers", "general", "generalize", "world model", "GPT-4", "gpt4", "naïve", "Übung", "数据", "survey",
    "behavior cloning (BC)", "BC policy", "C++", "self-supervised", "modelling", "modeling", "x_y", "3D",
    "diffusion policies", "deep", "open", "don't", "ﬁne", "e\u0301tude", "-", ",",
)  # fmt: skip
ASKED = (
    "agents", "multiagent", '"multi agent"', '"diffusion policy"', "rl", '"reinforcement learning"',
    "exact:RAG", 'exact:"GPT-4"', "optimi*", "optimize~", "generalize~", "source:ArXiv", "cat:CS.ro",
    "general", '"world models"', "gpt4", "naive", "übung", "数据", "-survey", "NOT policy",
    '"behavior cloning policy"', "bc", "title:agents", "abstract:rl", "tag:robotics", "étude",
    "author:levine", 'author:"sergey levine"', "org:deepmind", "cat:cs.RO", "cat:cs", "cat:stat",
    "source:arxiv", "don't", "has:code", "has:model", "-has:project", "upvotes>=20", "upvotes<5",
    "-upvotes>=20", "stars>100", "comments=0", "age<=7", "age>3", "-age>3", "*", "multi*", "tag:multi*",
    "author:lev*", "title:optimize~", "model*", "3d", "c++", "multi agent", "reinforcement learning",
    "title:multi title:agent", "gpt 4", "* -(multi agent)",
)  # fmt: skip

NAMES = ("Sergey Levine", "Ada Levin", "José Übung")
COUNTS = (None, 0, 1, 4, 5, 19, 20, 100, 101, 5000)
LINKS = ("", "https://example.org")
CATEGORIES = ("cs.RO", "cs.LG", "stat.ML", "csx.AI")
SOURCES = ("arxiv", "huggingface")

texts = st.lists(st.sampled_from(SAID), max_size=6).map(" ".join)
days = st.none() | st.integers(-1, 12).map(lambda n: TODAY - n * DAY)
counts = st.sampled_from(COUNTS)
links = st.sampled_from(LINKS)
papers = st.builds(
    Paper,
    id=st.integers(0, 30).map(lambda n: f"2608.{n:05}"),
    title=texts,
    abstract=texts,
    authors=st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple),
    organization=st.sampled_from(("", "Google DeepMind", "deep mind")),
    published=days,
    listed=days,
    upvotes=counts,
    stars=counts,
    comments=counts,
    code=links,
    project=links,
    model=links,
    tags=st.lists(st.sampled_from((*SAID, "robotics")), max_size=3, unique=True).map(tuple),
    categories=st.lists(st.sampled_from(CATEGORIES), max_size=2, unique=True).map(tuple),
    sources=st.lists(st.sampled_from(SOURCES), max_size=2, unique=True).map(tuple),
    version=st.none() | st.integers(1, 3),
    withdrawn=st.booleans(),
)


def _drawn(dice: Random, number: int) -> Paper:
    """A paper of the same kind, always the same for a number."""

    def said(most: int) -> list[str]:
        return dice.choices(SAID, k=dice.randint(0, most))

    def some(values: Sequence[str]) -> tuple[str, ...]:
        return tuple(dice.sample(values, dice.randint(0, len(values))))

    return paper(
        number,
        " ".join(said(6)),
        abstract=" ".join(said(9)),
        authors=some(NAMES),
        organization=dice.choice(("", "Google DeepMind")),
        listed=dice.choice((None, TODAY - dice.randint(-1, 12) * DAY)),
        upvotes=dice.choice(COUNTS),
        stars=dice.choice(COUNTS),
        comments=dice.choice(COUNTS),
        code=dice.choice(LINKS),
        project=dice.choice(LINKS),
        model=dice.choice(LINKS),
        tags=tuple(said(3)) + some(("robotics",)),
        categories=some(CATEGORIES),
        sources=some(SOURCES),
    )


def _combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.lists(inner, min_size=2, max_size=3).map(" ".join)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({', '.join(parts)})")
        | inner.map(lambda part: f"-({part})")
    )


asked = st.recursive(st.sampled_from(ASKED), _combined, max_leaves=5)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    try:
        return parse(draw(asked))
    except QueryError:
        assume(condition=False)
        raise


def page(
    sort: str = "newest", *, limit: int = 100, offset: int = 0, since: date | None = None, until: date | None = None
) -> SearchPage:
    return SearchPage(sort=sort, limit=limit, offset=offset, since=since, until=until, now=NOW)


def paper(number: int, title: str = "agents", **facts: object) -> Paper:
    return Paper(id=f"2608.{number:05}", title=title, **facts)  # type: ignore[arg-type]


def outline(one: Paper) -> Outline:
    return Outline(one.id, one.listed or TODAY, one.upvotes, one.comments, one.stars)


async def found(store: Store, query: str, where: SearchPage | None = None) -> list[str]:
    return [hit.paper.id for hit in (await store.search(parse(query), where or page())).hits]


class Archiving:
    @STORE_IS_SHARED
    @given(batches=st.lists(st.lists(papers, max_size=4), max_size=3))
    async def test_papers_come_back_as_they_were_put_in_and_merged(
        self, store: Store, batches: list[list[Paper]]
    ) -> None:
        truth = dict(await store.papers([f"2608.{n:05}" for n in range(31)]))
        for batch in batches:
            new = len({one.id for one in batch} - truth.keys())
            assert await store.add_papers(batch, NOW) == new
            for one in batch:
                truth[one.id] = merge(truth[one.id], one) if one.id in truth else one
        assert await store.papers(truth) == truth
        assert await store.count_papers() == len(truth)
        newest = max((one.listed for one in truth.values() if one.listed), default=None)
        assert await store.newest_day() == newest
        week = [one for one in truth.values() if one.listed and TODAY - 7 * DAY <= one.listed <= TODAY - DAY]
        week.sort(key=lambda one: (-(one.listed or TODAY).toordinal(), one.id))
        assert await store.listed(TODAY - 7 * DAY, TODAY - DAY) == week

    async def test_the_days_of_a_query_are_those_of_the_list_that_match(self, store: Store) -> None:
        some = [_drawn(Random(number), number) for number in range(40)]
        await store.add_papers(some, NOW)
        for text in ASKED:
            query = parse(text if not text.startswith(("-", "NOT")) else f"* {text}")
            days = await store.listed(TODAY - 6 * DAY, TODAY - DAY)
            wanted = [one for one in days if match(query, one, TODAY) is not None]
            found = await store.outlines(query, TODAY - 6 * DAY, TODAY - DAY, NOW, 100)
            assert found.since == TODAY - 6 * DAY
            assert sorted(found.papers) == sorted(map(outline, wanted)), text
            assert [one.listed for one in found.papers] == [one.listed for one in wanted], text
            (ids,) = await store.among([one.id for one in days], [query], NOW)
            assert ids == {one.id for one in wanted}, text
        asked = [parse("*"), parse("zzyzx"), parse("* -*")]
        assert await store.among(["2608.00003", "nobody", "\x00"], asked, NOW) == [{"2608.00003"}, set(), set()]
        assert await store.among([], asked, NOW) == [set(), set(), set()]

    async def test_of_too_many_papers_the_newest_whole_days_are_given(self, store: Store) -> None:
        days = (0, 0, 1, 1, 1, 2)
        await store.add_papers([paper(n, listed=TODAY - back * DAY) for n, back in enumerate(days)], NOW)
        for most, since, number in ((6, 5, 6), (5, 1, 5), (4, 0, 2), (2, 0, 2), (1, -1, 0), (0, -1, 0)):
            found = await store.outlines(parse("agents"), TODAY - 5 * DAY, TODAY, NOW, most)
            assert (found.since, len(found.papers)) == (TODAY - since * DAY, number)

    async def test_all_that_is_asked_for_in_exact_characters_must_stand_there_as_words(self, store: Store) -> None:
        await store.add_papers([paper(1, "RAG for fragrant text"), paper(2, "RAG and rag"), paper(3, "rag")], NOW)
        assert await found(store, "exact:RAG exact:rag") == ["2608.00002"]

    async def test_an_empty_archive_answers(self, store: Store) -> None:
        assert await store.add_papers([], NOW) == 0
        assert await store.papers(["2608.00001"]) == {}
        assert await store.listed(TODAY, TODAY) == []
        assert await store.newest_day() is None
        assert await store.count_papers() == 0
        assert (await store.search(parse("*"), page())).total == 0
        assert await store.tally(parse("*"), TODAY, TODAY, NOW) == []
        assert await store.readings("2608.00001") == []

    async def test_unknown_and_strange_ids_are_left_out(self, store: Store) -> None:
        await store.add_papers([paper(1), paper(2)], NOW)
        strange = ["", "2608.00001'--", "\x00", "\ud800", "é" * 10_000]
        assert await store.papers([*strange, "2608.00002"]) == {"2608.00002": paper(2)}
        assert await store.papers([]) == {}

    async def test_it_counts_the_papers_in_which_folded_words_stand(self, store: Store) -> None:
        await store.add_papers(
            [paper(1, "policies, policy"), paper(2, "x", abstract="a policy"), paper(3, "x", tags=("policies",))], NOW
        )
        asked = ["policy", "policies", "x", "zebra", "", "po*", '"', "é", "\ud800"]
        assert await store.standing(asked) == {"policy": 3, "x": 2}
        assert await store.standing([]) == {}

    async def test_papers_may_come_from_a_generator(self, store: Store) -> None:
        assert await store.add_papers((paper(n) for n in range(3)), NOW) == 3

    async def test_readings_tell_each_day_on_which_a_number_moved_and_the_last_word_of_a_day_counts(
        self, store: Store
    ) -> None:
        seen = ((0, 1), (0, 3), (1, 3), (2, 9), (3, None))
        for days, upvotes in seen:
            await store.add_papers([paper(1, upvotes=upvotes, stars=7), paper(2)], NOW + days * DAY)
        moved = [Reading(TODAY, 3, 7, None), Reading(TODAY + 2 * DAY, 9, 7, None)]
        assert await store.readings("2608.00001") == moved
        assert await store.readings("2608.00002") == [Reading(TODAY, None, None, None)]
        assert await store.readings("x'--") == []


class Searching:
    async def test_each_kind_of_leaf_finds_what_the_matcher_accepts(self, store: Store) -> None:
        some = [_drawn(Random(number), number) for number in range(60)]
        await store.add_papers(some, NOW)
        for text in ASKED:
            query = parse(text if not text.startswith(("-", "NOT")) else f"* {text}")
            wanted = [one.id for one in some if match(query, one, TODAY) is not None]
            assert sorted(await found(store, str(query))) == wanted, text
            assert wanted, f"{text} proves nothing"
            assert len(wanted) < len(some) or text == "*", f"{text} proves nothing"

    @STORE_IS_SHARED
    @given(batch=st.lists(papers, min_size=1, max_size=5), query=queries())
    @example(batch=[paper(1, "x", upvotes=None)], query=parse("x -upvotes>=20"))
    @example(batch=[paper(1, "x", published=None)], query=parse("x -age>3"))
    @example(batch=[paper(1, "die"), paper(2, "dying")], query=parse("dying~"))
    @example(batch=[paper(1, "die"), paper(2, "dying")], query=parse("die~"))
    async def test_a_search_finds_exactly_what_the_matcher_accepts(
        self, store: Store, batch: list[Paper], query: Query
    ) -> None:
        await store.add_papers(batch, NOW)
        everything = (await store.papers([f"2608.{n:05}" for n in range(31)])).values()
        wanted = {one.id: evidence for one in everything if (evidence := match(query, one, TODAY)) is not None}
        for sort in ("relevance", "newest", "trending"):
            answer = await store.search(query, page(sort))
            assert {hit.paper.id: hit.evidence for hit in answer.hits} == wanted
            assert answer.total == len(answer.hits) == len(wanted)

    @STORE_IS_SHARED
    @given(batch=st.lists(papers, min_size=1, max_size=8))
    async def test_newest_and_trending_are_total_orders(self, store: Store, batch: list[Paper]) -> None:
        await store.add_papers(batch, NOW)
        everything = list((await store.papers([f"2608.{n:05}" for n in range(31)])).values())
        trending = (await store.search(parse("*"), page("trending"))).hits
        assert [hit.paper for hit in trending] == list(rank.rank(everything, TODAY))
        assert [hit.score for hit in trending] == [rank.score(hit.paper, TODAY) for hit in trending]
        newest = [hit.paper for hit in (await store.search(parse("*"), page("newest"))).hits]
        everything.sort(key=lambda one: one.id)
        everything.sort(key=lambda one: one.listed or one.published or date.min, reverse=True)
        assert newest == everything

    async def test_a_page_is_cut_from_the_whole_and_the_total_is_that_of_the_whole(self, store: Store) -> None:
        await store.add_papers([paper(n, listed=TODAY - n * DAY) for n in range(10)], NOW)
        whole = await found(store, "agents")
        assert whole == [f"2608.{n:05}" for n in range(10)]
        for offset, limit in ((0, 3), (3, 4), (8, 5), (10, 5), (0, 0)):
            answer = await store.search(parse("agents"), page(limit=limit, offset=offset))
            assert [hit.paper.id for hit in answer.hits] == whole[offset : offset + limit]
            assert answer.total == 10

    async def test_since_and_until_bound_the_day_listed(self, store: Store) -> None:
        await store.add_papers(
            [paper(1, listed=TODAY), paper(2, listed=TODAY - DAY), paper(3, published=TODAY), paper(4)], NOW
        )
        assert await found(store, "agents", page(since=TODAY)) == ["2608.00001"]
        assert await found(store, "survey, agents", page(since=TODAY - DAY)) == ["2608.00001", "2608.00002"]
        assert await found(store, "agents", page(until=TODAY - DAY)) == ["2608.00002"]
        assert await found(store, "*", page(since=TODAY, until=TODAY)) == ["2608.00001"]

    @STORE_IS_SHARED
    @given(batch=st.lists(papers, min_size=1, max_size=8), query=queries())
    async def test_a_tally_counts_what_a_search_finds_by_day(
        self, store: Store, batch: list[Paper], query: Query
    ) -> None:
        await store.add_papers(batch, NOW)
        since, until = TODAY - 9 * DAY, TODAY - DAY
        hits = (await store.search(query, page())).hits
        found = [one for hit in hits if (one := hit.paper).listed and since <= one.listed <= until]
        days = sorted({one.listed for one in found if one.listed})
        wanted = [(day, [one.upvotes or 0 for one in found if one.listed == day]) for day in days]
        assert await store.tally(query, since, until, NOW) == [Tally(day, len(v), sum(v)) for day, v in wanted]

    async def test_a_paper_that_changed_is_found_by_its_new_words_and_numbers_only(self, store: Store) -> None:
        await store.add_papers([paper(1, "diffusion", upvotes=1), paper(2, "agents", upvotes=1)], NOW)
        await store.add_papers([paper(1, "survey", upvotes=50)], NOW)
        assert await found(store, "diffusion") == []
        assert await found(store, "survey upvotes>=20") == ["2608.00001"]
        assert await found(store, "upvotes<20") == ["2608.00002"]

    async def test_a_paper_that_is_listed_later_stands_there_and_only_there(self, store: Store) -> None:
        await store.add_papers([paper(1, published=TODAY - 9 * DAY), paper(2, listed=TODAY - DAY)], NOW)
        assert await found(store, "agents") == ["2608.00002", "2608.00001"]
        await store.add_papers([paper(1, listed=TODAY)], NOW)
        assert await found(store, "agents") == ["2608.00001", "2608.00002"]
        assert await found(store, "agents age<=0") == ["2608.00001"]
        assert (await store.search(parse("agents"), page("relevance"))).total == 2

    async def test_a_number_that_merely_grew_is_seen_at_once(self, store: Store) -> None:
        await store.add_papers([paper(1, upvotes=1)], NOW)
        await store.add_papers([replace(paper(1), upvotes=30)], NOW)
        assert await found(store, "agents upvotes>=30") == ["2608.00001"]
