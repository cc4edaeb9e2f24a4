"""What people ask for: commands, completion, and messages of their own."""

from __future__ import annotations

from dataclasses import replace

from tests.emulators.discord.acts.answer import Answer, Impossible
from tests.emulators.discord.acts.desk import Desk
from tests.emulators.discord.acts.options import Typed, filled, find, split, wrapped
from tests.emulators.discord.state.nouns import JSON, Asked, Channel, Command, Message, User
from tests.emulators.discord.state.permissions import Right
from tests.emulators.discord.state.shapes import message_json

GUILD_INSTALL, USER_INSTALL = 0, 1


class People(Desk):
    """Everybody on Discord."""

    def offered(self, user: str, where: str | int) -> list[Command]:
        """The commands that a person can choose there, this server's before those that are everywhere."""
        person, place = self.place(user, where)
        return [
            one
            for one in self.state.commands_in(place.guild or -1) + self.state.commands_in(0)
            if self._offers(one, person, place)
        ]

    def _offers(self, command: Command, person: User, place: Channel) -> bool:
        body, owners = command.body, self.owners(person, place)
        contexts = body.get("contexts")
        types = body.get("integration_types") or [GUILD_INSTALL]
        by_guild = "0" in owners and GUILD_INSTALL in types
        by_user = "1" in owners and USER_INSTALL in types
        if contexts is None:
            contexts = [0, 1, 2] if body.get("dm_permission", True) is not False else [0]
        if (body.get("type") or 1) != 1 or self.context(place) not in contexts or not (by_guild or by_user):
            return False
        if not place.guild:
            return True
        rights = self.state.rights(place, person.id)
        wanted = Right(int(body.get("default_member_permissions") or 0))
        return Right.USE_APPLICATION_COMMANDS in rights and (wanted in rights or Right.ADMINISTRATOR in rights)

    async def command(self, user: str, where: str | int, text: str, **values: object) -> Answer:
        """Run a slash command: ``"/papers search query:agents"``, or ``"papers search", query="agents"``."""
        person, place = self.place(user, where)
        command, way, known, rest = self._typed(user, where, text)
        typed = Typed(self.state, place)
        options = filled(typed, known, {**split(rest, known), **values})
        data = self._data(command, wrapped(way, options), typed)
        return await self.ask(Asked.COMMAND, person, place, data, self._owners_for(command, person, place))

    async def complete(
        self, user: str, where: str | int, text: str, option: str, typed: str, **values: object
    ) -> list[JSON]:
        """Type into an option that completes, and give what the app offers: name and value each."""
        person, place = self.place(user, where)
        command, way, known, rest = self._typed(user, where, text)
        focus = next((one for one in known if one["name"] == option), None)
        if focus is None or not focus.get("autocomplete"):
            raise Impossible(f"{option} does not complete")
        others = Typed(self.state, place)
        given = {**split(rest, known), **values}
        options = [others.option(one, given[one["name"]]) for one in known if one["name"] in given]
        options.append({"name": option, "type": focus["type"], "value": typed, "focused": True})
        data = self._data(command, wrapped(way, options), others)
        owners = self._owners_for(command, person, place)
        answer = await self.ask(Asked.AUTOCOMPLETE, person, place, data, owners)
        if answer.interaction.choices is None:
            raise Impossible(answer.error or "no choices came")
        return list(answer.interaction.choices)

    def say(self, user: str, where: str | int, text: str) -> Message:
        """Write a message as a person."""
        person, place = self.place(user, where)
        rights = self.state.rights(place, person.id)
        if (Right.SEND_MESSAGES_IN_THREADS if place.is_thread else Right.SEND_MESSAGES) not in rights or place.is_forum:
            raise Impossible(f"{person.name} cannot write in {place.name}")
        message = self.state.put(Message(id=self.state.new_id(), channel=place.id, author=person.id, content=text))
        shown = message_json(message, self.state) | ({"guild_id": str(place.guild)} if place.guild else {})
        hidden = {} if place.is_dm else {"content": ""}
        self.state.tell("MESSAGE_CREATE", shown | hidden, place.guild)
        return message

    def delete(self, message: Message) -> None:
        """Delete a message, as a moderator does."""
        place = self.state.channels[message.channel]
        self.state.remove(message)
        gone = {"id": str(message.id), "channel_id": str(message.channel)}
        self.state.tell("MESSAGE_DELETE", gone | ({"guild_id": str(place.guild)} if place.guild else {}), place.guild)

    def close_dms(self, user: str, *, closed: bool = True) -> None:
        """Take no more direct messages from strangers, or take them again."""
        person = self.state.user(user)
        self.state.users[person.id] = replace(person, dms_closed=closed)

    def _typed(self, user: str, where: str | int, text: str) -> tuple[Command, list[JSON], list[JSON], str]:
        """The command of a line, its subcommands, the options that it knows, and the rest of the line."""
        name, _, rest = text.strip().removeprefix("/").partition(" ")
        command = next((one for one in self.offered(user, where) if one.name == name), None)
        if command is None:
            raise Impossible(f"/{name} is not offered here")
        way, known, count = find(command.body, rest.split())
        for _ in range(count):
            rest = rest.strip().partition(" ")[2]
        return command, way, known, rest

    def _owners_for(self, command: Command, person: User, place: Channel) -> JSON:
        """Whose installation counts: those for which the command is there."""
        types = command.body.get("integration_types") or [GUILD_INSTALL]
        return {key: value for key, value in self.owners(person, place).items() if int(key) in types}

    def _data(self, command: Command, options: list[JSON], typed: Typed) -> JSON:
        scope = {"guild_id": str(command.guild)} if command.guild else {}
        resolved = {"resolved": typed.resolved} if typed.resolved else {}
        return {"id": str(command.id), "name": command.name, "type": 1, "options": options, **scope, **resolved}
