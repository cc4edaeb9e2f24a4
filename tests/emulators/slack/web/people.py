"""auth.* and users.*: who the token is, and who somebody else is."""

from __future__ import annotations

from dataclasses import replace

from tests.emulators.slack.rules import Refused
from tests.emulators.slack.state.limits import TESTS, TIERS
from tests.emulators.slack.state.nouns import JSON
from tests.emulators.slack.state.shapes import user_json
from tests.emulators.slack.web.call import Call, Method


def test(call: Call) -> JSON:
    """Whose token this is. An organisation-wide one names the organisation as its team."""
    workspace, installation = call.workspace, call.installation
    team = workspace.teams.get(installation.team)
    of_team = [t for t in workspace.teams.values() if t.enterprise == installation.enterprise and t.enterprise]
    about: JSON = {"enterprise_id": installation.enterprise} if installation.enterprise else {}
    if call.token.expires is not None:
        about["expires_in"] = int(call.token.expires - workspace.clock.now())
    return {
        "url": f"https://{team.domain if team else 'org'}.slack.com/",
        "team": team.name if team else next((one.enterprise_name for one in of_team), ""),
        "user": workspace.app.bot_name,
        "team_id": installation.key,
        "user_id": installation.bot_user,
        "bot_id": installation.bot_id,
        "is_enterprise_install": not installation.team,
        **about,
    }


def revoke(call: Call) -> JSON:
    """End the token that asks, or only say so with ``test``."""
    if not call.flag("test"):
        call.workspace.issue(replace(call.token, dead="token_revoked"))
    return {"revoked": not call.flag("test")}


def info(call: Call) -> JSON:
    """A person that this installation can see: of its teams, or met in a shared channel."""
    workspace = call.workspace
    user = workspace.users.get(call.text("user"))
    served = frozenset(team for team in workspace.teams if workspace.serves(call.installation, team))
    if user is None:
        raise Refused("user_not_found")
    met = any(user.id in c.members and c.seen_from & served for c in workspace.channels.values())
    if not served & (user.also_in | {user.team}) and not met:
        raise Refused("user_not_visible")
    return {"user": user_json(user, workspace.clock.now(), locale=call.flag("include_locale"), seen_by=served)}


METHODS = (
    Method("auth.test", test, TESTS),
    Method("auth.revoke", revoke, TIERS[3], takes_json=False),
    Method("users.info", info, TIERS[4], ("users:read",), takes_json=False),
)
