"""Whether we live, whether digests can go out, and the numbers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.ports import Site

from .metrics import CONTENT_TYPE_LATEST, Counts


class Health:
    """For probes and for Prometheus."""

    def __init__(self, site: Site, counts: Counts) -> None:
        self._site = site
        self._counts = counts

    async def healthz(self, request: Request) -> Response:
        """Alive: the loop runs. A process that fails this should be started anew."""
        del request
        return PlainTextResponse("ok\n")

    async def readyz(self, request: Request) -> Response:
        """Able to deliver; otherwise 503, and what is down. Starting anew would not help."""
        del request
        down = await self._site.down()
        return JSONResponse({"ready": not down, "down": dict(down)}, 503 if down else 200)

    async def metrics(self, request: Request) -> Response:
        """Everything counted, in Prometheus' format."""
        del request
        return Response(self._counts.text(await self._site.numbers()), media_type=CONTENT_TYPE_LATEST)
