"""Where people sit: looking things up, and handing the app what they did."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from tests.emulators.discord.acts.answer import Answer, Impossible
from tests.emulators.discord.state.nouns import JSON, Asked, Channel, Guild, Interaction, Message, User
from tests.emulators.discord.state.permissions import EVERYBODY, Right
from tests.emulators.discord.state.server import State
from tests.emulators.discord.state.shapes import (
    FILE_LIMIT,
    channel_json,
    member_json,
    message_json,
    partial_guild_json,
    user_json,
)
from tests.emulators.discord.wire.gateway import Gateway

T = TypeVar("T")


@dataclass
class Desk:
    """A person, server or channel is named by its id, or by a name that only one has; ``dm`` is the bot's messages."""

    state: State = field(repr=False)
    gateway: Gateway = field(repr=False)

    def user(self, name: str) -> User:
        return self.state.user(name)

    def guild(self, name: str) -> Guild:
        return self.state.guild(name)

    def channel(self, name: str | int) -> Channel:
        return self.state.channel(name)

    def messages(self, channel: str | int) -> list[Message]:
        """What everybody in a channel sees, oldest first."""
        return self.state.history(self.state.channel(channel).id)

    def dm_channel(self, user: str) -> Channel:
        """The direct messages between the app and a person."""
        return self.state.dm(self.state.user(user).id)

    def dm(self, user: str) -> list[Message]:
        """What stands in them."""
        return self.state.history(self.dm_channel(user).id)

    def posts(self, forum: str) -> list[Channel]:
        """A forum's posts, or a channel's threads, oldest first."""
        return self.state.threads(self.state.channel(forum).id)

    def ephemerals(self, user: str) -> list[Message]:
        """What only this person sees, in all channels, oldest first."""
        person = self.state.user(user)
        return [message for message in self.state.ephemerals.values() if message.only_for == person.id]

    async def until(self, probe: Callable[[], T], seconds: float = 5.0) -> T:
        """Wait for something to become true and give it."""
        return await self.state.bell.until(probe, seconds)

    def place(self, user: str, channel: str | int) -> tuple[User, Channel]:
        """A person in a channel. Raises ``Impossible`` for one that they do not see."""
        person = self.state.user(user)
        place = self.state.dm(person.id) if channel == "dm" else self.state.channel(channel)
        if Right.VIEW_CHANNEL not in self.state.rights(place, person.id):
            raise Impossible(f"{person.name} does not see {place.name or 'these messages'}")
        return person, place

    def owners(self, person: User, place: Channel) -> JSON:
        """Whose installation lets the app act here: the server's ("0"), the person's ("1"), or both."""
        owners: JSON = {}
        if place.guild and self.state.guilds[place.guild].installed:
            owners["0"] = str(place.guild)
        elif place.is_dm and self.state.app.bot in place.recipients and self.state.shares_guild(person.id):
            owners["0"] = "0"
        return owners | ({"1": str(person.id)} if person.id in self.state.app.user_installs else {})

    async def ask(
        self, kind: Asked, person: User, place: Channel, data: JSON, owners: JSON, message: Message | None = None
    ) -> Answer:
        """Hand something to the app, and wait for its first answer as long as Discord does."""
        state = self.state
        interaction = state.keep(
            Interaction(
                id=state.new_id(),
                token=state.new_secret(),
                kind=kind,
                user=person.id,
                channel=place.id,
                guild=place.guild,
                made=state.clock.now(),
                data=data,
                message=message,
                owners=owners,
            )
        )
        state.tell("INTERACTION_CREATE", self._payload(interaction, person, place), place.guild)
        start = time.perf_counter()
        answer = Answer(state, interaction.token)
        try:
            await state.bell.until(lambda: answer.interaction.answered, self.gateway.timing.first)
        except TimeoutError:
            return replace(answer, timed_out=True)
        return replace(answer, ms=(time.perf_counter() - start) * 1000)

    def _payload(self, asked: Interaction, person: User, place: Channel) -> JSON:
        """What the app is told."""
        state = self.state
        rights = state.rights(place, person.id)
        shown: JSON = {
            "id": str(asked.id),
            "application_id": str(state.app.id),
            "type": int(asked.kind),
            "token": asked.token,
            "version": 1,
            "channel_id": str(place.id),
            "channel": channel_json(place, state) | {"permissions": str(int(rights))},
            "data": asked.data,
            "locale": person.locale,
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": asked.owners,
            "context": self.context(place),
            "attachment_size_limit": FILE_LIMIT,
            "app_permissions": str(int(state.rights(place, state.app.bot) if "0" in asked.owners else EVERYBODY)),
        }
        if asked.message:
            shown["message"] = message_json(asked.message, state)
        if not place.guild:
            return shown | {"user": user_json(person)}
        guild = state.guilds[place.guild]
        member = guild.member(person.id)
        assert member
        shown |= {"guild_id": str(guild.id), "guild": partial_guild_json(guild), "guild_locale": guild.locale}
        return shown | {"member": member_json(member, person, rights)}

    def context(self, place: Channel) -> int:
        """Where something happens: 0 in a server, 1 with the bot, 2 between people."""
        return 0 if place.guild else 1 if self.state.app.bot in place.recipients else 2
