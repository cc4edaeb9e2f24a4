from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot import acronyms, pipeline, query
from bot.commands import lookup
from bot.errors import CommandError
from bot.models import JSON, Paper
from bot.query import Pair
from tests.fakes import MemoryStore
from tests.making import DAY, NOW, paper, settings, subscription

BC = Pair("bc", "behavior cloning")
DEFINING = [
    paper(str(n), title="Cloning", abstract="We use behavior cloning (BC). BC works.", listed=DAY - timedelta(days=2))
    for n in range(4)
]
PLAIN = paper("9", title="A BC baseline", abstract="It is simple.", listed=DAY)


async def archive() -> MemoryStore:
    store = MemoryStore()
    await store.add_papers([*DEFINING, PLAIN], NOW)
    return store


async def found(store: MemoryStore, text: str = '"behavior cloning"') -> set[str]:
    hits = await lookup.search(store, text, period="any", sort="newest", limit=9, now=NOW)
    return {hit.paper.id for hit in hits.hits}


async def test_what_papers_agree_on_is_believed_and_finds_papers_that_do_not_define_it() -> None:
    store = await archive()
    assert "9" not in await found(store)
    learned = await acronyms.learn(store, NOW)
    assert learned.believed == (BC,)
    assert learned.counted[0].papers == 4
    assert "9" in await found(store)
    await store.subscribe(subscription('"behavior cloning"'), settings())
    made = await pipeline.preview(store, settings(), NOW)
    assert "9" in {entry.paper.id for entry in made.entries}


async def test_a_day_is_counted_once_and_what_was_learned_stays() -> None:
    store = await archive()
    first = await acronyms.learn(store, NOW)
    assert await acronyms.learn(store, NOW) == first
    later = await acronyms.learn(store, NOW + timedelta(days=1))
    assert later.counted[0].papers == 4
    assert await acronyms.read(store) == later
    assert await acronyms.table(store) is await acronyms.table(store)


async def test_people_add_and_forget_whatever_papers_say() -> None:
    store = await archive()
    assert await acronyms.table(store) is query.KNOWN
    assert await acronyms.add(store, " BC ", "Behavior  Cloning") == BC
    assert "9" in await found(store)
    await acronyms.learn(store, NOW)
    assert await acronyms.forget(store, "BC") == (BC,)
    assert (await acronyms.read(store)).believed == ()
    assert "9" not in await found(store)
    await acronyms.add(store, "bc", "behavior cloning")
    assert "9" in await found(store)


async def test_a_built_in_acronym_can_be_forgotten_too() -> None:
    store = MemoryStore()
    await store.add_papers([paper("1", title="RL", abstract="")], NOW)
    assert await found(store, '"reinforcement learning"') == {"1"}
    await acronyms.forget(store, "rl")
    assert await found(store, '"reinforcement learning"') == set()


async def test_a_short_form_with_a_hyphen_can_be_forgotten_however_it_is_written() -> None:
    store = MemoryStore()
    for n in range(3):
        title = "Visual joint embedding prediction (V-JEP)"
        await store.add_papers([paper(str(n), title=title, listed=DAY - timedelta(days=2))], NOW)
    learned = await acronyms.learn(store, NOW)
    assert learned.believed == (Pair("v jep", "visual joint embedding prediction"),)
    await acronyms.add(store, "V-JEP", "visual joint embedding")
    await acronyms.forget(store, "v-jep")
    assert (await acronyms.read(store)).believed == ()
    await acronyms.add(store, "V-JEP", "visual joint embedding")
    await acronyms.forget(store, "v jep")
    assert (await acronyms.read(store)).also == ()


@pytest.mark.parametrize(("short", "long"), [("", "x"), ("bc", "--"), ("…", "behavior cloning")])
async def test_what_has_no_words_is_refused(short: str, long: str) -> None:
    with pytest.raises(CommandError, match="has no words"):
        await acronyms.add(MemoryStore(), short, long)


async def test_what_is_not_known_cannot_be_forgotten() -> None:
    with pytest.raises(CommandError, match="I know nothing that `zzz` stands for"):
        await acronyms.forget(MemoryStore(), "zzz")


def finds(text: str, here: Paper, among: tuple[Paper, ...]) -> bool:
    return query.match(query.parse(text, acronyms.taught(among)), here, DAY) is not None


def test_one_paper_of_a_handful_teaches_the_others_in_both_directions() -> None:
    full = paper("7", title="Behaviour cloned policies", abstract="Nothing more.")
    among = (DEFINING[0], PLAIN, full)
    assert finds('"behavior cloning"', PLAIN, among)
    assert finds("bc", full, among)
    assert not finds("bc", full, (PLAIN, full))


def test_a_short_form_that_others_use_without_a_word_is_not_taught() -> None:
    act = paper("6", title="Action chunking", abstract="The action chunking transformer (ACT) moves arms.")
    verb = paper("5", title="Agents act", abstract="They do.")
    assert not finds('"action chunking transformer"', verb, (act, verb))
    other = paper("4", title="Reliable learning", abstract="We call it reliable learning (RL).")
    assert not finds("rl", paper("3", title="Reliable learning", abstract="No more."), (other,))


async def test_what_was_forgotten_can_be_added_again_in_another_inflection() -> None:
    store = await archive()
    await acronyms.add(store, "bc", "behavior cloning")
    await acronyms.forget(store, "bc")
    await acronyms.add(store, "bc", "behaviour cloned")
    assert "9" in await found(store)
    assert (await acronyms.read(store)).never == ()


async def test_a_pair_counts_the_papers_of_all_its_inflections() -> None:
    store = MemoryStore()
    days = {"listed": DAY - timedelta(days=2)}
    await store.add_papers([paper("1", title="World action models (WAMs)", **days)], NOW)
    await store.add_papers([paper(str(n), title="World action model (WAM)", **days) for n in range(2, 4)], NOW)
    learned = await acronyms.learn(store, NOW)
    assert [(pair, learned.papers(pair)) for pair in learned.believed] == [(Pair("wam", "world action model"), 3)]


class Crowded(MemoryStore):
    """Another process writes the same note between any two of our steps."""

    def __init__(self) -> None:
        super().__init__()
        self.others = ["one two", "three four", "five six"]

    async def note(self, key: str, value: JSON, *, once: bool = False, over: JSON | None = None) -> bool:
        if key == acronyms.KEY and self.others:
            word = self.others.pop()
            await acronyms.add(self, word[:2], word)
        return await super().note(key, value, once=once, over=over)


async def test_of_processes_that_correct_at_once_each_has_its_way() -> None:
    store = Crowded()
    await store.add_papers([*DEFINING, PLAIN], NOW)
    await acronyms.learn(store, NOW)
    store.others = ["seven eight"]
    await acronyms.add(store, "qq", "quick question")
    store.others = ["nine ten"]
    await acronyms.forget(store, "bc")
    known = await acronyms.read(store)
    assert known.until == NOW.date() - timedelta(days=1)
    assert {pair.short for pair in known.also} == {"on", "th", "fi", "se", "qq", "ni"}
    assert (known.believed, known.never) == ((), (BC,))


async def test_days_that_two_processes_count_at_once_are_counted_once() -> None:
    store = await archive()
    await asyncio.gather(*(acronyms.learn(store, NOW) for _ in range(3)))
    assert (await acronyms.read(store)).counted[0].papers == 4


LATER = [
    {"counted": [{"pair": ["bc", "behavior cloning"], "papers": 4}]},
    {"counted": [["bc", "behavior cloning", 4, 0, "en"]]},
    {"counted": [["bc", "behavior cloning", "many", 0]]},
    {"counted": 7},
    {"also": [["bc", "behavior cloning", "ana"]]},
    {"never": [{"short": "bc"}]},
    {"until": 20260802},
    {"until": "yesterday"},
]


@pytest.mark.parametrize("note", LATER)
async def test_what_a_later_version_has_left_costs_no_digest_and_is_left_alone(note: JSON) -> None:
    store = await archive()
    await store.note(acronyms.KEY, note)
    assert await acronyms.table(store) is query.KNOWN
    assert await acronyms.learn(store, NOW) == acronyms.Learned()
    for change in (acronyms.add(store, "bc", "behavior cloning"), acronyms.forget(store, "rl")):
        with pytest.raises(CommandError, match="later version"):
            await change
    assert await store.noted(acronyms.KEY) == note


async def test_what_a_later_version_tells_besides_is_kept() -> None:
    store = await archive()
    await store.note(acronyms.KEY, {"also": [["bc", "behavior cloning"]], "language": "en"})
    await acronyms.add(store, "qq", "quick question")
    assert (await store.noted(acronyms.KEY) or {})["language"] == "en"
    assert BC in (await acronyms.read(store)).also
