"""One polite, bounded client for every service that is asked about papers: ``Http``.

Around httpx stand the limits that it does not have: a deadline for the whole answer, a cap on its unpacked
size, no redirect that was not looked at, no connection into a private network, and waits that are kept.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeVar

import httpcore
import httpx
import orjson
from pydantic import SecretStr

from adapters._http_answer import ENCODING, Answer, json_of, read_body
from adapters._http_errors import NETWORK_ERRORS, TryAgainError, translate
from adapters._http_guard import Guard, redirected
from adapters._http_limits import Limits, World, trusted
from adapters._http_pause import Pause
from adapters._http_transport import Transport
from bot import __version__
from bot.errors import RateLimited, SourceError

for _name in ("httpx", "httpcore"):
    # They log whole URLs at INFO and whole headers at DEBUG, and both may hold secrets.
    logging.getLogger(_name).setLevel(logging.WARNING)

__all__ = ["Answer", "Http", "Limits", "World", "json_of"]

_T = TypeVar("_T")
_PORTS = {"http": 80, "https": 443}
_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)
_ADVICE = {401: "Check the token in the settings.", 403: "Check the token in the settings."}
_STUCK = 3
"""Times in a row that no connection came free, after which the pool is thrown away (httpcore issue 1093)."""


class Http:
    """Asks one service, under one base URL. ``header`` names the one that its token goes into, if not as a bearer's."""

    def __init__(
        self,
        base_url: str,
        *,
        token: SecretStr | None = None,
        header: str = "",
        contact: str = "",
        limits: Limits | None = None,
        world: World | None = None,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._home = httpx.URL(base_url)
        self._host = self._home.host
        self._token = token
        self._header = header
        self._agent = f"broadsheet/{__version__}" + (f" ({contact})" if contact else "")
        self._limits = limits or Limits()
        self._world = world or World()
        self._client: httpx.AsyncClient | None = None
        self._pause = Pause(self._host, self._limits.patience, self._world)
        self._stuck = 0

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        read: Callable[[Answer], _T],
        also: Collection[int] = (),
    ) -> _T:
        """Ask for ``path`` below the base URL and give what ``read`` makes of the answer.

        ``read`` gets answers with status 200 and those in ``also``, and raises ``ValueError`` for one that
        looks damaged: like every failure that may pass, that is tried again. Raises ``RateLimited`` while the
        service wants a pause that is too long to sit out, without asking it, and ``SourceError`` otherwise.
        """
        return await self._until_read(httpx.URL(self._base + path, params=params), None, read, also)

    async def post(
        self,
        path: str,
        body: object,
        params: Mapping[str, str] | None = None,
        *,
        read: Callable[[Answer], _T],
        also: Collection[int] = (),
    ) -> _T:
        """The same with a JSON body, for questions that change nothing. No redirect is followed."""
        return await self._until_read(httpx.URL(self._base + path, params=params), orjson.dumps(body), read, also)

    async def _until_read(
        self, url: httpx.URL, body: bytes | None, read: Callable[[Answer], _T], also: Collection[int]
    ) -> _T:
        waits = iter(self._limits.waits)
        while True:
            await self._pause.sit_out()
            try:
                return self._read(read, await self._ask(url, body, also))
            except TryAgainError as failure:
                wait = next(waits, None)
                if wait is None:
                    raise self._final(failure) from failure
            self._pause.hold(wait * random.uniform(1.0, 1.5))  # noqa: S311  (spreads the load, keeps no secret)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._client:
            await self._client.aclose()

    def _open(self) -> httpx.AsyncClient:
        own = (self._home.raw_host.decode(), self._home.port or _PORTS[self._home.scheme])
        quarter = self._limits.deadline / 4
        pool = httpcore.AsyncConnectionPool(
            ssl_context=self._world.tls or trusted(),
            max_connections=self._limits.connections,
            keepalive_expiry=5.0,
            network_backend=Guard(own, self._world.resolve, self._world.network, quarter),
        )
        return httpx.AsyncClient(
            transport=Transport(pool),
            headers={"User-Agent": self._agent, "Accept-Encoding": ENCODING},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx.Timeout(quarter, read=self._limits.silence or 2 * quarter),
            trust_env=False,
        )

    def _final(self, failure: TryAgainError) -> SourceError:
        if failure.seconds is not None:
            return RateLimited(str(failure), failure.seconds)
        tries = 1 + len(self._limits.waits)
        return SourceError(f"{failure} I tried {tries} times." if tries > 1 else str(failure))

    async def _ask(self, url: httpx.URL, body: bytes | None, also: Collection[int]) -> Answer:
        """Try once. Raises ``TryAgainError`` or ``SourceError``."""
        try:
            async with asyncio.timeout(self._limits.deadline):
                answer = await self._follow(url, body, also)
        except TimeoutError as error:
            limit = f"{self._limits.deadline:g} seconds"
            raise TryAgainError(f"{self._host} did not finish its answer within {limit}.") from error
        except NETWORK_ERRORS as error:
            if isinstance(error, httpcore.PoolTimeout):
                await self._unstick()
            raise translate(error, self._host) from error
        self._stuck = 0
        self._pause.answered(answer.headers)
        return answer

    def _read(self, read: Callable[[Answer], _T], answer: Answer) -> _T:
        try:
            return read(answer)
        except ValueError as error:
            raise TryAgainError(f"{self._host} sent an answer that I cannot read: {error}.") from error

    async def _follow(self, url: httpx.URL, body: bytes | None, also: Collection[int]) -> Answer:
        client = self._client = self._client or self._open()
        method, kind = ("GET", {}) if body is None else ("POST", {"Content-Type": "application/json"})
        for _ in range(self._limits.hops + 1):
            asked = client.stream(method, url, content=body, headers={**self._credentials(url), **kind})
            async with asked as response:
                if not response.has_redirect_location:
                    self._judge(response, also)
                    read = await read_body(response, self._limits.size, self._host)
                    return Answer(response.status_code, response.headers, read)
                if body is not None:
                    raise SourceError(f"{self._host} redirects elsewhere: refused. Is the address right?")
                url = redirected(url, response.headers["location"])
        raise SourceError(f"{self._host} redirects more than {self._limits.hops} times.")

    def _credentials(self, url: httpx.URL) -> dict[str, str]:
        """Give the token to the configured service only, never to where it redirects."""
        token = self._token.get_secret_value() if self._token else ""
        at_home = (url.scheme, url.host, url.port) == (self._home.scheme, self._home.host, self._home.port)
        if not token or not at_home:
            return {}
        return {self._header: token} if self._header else {"Authorization": f"Bearer {token}"}

    def _judge(self, response: httpx.Response, also: Collection[int]) -> None:
        """Let an answer through, or raise what its status means."""
        status = response.status_code
        if status == HTTPStatus.OK or status in also:
            return
        if status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _PASSING:
            raise SourceError(f"{self._host} answered {status}. {_ADVICE.get(status, 'Is the address right?')}")
        seconds = self._pause.refused(status, response.headers)
        if seconds is None:
            raise TryAgainError(f"{self._host} answered {status}.")
        raise TryAgainError(f"{self._host} asks us to wait {seconds:.0f} seconds.", seconds)

    async def _unstick(self) -> None:
        self._stuck += 1
        if self._stuck >= _STUCK:
            self._stuck = 0
            stuck, self._client = self._client, None
            if stuck:
                await stuck.aclose()
