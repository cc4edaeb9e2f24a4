"""An endpoint for chat completions on loopback with a small model inside: it repeats an abstract's first sentence."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MARK = re.compile(r"===[0-9a-f]{16}===")


@dataclass
class Endpoint:
    """Its state. ``says`` is what the model says whatever it is asked; ``faults`` are the next answers."""

    key: str = ""
    models: tuple[str, ...] = ("tiny:latest",)
    says: str | None = None
    newer: bool = False
    """Whether it wants its bound under the newer name."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    faults: deque[Handler] = field(default_factory=deque)
    most_at_once: int = 0
    under_way: int = 0
    url: str = ""

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """Answer ``POST /v1/chat/completions``."""
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return _refused("Incorrect API key provided", 401)
        body = await request.json()
        self.asked.append(body)
        if body.get("model") not in (*self.models, "tiny"):
            return _refused("The model does not exist", 404)
        if self.newer and "max_tokens" in body:
            said = "Unsupported parameter: 'max_tokens' is not supported with this model."
            return _refused(f"{said} Use 'max_completion_tokens' instead.", 400)
        if not any(isinstance(body.get(name), int) for name in ("max_tokens", "max_completion_tokens")):
            return _refused("a bound is missing", 400)
        said = self.says if self.says is not None else _first(body["messages"][-1]["content"])
        return completion(said)

    async def list(self, _request: web.Request) -> web.StreamResponse:
        """Answer ``GET /v1/models``."""
        return web.json_response({"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})


def completion(said: object) -> web.Response:
    """A whole answer with this content."""
    choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
    return web.json_response({"id": "x", "object": "chat.completion", "choices": [choice], "usage": {}})


def _refused(message: str, status: int) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "invalid_request_error"}}, status=status)


def _first(asked: str) -> str:
    data = MARK.sub("", asked).strip().partition("\n\n")[2]
    return f"{data.partition('. ')[0].rstrip('.')}."


@asynccontextmanager
async def serving(endpoint: Endpoint) -> AsyncIterator[Endpoint]:
    """Serve until the block ends."""

    @web.middleware
    async def meet(request: web.Request, handler: Handler) -> web.StreamResponse:
        endpoint.under_way += 1
        endpoint.most_at_once = max(endpoint.most_at_once, endpoint.under_way)
        try:
            return await (endpoint.faults.popleft() if endpoint.faults else handler)(request)
        finally:
            endpoint.under_way -= 1

    app = web.Application(middlewares=[meet])
    app.router.add_post("/v1/chat/completions", endpoint.complete)
    app.router.add_get("/v1/models", endpoint.list)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    endpoint.url = f"http://localhost:{runner.addresses[0][1]}/v1"
    try:
        yield endpoint
    finally:
        await runner.cleanup()
