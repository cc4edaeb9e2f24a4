"""HTTP mode: signed requests to the app's address, and events again when they were not taken."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp
import orjson

from tests.emulators.slack.state.nouns import JSON
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.wire.parcels import Parcel, Receipt, Sort, Timing
from tests.emulators.slack.wire.signing import headers

FORM = "application/x-www-form-urlencoded"
LARGEST = 1_000_000
"""Bytes of an answer."""


@dataclass
class Requests:
    """Signed requests, as a carrier."""

    workspace: Workspace
    timing: Timing
    session: aiohttp.ClientSession

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Post it. An event that got no 2xx is sent again, unless the app says ``X-Slack-No-Retry: 1``."""
        body, kind = encode(parcel)
        receipt, reason = await self._post(body, kind, 0, "")
        for attempt, pause in enumerate(self.timing.retries if parcel.sort is Sort.EVENT else (), start=1):
            if not reason:
                break
            await asyncio.sleep(pause)
            receipt, reason = await self._post(body, kind, attempt, reason)
        return receipt

    async def verify(self) -> bool:
        """Whether the app repeats the challenge that Slack sends when its address is set."""
        challenge = self.workspace.new_secret()
        token = self.workspace.app.verification_token
        body = orjson.dumps({"type": "url_verification", "token": token, "challenge": challenge})
        receipt, _ = await self._post(body, "application/json", 0, "")
        said = receipt.ack or {}
        return challenge in {said.get("challenge"), said.get("text")}

    async def _post(self, body: bytes, kind: str, attempt: int, before: str) -> tuple[Receipt, str]:
        """Send once; give the receipt and the reason to send again, empty for none."""
        secret, url = self.workspace.app.signing_secret, self.workspace.app.request_url
        signed = headers(secret, str(int(time.time())), body, kind)
        if attempt:
            signed |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": before}
        start = time.perf_counter()
        try:
            async with asyncio.timeout(self.timing.ack):
                async with self.session.post(url, data=body, headers=signed, allow_redirects=False) as response:
                    said = await response.content.read(LARGEST)
        except TimeoutError:
            return _failed("operation_timeout", start, attempt), "http_timeout"
        except aiohttp.ClientError:
            return _failed("dispatch_failed", start, attempt), "connection_failed"
        if not 200 <= response.status < 300:
            stops = response.headers.get("X-Slack-No-Retry") == "1"
            return _failed(f"http_{response.status}", start, attempt), "" if stops else "http_error"
        return Receipt(ms=_since(start), ack=_ack(said), attempts=attempt + 1), ""


def encode(parcel: Parcel) -> tuple[bytes, str]:
    """A parcel's body and its type."""
    if parcel.sort is Sort.EVENT:
        return orjson.dumps(parcel.payload), "application/json"
    if parcel.sort is Sort.COMMAND:
        return urlencode(parcel.payload).encode(), FORM
    return urlencode({"payload": orjson.dumps(parcel.payload).decode()}).encode(), FORM


def _ack(body: bytes) -> JSON | None:
    """An answer: JSON, or text that is shown."""
    if not body.strip():
        return None
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {"text": body.decode(errors="replace")}
    return said if isinstance(said, dict) else {"text": str(said)}


def _failed(error: str, start: float, attempt: int) -> Receipt:
    return Receipt(error=error, ms=_since(start), attempts=attempt + 1)


def _since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
