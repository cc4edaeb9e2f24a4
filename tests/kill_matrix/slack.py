"""Slack as a service: our adapter, slack_sdk as it comes, and the emulated Slack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.chats.slack.chat import SlackChat
from adapters.chats.slack.settings import Settings
from bot.models import Channel
from bot.ports import Pacing
from bot.talk import read
from tests.emulators.httpchat import Fault
from tests.kill_matrix.service import Accepted, Venue, ask

SCOPES = ("commands", "chat:write")
HISTORY = ("channels:history", "groups:history", "im:history")
SMALL = 500
"""Characters of a message: a digest of three papers then takes three."""
EVER = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackService:
    """Each run has a workspace of its own, and with it a token."""

    readable: bool = False

    @property
    def emulator(self) -> tuple[str, ...]:
        """One Slack for all, without rate limits."""
        return ("-m", "tests.emulators.slack", "--pipe", "--port", "0", "--scale", "inf")

    def enter(self, url: str, run: str, count: int) -> Venue:
        """Install the app in a new workspace."""
        names = [f"room{n}" for n in range(1, count + 1)]
        wanted = {"name": f"run{run}", "channels": names, "scopes": [*SCOPES, *(HISTORY if self.readable else ())]}
        made = ask("POST", f"{url}/control/teams", wanted)
        channels = tuple(Channel("slack", made["team"], made["channels"][name]) for name in names)
        return Venue(url=url, channels=channels, secret=made["token"])

    def behave(self, venue: Venue, delay: float, faults: Sequence[Fault]) -> None:
        """Plan a fault for each of the first posts, and lateness for all that follow."""
        late = {"commit_after": delay, "answer_after": delay}
        for channel in venue.channels:
            plans = [(_told(fault), 1) for fault in faults] + ([(late, EVER)] if delay else [])
            for told, times in plans:
                plan = {"method": "chat.postMessage", "fault": told, "times": times, "where": {"channel": channel.room}}
                ask("POST", f"{venue.url}/control/faults", plan)

    def chat(self, venue: Venue, pacing: Pacing) -> SlackChat:
        """The adapter with this workspace's token."""
        given: Mapping[str, Any] = {"bot_token": venue.secret, "base_url": f"{venue.url}/api/"}
        return SlackChat(Settings.model_validate(given), pacing, budget=SMALL)

    def accepted(self, venue: Venue, channel: Channel) -> list[Accepted]:
        """A message names its papers in its buttons. Ids that Slack fills in are no part of what people read."""
        found = ask("GET", f"{venue.url}/control/messages/{channel.room}")
        return [
            Accepted(
                id=message["ts"],
                key=message["metadata"]["event_payload"]["key"],
                papers=list(dict.fromkeys(_papers(message["blocks"]))),
                payload={"text": message["text"], "blocks": _without_ids(message["blocks"])},
            )
            for message in found
        ]


def _told(fault: Fault) -> dict[str, Any]:
    """The same fault in the words of the emulated Slack."""
    told: dict[str, Any] = {
        "commit_after": fault.delay if fault.commit else None,
        "answer_after": 0.0 if fault.drop else fault.delay,
        "drop": fault.drop,
        "status": fault.status,
    }
    if fault.body is not None:
        return told | {"body": fault.body}
    if fault.code or fault.status != 200:
        words = {"unavailable": "service_unavailable", "rate_limited": "ratelimited"}
        error = words.get(fault.code, fault.code or "internal_error")
        return told | {"error": error, "retry_after": fault.retry_after}
    return told


def _papers(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for block in blocks:
        for element in block["elements"] if block["type"] == "actions" else ():
            paper = read(element["value"]).options.get("paper")
            if paper:
                yield paper


def _without_ids(value: Any) -> Any:  # noqa: ANN401  whatever stands in blocks
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_ids(item) for key, item in value.items() if key != "block_id"}
    return value
