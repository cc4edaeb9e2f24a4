"""Pages that were just made, ready to send: one rendering serves everybody for a minute."""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from hashlib import blake2b
from time import monotonic

from starlette.requests import Request
from starlette.responses import Response

FRESH = 60.0
"""Seconds that a page is shown again. Votes move, but nobody watches them by the second."""
ROOM = 32_000_000
"""Bytes of pages that are kept."""
SMALL = 1_000
"""Bytes below which compressing gains nothing."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is sent, plain and compressed."""

    plain: bytes
    packed: bytes
    tag: str
    kind: str
    until: float


class Shelf:
    """Pages by key, the least asked for first to go. A page that many wait for is made once."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._making: dict[Hashable, asyncio.Task[Page]] = {}
        self._bytes = 0

    async def answer(
        self,
        request: Request,
        key: Hashable,
        make: Callable[[], Awaitable[str]],
        kind: str = "text/html; charset=utf-8",
    ) -> Response:
        """Answer with the page of this key, made now if none is fresh. What ``make`` raises is raised."""
        page = self._pages.get(key)
        if page is None or page.until <= monotonic():
            page = await self._made(key, make, kind)
        else:
            self._pages.move_to_end(key)
        headers = {
            "Cache-Control": f"public, max-age={FRESH:.0f}",
            "ETag": page.tag,
            "Vary": "Accept-Encoding",
        }
        if page.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if page.packed and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(page.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=page.kind)
        return Response(page.plain, headers=headers, media_type=page.kind)

    async def _made(self, key: Hashable, make: Callable[[], Awaitable[str]], kind: str) -> Page:
        """Make a page, or wait for the one who is making it. It is finished also when its first reader has left."""
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.create_task(self._make(key, make, kind))
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)

    def _finished(self, key: Hashable, done: asyncio.Task[Page]) -> None:
        del self._making[key]
        if not done.cancelled():
            done.exception()  # looked at, also when everybody who waited has left

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[str]], kind: str) -> Page:
        plain = (await make()).encode()
        packed = await asyncio.to_thread(gzip.compress, plain, 5, mtime=0) if len(plain) >= SMALL else b""
        tag = f'W/"{blake2b(plain, digest_size=12).hexdigest()}"'
        self._keep(key, page := Page(plain, packed, tag, kind, monotonic() + FRESH))
        return page

    def _keep(self, key: Hashable, page: Page) -> None:
        old = self._pages.pop(key, None)
        self._bytes += _size(page) - (_size(old) if old else 0)
        self._pages[key] = page
        while self._bytes > ROOM:
            self._bytes -= _size(self._pages.popitem(last=False)[1])


def _size(page: Page) -> int:
    return len(page.plain) + len(page.packed)
