"""What administrators and Discord itself do: servers, channels, rights, installations, the token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.emulators.discord.acts.desk import Desk
from tests.emulators.discord.state.nouns import Channel, Guild, Member, Overwrite
from tests.emulators.discord.state.shapes import channel_json, guild_json, role_json
from tests.emulators.discord.state.world import add_channel


class Admins(Desk):
    """People with the keys. The app hears of everything through the gateway."""

    def invite(self, guild: str | int) -> Guild:
        """Bring the bot into a server."""
        found = self.state.guild(guild)
        members = (*found.members, Member(user=self.state.app.bot))
        fresh = self.state.change_guild(found.id, installed=True, unavailable=False, members=members)
        self.state.tell("GUILD_CREATE", guild_json(fresh, self.state), fresh.id)
        return fresh

    def kick(self, guild: str | int) -> None:
        """Put the bot out of a server."""
        found = self.state.guild(guild)
        members = tuple(one for one in found.members if one.user != self.state.app.bot)
        self.state.change_guild(found.id, installed=False, members=members)
        self.state.tell("GUILD_DELETE", {"id": str(found.id)}, found.id)

    def outage(self, guild: str | int) -> None:
        """Let Discord lose a server for a while."""
        found = self.state.guild(guild)
        self.state.change_guild(found.id, unavailable=True)
        self.state.tell("GUILD_DELETE", {"id": str(found.id), "unavailable": True}, found.id)

    def recover(self, guild: str | int) -> None:
        """Let it find the server again."""
        fresh = self.state.change_guild(self.state.guild(guild).id, unavailable=False)
        self.state.tell("GUILD_CREATE", guild_json(fresh, self.state) | {"unavailable": False}, fresh.id)

    def create(self, guild: str | int, name: str, **more: Any) -> Channel:  # noqa: ANN401 - any field of a channel
        """Make a channel."""
        channel = add_channel(self.state, self.state.guild(guild).id, name, **more)
        self.state.tell("CHANNEL_CREATE", channel_json(channel, self.state), channel.guild)
        return channel

    def change(self, channel: str | int, **fields: Any) -> Channel:  # noqa: ANN401 - any field of a channel
        """Rename a channel, archive or lock a thread, and so on."""
        fresh = self.state.add(replace(self.state.channel(channel), **fields))
        event = "THREAD_UPDATE" if fresh.is_thread else "CHANNEL_UPDATE"
        self.state.tell(event, channel_json(fresh, self.state), fresh.guild)
        return fresh

    def permit(self, channel: str | int, who: int, *, allow: int = 0, deny: int = 0) -> Channel:
        """Allow and deny something in a channel to a role, @everyone (the server's id) or a member."""
        place = self.state.channel(channel)
        kind = int(who in self.state.users)
        others = tuple(one for one in place.overwrites if one.id != who)
        mine = Overwrite(id=who, kind=kind, allow=int(allow), deny=int(deny))
        return self.change(place.id, overwrites=(*others, mine))

    def empower(self, guild: str | int, permissions: int, role: str = "@everyone") -> None:
        """Give a role these permissions and no others."""
        found = self.state.guild(guild)
        roles = tuple(replace(one, permissions=int(permissions)) if one.name == role else one for one in found.roles)
        self.state.change_guild(found.id, roles=roles)
        for i, one in enumerate(roles):
            if one.name == role:
                self.state.tell("GUILD_ROLE_UPDATE", {"guild_id": str(found.id), "role": role_json(one, i)}, found.id)

    def remove(self, channel: str | int) -> None:
        """Delete a channel or thread with all that is in it."""
        place = self.state.channel(channel)
        for thread in self.state.threads(place.id):
            self.remove(thread.id)
        shown = channel_json(place, self.state)
        del self.state.channels[place.id]
        self.state.messages.pop(place.id, None)
        self.state.tell("THREAD_DELETE" if place.is_thread else "CHANNEL_DELETE", shown, place.guild)
        self.state.bell.ring()

    def add_to_account(self, user: str, *, added: bool = True) -> None:
        """Install the app for a person, or take it away again."""
        person = frozenset({self.state.user(user).id})
        installs = self.state.app.user_installs
        self.state.app = replace(self.state.app, user_installs=installs | person if added else installs - person)

    def reset_token(self) -> None:
        """Make the bot's token worthless."""
        self.state.app = replace(self.state.app, dead=True)
