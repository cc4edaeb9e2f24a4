"""The buttons under a paper and under a digest, the same words everywhere. Pure.

A platform that has no room for a row under each paper (Discord's embeds) puts ``on_many`` under the message: these act
on the papers that the message shows (``Request.papers``) and ask which one is meant when there are several.
"""

from __future__ import annotations

from bot.talk.action import Action
from bot.talk.reply import Button

_OFFERS = (("Abstract", "abstract"), ("Save", "save"), ("More like this", "similar"), ("Not for us", "dislike"))


def on_card(paper: str) -> tuple[Button, ...]:
    """Under a paper of a digest."""
    return tuple(Button(label, Action(verb, {"paper": paper})) for label, verb in _OFFERS)


def on_answer(paper: str) -> tuple[Button, ...]:
    """Under a paper that only one person sees: it was not posted to a channel, so nobody else is asked about it."""
    return on_card(paper)[:3]


def on_many() -> tuple[Button, ...]:
    """Under a message that shows several papers."""
    return tuple(Button(label, Action(verb)) for label, verb in _OFFERS)


def under_digest(more: int = 0) -> tuple[Button, ...]:
    """At the foot of a digest, which had no room for so many papers more."""
    return (
        *([Button(f"{more:,} more", Action("rest"))] if more else []),
        Button("Pause", Action("digest", {"action": "pause"}), confirm="Pause this channel's digest?"),
        Button("Settings", Action("digest", {"action": "settings"})),
    )
