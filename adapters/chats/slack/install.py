"""Many workspaces: each installation is kept in the notes, its token renewed before it runs out, and erased at the end.

An installation is keyed by its workspace, or by its organisation when it serves a whole one; a note per workspace says
which organisation's it uses. What belongs to a tenant has the tenant in its key, so that the core can delete it all.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from time import monotonic

from adapters.chats.slack.access import Access, Clients
from adapters.chats.slack.installed import Installed, key_of, of_note, workspace_of
from adapters.chats.slack.renew import Renewals
from bot.errors import DeliveryError, StoreError, Verdict
from bot.ports import Notes

log = logging.getLogger(__name__)

EARLY = 2 * 3600
"""Seconds before a token runs out at which it is renewed; Slack's last twelve hours."""
CACHED = 30.0
"""Seconds for which an installation is not read again: another process may have renewed or erased it."""


class Installations:
    """``Accesses`` over the notes."""

    def __init__(self, clients: Clients, client_id: str, client_secret: str) -> None:
        self._clients = clients
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._notes: Notes | None = None
        self._renewals: Renewals | None = None
        self._cache: dict[str, tuple[float, Installed]] = {}

    def remember(self, notes: Notes) -> None:
        """Keep them there."""
        self._notes = notes
        self._renewals = Renewals(self._clients, self._credentials, notes)

    @property
    def notes(self) -> Notes:
        """Where they are kept."""
        if self._notes is None:
            raise _nowhere()
        return self._notes

    @property
    def renewals(self) -> Renewals:
        """What renews their tokens."""
        if self._renewals is None:
            raise _nowhere()
        return self._renewals

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
        """Keep a new installation."""
        self._cache.pop(installed.key, None)
        self.renewals.unsaved.pop(installed.key, None)
        await self.notes.note(key_of(installed.key), asdict(installed))

    async def forget(self, key: str, at: float = 0.0) -> Sequence[str]:
        """Erase an installation that ended ``at`` this time, and give the workspaces that it served.

        Slack tells of an end late and more than once: one that is older than the installation is not about it.
        """
        self._cache.clear()
        row = await self.notes.noted(key_of(key))
        if row is not None and at and float(row.get("installed") or 0.0) > at:
            return ()
        self.renewals.unsaved.pop(key, None)
        served = [team for team, note in await self._workspaces() if note == key]
        for gone in (key_of(key), workspace_of(key), *map(workspace_of, served)):
            await self.notes.forget(gone)
        return [key] if not key.startswith("E") else served

    async def _workspaces(self) -> list[tuple[str, str]]:
        notes = await self.notes.notes("workspace/slack:")
        return [(key.removeprefix("workspace/slack:"), str(note.get("enterprise"))) for key, note in notes.items()]

    async def _found(self, team: str, enterprise: str) -> Installed:
        if found := await self._read(team):
            return found
        note = await self.notes.noted(workspace_of(team)) if team else None
        owner = str(note["enterprise"]) if note else enterprise
        found = await self._read(owner)
        if found is None or found.team:
            raise DeliveryError(f"I am not installed in the workspace {team}", Verdict.TENANT, code="not_installed")
        if team and note is None:
            await self.notes.note(workspace_of(team), {"enterprise": owner})
        return found

    async def _read(self, key: str) -> Installed | None:
        if key in self.renewals.unsaved:
            return self.renewals.unsaved[key]
        at, cached = self._cache.get(key, (0.0, None))
        if cached is not None and monotonic() - at < CACHED:
            return cached
        try:
            row = await self.notes.noted(key_of(key)) if key else None
        except StoreError:
            if cached is None:
                raise
            return cached  # people should be told that the store is away
        if row is None:
            return None
        self._cache[key] = monotonic(), of_note(row)
        return self._cache[key][1]

    async def _fresh(self, row: Installed, *, at_once: bool = False) -> Installed:
        """The same with a living token."""
        left = row.expires - datetime.now(UTC).timestamp()
        if not row.expires or (left > EARLY and not at_once):
            return row
        fresh = await self.renewals.renewed(row, left)
        self._cache[row.key] = monotonic(), fresh
        return fresh

    async def aclose(self) -> None:
        """Wait a moment until new tokens are saved."""
        if self._renewals is not None:
            await self._renewals.aclose()


def _nowhere() -> DeliveryError:
    return DeliveryError("Installations are kept in a store, and there is none", Verdict.BUG)
