"""Both stores give the same answers: the same papers, in the same order, with the same weights and the same words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from adapters.stores import postgres, tinydb
from bot.errors import QueryError
from bot.models import Found, Paper
from bot.ports import Store
from bot.query import Query, parse
from tests.contracts.store_archive import ASKED, SAID, _drawn, page, paper
from tests.contracts.store_values import NOW, TODAY

Both = tuple[Store, Store]
PAPERS, ASKS = 80, 150
MANY = 520
WORDS = tuple(f"zeta{first}{second}" for first in "bdfhjk" for second in "lmopqrt")[:38]
"""So many that of 520 papers only some are weighed."""


@pytest.fixture
async def both(database: str, tmp_path: Path) -> AsyncIterator[Both]:
    embedded = await tinydb.store(tinydb.Settings(path=tmp_path / "data"))
    scaled = await postgres.store(postgres.Settings.at(database, tmp_path))
    yield embedded, scaled
    await embedded.aclose()
    await scaled.aclose()


async def filled(both: Both, some: Sequence[Paper]) -> None:
    for store in both:
        await store.add_papers(some, NOW)


def told(found: Found) -> tuple[int, str, list[tuple[str, float]]]:
    return found.total, found.note, [(hit.paper.id, round(hit.score, 9)) for hit in found.hits]


def some_query(dice: Random) -> Query | None:
    parts = dice.sample(ASKED, dice.randint(1, 3))
    try:
        return parse(" ".join(parts) if dice.random() < 0.5 else f"({', '.join(parts)})")
    except QueryError:
        return None


@pytest.mark.parametrize("seed", range(3))
async def test_any_query_has_its_papers_in_the_same_order(both: Both, seed: int) -> None:
    dice = Random(seed)
    await filled(both, [_drawn(dice, number) for number in range(PAPERS)])
    weighed = 0
    for wanted in filter(None, (some_query(dice) for _ in range(ASKS))):
        for where in (page("relevance"), page("relevance", limit=7, offset=dice.randrange(10)), page("newest")):
            one, other = [told(await store.search(wanted, where)) for store in both]
            assert one == other, wanted.text
        weighed += len({score for _, score in one[2]}) > 3
    assert weighed > ASKS / 10


async def test_a_word_counts_also_where_the_words_beside_it_are_missing(both: Both) -> None:
    await filled(both, [paper(n, "rl agents " + ("policy " * n) + "diffusion " * (n % 2)) for n in range(1, 9)])
    one, other = [told(await store.search(parse("rl, (diffusion policy)"), page("relevance"))) for store in both]
    assert one == other


async def test_words_that_stand_twice_in_a_row_are_counted_alike(both: Both) -> None:
    await filled(both, [paper(n, " ".join(["rl"] * n + ["agents"] * (n % 3))) for n in range(1, 9)])
    for text in ("rl", "agents", "rl, agents", "age*"):
        one, other = [told(await store.search(parse(text), page("relevance"))) for store in both]
        assert one == other, text


async def test_where_not_all_can_be_weighed_both_weigh_the_newest_and_say_so(both: Both) -> None:
    dice = Random(1)
    some = [
        paper(n, " ".join(dice.choices((*SAID, *WORDS), k=5)), abstract=WORDS[0], listed=TODAY - timedelta(days=n))
        for n in range(MANY)
    ]
    await filled(both, some)
    wanted = parse(", ".join(WORDS))
    for store, weighed in zip(both, (300, 75), strict=True):
        found = await store.search(wanted, page("relevance", limit=MANY))
        said = f"The newest {weighed} are in order of relevance, then the others by date."
        assert (found.total, found.note) == (MANY, said)
        ids = [hit.paper.id for hit in found.hits]
        assert sorted(ids[:weighed]) == [one.id for one in some[:weighed]]
        assert ids[:weighed] != sorted(ids[:weighed])
        assert ids[weighed:] == [one.id for one in some[weighed:]]
        for where in (page("relevance", limit=60, offset=weighed - 20), page("relevance", offset=weighed + 5)):
            part = await store.search(wanted, where)
            assert [hit.paper.id for hit in part.hits] == ids[where.offset : where.offset + where.limit]
