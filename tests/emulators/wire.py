"""A server that plays any trick below HTTP: it has a socket and a script, and no manners."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[["Call"], Awaitable[None]]


@dataclass
class Wire:
    """A running server."""

    port: int = 0
    scheme: str = "http"
    heads: list[str] = field(default_factory=list)
    """The requests' heads, in the order of their arrival."""
    connections: int = 0
    sent: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"


@dataclass
class Call:
    """One connection, from the script's side."""

    wire: Wire
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def request(self) -> str:
        """Wait for the head of a request."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.wire.heads.append(head)
        return head

    async def send(self, *parts: bytes) -> None:
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            self.wire.sent += len(part)

    def reset(self) -> None:
        """Drop the connection with a TCP reset: closing a socket that may not linger sends one."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@asynccontextmanager
async def wire(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    """Serve every connection by the script until the block ends."""
    served = Wire(scheme="https" if tls else "http")
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        running.add(task)
        served.connections += 1
        try:
            await script(Call(served, reader, writer))
        except (OSError, EOFError, ssl.SSLError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            running.discard(task)
            writer.close()
            with suppress(OSError, ssl.SSLError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        await server.wait_closed()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def head(status: int = 200, *lines: str, kind: str = "application/json") -> bytes:
    """A response's head."""
    return "\r\n".join([f"HTTP/1.1 {status} Whatever", f"Content-Type: {kind}", *lines, "", ""]).encode("latin-1")


def answer(body: bytes, status: int = 200, *lines: str, kind: str = "application/json") -> bytes:
    """A whole and honest response."""
    return head(status, *lines, f"Content-Length: {len(body)}", kind=kind) + body


def always(response: bytes) -> Script:
    """Give this response to every request of a connection."""

    async def script(call: Call) -> None:
        while True:
            await call.request()
            await call.send(response)

    return script


def redirect(location: str, status: int = 302) -> Script:
    return always(answer(b"", status, f"Location: {location}"))


def in_turn(*scripts: Script) -> Script:
    """Play one script per connection; the last one again and again."""
    left = list(scripts)

    async def script(call: Call) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(call)

    return script


async def slowloris(call: Call) -> None:
    await call.request()
    await call.send(head(200, "Content-Length: 100000"))
    while True:
        await call.send(b" ")
        await asyncio.sleep(0.01)


async def silent(call: Call) -> None:
    await asyncio.sleep(60)


async def endless_chunks(call: Call) -> None:
    await call.request()
    await call.send(head(200, "Transfer-Encoding: chunked"))
    chunk = b"[" * 65536
    while True:
        await call.send(b"%x\r\n" % len(chunk), chunk, b"\r\n")


async def gigabyte(call: Call) -> None:
    await call.request()
    await call.send(head(200, "Content-Length: 1000000000"))
    for _ in range(10_000):
        await call.send(b"[" * 100_000)


async def gzip_bomb(call: Call) -> None:
    """Send a gigabyte in a megabyte: a packed megabyte of zeros, a thousand times, so that one read holds dozens."""
    await call.request()
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, again = (packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    body = first + again * 999
    await call.send(head(200, "Content-Encoding: gzip", f"Content-Length: {len(body)}"), body)


async def truncated(call: Call) -> None:
    await call.request()
    await call.send(head(200, "Content-Length: 100"), b'[{"paper": {"id": ')


async def truncated_without_length(call: Call) -> None:
    await call.request()
    await call.send(head(200, "Connection: close"), b'[{"paper": {"id": ')


async def truncated_chunks(call: Call) -> None:
    await call.request()
    await call.send(head(200, "Transfer-Encoding: chunked"), b"5\r\n[    \r\n")


async def truncated_gzip(call: Call) -> None:
    await call.request()
    body = gzip.compress(b"[" + b" " * 1000 + b"]")[:-8]
    await call.send(answer(body, 200, "Content-Encoding: gzip"))


async def damaged_gzip(call: Call) -> None:
    await call.request()
    await call.send(answer(b"this is not gzip", 200, "Content-Encoding: gzip"))


async def gzip_with_a_tail(call: Call) -> None:
    await call.request()
    await call.send(answer(gzip.compress(b"[]") + b"x" * 100_000, 200, "Content-Encoding: gzip"))


async def unasked_encoding(call: Call) -> None:
    await call.request()
    await call.send(answer(b"\x8b\x00\x80[]\x03", 200, "Content-Encoding: br"))


async def reset_at_once(call: Call) -> None:
    await call.request()
    call.reset()


async def reset_in_the_body(call: Call) -> None:
    await call.request()
    await call.send(head(200, "Content-Length: 100"), b"[")
    call.reset()


async def hangs_up(call: Call) -> None:
    await call.request()


async def not_http(call: Call) -> None:
    await call.request()
    await call.send(b"SSH-2.0-OpenSSH_9.2\r\n")


async def speaks_first(call: Call) -> None:
    await call.send(b"220 mail.example ESMTP ready\r\n")


async def huge_head(call: Call) -> None:
    await call.request()
    await call.send(head(200, "X-Filler: " + "x" * 300_000))
