"""oauth.v2.access: a code, or a refresh token, for a token."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from dataclasses import replace

from tests.emulators.slack.rules import Refused
from tests.emulators.slack.state.installing import TOKEN_SECONDS, install, new_token
from tests.emulators.slack.state.limits import TIERS
from tests.emulators.slack.state.nouns import JSON, Installation, Token
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.web.call import Call, Method

CODE_SECONDS = 600.0


def access(call: Call) -> JSON:
    """Exchange what the app has for a bot token. A code works once, a refresh token too."""
    _check_client(call)
    if call.text("grant_type") == "refresh_token":
        return _refreshed(call)
    code = call.workspace.codes.get(call.text("code"))
    if code is None or call.workspace.clock.now() - code["made"] > CODE_SECONDS:
        raise Refused("invalid_code")
    if code["used"]:
        raise Refused("code_already_used")
    if call.text("redirect_uri") not in {"", code["redirect_uri"]}:
        raise Refused("bad_redirect_uri")
    code["used"] = True
    installation = install(call.workspace, code["team"], code["enterprise"], frozenset(code["scopes"]), code["user"])
    return _answer(call.workspace, installation)


def _check_client(call: Call) -> None:
    """Client id and secret, from Basic authentication or from the arguments."""
    scheme, _, coded = call.text("_authorization").partition(" ")
    client, secret = call.text("client_id"), call.text("client_secret")
    if scheme.lower() == "basic":
        try:
            client, _, secret = b64decode(coded).decode().partition(":")
        except (Error, UnicodeDecodeError):
            raise Refused("invalid_client_id") from None
    if client != call.workspace.app.client_id:
        raise Refused("invalid_client_id")
    if secret != call.workspace.app.client_secret:
        raise Refused("bad_client_secret")


def _refreshed(call: Call) -> JSON:
    """A new pair; the old refresh token is used up, the old access token lives until it expires."""
    token = call.workspace.tokens.get(call.text("refresh_token"))
    if token is None or token.kind != "refresh" or token.dead:
        raise Refused("invalid_refresh_token")
    installation = call.workspace.installations.get(token.installation)
    if installation is None:
        raise Refused("invalid_refresh_token")
    call.workspace.issue(replace(token, dead="token_revoked"))
    return _answer(call.workspace, installation)


def _answer(workspace: Workspace, installation: Installation) -> JSON:
    token = new_token(workspace, installation)
    rotation: JSON = {}
    if workspace.app.rotation:
        refresh = f"xoxe-1-{workspace.new_secret()}"
        workspace.issue(Token(value=refresh, kind="refresh", installation=installation.key))
        rotation = {"refresh_token": refresh, "expires_in": TOKEN_SECONDS}
    team = workspace.teams.get(installation.team)
    of_org = [t for t in workspace.teams.values() if t.enterprise and t.enterprise == installation.enterprise]
    enterprise = {"id": of_org[0].enterprise, "name": of_org[0].enterprise_name} if of_org else None
    return {
        "app_id": workspace.app.id,
        "authed_user": {"id": installation.by},
        "scope": ",".join(sorted(token.scopes)),
        "token_type": "bot",
        "access_token": token.value,
        "bot_user_id": installation.bot_user,
        "team": {"id": team.id, "name": team.name} if team else None,
        "enterprise": enterprise,
        "is_enterprise_install": team is None,
        **rotation,
    }


METHODS = (Method("oauth.v2.access", access, TIERS[4], token="", takes_json=False),)
