"""One installation, and the notes that are about it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from adapters.chats.slack.access import Access
from bot.models import JSON


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


_NAMES = {one.name for one in fields(Installed)}


def of_note(note: JSON) -> Installed:
    """Read one. What a later version has put there besides is not ours."""
    return Installed(**{name: value for name, value in note.items() if name in _NAMES})


def key_of(installation: str) -> str:
    """Where it is kept."""
    return f"installation/slack:{installation}"


def workspace_of(team: str) -> str:
    """Where it is kept which organisation's installation serves a workspace."""
    return f"workspace/slack:{team}"


def lock_of(installation: str) -> str:
    """What a process has in its hand while it asks for a new token."""
    return f"renewing/slack:{installation}"
