"""Many workspaces: each installation is kept in the notes, its token renewed before it runs out, and erased at the end.

An installation is keyed by its workspace, or by its organisation when it serves a whole one; a note per workspace says
which organisation's it uses. What belongs to a tenant has the tenant in its key, so that the core can delete it all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic
from uuid import uuid4

from slack_sdk.errors import SlackApiError

from adapters.chats.slack.access import Access, Clients
from adapters.chats.slack.errors import CALLS, refusal, unsent
from bot.errors import DeliveryError, StoreError, Verdict
from bot.models import JSON
from bot.ports import Notes

log = logging.getLogger(__name__)

EARLY = 2 * 3600
"""Seconds before a token runs out at which it is renewed; Slack's last twelve hours."""
CACHED = 30.0
"""Seconds for which an installation is not read again: another process may have renewed or erased it."""
HELD = 60.0
"""Seconds after which a lock counts as left behind by a process that died."""
FINAL = {"invalid_refresh_token", "bad_client_secret", "invalid_client_id", "token_revoked", "account_inactive"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One installation as it is kept."""

    team: str
    enterprise: str
    token: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires: int = 0
    """Unix time; 0 for a token that does not run out."""
    bot_user: str = ""
    bot_id: str = ""
    scopes: str = ""
    installed: float = 0.0
    by: str = ""

    @property
    def key(self) -> str:
        """The workspace, or the organisation."""
        return self.team or self.enterprise

    @property
    def access(self) -> Access:
        """What it lets us do."""
        return Access(
            token=self.token,
            team=self.team,
            enterprise=self.enterprise,
            bot_user=self.bot_user,
            bot_id=self.bot_id,
            scopes=frozenset(filter(None, self.scopes.split(","))),
        )


class Installations:
    """``Accesses`` over the notes."""

    def __init__(self, clients: Clients, client_id: str, client_secret: str) -> None:
        self._clients = clients
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._notes: Notes | None = None
        self._cache: dict[str, tuple[float, Installed]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def remember(self, notes: Notes) -> None:
        """Keep them there."""
        self._notes = notes

    @property
    def notes(self) -> Notes:
        """Where they are kept."""
        if self._notes is None:
            raise DeliveryError("Installations are kept in a store, and there is none", Verdict.BUG)
        return self._notes

    async def of(self, team: str, enterprise: str = "") -> Access:
        """The workspace's own installation, else its organisation's; with a token that lives for a while."""
        found = await self._found(team, enterprise)
        return (await self._fresh(found)).access

    async def renew(self, team: str) -> Access:
        """Slack says that the token has run out: take the one that another process got meanwhile, or get one."""
        stale = self._cache.get(team)
        self._cache.clear()
        found = await self._found(team, "")
        if stale and stale[1].token != found.token:
            return found.access
        return (await self._fresh(found, at_once=True)).access

    async def save(self, installed: Installed) -> None:
        """Keep a new installation, or a new token of an old one."""
        self._cache.pop(installed.key, None)
        await self.notes.note(_key(installed.key), asdict(installed))

    async def forget(self, key: str, at: float = 0.0) -> Sequence[str]:
        """Erase an installation that ended ``at`` this time, and give the workspaces that it served.

        Slack tells of an end late and more than once: one that is older than the installation is not about it.
        """
        self._cache.clear()
        row = await self.notes.noted(_key(key))
        if row is not None and at and float(row.get("installed") or 0.0) > at:
            return ()
        served = [team for team, note in await self._workspaces() if note == key]
        for gone in (_key(key), _workspace(key), *map(_workspace, served)):
            await self.notes.forget(gone)
        return [key] if not key.startswith("E") else served

    async def _workspaces(self) -> list[tuple[str, str]]:
        notes = await self.notes.notes("workspace/slack:")
        return [(key.removeprefix("workspace/slack:"), str(note.get("enterprise"))) for key, note in notes.items()]

    async def _found(self, team: str, enterprise: str) -> Installed:
        if found := await self._read(team):
            return found
        note = await self.notes.noted(_workspace(team)) if team else None
        owner = str(note["enterprise"]) if note else enterprise
        found = await self._read(owner)
        if found is None or found.team:
            raise DeliveryError(f"I am not installed in the workspace {team}", Verdict.TENANT, code="not_installed")
        if team and note is None:
            await self.notes.note(_workspace(team), {"enterprise": owner})
        return found

    async def _read(self, key: str) -> Installed | None:
        at, cached = self._cache.get(key, (0.0, None))
        if cached is not None and monotonic() - at < CACHED:
            return cached
        try:
            row = await self.notes.noted(_key(key)) if key else None
        except StoreError:
            if cached is None:
                raise
            return cached  # people should be told that the store is away
        if row is None:
            return None
        self._cache[key] = monotonic(), Installed(**row)
        return self._cache[key][1]

    async def _fresh(self, row: Installed, *, at_once: bool = False) -> Installed:
        """The same with a living token. One process at a time may ask for it: a refresh token works once."""
        left = row.expires - datetime.now(UTC).timestamp()
        if not row.expires or (left > EARLY and not at_once):
            return row
        async with self._locks.setdefault(row.key, asyncio.Lock()):
            kept = await self._again(row.key)
            if kept.token != row.token:
                return kept
            lock = await self._locked(row.key)
            if lock is None:
                return await self._elsewhere(kept, left)
            try:
                kept = await self._again(row.key)  # who had the lock before us may just have renewed it
                return kept if kept.token != row.token else await self._renewed(kept, left)
            finally:
                await self.notes.forget(_lock(row.key), lock)

    async def _again(self, key: str) -> Installed:
        self._cache.pop(key, None)
        kept = await self._read(key)
        if kept is None:
            raise DeliveryError(f"I am not installed in {key} any more", Verdict.TENANT, code="not_installed")
        return kept

    async def _locked(self, key: str) -> JSON | None:
        """Take the lock that all processes share. One that was left behind by a dead one is taken over, by one."""
        now = datetime.now(UTC).timestamp()
        mine = {"at": now, "by": uuid4().hex}
        if await self.notes.note(_lock(key), mine, once=True):
            return mine
        found = await self.notes.noted(_lock(key))
        dead = found is not None and now - float(found["at"]) > HELD and await self.notes.forget(_lock(key), found)
        return mine if dead and await self.notes.note(_lock(key), mine, once=True) else None

    async def _elsewhere(self, row: Installed, left: float) -> Installed:
        """Another process is renewing it: what we have is good until it runs out."""
        if left > 0:
            return row
        raise DeliveryError("the token is being renewed", Verdict.WAIT, code="token_expired", seconds=5.0)

    async def _renewed(self, row: Installed, left: float) -> Installed:
        # Not slack_sdk's rotator: it tells a token that is lost from a network that is down only by its text.
        said = {**self._credentials, "grant_type": "refresh_token", "refresh_token": row.refresh}
        try:
            answer = await self._clients.client().api_call("oauth.v2.access", data=said)
        except CALLS as error:
            code = refusal(error).code if isinstance(error, SlackApiError) else ""
            if code in FINAL and (kept := await self._again(row.key)).token != row.token:
                return kept  # we were held up for so long that another process took us for dead
            if left > 0:
                log.warning("%s: the token could not be renewed yet (%s)", row.key, type(error).__name__)
                return row
            if code in FINAL:
                said_so = "The token has run out and cannot be renewed. Install the app again"
                raise DeliveryError(said_so, Verdict.TENANT, code=code) from error
            raise unsent(error) from error
        lasts = datetime.now(UTC).timestamp() + float(answer.get("expires_in") or 0)
        fresh = replace(
            row,
            token=str(answer["access_token"]),
            refresh=str(answer.get("refresh_token") or ""),
            expires=int(lasts),
        )
        await self.save(fresh)
        return fresh


def _key(key: str) -> str:
    return f"installation/slack:{key}"


def _workspace(team: str) -> str:
    return f"workspace/slack:{team}"


def _lock(key: str) -> str:
    return f"renewing/slack:{key}"
