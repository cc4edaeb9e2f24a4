"""The invite link. Pure."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from urllib.parse import urlencode

from adapters.chats.discord.commands import command
from adapters.chats.discord.rights import INVITED, NAMES, integer
from adapters.chats.discord.settings import Settings

ADDRESS = "https://discord.com/oauth2/authorize"


def manifest(settings: Settings | None, http: str) -> str:
    """What to open to add the app to a server, what it asks for there, and the commands that it registers by itself."""
    del http  # everything comes through the gateway
    asked = {
        "client_id": client_id(settings) or "APPLICATION_ID",
        "scope": "bot applications.commands",
        "permissions": str(integer(INVITED)),
    }
    verbs = " ".join(one["name"] for one in command()["options"])
    return "\n".join(
        (
            f"{ADDRESS}?{urlencode(asked)}",
            "",
            f"permissions: {', '.join(NAMES[name] for name in INVITED)} ({integer(INVITED)})",
            "intents: Guilds; none of the privileged ones",
            f"commands, registered when it runs: /papers {verbs}",
        )
    )


def client_id(settings: Settings | None) -> str:
    """The app's id, which the first part of its token spells in base64; nothing when that makes no sense."""
    first = settings.token.get_secret_value().partition(".")[0] if settings else ""
    try:
        found = urlsafe_b64decode(f"{first}{'=' * (-len(first) % 4)}").decode("ascii")
    except ValueError:
        return ""
    return found if found.isdecimal() else ""
