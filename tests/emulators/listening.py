"""A web application on loopback that ends cleanly while clients are still calling."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def listening(app: web.Application, port: int = 0) -> AsyncIterator[str]:
    """Serve until the block ends, and give the address.

    asyncio leaks a connection that is accepted in the very moment in which its server closes. So the server stops to
    accept first, those that it has accepted get their handlers, and then it closes.
    """
    loop = asyncio.get_running_loop()
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    assert runner.server
    server = await loop.create_server(runner.server, "127.0.0.1", port)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        for socket in server.sockets:
            loop.remove_reader(socket.fileno())
        await asyncio.sleep(0.001)
        server.close()
        await runner.cleanup()
