"""response_url: five answers in half an hour, as new messages or in place of the one that was acted upon."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aiohttp import web

from tests.emulators.faults import Fates
from tests.emulators.ledger import Ledger, Record
from tests.emulators.slack.rules import Refused
from tests.emulators.slack.state.nouns import JSON, Hook, Message
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.web.args import Args, read_args
from tests.emulators.slack.web.content import read
from tests.emulators.slack.wire.faults import answer

USES = 5
SECONDS = 1800.0


@dataclass
class Hooks:
    """Everything under ``/commands/`` and ``/actions/``."""

    workspace: Workspace
    fates: Fates
    ledger: Ledger

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, or do to it what was planned."""
        name = request.match_info["hook"]
        try:
            args = await read_args(request)
        except Refused as refused:
            return self._work(name, {}, faulty=False, refused=refused)
        return await self.fates.meet(
            request,
            "response_url",
            args,
            lambda faulty: self._work(name, args, faulty=faulty),
            lambda: self._write(args, "", "fault", faulty=True),
        )

    def _work(self, name: str, args: JSON, *, faulty: bool, refused: Refused | None = None) -> web.Response:
        hook = self.workspace.hooks.get(name)
        key = hook.installation if hook else ""
        try:
            if refused:
                raise refused
            respond(self.workspace, _usable(self.workspace, hook), Args(args=args))
        except Refused as no:
            self._write(args, key, no.error, faulty=faulty)
            return answer({"ok": False, "error": no.error, **no.more}, 404 if no.error.endswith("_url") else 400)
        self._write(args, key, "ok", faulty=faulty)
        return web.Response(text="ok")

    def _write(self, args: JSON, installation: str, outcome: str, *, faulty: bool) -> None:
        now = self.workspace.clock.now()
        self.ledger.records.append(Record("response_url", args, installation, outcome, now, faulty))
        self.workspace.bell.ring()


def _usable(workspace: Workspace, hook: Hook | None) -> Hook:
    if hook is None:
        raise Refused("invalid_url")
    if hook.uses >= USES:
        raise Refused("used_url")
    if workspace.clock.now() - hook.made > SECONDS:
        raise Refused("expired_url")
    return replace(hook, uses=hook.uses + 1)


def respond(workspace: Workspace, hook: Hook, args: Args) -> None:
    """Post, replace or delete as an answer says, and keep the hook."""
    target = _target(workspace, hook)
    if args.flag("delete_original"):
        if target:
            workspace.remove(target.channel, target.ts)
        workspace.hooks[hook.id] = hook
        return
    content = read(args, workspace, hook.team, total=False, files=False)
    message = target if target and args.flag("replace_original") else _new(workspace, hook, args)
    posted = workspace.put(
        replace(
            message,
            text=content.text,
            blocks=content.blocks,
            attachments=content.attachments,
            live=content.live,
            edited=workspace.new_ts() if message is target else "",
        )
    )
    workspace.hooks[hook.id] = replace(hook, posts=(*hook.posts, posted))
    workspace.bell.ring()


def _target(workspace: Workspace, hook: Hook) -> Message | None:
    """The original: what was acted upon, else what this address posted last."""
    ts = hook.message or (hook.posts[-1].ts if hook.posts else "")
    return workspace.ephemerals.get(ts) or workspace.message(hook.channel, ts)


def _new(workspace: Workspace, hook: Hook, args: Args) -> Message:
    """An empty message of the app, for the one who acted unless it says ``in_channel``."""
    installation = workspace.installations.get(hook.installation)
    if installation is None:
        raise Refused("expired_url")
    public = args.text("response_type") == "in_channel"
    return Message(
        channel=hook.channel,
        ts=workspace.new_ts(),
        user=installation.bot_user,
        team=hook.team,
        bot_id=installation.bot_id,
        thread_ts=args.text("thread_ts"),
        only_for="" if public else hook.user,
    )
