"""views.*: modals in a stack of three, and Home tabs."""

from __future__ import annotations

from dataclasses import replace

from tests.emulators.slack import rules
from tests.emulators.slack.acts.form import state_of
from tests.emulators.slack.rules import Refused, invalid
from tests.emulators.slack.state.limits import TIERS
from tests.emulators.slack.state.nouns import JSON, Trigger, View
from tests.emulators.slack.state.shapes import view_json
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.text.live import of_blocks
from tests.emulators.slack.web.call import Call, Method, pictures

STACK = 3
TRIGGER_SECONDS = 3.0


def open_(call: Call) -> JSON:
    """Open a modal for the person whose trigger this is; what was open goes."""
    trigger, body = _trigger(call), _body(call, "modal")
    _spend(call, trigger)
    close_all(call.workspace, trigger.user)
    return _shown(call.workspace, _new(call, trigger, body))


def push(call: Call) -> JSON:
    """Put a modal on top of the one that the trigger came from."""
    trigger, body = _trigger(call), _body(call, "modal")
    stack = call.workspace.stacks.get(trigger.user, [])
    if trigger.view not in stack:
        raise Refused("not_found")
    if len(stack) >= STACK:
        raise Refused("push_limit_reached")
    _spend(call, trigger)
    return _shown(call.workspace, _new(call, trigger, body, below=stack[-1]))


def update(call: Call) -> JSON:
    """Replace an open modal, or a Home tab, and keep what was typed where ids stayed."""
    view = _named(call)
    body = _body(call, view.type, own=view.id)
    _check_hash(call, view)
    return _shown(call.workspace, redrawn(call.workspace, view, body))


def publish(call: Call) -> JSON:
    """Set a person's Home tab."""
    workspace, installation = call.workspace, call.installation
    user = workspace.users.get(call.text("user_id"))
    if user is None or not any(workspace.serves(installation, team) for team in user.also_in | {user.team}):
        raise invalid("user not found [json-pointer:/user_id]")
    if not workspace.app.home_tab:
        raise Refused("not_enabled")
    body = _body(call, "home")
    old = workspace.views.get(workspace.homes.get((installation.key, user.id), ""))
    if old:
        _check_hash(call, old)
        return _shown(workspace, redrawn(workspace, old, body))
    view = make(workspace, installation.key, user.team, user.id, body)
    workspace.homes[installation.key, user.id] = view.id
    return _shown(workspace, view)


def make(
    workspace: Workspace, installation: str, team: str, user: str, body: JSON, channel: str = "", below: str = ""
) -> View:
    """Draw a new view, with the ids that Slack fills in and its fields at their first values."""
    filled = _filled(workspace, body)
    name = workspace.new_id("V")
    view = View(
        id=name,
        installation=installation,
        team=team,
        user=user,
        body=filled,
        hash="",
        root=workspace.views[below].root if below else name,
        previous=below,
        channel=channel,
        state=state_of(filled["blocks"], {}, channel),
        live=of_blocks(filled["blocks"], dict(workspace.names(team))),
    )
    return workspace.keep(view)


def redrawn(workspace: Workspace, view: View, body: JSON) -> View:
    """The same view with another body."""
    filled = _filled(workspace, body)
    state = state_of(filled["blocks"], view.state, view.channel)
    live = of_blocks(filled["blocks"], dict(workspace.names(view.team)))
    return workspace.keep(replace(view, body=filled, state=state, live=live))


def close_all(workspace: Workspace, user: str) -> None:
    for view in workspace.stacks.pop(user, []):
        del workspace.views[view]
    workspace.bell.ring()


def check(workspace: Workspace, body: object, surface: str, own: str = "") -> JSON:
    """A view's body, when it is one. Raises ``Refused``."""
    rules.check_view(body, pictures(workspace))
    assert isinstance(body, dict)
    if body["type"] != surface:
        raise invalid(f"must be of type {surface} [json-pointer:/view/type]")
    name = body.get("external_id")
    if name and any(view.body.get("external_id") == name for view in workspace.views.values() if view.id != own):
        raise Refused("duplicate_external_id")
    return body


def _filled(workspace: Workspace, body: JSON) -> JSON:
    return {**body, "blocks": list(rules.with_block_ids(body["blocks"], lambda: workspace.new_secret()[:5]))}


def _body(call: Call, surface: str, own: str = "") -> JSON:
    return check(call.workspace, call.need("view"), surface, own)


def _shown(workspace: Workspace, view: View) -> JSON:
    return {"view": view_json(view, workspace)}


def _new(call: Call, trigger: Trigger, body: JSON, below: str = "") -> View:
    view = make(call.workspace, call.installation.key, trigger.team, trigger.user, body, trigger.channel, below)
    call.workspace.stacks.setdefault(trigger.user, []).append(view.id)
    return view


def _trigger(call: Call) -> Trigger:
    """The trigger that was given, when it is of this installation, fresh and unused."""
    trigger = call.workspace.triggers.get(str(call.need("trigger_id")))
    if trigger is None or trigger.installation != call.installation.key:
        raise Refused("invalid_trigger_id")
    if trigger.spent:
        raise Refused("exchanged_trigger_id")
    if call.workspace.clock.now() - trigger.made > TRIGGER_SECONDS:
        raise Refused("expired_trigger_id")
    return trigger


def _spend(call: Call, trigger: Trigger) -> None:
    call.workspace.triggers[trigger.id] = replace(trigger, spent=True)


def _named(call: Call) -> View:
    """The view that an id or an external id names."""
    wanted, external = call.text("view_id"), call.text("external_id")
    for view in call.workspace.views.values():
        mine = view.installation == call.installation.key
        if mine and (view.id == wanted or (external and view.body.get("external_id") == external)):
            return view
    raise Refused("not_found")


def _check_hash(call: Call, view: View) -> None:
    if call.text("hash") not in {"", view.hash}:
        raise Refused("hash_conflict")


METHODS = (
    Method("views.open", open_, TIERS[4]),
    Method("views.push", push, TIERS[4]),
    Method("views.update", update, TIERS[4]),
    Method("views.publish", publish, TIERS[4]),
)
