"""What administrators do: install and remove the app, change channels, take tokens away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tests.emulators.slack.acts.desk import Desk
from tests.emulators.slack.acts.form import Impossible
from tests.emulators.slack.rules.manifest import app_of
from tests.emulators.slack.state.installing import install, living_token, new_token
from tests.emulators.slack.state.nouns import JSON, Channel, Installation, Kind
from tests.emulators.slack.wire.parcels import Receipt


class Admins(Desk):
    """People with the keys."""

    def configure(self, manifest: JSON) -> None:
        """Make the app what a manifest says. Raises ``ValueError`` for one that Slack refuses."""
        self.workspace.app = app_of(manifest, self.workspace.app)

    def install(self, team: str, scopes: Iterable[str] = (), *, enterprise: str = "", by: str = "") -> str:
        """Install in a workspace, or with ``team`` empty in an organisation, and give the bot token.

        Without ``scopes`` everything that the app asks for is granted.
        """
        app = self.workspace.app
        granted = frozenset(scopes) or frozenset(app.scopes + app.optional_scopes)
        enterprise = enterprise or (self.workspace.teams[team].enterprise if team else "")
        installation = install(self.workspace, team, enterprise, granted, by)
        return new_token(self.workspace, installation).value

    async def uninstall(self, team: str, *, tokens_first: bool = True) -> list[Receipt]:
        """Remove the app; it is told twice, in either order."""
        installation = self.workspace.installations.pop(team)
        self._kill(installation, "account_inactive")
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [installation.bot_user]}}
        inners: list[JSON] = [revoked, {"type": "app_uninstalled"}]
        return [await self.event(installation, team, inner) for inner in (inners if tokens_first else inners[::-1])]

    async def revoke(self, team: str) -> Receipt:
        """Take an installation's tokens away."""
        installation = self.installed(team)
        self._kill(installation, "token_revoked")
        tokens = {"oauth": [], "bot": [installation.bot_user]}
        return await self.event(installation, team, {"type": "tokens_revoked", "tokens": tokens})

    async def revoke_access(self, team: str) -> Receipt:
        """Take one workspace out of an organisation's installation."""
        installation = self.installed(team)
        lone = replace(self.workspace.teams[team], enterprise="", enterprise_name="")
        self.workspace.teams[team] = lone
        return await self.event(installation, "", {"type": "team_access_revoked", "team_ids": [team]})

    def change(self, channel: str, **fields: Any) -> Channel:  # noqa: ANN401 - any field of a channel
        """Archive a channel, make it read-only, rename it, and so on."""
        return self.workspace.add(replace(self.workspace.channel(channel), **fields))

    def invite(self, channel: str, team: str = "") -> Channel:
        """Bring the bot into a channel."""
        place = self.workspace.channel(channel, team)
        bot = self.installed(team or place.team).bot_user
        return self.workspace.add(replace(place, members=place.members | {bot}))

    async def kick(self, channel: str, team: str = "") -> Receipt:
        """Put the bot out; Slack tells it only sometimes, and here when it subscribed and was granted the scope."""
        place = self.workspace.channel(channel, team)
        installation = self.installed(team or place.team)
        self.workspace.add(replace(place, members=place.members - {installation.bot_user}))
        prefix, event = ("groups", "group_left") if place.kind is Kind.PRIVATE else ("channels", "channel_left")
        if f"{prefix}:read" not in installation.scopes:
            return Receipt(error="not_subscribed", attempts=0)
        return await self.event(installation, place.team, {"type": event, "channel": place.id})

    def remove(self, channel: str) -> None:
        """Delete a channel with all that is in it."""
        place = self.workspace.channel(channel)
        del self.workspace.channels[place.id]
        self.workspace.messages.pop(place.id, None)
        self.workspace.bell.ring()

    def token(self, team: str) -> str:
        """A living bot token of an installation. Raises ``Impossible`` when there is none."""
        found = living_token(self.workspace, self.installed(team).key)
        if found is None:
            raise Impossible(f"all tokens of {team} are dead")
        return found.value

    def _kill(self, installation: Installation, error: str) -> None:
        for token in list(self.workspace.tokens.values()):
            if token.installation == installation.key and not token.dead:
                self.workspace.issue(replace(token, dead=error))
