"""What Slack tells without being asked: the Home tab, removals, channels that are gone, links to papers."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from adapters.chats.slack.errors import INVITE
from adapters.chats.slack.front import Front
from adapters.chats.slack.spot import Body, Spot, Surface
from bot.errors import DeliveryError
from bot.models import Channel

log = logging.getLogger(__name__)

Event = Mapping[str, Any]
REMOVED = "the app was removed from the workspace"
GONE = {
    "channel_deleted": "the channel was deleted",
    "group_deleted": "the channel was deleted",
    "channel_archive": "the channel is archived",
    "group_archive": "the channel is archived",
    "channel_left": INVITE,
    "group_left": INVITE,
    "channel_id_changed": "the channel has a new address now: run `/papers subscribe` there",
}
"""Event -> why a channel's digest stops."""
Forget = Callable[[str, float], Awaitable[Sequence[str]]]
"""Erases an installation that ended at a time, and gives the workspaces that it served."""


class Events:
    """Slack repeats an event that it takes for lost: each one counts once."""

    def __init__(self, front: Front, forget: Forget) -> None:
        self._front = front
        self._forget = forget

    async def opened(self, body: Body, event: Event) -> None:
        """Somebody opened our Home tab."""
        if event.get("tab") != "home" or not self._new(body):
            return
        spot = Spot(team=_team(body, event), user=str(event.get("user") or ""), surface=Surface.HOME)
        await self._front.home(spot)

    async def removed(self, body: Body, event: Event) -> None:
        """The app was uninstalled, or its tokens were taken away. Slack tells both, in either order."""
        revoked = event.get("type") == "tokens_revoked"
        if revoked and not (event.get("tokens") or {}).get("bot"):
            return
        await self._end(_owner(body), body)

    async def withdrawn(self, body: Body, event: Event) -> None:
        """An organisation took workspaces out of its installation."""
        for team in event.get("team_ids") or ():
            await self._end(str(team), body)

    async def gone(self, body: Body, event: Event) -> None:
        """A channel is no more, or we are no longer in it."""
        channel = event.get("old_channel_id") or event.get("channel")
        if isinstance(channel, str) and self._new(body):
            await self._front.desk.room_gone(Channel("slack", _team(body, event), channel), GONE[str(event["type"])])

    async def shared(self, body: Body, event: Event) -> None:
        """Somebody wrote links to papers: say what is behind them, and whether the channel had them."""
        if not self._new(body):
            return
        links = [str(link.get("url") or "") for link in event.get("links") or ()]
        spot = Spot(team=_team(body, event), user=str(event.get("user") or ""), room=str(event.get("channel") or ""))
        found = await self._front.desk.unfurl(spot.place, links)
        cards = {url: {"blocks": await self._front.speaker.blocks(spot.place, reply)} for url, reply in found.items()}
        if not cards:
            return
        where = {"channel": event.get("channel"), "ts": event.get("message_ts")}
        try:
            await self._front.speaker.call(spot.team, "chat.unfurl", **where, unfurls=cards)
        except DeliveryError as error:
            log.warning("%s: links could not be unfurled: %s", spot.place, error)

    def _new(self, body: Body) -> bool:
        return self._front.once.first(str(body.get("event_id") or ""))

    async def _end(self, key: str, body: Body) -> None:
        for team in await self._forget(key, float(body.get("event_time") or 0.0)):
            await self._front.desk.tenant_gone("slack", team, REMOVED)


def _team(body: Body, event: Event) -> str:
    """The workspace that an event is about; in a shared channel, the one where we are installed."""
    return str(_authorized(body).get("team_id") or event.get("team") or body.get("team_id") or "")


def _owner(body: Body) -> str:
    """The installation that an event is about: a workspace's, or a whole organisation's."""
    first = _authorized(body)
    if first.get("is_enterprise_install"):
        return str(first.get("enterprise_id") or body.get("enterprise_id") or "")
    return str(first.get("team_id") or body.get("team_id") or "")


def _authorized(body: Body) -> Mapping[str, Any]:
    found = body.get("authorizations") or [{}]
    return found[0] if isinstance(found[0], Mapping) else {}
