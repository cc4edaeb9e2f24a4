"""Who asked, and what they may change: read from Slack when they act, and kept for a minute."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from adapters.chats.slack.access import Accesses, Clients
from adapters.chats.slack.errors import CALLS, unsent
from adapters.chats.slack.spot import Spot
from bot.errors import DeliveryError
from bot.talk import Person

FRESH = 60.0
"""Seconds for which what Slack said of a person holds."""
KEPT = 10_000
PATIENCE = 1.0
"""Seconds that an answer waits for it."""

GUEST = "Guests can't change this channel's digest. For yourself: `/papers subscribe to:dm`."
STRANGER = (
    "People from other organisations can't change this channel's digest. For yourself: `/papers subscribe to:dm`."
)
ADMINS = "Only administrators change digests in this workspace. For yourself: `/papers subscribe to:dm`."
UNTOLD = "I can't check what you may do here at present. Please try again in a minute."
UNGRANTED = (
    "Only administrators change digests in this workspace, and I may not see who is one: "
    "grant the scope `users:read`. For yourself: `/papers subscribe to:dm`."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What Slack says of a person."""

    name: str
    timezone: str
    denied: str


class People:
    """Looks people up. Without ``users:read`` every member of a channel may change it, and time zones are asked for."""

    def __init__(self, clients: Clients, accesses: Accesses, *, admins_only: bool) -> None:
        self._clients = clients
        self._accesses = accesses
        self._admins_only = admins_only
        self._known: OrderedDict[tuple[str, str], tuple[float, Seen]] = OrderedDict()

    async def person(self, spot: Spot) -> Person:
        """Give the person behind an act."""
        seen = await self._seen(spot)
        return Person(
            id=spot.user,
            name=seen.name or spot.name,
            timezone=seen.timezone,
            direct=spot.direct,
            denied=seen.denied,
        )

    async def _seen(self, spot: Spot) -> Seen:
        key = spot.team, spot.user
        at, seen = self._known.get(key, (0.0, Seen("", "", "")))
        if key in self._known and monotonic() - at < FRESH:
            return seen
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._look(spot)
        except (DeliveryError, TimeoutError):
            return Seen(seen.name, seen.timezone, UNTOLD)
        self._known[key] = monotonic(), found
        self._known.move_to_end(key)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found

    async def _look(self, spot: Spot) -> Seen:
        access = await self._accesses.of(spot.team)
        if "users:read" not in access.scopes:
            return Seen("", "", UNGRANTED if self._admins_only else "")
        try:
            answer = await self._clients.client(access.token).users_info(user=spot.user)
        except CALLS as error:
            raise unsent(error) from error
        return self._read(answer.get("user") or {}, spot.team)

    def _read(self, user: Mapping[str, Any], team: str) -> Seen:
        profile = user.get("profile") or {}
        name = profile.get("display_name") or user.get("real_name") or user.get("name") or ""
        return Seen(str(name), str(user.get("tz") or ""), self._denied(user, team))

    def _denied(self, user: Mapping[str, Any], team: str) -> str:
        if user.get("deleted") or user.get("is_stranger") or team not in (_teams(user) or {team}):
            return STRANGER
        if user.get("is_restricted") or user.get("is_ultra_restricted"):
            return GUEST
        chief = user.get("is_admin") or user.get("is_owner") or user.get("is_primary_owner")
        return ADMINS if self._admins_only and not chief else ""


def _teams(user: Mapping[str, Any]) -> set[str]:
    """The workspaces that a person belongs to."""
    whole = user.get("enterprise_user") or {}
    return {str(team) for team in (user.get("team_id"), *(whole.get("teams") or ())) if team}
