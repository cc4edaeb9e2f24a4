"""How alike papers are in meaning, by an embeddings endpoint that speaks OpenAI's wire: a service, or a model of yours.

``POST {base_url}/embeddings`` with ``{"model", "input": [texts]}`` gives ``{"data": [{"index", "embedding"}]}``; how
alike two papers are is the cosine of their vectors. Vectors are remembered while the process runs. An answer is bounded
in time and size, and a redirect is not followed: the key and the papers go where the operator said, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence

import httpx
import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from adapters.similar._vectors import Vector, Vectors, normal
from bot.errors import SourceError
from bot.models import Paper
from bot.ports import Similar

SIZE = 20_000_000
"""Bytes of an answer that are read."""


class Settings(BaseModel):
    """The section ``embeddings``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field("http://localhost:11434/v1", pattern=r"^https?://\S+$", description="where the endpoint is")
    name: str = Field("all-minilm", min_length=1, description="the model's name there")
    key: SecretStr | None = Field(None, description="its key, if it wants one")
    timeout: float = Field(10.0, gt=0, le=60, description="seconds that an answer may take")


def similar(settings: Settings) -> Similar:
    """Build the adapter."""
    return Embeddings(settings)


class Embeddings:
    """A ``Similar``."""

    name = "embeddings"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        key = settings.key.get_secret_value() if settings.key else ""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.AsyncClient(headers=headers, timeout=settings.timeout, trust_env=False)
        self._host = httpx.URL(settings.base_url).host
        self._vectors = Vectors(self._embed)

    async def alike(self, paper: Paper, others: Sequence[Paper]) -> Sequence[float]:
        """Give the cosine of each of the others with the paper."""
        return await self._vectors.alike(paper, others)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _embed(self, texts: Sequence[str]) -> list[Vector]:
        """Give a vector of length 1 for each text."""
        body = orjson.dumps({"model": self._settings.name, "input": list(texts)})
        url = f"{self._settings.base_url.rstrip('/')}/embeddings"
        try:
            request = self._client.stream("POST", url, content=body, headers={"Content-Type": "application/json"})
            async with request as answer:
                if answer.status_code != httpx.codes.OK:
                    raise SourceError(f"{self._host} answered {answer.status_code} when it was asked for embeddings.")
                return _vectors(await self._bounded(answer), len(texts))
        except httpx.HTTPError as error:
            raise SourceError(f"{self._host} gives no embeddings ({type(error).__name__}).") from error
        except (ValueError, KeyError, TypeError) as error:
            raise SourceError(f"{self._host} sent embeddings that I cannot read.") from error

    async def _bounded(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > SIZE:
                raise SourceError(f"{self._host} sent more embeddings than were asked for.")
        return bytes(body)


def _vectors(body: bytes, count: int) -> list[Vector]:
    """Read them in the order of the texts. Raises ``ValueError``, ``KeyError`` or ``TypeError`` for damage."""
    rows = sorted(orjson.loads(body)["data"], key=lambda row: row["index"])
    found = [normal([float(value) for value in row["embedding"]]) for row in rows]
    if len(found) != count or len({len(vector) for vector in found}) != 1:
        raise ValueError("not one vector for each text")
    return found
