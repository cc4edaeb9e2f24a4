"""Installing over the web: the page that leads to Slack, and the one that Slack leads back to.

Bolt's flow, with states that are kept in the notes and used up, and installations that are kept there too.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from logging import Logger
from typing import Any

from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from adapters.chats.slack.access import Clients
from adapters.chats.slack.install import Installations
from adapters.chats.slack.installed import Installed
from adapters.chats.slack.scopes import REQUIRED
from adapters.chats.slack.settings import Settings

log = logging.getLogger(__name__)
LASTS = 600
"""Seconds in which somebody who went to Slack has to come back."""

WHY = {
    "access_denied": "it was refused in Slack",
    "invalid_browser": "it began in another browser, or cookies are off",
    "invalid_state": f"the way back took longer than {LASTS // 60} minutes, or was gone twice",
    "storage_error": "it could not be saved here; in a minute it may",
}
"""What keeps somebody from installing us, by Slack's or Bolt's word for it. Nothing from outside is in the page."""
FAILED = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Not installed</title>
<h1>Not installed</h1>
<p>The app is not in your workspace: {}.</p>
<p><a href="/slack/install">Try again</a></p>
</html>
"""


class States(AsyncOAuthStateStore):
    """One-time tokens that tie the way back to the way there."""

    def __init__(self, installations: Installations) -> None:
        self._installations = installations

    @property
    def logger(self) -> Logger:
        """Ours."""
        return log

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        """Make one, and forget those that nobody came back with."""
        del args, kwargs
        notes, now = self._installations.notes, datetime.now(UTC).timestamp()
        for key, note in (await notes.notes("state/slack/")).items():
            if now - float(note["at"]) > LASTS:
                await notes.forget(key)
        state = secrets.token_urlsafe(24)
        await notes.note(f"state/slack/{state}", {"at": now})
        return state

    async def async_consume(self, state: str) -> bool:
        """Use it up. False when there is none, or it is too old."""
        notes, key = self._installations.notes, f"state/slack/{state}"
        note = await notes.noted(key)
        removed = await notes.forget(key)
        return removed and note is not None and datetime.now(UTC).timestamp() - float(note["at"]) <= LASTS


class Keeping(AsyncInstallationStore):
    """Where Bolt's flow leaves what it got."""

    def __init__(self, installations: Installations) -> None:
        self._installations = installations

    @property
    def logger(self) -> Logger:
        """Ours."""
        return log

    async def async_save(self, installation: Installation) -> None:
        """Keep it."""
        await self._installations.save(_installed(installation))


def flow(
    settings: Settings, clients: Clients, installations: Installations, greet: Callable[[Installed], Awaitable[None]]
) -> AsyncOAuthFlow:
    """Bolt's flow for these settings; ``greet`` is called once somebody has installed us."""

    async def succeeded(args: AsyncSuccessArgs) -> BoltResponse:
        await greet(_installed(args.installation))
        return await args.default.success(args)

    async def failed(args: AsyncFailureArgs) -> BoltResponse:
        answer = await args.default.failure(args)
        answer.body = FAILED.format(WHY.get(args.reason, "Slack did not let us in"))
        return answer

    secret = settings.client_secret
    return AsyncOAuthFlow(
        client=clients.client(),
        logger=logging.getLogger("slack_bolt.oauth"),
        settings=AsyncOAuthSettings(
            client_id=settings.client_id,
            client_secret=secret.get_secret_value() if secret else "",
            scopes=[*REQUIRED, *settings.optional],
            installation_store=Keeping(installations),
            state_store=States(installations),
            state_expiration_seconds=LASTS,
            authorization_url=settings.authorize_url,
            callback_options=AsyncCallbackOptions(success=succeeded, failure=failed),
        ),
    )


def _installed(made: Installation) -> Installed:
    whole: Any = made.is_enterprise_install
    scopes: Any = made.bot_scopes or ""
    return Installed(
        team="" if whole else made.team_id or "",
        enterprise=made.enterprise_id or "",
        token=made.bot_token or "",
        refresh=made.bot_refresh_token or "",
        expires=int(made.bot_token_expires_at or 0),
        bot_user=made.bot_user_id or "",
        bot_id=made.bot_id or "",
        scopes=scopes if isinstance(scopes, str) else ",".join(scopes),
        installed=float(made.installed_at),
        by=made.user_id or "",
    )
