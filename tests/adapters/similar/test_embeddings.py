from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.similar._vectors import REMEMBERED, Vector, Vectors
from adapters.similar.embeddings import Settings, similar
from bot.errors import SourceError
from bot.ports import Similar
from tests.emulators.embeddings import Endpoint, serving
from tests.making import paper

GRASP = paper("1", title="Tactile grasping", abstract="Hands that touch soft objects.")
TOUCH = paper("2", title="Hands that touch", abstract="Grasping soft objects.")
VIDEO = paper("3", title="Video diffusion", abstract="Frames of films.")


@asynccontextmanager
async def model(endpoint: Endpoint, key: str = "") -> AsyncIterator[Similar]:
    async with serving(endpoint):
        built = similar(Settings(base_url=endpoint.url, name="tiny", key=SecretStr(key) if key else None))
        try:
            yield built
        finally:
            await built.aclose()


async def test_papers_that_say_the_same_are_more_alike() -> None:
    async with model(Endpoint(key="k"), "k") as alike:
        same, near, far = await alike.alike(GRASP, [GRASP, TOUCH, VIDEO])
    assert same == pytest.approx(1)
    assert 1 > near > far >= -1


async def test_a_text_is_sent_once_and_in_bounds() -> None:
    long = paper("4", title="Long", abstract="words " * 5000)
    endpoint = Endpoint()
    async with model(endpoint) as alike:
        await alike.alike(GRASP, [TOUCH, long])
        await alike.alike(TOUCH, [GRASP, VIDEO])
    assert [len(texts) for texts in endpoint.asked] == [3, 1]
    assert max(len(text) for texts in endpoint.asked for text in texts) <= 2000


async def test_what_somebody_else_made_it_forget_meanwhile_is_no_loss() -> None:
    asked: list[int] = []
    answered = asyncio.Event()

    async def embed(texts: Sequence[str]) -> list[Vector]:
        asked.append(len(texts))
        if len(asked) == 2:
            await answered.wait()
        return [[1.0, 0.0] for _ in texts]

    vectors = Vectors(embed)
    await vectors.alike(GRASP, [TOUCH])
    waiting = asyncio.create_task(vectors.alike(GRASP, [TOUCH, VIDEO]))
    await asyncio.sleep(0)
    await vectors.alike(VIDEO, [paper(f"x{number}", title=f"{number}") for number in range(REMEMBERED)])
    answered.set()
    assert await waiting == [1.0, 1.0]
    assert asked == [2, 1, REMEMBERED + 1]


@pytest.mark.parametrize(
    ("spoil", "status", "said"),
    [
        (lambda body: body, 500, "answered 500"),
        (lambda body: {"data": body["data"][:1]}, 200, "cannot read"),
        (lambda body: {"data": [{"index": 0}]}, 200, "cannot read"),
        (lambda _: [], 200, "cannot read"),
        (lambda body: {"data": [{**row, "embedding": [0, 0]} for row in body["data"]]}, 200, "cannot read"),
        (lambda body: {"data": [{**row, "embedding": ["x"]} for row in body["data"]]}, 200, "cannot read"),
        (lambda body: {"data": body["data"], "more": "x" * 21_000_000}, 200, "more than 20,000,000 bytes"),
        (lambda body: {"data": [{**row, "index": "x"} for row in body["data"]]}, 200, "cannot read"),
        (lambda body: {"data": [{**row, "index": 0} for row in body["data"]]}, 200, "cannot read"),
        (lambda _: {"data": 7}, 200, "cannot read"),
    ],
)
async def test_what_cannot_be_read_is_a_source_error_in_words(
    spoil: Callable[[Any], Any], status: int, said: str
) -> None:
    async with model(Endpoint(spoil=spoil, status=status)) as alike:
        with pytest.raises(SourceError, match=said):
            await alike.alike(GRASP, [TOUCH])


async def test_a_wrong_key_and_a_service_that_is_not_there_are_source_errors_without_the_key() -> None:
    async with model(Endpoint(key="right"), "s3cret") as alike:
        with pytest.raises(SourceError, match="401") as refused:
            await alike.alike(GRASP, [TOUCH])
    gone = similar(Settings(base_url="http://127.0.0.1:9/v1", name="tiny", key=SecretStr("s3cret")))
    with pytest.raises(SourceError, match=r"I cannot connect to 127\.0\.0\.1") as absent:
        await gone.alike(GRASP, [TOUCH])
    await gone.aclose()
    assert "s3cret" not in f"{refused.value}{absent.value}"
