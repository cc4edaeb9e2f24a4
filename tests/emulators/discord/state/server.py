"""All that this Discord knows: one mutable state over frozen values, with no rule but identity and time."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from tests.emulators.clock import Bell, Clock
from tests.emulators.discord.state.nouns import (
    JSON,
    App,
    Channel,
    Command,
    Guild,
    Interaction,
    Kind,
    Message,
    User,
)
from tests.emulators.discord.state.permissions import DM, Right, rights

EPOCH = 1420070400.0
NONCE_SECONDS = 180.0
"""How long a nonce is remembered; Discord says a few minutes."""


class Unknown(LookupError):
    """A test or a person named something that is not there."""


@dataclass
class State:
    """Every user, guild, channel, message, command and interaction."""

    app: App
    clock: Clock = field(default_factory=Clock)
    bell: Bell = field(default_factory=Bell)
    url: str = ""
    """Where this Discord is served, without a slash at the end."""
    users: dict[int, User] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    messages: dict[int, dict[int, Message]] = field(default_factory=dict)
    """By channel and id, oldest first; ephemeral ones are not among them."""
    ephemerals: dict[int, Message] = field(default_factory=dict)
    commands: dict[int, Command] = field(default_factory=dict)
    interactions: dict[str, Interaction] = field(default_factory=dict)
    """By token."""
    tokens: dict[int, str] = field(default_factory=dict)
    """Tokens of interactions by id."""
    nonces: dict[tuple[int, str], tuple[int, int, float]] = field(default_factory=dict)
    """Channel, message and time of a nonce, by author."""
    syncs: Counter[int] = field(default_factory=Counter)
    """How often commands were overwritten as a whole, by guild, 0 for global ones."""
    created: Counter[tuple[int, int]] = field(default_factory=Counter)
    """Commands created, by guild and day."""
    tell: Callable[[str, JSON, int], None] = lambda _event, _data, _guild: None
    """Dispatches a gateway event; the gateway puts itself here."""
    about_gateway: Callable[[], JSON] = dict
    """What there is to know of the gateway; it puts itself here too."""
    _last_ms: int = 0

    def new_id(self) -> int:
        """A snowflake: later than all before it, a millisecond each, so that servers spread over shards."""
        self._last_ms = max(int((self.clock.now() - EPOCH) * 1000), self._last_ms + 1)
        return self._last_ms << 22

    def new_secret(self) -> str:
        return secrets.token_urlsafe(24)

    def user(self, key: str | int) -> User:
        """Find a person by id, or by name."""
        found = [one for one in self.users.values() if key in (one.id, str(one.id), one.name)]
        if len(found) != 1:
            raise Unknown(f"{len(found)} users are called {key!r}")
        return found[0]

    def guild(self, key: str | int) -> Guild:
        """Find a server by id, or by name."""
        found = [one for one in self.guilds.values() if key in (one.id, str(one.id), one.name)]
        if len(found) != 1:
            raise Unknown(f"{len(found)} servers are called {key!r}")
        return found[0]

    def channel(self, key: str | int) -> Channel:
        """Find a channel by id, or by name when only one has it."""
        if isinstance(key, int) or key.isdecimal():
            if found := self.channels.get(int(key)):
                return found
            raise Unknown(f"there is no channel {key}")
        named = [one for one in self.channels.values() if one.name == key.removeprefix("#") and not one.is_dm]
        if len(named) != 1:
            raise Unknown(f"{len(named)} channels are called {key!r}; use an id when there are several")
        return named[0]

    def dm(self, user: int) -> Channel:
        """Find, or open, the direct messages between the app and a person."""
        pair = frozenset({user, self.app.bot})
        for channel in self.channels.values():
            if channel.is_dm and channel.recipients == pair:
                return channel
        return self.add(Channel(id=self.new_id(), name="", kind=Kind.DM, recipients=pair))

    def add(self, channel: Channel) -> Channel:
        """Insert or replace a channel."""
        self.channels[channel.id] = channel
        self.bell.ring()
        return channel

    def rights(self, channel: Channel, user: int) -> Right:
        """What a user may do in a channel, thread or not."""
        if channel.is_dm:
            return DM if user in channel.recipients else Right(0)
        place = self.channels.get(channel.parent, channel) if channel.is_thread else channel
        return rights(self.guilds[channel.guild], place, user, thread=channel.is_thread)

    def shares_guild(self, user: int) -> bool:
        """Whether the bot is in a server with somebody."""
        return any(guild.installed and guild.member(user) for guild in self.guilds.values())

    def threads(self, channel: int) -> list[Channel]:
        """A channel's threads, or a forum's posts, oldest first."""
        return [one for one in self.channels.values() if one.is_thread and one.parent == channel]

    def message(self, channel: int, message: int) -> Message | None:
        """Find a message that everybody sees."""
        return self.messages.get(channel, {}).get(message)

    def history(self, channel: int) -> list[Message]:
        """A channel's messages, oldest first."""
        return list(self.messages.get(channel, {}).values())

    def find(self, channel: int, message: int) -> Message | None:
        """Find a message, also one that only one person sees."""
        return self.ephemerals.get(message) or self.message(channel, message)

    def put(self, message: Message) -> Message:
        """Insert or replace a message, for everybody or for one."""
        if message.only_for:
            self.ephemerals[message.id] = message
        else:
            self.messages.setdefault(message.channel, {})[message.id] = message
        self.bell.ring()
        return message

    def remove(self, message: Message) -> None:
        self.messages.get(message.channel, {}).pop(message.id, None)
        self.ephemerals.pop(message.id, None)
        self.bell.ring()

    def remember(self, message: Message) -> None:
        """Keep a message's nonce for a few minutes."""
        now = self.clock.now()
        while self.nonces and now - next(iter(self.nonces.values()))[2] >= NONCE_SECONDS:
            del self.nonces[next(iter(self.nonces))]
        self.nonces.pop((message.author, message.nonce), None)
        self.nonces[message.author, message.nonce] = (message.channel, message.id, now)

    def remembered(self, author: int, nonce: str) -> tuple[int, int] | None:
        """Channel and message that a nonce made in the last few minutes."""
        seen = self.nonces.get((author, nonce))
        return seen[:2] if seen and self.clock.now() - seen[2] < NONCE_SECONDS else None

    def forget(self, channels: Collection[int]) -> None:
        """Forget the nonces of some channels, as after those minutes."""
        self.nonces = {key: seen for key, seen in self.nonces.items() if seen[0] not in channels}

    def keep(self, interaction: Interaction) -> Interaction:
        """Insert or replace an interaction."""
        self.interactions[interaction.token] = interaction
        self.tokens[interaction.id] = interaction.token
        self.bell.ring()
        return interaction

    def change_guild(self, guild: int, **fields: object) -> Guild:
        changed = replace(self.guilds[guild], **fields)  # type: ignore[arg-type]
        self.guilds[guild] = changed
        self.bell.ring()
        return changed

    def commands_in(self, guild: int) -> list[Command]:
        """The commands of a guild, or with 0 the global ones."""
        return [one for one in self.commands.values() if one.guild == guild]
