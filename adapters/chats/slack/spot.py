"""Where something was asked, read from what Slack sends. Pure, but for the clock that a trigger runs by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from time import monotonic
from typing import Any

from adapters.chats.slack.forms import Carried
from bot.models import Channel

Body = Mapping[str, Any]
SUBSCRIBE, WHICH = "papers_subscribe", "papers_which"
"""Callback ids of our shortcuts."""


class Surface(StrEnum):
    """What a person had before them."""

    CHANNEL = "channel"
    MODAL = "modal"
    HOME = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One act of one person: whom to answer, and how they can be reached."""

    team: str
    user: str
    name: str = ""
    room: str = ""
    """The conversation; empty in the Home tab and after a global shortcut."""
    thread: str = ""
    hook: str = ""
    """A response_url."""
    trigger: str = ""
    view: str = ""
    """The modal in front of the person, if it is ours."""
    surface: Surface = Surface.CHANNEL
    ours: bool = False
    """The message that was acted upon is an answer that only this person sees."""
    began: float = field(default_factory=monotonic)

    @property
    def direct(self) -> Channel:
        """Where messages to this person alone go: posting to their id opens our direct messages."""
        return Channel("slack", self.team, self.user)

    @property
    def place(self) -> Channel:
        """The channel that is spoken of. In anybody's direct messages that is the person's own with us."""
        if not self.room or self.room.startswith("D"):
            return self.direct
        return Channel("slack", self.team, self.room)

    @property
    def late(self) -> float:
        """Seconds since it was asked."""
        return monotonic() - self.began

    def in_modal(self, view: str) -> Spot:
        """The same act, to be answered in a modal that was opened for it."""
        return replace(self, view=view, surface=Surface.MODAL, trigger="")

    def behind(self, room: str = "") -> Spot:
        """The same act once its modal has closed, meant for a conversation that was chosen there."""
        return replace(self, view="", surface=Surface.CHANNEL, room=room or self.room)

    @property
    def carried(self) -> Carried:
        """What a modal that is opened here has to know."""
        return Carried(room=self.room, thread=self.thread)


def of_command(body: Body) -> Spot:
    """A slash command."""
    return Spot(
        team=_text(body, "team_id"),
        user=_text(body, "user_id"),
        name=_text(body, "user_name"),
        room=_text(body, "channel_id"),
        hook=_text(body, "response_url"),
        trigger=_text(body, "trigger_id"),
    )


def of_interaction(body: Body) -> Spot:
    """A press, a choice, a shortcut, a form: in a message, in a modal or in the Home tab."""
    user, view, container = _part(body, "user"), _part(body, "view"), _part(body, "container")
    message = _part(body, "message")
    carried = Carried.read(str(view.get("private_metadata") or ""))
    surface = {"modal": Surface.MODAL, "home": Surface.HOME}.get(str(view.get("type")), Surface.CHANNEL)
    return Spot(
        team=_text(_part(body, "team"), "id") or _text(user, "team_id"),
        user=_text(user, "id"),
        name=_text(user, "name") or _text(user, "username"),
        room=_text(_part(body, "channel"), "id") or carried.room,
        thread=_text(container, "thread_ts") or _text(message, "thread_ts") or carried.thread,
        hook=_text(body, "response_url") or _hook(body),
        trigger=_text(body, "trigger_id"),
        view=_text(view, "id") if surface is Surface.MODAL else "",
        surface=surface,
        ours=bool(container.get("is_ephemeral")),
    )


def _hook(body: Body) -> str:
    """The response_url of a form's channel field."""
    found = body.get("response_urls") or [{}]
    return str(found[0].get("response_url") or "")


def _part(body: Body, key: str) -> Body:
    found = body.get(key)
    return found if isinstance(found, Mapping) else {}


def _text(body: Body, key: str) -> str:
    return str(body.get(key) or "")
