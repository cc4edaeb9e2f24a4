"""The search of Hacker News on loopback: by likeness, like the service's, so that it also finds what was not meant."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Search:
    """The service's state. ``asked`` are the queries so far, ``faults`` the next answers."""

    stories: list[Any] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    faults: deque[Handler] = field(default_factory=deque)
    most_at_once: int = 0
    _at_once: int = 0
    url: str = ""

    async def search(self, request: web.Request) -> web.StreamResponse:
        """Answer ``GET /api/v1/search``: what shares the first four characters, most points first."""
        query, limit = request.query.get("query", ""), request.query.get("hitsPerPage", "20")
        if request.query.get("tags") != "story" or not limit.isdecimal() or int(limit) > 1000:
            return web.json_response({"message": "invalid", "status": 400}, status=400)
        self.asked.append(dict(request.query))
        hits = [one for one in self.stories if not isinstance(one, dict) or query[:4] in str(one.get("url"))]
        return web.json_response(
            {
                "exhaustive": {"nbHits": True, "typo": True},
                "hits": hits[: int(limit)],
                "hitsPerPage": int(limit),
                "nbHits": len(hits),
                "nbPages": 1,
                "page": 0,
                "params": request.query_string,
                "query": query,
            }
        )


def story(number: int, url: str | None, points: int = 137, comments: int = 32, **facts: Any) -> dict[str, Any]:  # noqa: ANN401
    """A hit as the service gives it."""
    return {
        "_highlightResult": {"author": {"matchLevel": "none", "matchedWords": [], "value": "someone"}},
        "_tags": ["story", "author_someone", f"story_{number}"],
        "author": "someone",
        "children": [number + 1],
        "created_at": "2026-10-06T20:48:28Z",
        "created_at_i": 1791319708,
        "num_comments": comments,
        "objectID": str(number),
        "points": points,
        "story_id": number,
        "title": "Sigma-Grasp",
        "updated_at": "2026-10-06T22:06:25Z",
        "url": url,
        **facts,
    }


@asynccontextmanager
async def serving(search: Search) -> AsyncIterator[Search]:
    """Serve until the block ends."""

    @web.middleware
    async def meet(request: web.Request, handler: Handler) -> web.StreamResponse:
        search._at_once += 1
        search.most_at_once = max(search.most_at_once, search._at_once)
        try:
            return await (search.faults.popleft() if search.faults else handler)(request)
        finally:
            search._at_once -= 1

    app = web.Application(middlewares=[meet])
    app.router.add_get("/api/v1/search", search.search)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    search.url = f"http://localhost:{runner.addresses[0][1]}"
    try:
        yield search
    finally:
        await runner.cleanup()
