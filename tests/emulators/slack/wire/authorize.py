"""The OAuth page: what an app asks for, and the way back with a code."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiohttp import web

from tests.emulators.slack.rules import Refused
from tests.emulators.slack.state.nouns import JSON
from tests.emulators.slack.state.workspace import Workspace


@dataclass
class Authorize:
    """``/oauth/v2/authorize``: a page with two buttons."""

    workspace: Workspace

    async def show(self, request: web.Request) -> web.Response:
        """The page. It asks who consents, and for which workspace."""
        query = dict(request.query)
        try:
            check(self.workspace, query)
        except Refused as refused:
            return web.Response(text=_page(f"<p>{escape(refused.error)}</p>"), content_type="text/html", status=400)
        return web.Response(text=_page(self._form(query)), content_type="text/html")

    async def press(self, request: web.Request) -> web.Response:
        """Allow or cancel, and go back to the app."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        query = dict(request.query)
        try:
            location = self._decided(query, form)
        except Refused as refused:
            return web.Response(text=_page(f"<p>{escape(refused.error)}</p>"), content_type="text/html", status=400)
        raise web.HTTPFound(location)

    def _decided(self, query: JSON, form: dict[str, str]) -> str:
        if form.get("answer") != "allow":
            return denied(self.workspace, query)
        team, whole = form.get("team", ""), form.get("whole") == "on"
        return consent(self.workspace, query, form.get("user", ""), team, whole=whole)

    def _form(self, query: JSON) -> str:
        teams = "".join(f"<option value={t.id}>{escape(t.name)}" for t in self.workspace.teams.values())
        users = "".join(f"<option value={u.id}>{escape(u.name)}" for u in self.workspace.users.values() if not u.bot)
        scopes = "".join(f"<li>{escape(scope)}" for scope in scopes_of(query))
        return (
            f"<h1>{escape(self.workspace.app.name)} wants to join</h1><ul>{scopes}</ul>"
            f"<form method=post>as <select name=user>{users}</select> in <select name=team>{teams}</select>"
            "<label><input type=checkbox name=whole> whole organisation</label>"
            "<button name=answer value=allow>Allow</button><button name=answer value=cancel>Cancel</button></form>"
        )


def _page(body: str) -> str:
    return f"<!doctype html><meta charset=utf-8><title>Slack, emulated</title>{body}"


def scopes_of(query: JSON) -> list[str]:
    """What an authorize address asks for; commas and spaces both part scopes."""
    return [scope for scope in query.get("scope", "").replace(" ", ",").split(",") if scope]


def check(workspace: Workspace, query: JSON) -> None:
    """Raise ``Refused`` for an address that the real page would refuse."""
    app = workspace.app
    if query.get("client_id") != app.client_id:
        raise Refused("invalid_client_id")
    if not scopes_of(query):
        raise Refused("invalid_scope_requested")
    wanted = query.get("redirect_uri", "")
    if app.redirect_urls and wanted and not any(wanted.startswith(url) for url in app.redirect_urls):
        raise Refused("bad_redirect_uri")
    if not (wanted or app.redirect_urls):
        raise Refused("bad_redirect_uri")
    if unknown := set(scopes_of(query)) - set(app.scopes) - set(app.optional_scopes):
        raise Refused("invalid_scope", scopes=sorted(unknown))


def consent(
    workspace: Workspace,
    query: JSON,
    user: str,
    team: str,
    *,
    whole: bool = False,
    without: frozenset[str] = frozenset(),
) -> str:
    """Allow it, and give the address that the browser is sent to. Only optional scopes can be left out."""
    check(workspace, query)
    if whole and not (workspace.app.org_ready and workspace.teams[team].enterprise):
        raise Refused("org_login_required")
    code = f"{workspace.new_secret()}.{workspace.new_secret()}"
    refused = without & frozenset(workspace.app.optional_scopes)
    redirect = query.get("redirect_uri") or workspace.app.redirect_urls[0]
    workspace.codes[code] = {
        "made": workspace.clock.now(),
        "used": False,
        "user": user,
        "team": "" if whole else team,
        "enterprise": workspace.teams[team].enterprise,
        "scopes": sorted(set(scopes_of(query)) - refused),
        "redirect_uri": query.get("redirect_uri", ""),
    }
    return _back(redirect, {"code": code, "state": query.get("state", "")})


def denied(workspace: Workspace, query: JSON) -> str:
    """Cancel, and give the address that the browser is sent to."""
    check(workspace, query)
    redirect = query.get("redirect_uri") or workspace.app.redirect_urls[0]
    return _back(redirect, {"error": "access_denied", "state": query.get("state", "")})


def query_of(address: str) -> JSON:
    """An authorize address's arguments."""
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


def _back(redirect: str, more: dict[str, str]) -> str:
    return f"{redirect}{'&' if '?' in redirect else '?'}{urlencode(more)}"
