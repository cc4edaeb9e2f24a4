"""What all who act in Slack share: finding people and places, reaching the app, looking at the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tests.emulators.slack.acts import payloads
from tests.emulators.slack.acts.form import Impossible
from tests.emulators.slack.state.nouns import JSON, Channel, Installation, Kind, Message, Team, User, View
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.wire.http import Requests
from tests.emulators.slack.wire.parcels import Parcel, Receipt, Sort
from tests.emulators.slack.wire.sockets import Sockets

T = TypeVar("T")


@dataclass
class Desk:
    """A person or a channel is named by its id, or by a name that only one has."""

    workspace: Workspace = field(repr=False)
    sockets: Sockets = field(repr=False)
    http: Requests = field(repr=False)

    def user(self, name: str) -> User:
        return self.workspace.user(name)

    def channel(self, name: str, team: str = "") -> Channel:
        return self.workspace.channel(name, team)

    def messages(self, channel: str) -> list[Message]:
        """What everybody in a channel sees, threads too, oldest first."""
        return self.workspace.history(self.workspace.channel(channel).id)

    def dm_channel(self, user: str) -> Channel:
        """The direct messages between the app and a person."""
        person = self.workspace.user(user)
        return self.workspace.dm(self.installed(person.team), person.id)

    def dm(self, user: str) -> list[Message]:
        """What stands in them."""
        return self.workspace.history(self.dm_channel(user).id)

    def ephemerals(self, user: str) -> list[Message]:
        """What only this person sees, in all channels, oldest first."""
        person = self.workspace.user(user)
        return [message for message in self.workspace.ephemerals.values() if message.only_for == person.id]

    def view(self, user: str) -> View | None:
        """The modal that is in front of a person."""
        stack = self.workspace.stacks.get(self.workspace.user(user).id, [])
        return self.workspace.views[stack[-1]] if stack else None

    def home(self, user: str) -> View | None:
        """A person's Home tab, if the app has drawn one."""
        person = self.workspace.user(user)
        key = self.installed(person.team).key
        return self.workspace.views.get(self.workspace.homes.get((key, person.id), ""))

    async def until(self, probe: Callable[[], T], seconds: float = 5.0) -> T:
        """Wait for something to become true and give it."""
        return await self.workspace.bell.until(probe, seconds)

    def installed(self, team: str) -> Installation:
        """The installation that serves a team. Raises ``Impossible`` when there is none."""
        found = self.workspace.installation(team)
        if found is None:
            raise Impossible(f"the app is not installed in {team}")
        return found

    async def deliver(self, sort: Sort, payload: JSON) -> Receipt:
        """Send the app something, the way that it is set to."""
        carrier = self.sockets if self.workspace.app.socket_mode else self.http
        return await carrier.deliver(Parcel(sort, payload))

    async def event(self, installation: Installation, team: str, inner: JSON) -> Receipt:
        """Tell the app of an event, if it subscribed to that kind."""
        if inner["type"] not in self.workspace.app.events:
            return Receipt(error="not_subscribed", attempts=0)
        return await self.deliver(Sort.EVENT, payloads.event(self.workspace, installation, team, inner))

    def place(self, user: str, channel: str) -> tuple[User, Channel, Team]:
        """A person in a channel, and the workspace that they are in there. Raises ``Impossible`` for locked doors."""
        person = self.workspace.user(user)
        place = self.workspace.channel(channel, person.team)
        own = {person.team} | person.also_in
        seen = place.seen_from & own
        invited_only = place.kind is not Kind.PUBLIC or person.guest or person.single
        if person.deleted or place.archived or not seen or (invited_only and person.id not in place.members):
            raise Impossible(f"{person.name} cannot write in {place.name}")
        return person, place, self.workspace.teams[person.team if person.team in seen else min(seen)]
