"""A token that runs out is renewed. A refresh token works once: one process at a time asks, under a shared lock.

What Slack gives replaces what it gave before, so it is kept whatever happens: also when whoever needed it is cancelled,
and in memory while the store is away.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from itertools import chain, repeat
from time import monotonic
from uuid import uuid4

from slack_sdk.errors import SlackApiError

from adapters.chats.slack.access import Clients
from adapters.chats.slack.errors import CALLS, refusal, unsent
from adapters.chats.slack.installed import Installed, key_of, lock_of, of_note
from bot.errors import DeliveryError, StoreError, Verdict
from bot.models import JSON
from bot.ports import Notes

log = logging.getLogger(__name__)

HELD = 60.0
"""Seconds after which a lock counts as left behind by a process that died."""
FINAL = {"invalid_refresh_token", "bad_client_secret", "invalid_client_id", "token_revoked", "account_inactive"}
PAUSES = (0.5, 1.0, 2.0, 5.0)
"""Seconds before each new try to save a token; the last one again and again."""
DOUBT = 15.0
"""Seconds from Slack's first no until it is believed: another process may have the new token and save it soon."""
LAST = 6.0
"""Seconds for what is under way when the process ends."""


class Renewals:
    """New tokens, over the notes."""

    def __init__(self, clients: Clients, credentials: Mapping[str, str], notes: Notes) -> None:
        self.unsaved: dict[str, Installed] = {}
        """New tokens that the store does not have yet, by their installation's key; what it has is worth nothing."""
        self.doubt, self.last = DOUBT, LAST
        self._clients = clients
        self._credentials = credentials
        self._notes = notes
        self._locks: dict[str, asyncio.Lock] = {}
        self._refused: dict[str, tuple[str, float]] = {}
        """Refresh tokens that Slack has refused, and since when."""
        self._under_way: set[asyncio.Task[Installed]] = set()

    async def renewed(self, row: Installed, left: float) -> Installed:
        """The same with a new token, while the old one has some seconds ``left``. Raises ``DeliveryError``."""
        async with self._locks.setdefault(row.key, asyncio.Lock()):
            kept = await self._kept(row.key)
            if kept.token != row.token or row.key in self.unsaved:
                return kept
            lock = await self._locked(row.key)
            if lock is not None:
                return await asyncio.shield(self._begun(self._renew(kept, left, lock)))
            if left > 0:
                return row
            raise _wait()

    def _begun(self, work: Coroutine[None, None, Installed]) -> asyncio.Task[Installed]:
        """Work that goes on when nobody waits for it any more."""

        def ended(task: asyncio.Task[Installed]) -> None:
            self._under_way.discard(task)
            _ = task.cancelled() or task.exception()

        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(ended)
        return task

    async def _kept(self, key: str) -> Installed:
        if key in self.unsaved:
            return self.unsaved[key]
        note = await self._notes.noted(key_of(key))
        if note is None:
            raise DeliveryError(f"I am not installed in {key} any more", Verdict.TENANT, code="not_installed")
        return of_note(note)

    async def _locked(self, key: str) -> JSON | None:
        """Take the lock that all processes share. One that was left behind by a dead one is taken over, by one."""
        now = datetime.now(UTC).timestamp()
        mine = {"at": now, "by": uuid4().hex}
        if await self._notes.note(lock_of(key), mine, once=True):
            return mine
        found = await self._notes.noted(lock_of(key))
        dead = found is not None and now - float(found["at"]) > HELD
        return mine if dead and await self._notes.note(lock_of(key), mine, over=found) else None

    async def _unlock(self, key: str, lock: JSON) -> None:
        with suppress(StoreError):  # it counts as left behind in a minute
            await self._notes.forget(lock_of(key), lock)

    async def _renew(self, row: Installed, left: float, lock: JSON) -> Installed:
        async with AsyncExitStack() as holding:
            holding.push_async_callback(self._unlock, row.key, lock)
            old = await self._notes.noted(key_of(row.key))
            if old is None or old["token"] != row.token:  # who had the lock before us may just have renewed it
                return await self._kept(row.key)
            # Not slack_sdk's rotator: it tells a token that is lost from a network that is down only by its text.
            said = {**self._credentials, "grant_type": "refresh_token", "refresh_token": row.refresh}
            try:
                answer = await self._clients.client().api_call("oauth.v2.access", data=said)
            except CALLS as error:
                return await self._as_it_is(row, left, error)
            lasts = datetime.now(UTC).timestamp() + float(answer.get("expires_in") or 0)
            fresh = {"token": str(answer["access_token"]), "refresh": str(answer.get("refresh_token") or "")}
            new = {**old, **fresh, "expires": int(lasts)}
            try:
                return await self._save(row.key, new, old)
            except StoreError as error:
                log.warning("%s: its new token is kept in memory until it can be saved: %s", row.key, error)
            self.unsaved[row.key] = of_note(new)
            self._begun(self._save_later(row.key, new, old, holding.pop_all()))
            return self.unsaved[row.key]

    async def _save(self, key: str, new: JSON, old: JSON) -> Installed:
        """Put a new token in the place of the old one; whoever installed us anew meanwhile is right."""
        if await self._notes.note(key_of(key), new, over=old):
            return of_note(new)
        self.unsaved.pop(key, None)
        return await self._kept(key)

    async def _save_later(self, key: str, new: JSON, old: JSON, holding: AsyncExitStack) -> Installed:
        """Try until the store is back. The lock is ours meanwhile: nobody else can renew it any more."""
        async with holding:
            for pause in chain(PAUSES, repeat(PAUSES[-1])):
                await asyncio.sleep(pause)
                with suppress(StoreError):
                    saved = await self._save(key, new, old)
                    break
            self.unsaved.pop(key, None)
            log.warning("%s: its new token is saved", key)
            return saved

    async def _as_it_is(self, row: Installed, left: float, error: BaseException) -> Installed:
        """There is no new token to be had: the old one serves while it can."""
        code = refusal(error).code if isinstance(error, SlackApiError) else ""
        if code in FINAL and (kept := await self._kept(row.key)).token != row.token:
            return kept  # we were held up for so long that another process took us for dead
        if left > 0:
            log.warning("%s: the token could not be renewed yet: %s", row.key, unsent(error))
            return row
        if code not in FINAL:
            raise unsent(error) from error
        refused, since = self._refused.get(row.key, ("", 0.0))
        if refused != row.refresh:
            since = monotonic()
            self._refused[row.key] = row.refresh, since
        if monotonic() - since < self.doubt:
            raise _wait() from error
        said_so = "The token has run out and cannot be renewed. Install the app again"
        raise DeliveryError(said_so, Verdict.TENANT, code=code) from error

    async def aclose(self) -> None:
        """Wait a moment for what is under way."""
        until = monotonic() + self.last
        while self._under_way and (left := until - monotonic()) > 0:
            await asyncio.wait(set(self._under_way), timeout=left)
        for key in self.unsaved:
            log.error("%s: its new token could not be saved. Install the app there again", key)
        for task in (rest := set(self._under_way)):
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


def _wait() -> DeliveryError:
    return DeliveryError("the token is being renewed", Verdict.WAIT, code="token_expired", seconds=5.0)
