"""An embeddings endpoint on loopback with a small real model: words hashed into 64 places."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from aiohttp import web


@dataclass
class Endpoint:
    """Its state. ``spoil`` may change an answer before it is sent."""

    key: str = ""
    asked: list[list[str]] = field(default_factory=list)
    spoil: Callable[[Any], Any] | None = None
    status: int = 200
    url: str = ""

    async def embed(self, request: web.Request) -> web.Response:
        """Answer ``POST /v1/embeddings``."""
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": {"message": "Incorrect API key provided"}}, status=401)
        body = await request.json()
        texts = body.get("input")
        if body.get("model") != "tiny" or not isinstance(texts, list) or not 0 < len(texts) <= 2048:
            return web.json_response({"error": {"message": "invalid"}}, status=400)
        self.asked.append(texts)
        rows = [{"object": "embedding", "index": n, "embedding": vector(text)} for n, text in enumerate(texts)]
        answer = {"object": "list", "data": rows[::-1], "model": "tiny"}
        return web.json_response(self.spoil(answer) if self.spoil else answer, status=self.status)


def vector(text: str) -> list[float]:
    """Count a text's words by their hash."""
    found = [0.0] * 64
    for word in re.findall(r"[a-z]{4,}", text.lower()):
        found[crc32(word.encode()) % 64] += 1
    return found


@asynccontextmanager
async def serving(endpoint: Endpoint) -> AsyncIterator[Endpoint]:
    """Serve until the block ends."""
    app = web.Application()
    app.router.add_post("/v1/embeddings", endpoint.embed)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield endpoint
    finally:
        await runner.cleanup()
