"""What an installation lets us do, and the clients that use it. A token leaves this package only towards Slack."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.chats.slack.errors import CALLS, unsent
from bot.errors import DeliveryError, Verdict

for name in ("slack_bolt", "slack_sdk"):
    # At INFO and below they log whole bodies, tickets and secrets.
    logging.getLogger(name).setLevel(logging.WARNING)

IDLE = 10.0
"""Seconds that an unused connection is kept: one that Slack closed meanwhile would make a post's end unclear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One installation. ``team`` is empty when it serves a whole organisation."""

    token: str = field(repr=False)
    team: str
    enterprise: str = ""
    bot_user: str = ""
    bot_id: str = ""
    scopes: frozenset[str] = frozenset()


class Accesses(Protocol):
    """Finds the installation that serves a workspace."""

    async def of(self, team: str, enterprise: str = "") -> Access:
        """Give it. Raises ``DeliveryError``: ``TENANT`` when there is none."""
        ...

    async def renew(self, team: str) -> Access:
        """Give it with a new token. Raises ``DeliveryError`` when there is none to be had."""
        ...

    async def forget(self, key: str, at: float = 0.0) -> Sequence[str]:
        """Erase the installation of a workspace or an organisation that ended then; give the workspaces it served."""
        ...


class Clients:
    """slack_sdk's clients on one pool of connections, without retries of their own: those could post twice."""

    def __init__(self, base_url: str, timeout: float) -> None:
        self._base_url = base_url
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self.direct = bool(proxy_bypass(urlsplit(base_url).hostname or ""))
        """Whether NO_PROXY covers Slack's address, which slack_sdk does not look at."""

    @property
    def session(self) -> aiohttp.ClientSession:
        """The pool; made when it is first needed, because it belongs to a running loop."""
        if self._closed:
            raise aiohttp.ClientConnectionError("closed")
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=100, keepalive_timeout=IDLE)
            timeout = aiohttp.ClientTimeout(total=self._timeout)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self._session

    def client(self, token: str = "") -> AsyncWebClient:
        """A client for a token, or for the methods that need none."""
        quiet = logging.getLogger("slack_sdk")  # by its own level the client decides whether to write bodies out
        made = AsyncWebClient(token or None, self._base_url, session=self.session, logger=quiet, retry_handlers=[])
        if self.direct:
            made.proxy = None
        return made

    async def aclose(self) -> None:
        """Close the connections, for good."""
        self._closed = True
        if self._session is not None:
            await self._session.close()


class OneWorkspace:
    """The installation whose token stands in the settings."""

    def __init__(self, clients: Clients, token: str) -> None:
        self._clients = clients
        self._token = token
        self._known: Access | None = None
        self._asking = asyncio.Lock()

    async def of(self, team: str, enterprise: str = "") -> Access:
        """Ask Slack once whose token it is; another workspace's channels are not served with it."""
        del enterprise
        async with self._asking:
            if self._known is None:
                self._known = await self._ask()
        if self._known.team and team and team != self._known.team:
            raise DeliveryError(f"I am not installed in the workspace {team}", Verdict.TENANT, code="not_installed")
        return self._known

    async def renew(self, team: str) -> Access:
        """A token of the settings can only be replaced there."""
        del team
        raise DeliveryError("The bot token has run out. Put a new one into slack.bot_token", Verdict.TENANT)

    async def forget(self, key: str, at: float = 0.0) -> Sequence[str]:
        """Ask anew next time: whoever installs it again may keep the token."""
        del at
        self._known = None
        return [key]

    async def _ask(self) -> Access:
        try:
            answer = await self._clients.client(self._token).auth_test()
        except CALLS as error:
            raise unsent(error) from error
        whole = bool(answer.get("is_enterprise_install"))
        return Access(
            token=self._token,
            team="" if whole else str(answer.get("team_id") or ""),
            enterprise=str(answer.get("enterprise_id") or ""),
            bot_user=str(answer.get("user_id") or ""),
            bot_id=str(answer.get("bot_id") or ""),
            scopes=scopes_of(answer.headers),
        )


def scopes_of(headers: Mapping[str, Any]) -> frozenset[str]:
    """The scopes that Slack says a token has."""
    return frozenset(filter(None, str(headers.get("x-oauth-scopes") or "").replace(" ", "").split(",")))
