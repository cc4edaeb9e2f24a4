"""Paths of the chats: the request is read whole, within bounds, and handed on as it came."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.ports import Asked, Hook

LARGEST = 1_000_000
"""Bytes of a body: a form with long fields is 50 kB."""
PATIENCE = 10.0
"""Seconds that a client has to send one."""


class Hooked:
    """An endpoint that hands requests to a ``Hook``."""

    def __init__(self, hook: Hook) -> None:
        self._hook = hook
        self.__name__ = hook.path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read, ask, answer."""
        request = Request(scope, receive)
        asked = Asked(
            method=request.method,
            path=request.url.path,
            query=_several(request.query_params.multi_items()),
            headers=_several(request.headers.items()),
            body=await body(request, LARGEST),
            client=request.client.host if request.client else "",
        )
        answered = await self._hook.answer(asked)
        response = Response(answered.body, answered.status)
        for name, values in answered.headers.items():
            del response.headers[name]
            for value in values:
                response.headers.append(name, value)
        await response(scope, receive, send)


async def body(request: Request, most: int) -> bytes:
    """Read a body. Raises 413 for one that is larger, 408 for one that does not come, 400 for one that ends early."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > most:
        raise HTTPException(413)
    read = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for piece in request.stream():
                read += piece
                if len(read) > most:
                    raise HTTPException(413)
    except TimeoutError as error:
        raise HTTPException(408) from error
    except ClientDisconnect as error:
        raise HTTPException(400) from error
    return bytes(read)


def _several(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
