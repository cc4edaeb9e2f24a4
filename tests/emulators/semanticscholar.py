"""Semantic Scholar's graph API on loopback: it refuses what the service refuses, in the service's form."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

KNOWN_FIELDS = {"paperId", "externalIds", "tldr", "citationCount", "title", "year", "openAccessPdf"}
MOST = 500


@dataclass
class Graph:
    """The service's state: rows by arXiv id. ``asked`` are the lists of ids so far, ``faults`` the next answers."""

    papers: dict[str, object] = field(default_factory=dict)
    key: str = ""
    asked: list[list[str]] = field(default_factory=list)
    heads: list[Mapping[str, str]] = field(default_factory=list)
    faults: deque[Handler] = field(default_factory=deque)
    url: str = ""

    async def batch(self, request: web.Request) -> web.StreamResponse:
        """Answer ``POST /graph/v1/paper/batch``."""
        wanted = request.query.get("fields", "paperId").split(",")
        if unknown := [name for name in wanted if name not in KNOWN_FIELDS]:
            return web.json_response({"error": f"Unrecognized or unsupported fields: {unknown}"}, status=400)
        if self.key and request.headers.get("x-api-key") not in (None, self.key):
            return web.json_response({"message": "Forbidden"}, status=403)
        names = (await request.json())["ids"]
        self.asked.append(names)
        self.heads.append(request.headers)
        if len(names) > MOST:
            return web.json_response({"error": "Too many ids"}, status=400)
        found = [self.papers.get(name.removeprefix("ARXIV:")) for name in names]
        if not any(row is not None for row in found):
            return web.json_response({"error": "No valid paper ids given"}, status=400)
        return web.json_response([_fields(row, wanted) for row in found])


def _fields(row: object, wanted: list[str]) -> object:
    if not isinstance(row, dict):
        return row
    return {"paperId": row.get("paperId"), **{name: row.get(name) for name in wanted}}


def row(id_: str, tldr: str | None = "It is one sentence.", **facts: Any) -> dict[str, Any]:  # noqa: ANN401
    """A paper as the service gives it."""
    return {
        "paperId": "0123456789abcdef0123456789abcdef01234567",
        "externalIds": {"ArXiv": id_, "DOI": f"10.48550/arXiv.{id_}", "CorpusId": 280000001},
        "title": f"A paper called {id_}",
        "year": 2026,
        "citationCount": 3,
        "openAccessPdf": {"url": f"https://arxiv.org/pdf/{id_}", "status": "GREEN"},
        "tldr": tldr and {"model": "tldr@v2.0.0", "text": tldr},
        **facts,
    }


@asynccontextmanager
async def serving(graph: Graph) -> AsyncIterator[Graph]:
    """Serve until the block ends."""

    @web.middleware
    async def meet(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await (graph.faults.popleft() if graph.faults else handler)(request)

    app = web.Application(middlewares=[meet])
    app.router.add_post("/graph/v1/paper/batch", graph.batch)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    graph.url = f"http://localhost:{runner.addresses[0][1]}"
    try:
        yield graph
    finally:
        await runner.cleanup()
