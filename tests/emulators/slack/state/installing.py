"""The app in a workspace or an organisation, and the tokens that it gets there."""

from __future__ import annotations

from dataclasses import replace

from tests.emulators.slack.state.nouns import Installation, Token
from tests.emulators.slack.state.workspace import Workspace

TOKEN_SECONDS = 12 * 3600


def install(
    workspace: Workspace, team: str, enterprise: str, scopes: frozenset[str], by: str = "", token: str = ""
) -> Installation:
    """Put the app into a workspace (or, without ``team``, an organisation). Again only adds scopes, as Slack does."""
    key = team or enterprise
    old = workspace.installations.get(key)
    installation = Installation(
        team=team,
        enterprise=enterprise,
        bot_user=old.bot_user if old else workspace.new_id("U"),
        bot_id=old.bot_id if old else workspace.new_id("B"),
        scopes=scopes | (old.scopes if old else frozenset()),
        by=by,
    )
    workspace.installations[key] = installation
    if token:
        workspace.issue(Token(value=token, kind="bot", installation=key, scopes=installation.scopes))
    workspace.bell.ring()
    return installation


def new_token(workspace: Workspace, installation: Installation) -> Token:
    """A bot token: a new one for 12 hours where tokens rotate, else the same for ever, with the scopes of now."""
    rotates, living = workspace.app.rotation, living_token(workspace, installation.key)
    if living and not rotates:
        return workspace.issue(replace(living, scopes=installation.scopes))
    return workspace.issue(
        Token(
            value=f"{'xoxe.xoxb-1' if rotates else 'xoxb'}-{workspace.new_secret()}",
            kind="bot",
            installation=installation.key,
            scopes=installation.scopes,
            expires=workspace.clock.now() + TOKEN_SECONDS if rotates else None,
        )
    )


def living_token(workspace: Workspace, key: str) -> Token | None:
    """The last bot token of an installation that is not dead."""
    tokens = [one for one in workspace.tokens.values() if one.kind == "bot" and one.installation == key]
    return next((one for one in reversed(tokens) if not one.dead), None)
