"""Where the bytes of a file go, and where they are read again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aiohttp import web

from tests.emulators.faults import Fates
from tests.emulators.slack.state.nouns import File
from tests.emulators.slack.state.workspace import Workspace


@dataclass
class Uploads:
    """``/upload/v1/`` and ``/files/``."""

    workspace: Workspace
    fates: Fates

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Take a file's bytes, as the body or as the only file of a form."""
        content = await _content(request)
        ticket = request.match_info["ticket"]
        return await self.fates.meet(request, "upload", {}, lambda _faulty: self._keep(ticket, content), lambda: None)

    async def give(self, request: web.Request) -> web.StreamResponse:
        """Give them back."""
        file = self.workspace.files.get(request.match_info["file"])
        if file is None or file.content is None:
            raise web.HTTPNotFound
        return web.Response(body=file.content, content_type="application/octet-stream")

    def _keep(self, ticket: str, content: bytes) -> web.Response:
        file = self._by_ticket(ticket)
        if file is None or file.content is not None:
            return web.Response(text="404 Not Found", status=404)
        if len(content) != file.size:
            return web.Response(text="400 length does not match", status=400)
        self.workspace.files[file.id] = replace(file, content=content)
        return web.Response(text=f"OK - {len(content)}")

    def _by_ticket(self, ticket: str) -> File | None:
        return next((file for file in self.workspace.files.values() if file.ticket == ticket), None)


async def _content(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    for value in (await request.post()).values():
        if isinstance(value, web.FileField):
            return value.file.read()
    return b""
