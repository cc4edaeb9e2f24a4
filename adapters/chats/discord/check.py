"""What ``broadsheet doctor`` looks at: the token, the gateway, the commands, what may be posted where."""

from __future__ import annotations

from adapters.chats.discord.commands import NAME, command, mark
from adapters.chats.discord.post import KNOWN
from adapters.chats.discord.rest import Rest
from adapters.chats.discord.rights import POSTING, missing
from bot.card import plural
from bot.errors import DeliveryError, Verdict
from bot.ports import Finding, Notes

SPARE = 50
"""Connections that should be left of the day's thousand."""
MOST = 20
"""Channels that are looked at."""
INVITE = "Open the link of `broadsheet manifest discord` again, or give the rights in the channel's settings."


async def check(rest: Rest, notes: Notes | None) -> list[Finding]:
    """Look at what the settings name. Nothing is posted."""
    try:
        app = await rest.read("GET", "/oauth2/applications/@me")
    except DeliveryError as error:
        return [_failed(error)]
    servers = plural(int(app.get("approximate_guild_count") or 0), "server")
    found = [Finding(True, f"Discord: the app {app.get('name')} ({app.get('id')}), in {servers}.")]
    for look in (_gateway, _commands):
        try:
            found.append(await look(rest, str(app.get("id"))))
        except DeliveryError as error:
            found.append(_failed(error))
    return [*found, *await _places(rest, notes)]


async def _gateway(rest: Rest, app: str) -> Finding:
    del app
    answer = await rest.read("GET", "/gateway/bot")
    left = (answer.get("session_start_limit") or {}).get("remaining", 0)
    shards = plural(int(answer.get("shards") or 1), "shard")
    said = f"Discord: {shards}, {left} connections left today; no privileged intent is needed."
    return Finding(left >= SPARE, said, "" if left >= SPARE else "Something connects again and again: look at the log.")


async def _commands(rest: Rest, app: str) -> Finding:
    path = "/applications/{application_id}/commands"
    there = await rest.read("GET", path, application_id=app)
    ours = next((one for one in there if one.get("name") == NAME), None)
    if ours is None:
        return Finding(False, f"Discord: /{NAME} is not registered yet.", "It is when `broadsheet run` listens.")
    known = {one["name"] for one in ours.get("options") or ()}
    wanted = {one["name"] for one in command()["options"]}
    if known != wanted:
        return Finding(False, f"Discord: /{NAME} is an older one.", "Start `broadsheet run`: it registers it anew.")
    return Finding(True, f"Discord: /{NAME} is registered ({mark()}).")


async def _places(rest: Rest, notes: Notes | None) -> list[Finding]:
    """The channels where something was announced: what we lack there."""
    kept = list((await notes.notes(KNOWN)).values())[:MOST] if notes else []
    found = []
    for place in kept:
        try:
            lacks = await missing(rest, str(place["guild"]), str(place["room"]), POSTING)
        except DeliveryError as error:
            lacks = (str(error),)
        if lacks:
            said = f"Discord: in the channel {place['room']} I lack {', '.join(lacks)}"
            found.append(Finding(False, f"{said.rstrip('.')}.", INVITE))
    if kept and not found:
        found.append(Finding(True, f"Discord: I may post in {plural(len(kept), 'channel')}, all that I looked at."))
    return found


def _failed(error: DeliveryError) -> Finding:
    if error.verdict in {Verdict.RETRY, Verdict.WAIT}:
        return Finding(
            False, f"Discord: {error}.", "Look at the network, at discord.api_url, and at Discord's status page."
        )
    return Finding(
        False, f"Discord does not accept discord.token ({error.code}).", "Copy it again from the bot's page."
    )
