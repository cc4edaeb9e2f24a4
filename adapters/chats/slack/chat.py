"""Slack as a chat: what the core asks for, handed to the part that does it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from adapters.chats.slack import answers, limits, render, rich
from adapters.chats.slack.access import Accesses, Clients, OneWorkspace
from adapters.chats.slack.check import check
from adapters.chats.slack.front import Front
from adapters.chats.slack.install import Installations
from adapters.chats.slack.installed import Installed
from adapters.chats.slack.people import People
from adapters.chats.slack.post import Poster
from adapters.chats.slack.rich import Block
from adapters.chats.slack.settings import Settings
from adapters.chats.slack.speak import Speaker
from bot.errors import DeliveryError, SettingsError, Verdict
from bot.models import Channel, Digest, Message
from bot.ports import Desk, Finding, Hook, Notes, Pacing
from bot.talk import Reply, Span, Style, Words, said, written

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from adapters.chats.slack.socket import Patience

log = logging.getLogger(__name__)

_UNREACHABLE = {Verdict.PAUSE, Verdict.DROP, Verdict.BUG}


class SlackChat:
    """Posts digests and answers people."""

    name = "slack"

    def __init__(self, settings: Settings, pacing: Pacing = limits.PACING, *, budget: int = limits.BUDGET) -> None:
        self.pacing = pacing
        self.patience: Patience | None = None
        """Of Socket Mode, when it is not the usual one."""
        self._connected = False
        self._fronts: list[Front] = []
        self._budget = budget
        self._settings = settings
        self._clients = Clients(settings.base_url, pacing.timeout)
        self.installations = _installations(settings, self._clients)
        token = settings.bot_token.get_secret_value() if settings.bot_token else ""
        self._accesses: Accesses = self.installations or OneWorkspace(self._clients, token)
        self._poster = Poster(self._clients, self._accesses)

    def remember(self, notes: Notes) -> None:
        """Keep installations, and where direct messages are, there."""
        self._poster.notes = notes
        if self.installations:
            self.installations.remember(notes)

    def render(self, digest: Digest) -> Sequence[Message]:
        """Compact cards."""
        return render.render(digest, images=self._settings.images, budget=self._budget)

    def degrade(self, message: Message, step: int) -> Message | None:
        """Without pictures, titles only, text only."""
        return render.degrade(message, step)

    async def post(self, channel: Channel, message: Message, key: str, thread: str) -> str:
        """Send one message and give its ``ts``."""
        return await self._poster.post(channel, message, key, thread)

    async def find(self, channel: Channel, key: str, since: datetime) -> str | None:
        """Look for a message by the key in its metadata, where the history scope was granted."""
        return await self._poster.find(channel, key, since)

    async def tell(self, channel: Channel, owner: str, text: str) -> bool:
        """Say a sentence about a channel to its owner, in their direct messages."""
        direct = Channel(channel.platform, channel.tenant, owner)
        blocks = [rich.block(rich.paragraph(rich.elements(_about(channel, text), public=False)))]
        try:
            await self._poster.send(direct, {"text": rich.fallback([text]), "blocks": blocks})
        except DeliveryError as error:
            if error.verdict in _UNREACHABLE:
                return False
            raise
        return True

    async def announce(self, channel: Channel, reply: Reply) -> None:
        """Post a reply publicly, at once."""
        for page in answers.pages(reply, written, self._drawn, public=True):
            await self._poster.send(channel, {"text": answers.text(reply), "blocks": page})

    async def listen(self, desk: Desk, stop: asyncio.Event) -> None:
        """Answer people through Socket Mode. Without an app-level token Slack speaks to the web server instead."""
        if self._settings.bot_token:
            await self._begin(desk)
        token = self._settings.app_token
        if token is None:
            await stop.wait()
            return
        from adapters.chats.slack.socket import serve

        front = self._front(desk)
        try:
            await serve(self._app(front), self._clients, token.get_secret_value(), stop, self.patience, self._hear)
        finally:
            await front.under_way.finish()

    def _hear(self, connected: bool) -> None:
        self._connected = connected

    def deaf(self) -> str:
        """Say why people are not heard; over HTTP that is the web server's to say."""
        return "Slack's socket is not connected." if self._settings.app_token and not self._connected else ""

    async def _begin(self, desk: Desk) -> None:
        """Let go on what an uninstalling had stopped: a token that works means that the app is installed."""
        try:
            access = await self._accesses.of("")
        except DeliveryError as error:
            if error.verdict in {Verdict.TENANT, Verdict.BUG}:
                raise SettingsError(f"slack.bot_token: Slack does not accept it ({error.code}).") from error
            log.warning("Slack: %s", error)
            return
        if access.team:
            await desk.installed(Channel(self.name, access.team, access.bot_user))

    def _app(self, front: Front) -> AsyncApp:
        """Bolt, which only those load who listen."""
        from adapters.chats.slack.listen import app

        return app(front, self._clients, self._accesses, command=self._settings.command, forget=self._accesses.forget)

    def _front(self, desk: Desk) -> Front:
        people = People(self._clients, self._accesses, admins_only=self._settings.admins_only)
        speaker = Speaker(self._clients, self._accesses, self._poster, desk, self._drawn)
        self._fronts.append(Front(desk, speaker, people))
        return self._fronts[-1]

    def _drawn(self, digest: Digest) -> list[Block]:
        """A digest that is only looked at: what would be posted, in one piece."""
        return [block for message in self.render(digest) for block in message.payload["blocks"]]

    def hooks(self, desk: Desk) -> Sequence[Hook]:
        """Signed requests, and the pages of an installation; none when we listen through Socket Mode."""
        settings = self._settings
        if settings.app_token or not settings.signing_secret:
            return ()
        from adapters.chats.slack.hooks import Gate, pages

        front = self._front(desk)
        gate = Gate(self._app(front), settings.signing_secret.get_secret_value())
        found = [Hook("/slack/events", ("POST",), gate.answer)]
        if self.installations:
            from adapters.chats.slack.oauth import flow

            begin, end = pages(flow(settings, self._clients, self.installations, partial(self._greet, desk)))
            found += [Hook("/slack/install", ("GET",), begin), Hook("/slack/oauth_redirect", ("GET",), end)]
        return found

    async def _greet(self, desk: Desk, installed: Installed) -> None:
        """One message to whoever installed us. That it cannot be sent fails no installation."""
        if not installed.team:
            return
        direct = Channel(self.name, installed.team, installed.by)
        reply = await desk.installed(direct)
        try:
            await self.announce(direct, reply)
        except DeliveryError as error:
            log.warning("%s: nobody could be greeted: %s", direct, error)

    async def check(self, now: datetime) -> Sequence[Finding]:
        """Tokens, scopes, Socket Mode, the clock."""
        return await check(self._settings, self._clients, now)

    async def aclose(self) -> None:
        """Close the connections, when the answers in work are given."""
        for front in self._fronts:
            await front.under_way.finish()
        if self.installations:
            await self.installations.aclose()
        await self._clients.aclose()


def _about(channel: Channel, text: str) -> Words:
    """A sentence of the core about a channel, which it writes out; here people see its name."""
    place = (
        Span("your direct messages") if channel.room[:1] in {"U", "W"} else Span(channel.room, Style.ROOM, channel.room)
    )
    found: list[Span] = []
    for span in said(text):
        before, *after = span.text.split(str(channel)) if span.style is Style.PLAIN else [span.text]
        found += [replace(span, text=before), *(one for rest in after for one in (place, replace(span, text=rest)))]
    return tuple(found)


def _installations(settings: Settings, clients: Clients) -> Installations | None:
    """Many workspaces, where the settings name an app and not a token."""
    if settings.bot_token or not settings.client_secret:
        return None
    return Installations(clients, settings.client_id, settings.client_secret.get_secret_value())
