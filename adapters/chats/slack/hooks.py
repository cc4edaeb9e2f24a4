"""Slack over HTTP: what is not signed by Slack, now, for the first time, does not come in; and none of it is logged."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from time import time

from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from adapters.chats.slack.errors import CALLS
from bot.ports import Answered, Asked

TIMESTAMP = re.compile(r"[0-9]{1,11}")
SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
WINDOW = 300
"""Seconds that a signature is good for; it is remembered for twice as long."""
MOST = 100_000
REFUSED = Answered(status=401, headers={"content-type": ["text/plain; charset=utf-8"]}, body=b"not signed by Slack\n")
UNREADABLE = Answered(status=400, headers={"content-type": ["text/plain; charset=utf-8"]}, body=b"cannot be read\n")
AWAY = Answered(status=502, headers={"content-type": ["text/plain; charset=utf-8"]}, body=b"Slack cannot be reached.\n")


class Gate:
    """Lets Slack's requests through to Bolt."""

    def __init__(self, app: AsyncApp, secret: str) -> None:
        self._app = app
        self._verifier = SignatureVerifier(secret)
        self._used: OrderedDict[str, float] = OrderedDict()

    async def answer(self, asked: Asked) -> Answered:
        """Check a request, and have it answered. One that was answered before is refused."""
        signature = self._signature(asked)
        if signature is None or signature in self._used:
            return REFUSED
        try:
            request = _request(asked)
        except (ValueError, AttributeError, TypeError):  # Bolt reads the body, and expects Slack's shapes
            return UNREADABLE
        self._remember(signature)
        response = await self._app.async_dispatch(request)
        if response.status >= 500:
            del self._used[signature]
        return answered(response)

    def _signature(self, asked: Asked) -> str | None:
        """The signature, if it is Slack's and of now. Malformed ones never reach the verifier, which fails at them."""
        stamps = asked.headers.get("x-slack-request-timestamp", ())
        signatures = asked.headers.get("x-slack-signature", ())
        if len(stamps) != 1 or len(signatures) != 1:
            return None
        stamp, signature = stamps[0], signatures[0]
        if not TIMESTAMP.fullmatch(stamp) or not SIGNATURE.fullmatch(signature):
            return None
        try:
            good = self._verifier.is_valid(asked.body, stamp, signature)
        except UnicodeDecodeError:
            return None
        return signature if good else None

    def _remember(self, signature: str) -> None:
        now = time()
        while self._used and (len(self._used) >= MOST or next(iter(self._used.values())) < now - 2 * WINDOW):
            self._used.popitem(last=False)
        self._used[signature] = now


def page(serve: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]) -> Callable[[Asked], Awaitable[Answered]]:
    """One of the two pages of Bolt's OAuth flow."""

    async def answer(asked: Asked) -> Answered:
        try:
            return answered(await serve(_request(asked)))
        except CALLS:
            return AWAY

    return answer


def pages(flow: AsyncOAuthFlow) -> tuple[Callable[[Asked], Awaitable[Answered]], ...]:
    """Where an installation begins, and where it ends."""
    return page(flow.handle_installation), page(flow.handle_callback)


def _request(asked: Asked) -> AsyncBoltRequest:
    query: dict[str, Sequence[str]] = {name: list(values) for name, values in asked.query.items()}
    headers: dict[str, str | Sequence[str]] = {name: list(values) for name, values in asked.headers.items()}
    return AsyncBoltRequest(body=asked.body.decode("utf-8", "replace"), query=query, headers=headers)


def answered(response: BoltResponse) -> Answered:
    """Bolt's answer as ours."""
    headers = {name: list(values) for name, values in response.headers.items()}
    return Answered(status=response.status, headers=headers, body=(response.body or "").encode())
