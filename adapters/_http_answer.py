"""An answer of bounded size, and reading it as JSON."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from adapters._http_errors import TryAgainError
from bot.errors import SourceError

ENCODING = "gzip"
"""The only packing that is asked for, and taken."""

_MEDIA_TYPE = re.compile(r"[\w.+-]{1,40}/[\w.+-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, unpacked."""

    status: int
    headers: Mapping[str, str]
    """Case of the names does not matter."""
    body: bytes


def json_of(answer: Answer) -> object:
    """Read a body as JSON, without losing all of it for a flaw in a part.

    A byte-order mark is skipped, bytes that are no UTF-8 become U+FFFD, NaN and Infinity become ``None``, the
    last of equal keys counts, and lone surrogates stay for ``bot.text``. Raises ``ValueError`` for all else.
    """
    try:
        return json.loads(answer.body.decode("utf-8-sig", "replace"), parse_constant=lambda _: None)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    except ValueError as error:
        if answer.body.lstrip()[:1] in (b"[", b"{"):
            raise ValueError("it is damaged or breaks off") from error
        kind = _MEDIA_TYPE.match(answer.headers.get("content-type", ""))
        raise ValueError("it is not JSON" + (f" but {kind[0]}" if kind else "")) from error


async def read_body(response: httpx.Response, limit: int, host: str) -> bytes:
    """Read a body chunk by chunk, and never unpack more than one byte beyond ``limit``.

    Raises ``SourceError`` when there is more, ``TryAgainError`` when the packing is damaged or breaks off.
    """
    inflate = _inflate(response.headers.get("content-encoding", ""), host)
    body = bytearray()
    async for chunk in response.aiter_raw():
        try:
            body += inflate.decompress(chunk, limit + 1 - len(body)) if inflate else chunk
        except zlib.error as error:
            raise TryAgainError(f"{host} sent a damaged answer.") from error
        if len(body) > limit:
            raise SourceError(f"{host} sent more than {limit:,} bytes. That is no list of papers.")
        if inflate and inflate.unused_data:
            raise TryAgainError(f"{host} sent more after the end of its answer.")
    if inflate and not inflate.eof:
        raise TryAgainError(f"{host} cut its answer short.")
    return bytes(body)


def _inflate(encoding: str, host: str) -> zlib._Decompress | None:
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        case _:
            raise SourceError(f"{host} packed its answer in a way that nobody asked for.")
