"""Discord as a service: our adapter, discord.py as it comes, and the emulated Discord."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.chats.discord.chat import DiscordChat
from adapters.chats.discord.render import papers
from adapters.chats.discord.settings import Settings
from bot.models import Channel
from bot.ports import Pacing
from tests.emulators.discord.wire.faults import VIA
from tests.emulators.httpchat import Fault
from tests.kill_matrix.service import Accepted, Venue, ask

SMALL = 1
"""Characters of a message's embeds: none holds two of them, so a digest of three papers takes four messages."""
EVER = 1_000_000
SHOWN = ("content", "embeds")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordService:
    """Each run has a server of its own."""

    forgets: bool = False
    """Discord has forgotten all nonces when a life begins, as it has a few minutes later: reading back has to do."""

    @property
    def emulator(self) -> tuple[str, ...]:
        """One Discord for all, without rate limits."""
        return ("-m", "tests.emulators.discord", "--pipe", "--port", "0", "--scale", "inf")

    def enter(self, url: str, run: str, count: int) -> Venue:
        """Add the app to a new server."""
        names = [f"room{n}" for n in range(1, count + 1)]
        made = ask("POST", f"{url}/control/guilds", {"name": f"run{run}", "channels": names})
        channels = tuple(Channel("discord", made["guild"], made["channels"][name]) for name in names)
        return Venue(url=url, channels=channels, secret=made["token"])

    def behave(self, venue: Venue, delay: float, faults: Sequence[Fault]) -> None:
        """Plan a fault for each of the first posts, and lateness for all that follow."""
        late = {"commit_after": delay, "answer_after": delay}
        for channel in venue.channels:
            plans = [(_told(fault), 1) for fault in faults] + ([(late, EVER)] if delay else [])
            for told, times in plans:
                plan = {
                    "method": "POST /channels/{channel}/messages",
                    "fault": told,
                    "times": times,
                    "where": {"channel": channel.room},
                }
                ask("POST", f"{venue.url}/control/faults", plan)

    def chat(self, venue: Venue, pacing: Pacing) -> DiscordChat:
        """The adapter with the app's token."""
        if self.forgets:
            ask("POST", f"{venue.url}/control/nonces", {"forget": [channel.room for channel in venue.channels]})
        given: Mapping[str, Any] = {"token": venue.secret, "api_url": f"{venue.url}/api/v10"}
        return DiscordChat(Settings.model_validate(given), pacing, budget=SMALL)

    def accepted(self, venue: Venue, channel: Channel) -> list[Accepted]:
        """A message carries its key as nonce; the addresses of its embeds name its papers."""
        found = ask("GET", f"{venue.url}/control/messages/{channel.room}")
        return [
            Accepted(
                id=message["id"],
                key=message["nonce"],
                papers=list(papers(message)),
                payload={name: message[name] for name in SHOWN},
            )
            for message in found
        ]


def _told(fault: Fault) -> dict[str, Any]:
    """The same fault in the words of the emulated Discord."""
    told: dict[str, Any] = {
        "commit_after": fault.delay if fault.commit else None,
        "answer_after": 0.0 if fault.drop else fault.delay,
        "drop": fault.drop,
        "status": fault.status,
    }
    if fault.body is not None:
        return told | {"body": fault.body}
    if fault.code or fault.status != 200:
        codes = {"unavailable": 130000, "rate_limited": 0}
        error = {"code": codes.get(fault.code, 0), "message": fault.code or "error"}
        wait = {"retry_after": fault.retry_after} if fault.retry_after is not None else {}
        return told | {"error": error | wait, "headers": VIA}
    return told
