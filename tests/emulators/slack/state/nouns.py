"""The nouns of the emulated Slack: frozen values, replaced and never edited."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A workspace, alone or part of an Enterprise Grid organisation."""

    id: str
    name: str
    domain: str
    enterprise: str = ""
    enterprise_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person or the app's bot user. ``guest`` is a multi-channel guest, ``single`` a single-channel one."""

    id: str
    team: str
    name: str
    real_name: str
    tz: str = "Europe/Berlin"
    locale: str = "en-GB"
    admin: bool = False
    guest: bool = False
    single: bool = False
    bot: bool = False
    deleted: bool = False
    also_in: frozenset[str] = frozenset()
    """Other workspaces of the organisation where the same person works."""


class Kind(StrEnum):
    """What sort of conversation it is."""

    PUBLIC = "public"
    PRIVATE = "private"
    IM = "im"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A conversation. A shared one has the same id in every workspace that sees it."""

    id: str
    team: str
    name: str
    kind: Kind = Kind.PUBLIC
    members: frozenset[str] = frozenset()
    archived: bool = False
    read_only: bool = False
    thread_only: bool = False
    non_threadable: bool = False
    restricted: bool = False
    """A workspace preference says who may post, and the app is not among them."""
    shared_with: frozenset[str] = frozenset()

    @property
    def seen_from(self) -> frozenset[str]:
        """The workspaces whose people can see it."""
        return self.shared_with | {self.team}


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The one app of this Slack, as its manifest describes it."""

    id: str = "A0PAPERS01"
    name: str = "Papers Digest"
    bot_name: str = "papers"
    client_id: str = "1111.2222"
    client_secret: str = "emulated-client-secret"
    signing_secret: str = "emulated-signing-secret"
    verification_token: str = "emulated-verification-token"
    scopes: tuple[str, ...] = ("commands", "chat:write")
    optional_scopes: tuple[str, ...] = ("chat:write.public", "users:read")
    commands: tuple[str, ...] = ("/papers",)
    shortcuts: tuple[tuple[str, str], ...] = (("papers_subscribe", "global"), ("papers_which", "message"))
    """(callback id, ``global`` or ``message``)."""
    events: tuple[str, ...] = ("app_home_opened", "app_uninstalled", "tokens_revoked", "team_access_revoked")
    unfurl_domains: tuple[str, ...] = ()
    redirect_urls: tuple[str, ...] = ()
    request_url: str = ""
    """Where Slack sends requests when Socket Mode is off."""
    socket_mode: bool = True
    rotation: bool = False
    org_ready: bool = True
    home_tab: bool = True
    messages_tab: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The app in one workspace, or in a whole organisation (then ``team`` is empty)."""

    team: str
    enterprise: str
    bot_user: str
    bot_id: str
    scopes: frozenset[str]
    by: str = ""

    @property
    def key(self) -> str:
        return self.team or self.enterprise


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token and what became of it: ``dead`` is the error that its next use gets."""

    value: str
    kind: str
    """``bot``, ``app``, ``config`` or ``refresh``."""
    installation: str = ""
    scopes: frozenset[str] = frozenset()
    expires: float | None = None
    dead: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """A piece of text that Slack made into something: a mention, a link, a date.

    ``auto`` ones were recognised in plain text (a bare URL, ``@name``), the others were written with angle brackets
    or as an element of rich text. ``pointer`` says where in the message it stands.
    """

    kind: str
    """``user``, ``special``, ``group``, ``channel``, ``date`` or ``link``."""
    target: str
    label: str = ""
    auto: bool = False
    pointer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as one channel, or for an ephemeral one person, sees it."""

    channel: str
    ts: str
    user: str
    team: str
    text: str = ""
    blocks: tuple[JSON, ...] = ()
    attachments: tuple[JSON, ...] = ()
    metadata: JSON | None = None
    thread_ts: str = ""
    files: tuple[str, ...] = ()
    edited: str = ""
    only_for: str = ""
    """The one who sees an ephemeral message."""
    bot_id: str = ""
    live: tuple[Live, ...] = ()
    unfurls: tuple[tuple[str, JSON], ...] = ()

    @property
    def is_reply(self) -> bool:
        return bool(self.thread_ts) and self.thread_ts != self.ts


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A modal in somebody's stack, or somebody's Home tab."""

    id: str
    installation: str
    team: str
    user: str
    body: JSON
    hash: str
    root: str
    previous: str = ""
    channel: str = ""
    """Where the person was when it opened: what ``default_to_current_conversation`` fills in."""
    state: JSON
    """What the person has entered, as ``state.values`` says it."""
    live: tuple[Live, ...] = ()

    @property
    def type(self) -> str:
        return str(self.body["type"])


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An upload, from its ticket to the message that shares it."""

    id: str
    installation: str
    name: str
    size: int
    ticket: str
    title: str = ""
    alt_text: str = ""
    content: bytes | None = None
    done: bool = False
    ready: float = 0.0
    """When Slack has looked at it: before that no message may show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What a person's action gives the app for three seconds, once."""

    id: str
    installation: str
    team: str
    user: str
    channel: str
    view: str
    made: float
    spent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A response_url: 5 posts in 30 minutes, wherever the app is not a member too."""

    id: str
    installation: str
    team: str
    channel: str
    user: str
    message: str
    """The ts of the message that was acted upon, if any."""
    made: float
    uses: int = 0
    posts: tuple[Message, ...] = ()
    """What came through it, every version."""
