"""The Web API as Slack serves it: who asks, whether they may, and what is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from tests.emulators.faults import Fates
from tests.emulators.ledger import Ledger, Record
from tests.emulators.slack.rules import Refused
from tests.emulators.slack.state.limits import Limits
from tests.emulators.slack.state.nouns import JSON, Token
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.web import apps, chat, conversations, files, oauth, people, views
from tests.emulators.slack.web.args import read_args
from tests.emulators.slack.web.call import Call, Method
from tests.emulators.slack.wire.faults import answer

MODULES = (apps, chat, conversations, files, oauth, people, views)
METHODS: Mapping[str, Method] = {method.name: method for module in MODULES for method in module.METHODS}
NOBODY = Token(value="", kind="")


@dataclass
class WebApi:
    """Everything under ``/api/``."""

    workspace: Workspace
    limits: Limits
    fates: Fates
    ledger: Ledger

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, or do to it what was planned."""
        name = request.match_info["method"]
        method = METHODS.get(name)
        try:
            args = await read_args(request, takes_json=method is None or method.takes_json)
        except Refused as refused:
            return self._refusal(name, {}, NOBODY, refused)
        bearer = request.headers.get("Authorization", "")
        return await self.fates.meet(
            request,
            name,
            args,
            lambda faulty: self._work(name, args, bearer, faulty=faulty),
            lambda: self._write(name, args, NOBODY, "fault", faulty=True),
        )

    def _work(self, name: str, args: JSON, bearer: str, *, faulty: bool) -> web.Response:
        """Carry a call out, at once and as a whole."""
        token = NOBODY
        try:
            method = _method(name)
            token = self._token(method, args, bearer)
            call = Call(
                args={**args, "_authorization": bearer}, workspace=self.workspace, limits=self.limits, token=token
            )
            if method.scopes:
                call.needs_scope(*method.scopes)
            if method.rate:
                call.spend(((name, token.installation), method.rate))
            body = method.run(call)
        except Refused as refused:
            return self._refusal(name, args, token, refused, faulty=faulty)
        self._write(name, args, token, "ok", faulty=faulty)
        return answer({"ok": True, **body}, headers=_scopes(method, token))

    def _token(self, method: Method, args: JSON, bearer: str) -> Token:
        """The token of a call, from its header or its arguments, when it is alive and of the right kind."""
        if not method.token:
            return NOBODY
        scheme, _, value = bearer.partition(" ")
        value = value.strip() if scheme.lower() == "bearer" else str(args.get("token") or "")
        if not value:
            raise Refused("not_authed")
        token = self.workspace.tokens.get(value)
        if token is None or token.kind == "refresh":
            raise Refused("invalid_auth")
        if token.dead:
            raise Refused(token.dead)
        if token.expires is not None and token.expires <= self.workspace.clock.now():
            raise Refused("token_expired")
        if token.kind != method.token:
            raise Refused("not_allowed_token_type")
        return token

    def _refusal(self, name: str, args: JSON, token: Token, refused: Refused, *, faulty: bool = False) -> web.Response:
        self._write(name, args, token, refused.error, faulty=faulty)
        more = dict(refused.more)
        headers = _scopes(METHODS[name], token) if name in METHODS else {}
        if refused.error == "ratelimited":
            headers["Retry-After"] = str(more.pop("retry_after"))
        status = 429 if refused.error == "ratelimited" else 200
        return answer({"ok": False, "error": refused.error, **more}, status, headers)

    def _write(self, name: str, args: JSON, token: Token, outcome: str, *, faulty: bool) -> None:
        now = self.workspace.clock.now()
        self.ledger.records.append(Record(name, args, token.installation, outcome, now, faulty))
        self.workspace.bell.ring()


def _method(name: str) -> Method:
    if name not in METHODS:
        raise Refused("unknown_method")
    return METHODS[name]


def _scopes(method: Method, token: Token) -> dict[str, str]:
    granted, accepted = ",".join(sorted(token.scopes)), ",".join(method.scopes)
    return {"X-OAuth-Scopes": granted, "X-Accepted-OAuth-Scopes": accepted}
