"""How alike papers are in meaning, by an embeddings endpoint that speaks OpenAI's wire: a service, or a model of yours.

``POST {base_url}/embeddings`` with ``{"model", "input": [texts]}`` gives ``{"data": [{"index", "embedding"}]}``; how
alike two papers are is the cosine of their vectors. Vectors are remembered while the process runs. An answer is bounded
in time and size, and a redirect is not followed: the key and the papers go where the operator said, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from adapters._http import Answer, Http, Limits, json_of
from adapters._http_settings import BaseUrl, Token
from adapters.similar._vectors import Vector, Vectors, normal
from bot.models import Paper
from bot.ports import Similar

SIZE = 20_000_000
"""Bytes of an answer that are read."""


class Settings(BaseModel):
    """The section ``embeddings``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: BaseUrl = Field("http://localhost:11434/v1", description="where the endpoint is")
    name: str = Field("all-minilm", min_length=1, description="the model's name there")
    key: Token | None = Field(None, description="its key, if it wants one")
    timeout: float = Field(10.0, gt=0, le=60, description="seconds that an answer may take")


def similar(settings: Settings) -> Similar:
    """Build the adapter."""
    limits = Limits(deadline=settings.timeout, silence=settings.timeout, waits=(), patience=0.0, size=SIZE)
    return Embeddings(Http(settings.base_url, token=settings.key, limits=limits), settings)


class Embeddings:
    """A ``Similar``."""

    name = "embeddings"

    def __init__(self, http: Http, settings: Settings) -> None:
        self._http = http
        self._settings = settings
        self._vectors = Vectors(self._embed)

    async def alike(self, paper: Paper, others: Sequence[Paper]) -> Sequence[float]:
        """Give the cosine of each of the others with the paper."""
        return await self._vectors.alike(paper, others)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _embed(self, texts: Sequence[str]) -> list[Vector]:
        """Give a vector of length 1 for each text."""
        body = {"model": self._settings.name, "input": list(texts)}
        return await self._http.post("/embeddings", body, read=partial(_vectors, count=len(texts)))


def _vectors(answer: Answer, count: int) -> list[Vector]:
    """Read them in the order of the texts. Raises ``ValueError`` for damage."""
    document = json_of(answer)
    rows = document.get("data") if isinstance(document, dict) else None
    try:
        found = {row["index"]: normal([float(value) for value in row["embedding"]]) for row in rows or ()}
    except (KeyError, TypeError) as error:
        raise ValueError("it has no vectors") from error
    if found.keys() != set(range(count)) or len({len(vector) for vector in found.values()}) != 1:
        raise ValueError("it has not one vector for each text")
    return [found[place] for place in range(count)]
