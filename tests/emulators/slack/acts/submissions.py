"""What happens to a person's stack of forms after one was sent."""

from __future__ import annotations

from dataclasses import replace

from tests.emulators.slack.acts.answer import Submitted
from tests.emulators.slack.rules import Refused
from tests.emulators.slack.state.nouns import View
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.web import views
from tests.emulators.slack.wire.parcels import Receipt


def settle(workspace: Workspace, view: View, receipt: Receipt, hook: str) -> Submitted:
    """Do what the app's answer to a form says."""
    ack = receipt.ack or {}
    action = str(ack.get("response_action", ""))
    stack = workspace.stacks.get(view.user, [])
    if receipt.error or view.id not in stack:
        return Submitted(workspace, receipt, action, view=workspace.views.get(view.id), hook=hook)
    if action == "errors":
        fields = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
        said = receipt if fields.issuperset(ack["errors"]) else replace(receipt, error="invalid_errors")
        return Submitted(workspace, said, action, ack["errors"], view, hook)
    try:
        now = _drawn(workspace, view, action, ack.get("view"))
    except Refused as refused:
        return Submitted(workspace, replace(receipt, error=refused.error), action, view=view, hook=hook)
    return Submitted(workspace, receipt, action, view=now, hook=hook)


def _drawn(workspace: Workspace, view: View, action: str, body: object) -> View | None:
    """The next view of a stack: changed, on top, below, or none. Raises ``Refused`` for a view that Slack refuses."""
    stack = workspace.stacks[view.user]
    if action == "update":
        return views.redrawn(workspace, view, views.check(workspace, body, "modal", view.id))
    if action == "push":
        if len(stack) >= views.STACK:
            raise Refused("push_limit_reached")
        checked = views.check(workspace, body, "modal")
        made = views.make(workspace, view.installation, view.team, view.user, checked, view.channel, view.id)
        stack.append(made.id)
        return made
    if action == "clear":
        views.close_all(workspace, view.user)
        return None
    stack.remove(view.id)
    del workspace.views[view.id]
    workspace.bell.ring()
    return workspace.views[stack[-1]] if stack else None
