from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from adapters.stores.tinydb import Settings, store
from bot.commands.similar import similar
from bot.errors import SourceError
from bot.models import Paper
from bot.ports import Store
from tests.fakes import MemoryStore
from tests.making import NOW, paper

FILL = "We show results of experiments on several benchmarks."
GRASP = paper("1", title="Tactile grasping of soft objects", abstract=f"Hands that touch. {FILL}", authors=("Ada Yu",))
PAPERS = [
    GRASP,
    paper("2", title="Grasping with tactile hands", abstract=f"Soft fingers. {FILL}", authors=("Bo Li",)),
    paper("3", title="A tactile sensor", abstract=FILL, authors=("Cy Oh",)),
    paper("4", title="Video diffusion", abstract=FILL, authors=("Ada Yu", 'Eve "E" Fox')),
    *(paper(f"{n}", title=f"Language model number {n}", abstract=FILL, authors=("Dan Po",)) for n in range(5, 30)),
]


class Meaning:
    """A model that finds papers the more alike, the higher their number."""

    name = "meaning"

    def __init__(self, error: SourceError | None = None) -> None:
        self.error = error

    async def alike(self, paper: Paper, others: Sequence[Paper]) -> Sequence[float]:
        if self.error:
            raise self.error
        return [int(other.id) / 100 for other in others]

    async def aclose(self) -> None:
        pass


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await store(Settings(path=tmp_path))
    await opened.add_papers(PAPERS, NOW)
    yield opened
    await opened.aclose()


async def test_papers_that_share_the_rare_words_come_first_and_the_paper_itself_does_not(archive: Store) -> None:
    found = await similar(archive, GRASP, limit=10, now=NOW)
    ids = [hit.paper.id for hit in found.hits]
    assert ids[:2] == ["2", "3"]
    assert "1" not in ids
    assert found.total == len(ids) == 3
    assert {evidence.quote.lower() for evidence in found.hits[0].evidence} >= {"grasping", "tactile", "hands", "soft"}


async def test_an_author_is_a_likeness_too(archive: Store) -> None:
    found = await similar(archive, GRASP, limit=10, now=NOW)
    by_author = next(hit for hit in found.hits if hit.paper.id == "4")
    assert [(evidence.field, evidence.quote) for evidence in by_author.evidence] == [("authors", "Ada Yu")]


async def test_a_model_puts_in_order_what_the_words_found_and_adds_nothing(archive: Store) -> None:
    found = await similar(archive, GRASP, limit=10, now=NOW, by=Meaning())
    assert {hit.paper.id for hit in found.hits} == {"2", "3", "4"}
    assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)
    assert [hit.paper.id for hit in found.hits] == ["2", "4", "3"]


async def test_a_model_that_fails_costs_its_opinion_and_says_so(archive: Store) -> None:
    plain = await similar(archive, GRASP, limit=2, now=NOW)
    found = await similar(archive, GRASP, limit=2, now=NOW, by=Meaning(SourceError("It is not there.")))
    assert found.hits == plain.hits
    assert found.note == "By words only: It is not there."


@pytest.mark.parametrize(
    "odd", [paper("x", title="42", abstract="", authors=()), paper("y", title="…", authors=('""',))]
)
async def test_a_paper_without_words_or_names_is_like_nothing(odd: Paper) -> None:
    memory = MemoryStore()
    await memory.add_papers([odd], NOW)
    assert (await similar(memory, odd, limit=5, now=NOW)).hits == ()
