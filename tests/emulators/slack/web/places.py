"""Which conversation a call means, and whether the bot is in it."""

from __future__ import annotations

from tests.emulators.slack.rules import Refused
from tests.emulators.slack.state.nouns import Channel, Kind
from tests.emulators.slack.web.call import Call


def here(call: Call, channel: Channel) -> bool:
    """Whether a conversation can be seen from where the app is installed."""
    return any(call.workspace.serves(call.installation, team) for team in channel.seen_from)


def joined(call: Call, channel: Channel) -> bool:
    """Whether the bot is a member."""
    return call.installation.bot_user in channel.members


def find(call: Call, *, opens_dm: bool = False) -> Channel:
    """The conversation that ``channel`` names: an id, or a name. Raises ``Refused`` for what the bot cannot see."""
    key = call.text("channel")
    if opens_dm and key[:1] in {"U", "W"}:
        return direct(call, key, unknown="channel_not_found")
    channel = call.workspace.channels.get(key) or _by_name(call, key)
    if channel is None or not here(call, channel):
        raise Refused("channel_not_found")
    if channel.kind is not Kind.PUBLIC and not joined(call, channel):
        raise Refused("channel_not_found")
    return channel


def direct(call: Call, user: str, *, unknown: str = "user_not_found") -> Channel:
    """The direct messages with a person, opened when needed."""
    person = call.workspace.users.get(user)
    if person is None or not any(
        call.workspace.serves(call.installation, team) for team in person.also_in | {person.team}
    ):
        raise Refused(unknown)
    if person.deleted:
        raise Refused("user_disabled")
    if not call.workspace.app.messages_tab:
        raise Refused("messages_tab_disabled")
    return call.workspace.dm(call.installation, user)


def _by_name(call: Call, key: str) -> Channel | None:
    """A public channel by its name; an organisation-wide token has no names (``team_not_found``)."""
    name = key.removeprefix("#")
    for channel in call.workspace.channels.values():
        if channel.name == name and channel.kind is not Kind.IM and here(call, channel):
            if not call.installation.team:
                raise Refused("team_not_found")
            return channel
    return None
