"""Hugging Face's papers API on loopback: it refuses what the service refuses, in the service's form."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from aiohttp import web

Row = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

QUOTA, WINDOW = 500, 300


@dataclass
class Hub:
    """The service's state. ``asked`` are the requests so far, ``faults`` answers for the next ones, one each."""

    today: date
    days: Mapping[date, Sequence[Any]] = field(default_factory=dict)
    papers: Mapping[str, object] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)
    faults: deque[Handler] = field(default_factory=deque)
    refused_days: set[date] = field(default_factory=set)
    failing_days: set[date] = field(default_factory=set)
    url: str = ""

    @property
    def days_asked(self) -> list[str]:
        """The days in the order in which they were asked for, later pages left out."""
        return [request.query["date"] for request in self.asked if request.query.get("p") == "0"]

    async def daily(self, request: web.Request) -> web.StreamResponse:
        """Answer ``/api/daily_papers``."""
        try:
            day = date.fromisoformat(request.query.get("date", self.today.isoformat()))
            page, limit = int(request.query.get("p", "0")), int(request.query.get("limit", "50"))
        except ValueError:
            return self._json({"error": "Invalid query"}, 400)
        if day > self.today or day in self.refused_days or page < 0 or not 1 <= limit <= 100:
            return self._json({"error": "Invalid query"}, 400)
        if day in self.failing_days:
            return self._json({"error": "Internal error"}, 500)
        everything = self.days.get(day, ())
        headers = {}
        if (page + 1) * limit < len(everything):
            headers["Link"] = f'<{self.url}/api/daily_papers?date={day}&p={page + 1}>; rel="next"'
        return self._json(everything[page * limit : (page + 1) * limit], 200, headers)

    async def search(self, request: web.Request) -> web.StreamResponse:
        """Answer ``/api/papers/search``: rows that have any of the words, those with most of them first."""
        words = request.query.get("q", "").lower().split()
        limit = request.query.get("limit", "20")
        if not words or not limit.isdecimal() or not 1 <= int(limit) <= 120:
            return self._json({"error": "Invalid query"}, 400)
        every = [row for rows in self.days.values() for row in rows]
        texts = [f"{row['paper']['title']} {row['paper']['summary']}".lower() for row in every]
        scores = [sum(word in text for word in words) for text in texts]
        best = sorted(range(len(every)), key=lambda n: -scores[n])
        return self._json([every[n] for n in best if scores[n]][: int(limit)], 200)

    async def one(self, request: web.Request) -> web.StreamResponse:
        """Answer ``/api/papers/{id}``."""
        found = self.papers.get(request.match_info["id"])
        return self._json({"error": "Paper not found"}, 404) if found is None else self._json(found, 200)

    def _json(self, body: object, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
        limits = {
            "RateLimit": f'"api";r={max(QUOTA - len(self.asked), 0)};t={WINDOW}',
            "RateLimit-Policy": f'"fixed window";"api";q={QUOTA};w={WINDOW}',
            "X-Request-Id": "Root=1-test",
        }
        return web.json_response(body, status=status, headers={**limits, **(headers or {})})


@asynccontextmanager
async def serving(hub: Hub) -> AsyncIterator[Hub]:
    """Serve until the block ends."""

    @web.middleware
    async def meet(request: web.Request, handler: Handler) -> web.StreamResponse:
        hub.asked.append(request)
        return await (hub.faults.popleft() if hub.faults else handler)(request)

    app = web.Application(middlewares=[meet])
    app.router.add_get("/api/daily_papers", hub.daily)
    app.router.add_get("/api/papers/search", hub.search)
    app.router.add_get("/api/papers/{id}", hub.one)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hub.url = f"http://localhost:{runner.addresses[0][1]}"
    try:
        yield hub
    finally:
        await runner.cleanup()


def row(paper_id: str, day: date, **paper: object) -> Row:
    """A daily item as the service gives it; ``paper`` adds to or replaces fields of the paper inside."""
    title = f"A paper called {paper_id}"
    inner = {
        "id": paper_id,
        "authors": [{"_id": "64f0a0a0a0a0a0a0a0a0a101", "name": "Ana Sample", "hidden": False}],
        "publishedAt": f"{day.isoformat()}T00:00:00.000Z",
        "submittedOnDailyAt": f"{day.isoformat()}T00:00:00.000Z",
        "title": title,
        "summary": "An abstract.",
        "upvotes": 3,
        "discussionId": "64f0a0a0a0a0a0a0a0a0a104",
        **paper,
    }
    return {
        "paper": inner,
        "publishedAt": f"{day.isoformat()}T00:00:00.000Z",
        "title": title,
        "summary": "An abstract.",
        "thumbnail": f"https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{paper_id}.png",
        "numComments": 2,
        "submittedBy": {"_id": "64f0a0a0a0a0a0a0a0a0a002", "fullname": "Ana Sample", "name": "anasample"},
        "isAuthorParticipating": False,
    }


def rows(count: int, day: date, first: int = 0) -> list[Row]:
    """So many different papers of one day."""
    return [row(f"2610.{number:05d}", day) for number in range(first, first + count)]


def without(item: Row, *fields: str) -> Row:
    """The same row, less these fields of its paper."""
    item = copy.deepcopy(item)
    for name in fields:
        item["paper"].pop(name, None)
    return item


def failing(status: int, headers: Mapping[str, str] | None = None, text: str = '{"error": "no"}') -> Handler:
    """An answer with this status, whatever was asked."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers=headers, text=text, content_type="application/json")

    return handle
