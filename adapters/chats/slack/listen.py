"""Bolt, with our handlers in it. Imported when somebody listens: whoever only posts does not need it."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from adapters.chats.slack import controls, events, forms, spot
from adapters.chats.slack.access import Accesses, Clients
from adapters.chats.slack.actions import Actions
from adapters.chats.slack.commands import Commands
from adapters.chats.slack.events import Events
from adapters.chats.slack.front import Front
from bot.errors import DeliveryError

log = logging.getLogger(__name__)


def _authorize(accesses: Accesses) -> Callable[..., Awaitable[Any]]:
    """Find whose request it is among our own installations: without a question to Slack for each request."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        try:
            access = await accesses.of(team_id or "", enterprise_id or "")
        except DeliveryError as error:
            log.warning("a request from %s is not answered: %s", team_id, error)
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=access.bot_user,
            bot_id=access.bot_id,
            bot_token=access.token,
        )

    return authorize


def app(front: Front, clients: Clients, accesses: Accesses, *, command: str, forget: events.Forget) -> AsyncApp:
    """Put the handlers where Slack's requests arrive. Requests over HTTP are verified before they come here."""
    made = AsyncApp(
        name="broadsheet",
        client=clients.client(),
        authorize=_authorize(accesses),
        signing_secret="",
        request_verification_enabled=False,
        logger=logging.getLogger("slack_bolt"),
    )
    typed, acted, told = Commands(front), Actions(front), Events(front, forget)
    made.command(command)(typed.typed)
    made.shortcut(spot.SUBSCRIBE)(typed.subscribe)
    made.shortcut(spot.WHICH)(typed.which)
    made.action(re.compile(f"^{controls.PRESSED}:"))(acted.pressed)
    made.action(re.compile(f"^{controls.PICKED}:"))(acted.picked)
    made.options(re.compile(f"^{forms.CHOSEN}:"))(acted.offered)
    made.view(forms.FILLED)(acted.submitted)
    made.action(re.compile(""))(_ignored)
    made.error(front.failed)
    made.event("app_home_opened")(told.opened)
    made.event("app_uninstalled")(told.removed)
    made.event("tokens_revoked")(told.removed)
    made.event("team_access_revoked")(told.withdrawn)
    made.event("link_shared")(told.shared)
    for kind in events.GONE:
        made.event(kind)(told.gone)
    return made


async def _ignored(ack: Callable[..., Awaitable[object]]) -> None:
    """A control that means nothing to us any more, or a choice inside a form: taken, and nothing done."""
    await ack()
