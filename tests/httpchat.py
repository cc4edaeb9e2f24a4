"""A chat for tests that speaks to ``tests.emulators.httpchat`` with the HTTP client that the real chats use."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import inf
from typing import Any
from urllib.parse import quote

import httpx

from bot.card import headline
from bot.errors import DeliveryError, Verdict
from bot.models import JSON, Channel, Digest, Entry, Message
from bot.ports import Pacing

PARTS = 3
"""Messages of a digest that has so many papers."""
LARGEST = 64 * 1024
"""Bytes of an answer; the rest is not read."""
LONGEST = 3600.0
"""Seconds. Longer waits are not believed."""
MARGIN = timedelta(hours=25)
"""Read-back looks so far behind the first try: that moment is from our clock, the messages' times are not."""

VERDICTS = {
    "token_revoked": Verdict.TENANT,
    "not_in_channel": Verdict.PAUSE,
    "gone": Verdict.DROP,
    "too_long": Verdict.DEGRADE,
}
"""What the platform's words for a refusal mean. Any other refusal is a bug of ours."""
PROMPT = Pacing(per_channel=inf, per_tenant=inf, timeout=1.0, settle=0.3)

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loading certificates takes 30 ms, and loopback needs none."""


class HttpChat:
    """Posts; cannot read back."""

    name = "httpchat"

    def __init__(self, url: str, *, pacing: Pacing = PROMPT, place: str = "") -> None:
        """``place`` stands before every tenant's name: so many tests can share one server."""
        self.pacing = pacing
        self._place = place
        self._client = httpx.AsyncClient(base_url=url, verify=_NO_TLS, timeout=2 * pacing.timeout)

    def render(self, digest: Digest) -> Sequence[Message]:
        """Three messages, best papers first; later ones answer the first."""
        shares = [share for share in _shares(digest.entries, PARTS) if share] or [()]
        return tuple(
            Message(
                {"text": headline(digest), "papers": [_line(entry) for entry in share]},
                tuple(entry.paper.id for entry in share),
                reply=part > 0,
            )
            for part, share in enumerate(shares)
        )

    def degrade(self, message: Message, step: int) -> Message | None:
        """Only the papers' ids; nothing is simpler than that."""
        return replace(message, payload={"text": ", ".join(message.papers)}) if step == 1 else None

    async def post(self, channel: Channel, message: Message, key: str, thread: str) -> str:
        """Send one message. Any end that does not name the message may have been a success."""
        said = {"key": key, "payload": dict(message.payload), "thread": thread}
        answer = await self._ask("POST", channel, said=said)
        found = answer.body.get("id")
        if not isinstance(found, str) or not found:
            raise DeliveryError("an answer without a message in it", Verdict.UNKNOWN)
        return found

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _ask(
        self, method: str, channel: Channel, *, said: JSON | None = None, params: Mapping[str, str] | None = None
    ) -> Answer:
        path = f"/channels/{quote(f'{self._place}{channel.tenant}/{channel.room}', safe='')}/messages"
        try:
            async with self._client.stream(method, path, json=said, params=params) as response:
                body = b""
                async for chunk in response.aiter_bytes():
                    body = (body + chunk)[:LARGEST]
        except _UNSENT as error:
            raise DeliveryError("the platform cannot be reached", Verdict.RETRY) from error
        except httpx.RequestError as error:
            raise DeliveryError(f"the connection broke ({type(error).__name__})", Verdict.UNKNOWN) from error
        answer = Answer(response.status_code, _parsed(body))
        if answer.status != httpx.codes.OK:
            raise refusal(answer, response.headers.get("Retry-After"), datetime.now(UTC))
        return answer


class ReadableHttpChat(HttpChat):
    """Posts, and can look up what arrived."""

    async def find(self, channel: Channel, key: str, since: datetime) -> str | None:
        """Look for the key among the channel's messages."""
        asked = {"key": key, "since": (since - MARGIN).isoformat()}
        answer = await self._ask("GET", channel, params=asked)
        match answer.body:
            case {"messages": [{"id": str(found)}, *_]}:
                return found
            case {"messages": []}:
                return None
        raise DeliveryError("an answer without a list of messages", Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and the JSON object if it was one, else nothing."""

    status: int
    body: dict[str, Any]


def refusal(answer: Answer, retry_after: str | None, now: datetime) -> DeliveryError:
    """Say what an answer other than 200 means."""
    code = str(answer.body.get("error", ""))
    text = f"the platform answered {answer.status} {code}".rstrip()
    if answer.status == httpx.codes.TOO_MANY_REQUESTS:
        return DeliveryError(text, Verdict.WAIT, code=code, seconds=seconds(retry_after, now))
    if answer.status == httpx.codes.SERVICE_UNAVAILABLE:
        return DeliveryError(text, Verdict.RETRY, code=code)
    if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR or not code:
        return DeliveryError(text, Verdict.UNKNOWN, code=code)
    return DeliveryError(text, VERDICTS.get(code, Verdict.BUG), code=code)


def seconds(retry_after: str | None, now: datetime) -> float | None:
    """Read a Retry-After: seconds, with or without a fraction, or a date. ``None`` when it says nothing sensible."""
    if retry_after is None:
        return None
    try:
        wait = float(retry_after)
    except ValueError:
        try:
            wait = (parsedate_to_datetime(retry_after) - now).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return min(wait, LONGEST) if wait >= 0 else None


def _shares(entries: Sequence[Entry], count: int) -> list[tuple[Entry, ...]]:
    size = -(-len(entries) // count)
    return [tuple(entries[size * n : size * (n + 1)]) for n in range(count)]


def _line(entry: Entry) -> dict[str, str]:
    return {"id": entry.paper.id, "title": entry.paper.title}


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
