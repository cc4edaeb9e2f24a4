"""The nouns of the emulated Discord: frozen values, replaced and never edited. Ids are snowflakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

JSON = dict[str, Any]


class Kind(IntEnum):
    """What sort of channel it is, as Discord numbers them."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15
    MEDIA = 16


THREADS = frozenset({Kind.ANNOUNCEMENT_THREAD, Kind.PUBLIC_THREAD, Kind.PRIVATE_THREAD})
FORUMS = frozenset({Kind.FORUM, Kind.MEDIA})


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person or the app's bot user."""

    id: int
    name: str
    locale: str = "en-GB"
    bot: bool = False
    dms_closed: bool = False
    """Whether nobody but friends may write to this person: 50007."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role. The one with the guild's own id is @everyone."""

    id: int
    name: str
    permissions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A user in a guild."""

    user: int
    roles: frozenset[int] = frozenset()
    nick: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guild:
    """A server."""

    id: int
    name: str
    owner: int
    locale: str = "en-US"
    roles: tuple[Role, ...] = ()
    members: tuple[Member, ...] = ()
    installed: bool = True
    """Whether the bot is in it."""
    unavailable: bool = False
    """Whether Discord has an outage there."""
    blocked: frozenset[str] = frozenset()
    """Words that the server's filter blocks in messages and titles, and hosts to which links are harmful."""

    def member(self, user: int) -> Member | None:
        return next((one for one in self.members if one.user == user), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overwrite:
    """What a channel allows and denies to a role or, with ``kind`` 1, a member."""

    id: int
    kind: int = 0
    allow: int = 0
    deny: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A forum's tag."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel of a guild, a thread, or direct messages."""

    id: int
    name: str
    kind: Kind = Kind.TEXT
    guild: int = 0
    parent: int = 0
    overwrites: tuple[Overwrite, ...] = ()
    recipients: frozenset[int] = frozenset()
    tags: tuple[Tag, ...] = ()
    applied: tuple[int, ...] = ()
    """The tags of a forum's post."""
    needs_tag: bool = False
    archived: bool = False
    locked: bool = False
    owner: int = 0
    archive_after: int = 4320
    made: float = 0.0

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS

    @property
    def is_forum(self) -> bool:
        return self.kind in FORUMS

    @property
    def is_dm(self) -> bool:
        return self.kind is Kind.DM


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file on a message."""

    id: int
    name: str
    size: int
    content: bytes = field(repr=False)
    kind: str = "application/octet-stream"
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as a channel, or for an ephemeral one person, sees it."""

    id: int
    channel: int
    author: int
    content: str = ""
    embeds: tuple[JSON, ...] = ()
    components: tuple[JSON, ...] = ()
    files: tuple[Upload, ...] = ()
    flags: int = 0
    nonce: str = ""
    kind: int = 0
    reference: int = 0
    edited: float | None = None
    only_for: int = 0
    """The one who sees an ephemeral message."""
    interaction: int = 0
    """The interaction that it answers."""
    mentions: tuple[int, ...] = ()
    """Users that it notifies."""
    mention_roles: tuple[int, ...] = ()
    mention_everyone: bool = False
    crossposted: bool = False

    @property
    def is_loading(self) -> bool:
        """Whether it only says that the app is thinking."""
        return bool(self.flags & LOADING)


SUPPRESS_EMBEDS, EPHEMERAL, LOADING, SUPPRESS_NOTIFICATIONS, COMPONENTS_V2 = 1 << 2, 1 << 6, 1 << 7, 1 << 12, 1 << 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An application command; ``guild`` is 0 for a global one."""

    id: int
    guild: int
    body: JSON

    @property
    def name(self) -> str:
        return str(self.body["name"])


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The one app of this Discord."""

    id: int
    bot: int
    name: str = "Papers Digest"
    token: str = ""
    dead: bool = False
    """Whether its token was reset."""
    public_key: str = "0" * 64
    user_installs: frozenset[int] = frozenset()
    """Who has added it to their account."""


class Asked(IntEnum):
    """What a person did, as Discord numbers interactions."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """Something that a person did, and how far the app has answered it."""

    id: int
    token: str
    kind: Asked
    user: int
    channel: int
    guild: int
    made: float
    data: JSON
    message: Message | None = None
    """The message whose component it was, as the person saw it."""
    owners: JSON = field(default_factory=dict)
    """``authorizing_integration_owners``."""
    answered: int = 0
    """The type of the first answer."""
    answered_at: float = 0.0
    """Seconds after ``made``."""
    original: int = 0
    """The message of the first answer, or the one that it edited."""
    hidden: bool = False
    """Whether the first answer was deferred for one person alone."""
    followups: tuple[int, ...] = ()
    modal: JSON | None = None
    choices: tuple[JSON, ...] | None = None

    @property
    def only_by_user(self) -> bool:
        """Whether only the person has the app, not the server."""
        return "0" not in self.owners and "1" in self.owners
