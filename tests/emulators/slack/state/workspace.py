"""All that this Slack knows: one mutable state over frozen values, with no rule but identity and time."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tests.emulators.clock import Bell, Clock
from tests.emulators.slack.state.nouns import (
    JSON,
    App,
    Channel,
    File,
    Hook,
    Installation,
    Kind,
    Message,
    Team,
    Token,
    Trigger,
    User,
    View,
)

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Unknown(LookupError):
    """A test or a person named something that is not there."""


@dataclass
class Workspace:
    """Every team, person, conversation, message, view, file and token."""

    app: App = field(default_factory=App)
    clock: Clock = field(default_factory=Clock)
    bell: Bell = field(default_factory=Bell)
    url: str = ""
    """Where this Slack is served, without a slash at the end."""
    teams: dict[str, Team] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    installations: dict[str, Installation] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    messages: dict[str, dict[str, Message]] = field(default_factory=dict)
    """By channel and ts, oldest first."""
    ephemerals: dict[str, Message] = field(default_factory=dict)
    """By ts."""
    locked_threads: set[tuple[str, str]] = field(default_factory=set)
    views: dict[str, View] = field(default_factory=dict)
    stacks: dict[str, list[str]] = field(default_factory=dict)
    """Open modals by user, the one in front last."""
    homes: dict[tuple[str, str], str] = field(default_factory=dict)
    """Home views by installation and user."""
    files: dict[str, File] = field(default_factory=dict)
    processing: float = 0.0
    """Seconds that Slack looks at an upload; before that no message may show it."""
    triggers: dict[str, Trigger] = field(default_factory=dict)
    hooks: dict[str, Hook] = field(default_factory=dict)
    codes: dict[str, JSON] = field(default_factory=dict)
    """OAuth codes and what was consented to."""
    tickets: dict[str, float] = field(default_factory=dict)
    """Socket Mode tickets and when they were made."""
    broken_images: set[str] = field(default_factory=set)
    """Image URLs that Slack cannot download."""
    _last_id: int = 0
    _last_ts: int = 0

    def new_id(self, prefix: str) -> str:
        self._last_id += 1
        number, text = self._last_id, ""
        while number:
            number, digit = divmod(number, 36)
            text = DIGITS[digit] + text
        return f"{prefix}0{text:0>8}"

    def new_secret(self) -> str:
        return secrets.token_hex(12)

    def new_ts(self) -> str:
        """A message's time and name: later than all before it, in microseconds."""
        self._last_ts = max(self._last_ts + 1, int(self.clock.now() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def user(self, key: str) -> User:
        """Find a person by id, or by name when only one has it."""
        if key in self.users:
            return self.users[key]
        found = [user for user in self.users.values() if user.name == key]
        if len(found) != 1:
            raise Unknown(f"{len(found)} users are called {key!r}; use an id when there are several")
        return found[0]

    def channel(self, key: str, team: str = "") -> Channel:
        """Find a conversation by id, or by name; a team tells apart those of the same name."""
        if key in self.channels:
            return self.channels[key]
        name = key.removeprefix("#")
        named = [channel for channel in self.channels.values() if channel.name == name]
        found = [channel for channel in named if team in channel.seen_from] if team and len(named) > 1 else named
        if len(found) != 1:
            raise Unknown(f"{len(found)} channels are called {key!r}; use an id when there are several")
        return found[0]

    def dm(self, installation: Installation, user: str) -> Channel:
        """Find, or open, the direct messages between the app and a person."""
        pair = frozenset({user, installation.bot_user})
        for channel in self.channels.values():
            if channel.kind is Kind.IM and channel.members == pair:
                return channel
        return self.add(
            Channel(id=self.new_id("D"), team=self.users[user].team, name="directmessage", kind=Kind.IM, members=pair)
        )

    def add(self, channel: Channel) -> Channel:
        """Insert or replace a conversation."""
        self.channels[channel.id] = channel
        self.bell.ring()
        return channel

    def installation(self, team: str) -> Installation | None:
        """The installation that serves a team: its own, else its organisation's."""
        enterprise = self.teams[team].enterprise if team in self.teams else ""
        return self.installations.get(team) or self.installations.get(enterprise or "-")

    def serves(self, installation: Installation, team: str) -> bool:
        """Whether an installation has anything to do with a team."""
        return self.installation(team) == installation

    def issue(self, token: Token) -> Token:
        self.tokens[token.value] = token
        return token

    def message(self, channel: str, ts: str) -> Message | None:
        """Find a message that everybody sees."""
        return self.messages.get(channel, {}).get(ts)

    def history(self, channel: str) -> list[Message]:
        """A channel's messages, replies too, oldest first."""
        return list(self.messages.get(channel, {}).values())

    def thread(self, channel: str, ts: str) -> list[Message]:
        """A thread's messages, its root first."""
        return [m for m in self.history(channel) if ts in {m.ts, m.thread_ts}]

    def put(self, message: Message) -> Message:
        """Insert or replace a message, for everybody or for one."""
        if message.only_for:
            self.ephemerals[message.ts] = message
        else:
            self.messages.setdefault(message.channel, {})[message.ts] = message
        self.bell.ring()
        return message

    def remove(self, channel: str, ts: str) -> None:
        self.messages.get(channel, {}).pop(ts, None)
        self.ephemerals.pop(ts, None)
        self.bell.ring()

    def keep(self, view: View) -> View:
        """Insert or replace a view, with a new hash."""
        fresh = replace(view, hash=f"{self.new_ts()}.{secrets.token_hex(4)}")
        self.views[fresh.id] = fresh
        self.bell.ring()
        return fresh

    def new_trigger(
        self, installation: Installation, team: str, user: str, channel: str = "", view: str = ""
    ) -> Trigger:
        number = int(self.clock.now() * 1000)
        trigger = Trigger(
            id=f"{number}.{self.new_id('').lower()}.{self.new_secret()}",
            installation=installation.key,
            team=team,
            user=user,
            channel=channel,
            view=view,
            made=self.clock.now(),
        )
        self.triggers[trigger.id] = trigger
        return trigger

    def new_hook(self, installation: Installation, team: str, user: str, channel: str, message: str = "") -> Hook:
        hook = Hook(
            id=self.new_secret(),
            installation=installation.key,
            team=team,
            channel=channel,
            user=user,
            message=message,
            made=self.clock.now(),
        )
        self.hooks[hook.id] = hook
        return hook

    def hook_url(self, hook: Hook) -> str:
        return f"{self.url}/{'actions' if hook.message else 'commands'}/{hook.team}/{hook.id}"

    def file_url(self, file: str) -> str:
        """Where a file is served."""
        return f"{self.url}/files/{file}"

    def names(self, team: str) -> Iterator[tuple[str, str]]:
        """What ``@name`` and ``#name`` can mean in a team's plain text, and the id behind it."""
        for user in self.users.values():
            if team in user.also_in | {user.team}:
                yield f"@{user.name}", user.id
        for channel in self.channels.values():
            if channel.kind is not Kind.IM and team in channel.seen_from:
                yield f"#{channel.name}", channel.id
