"""Answers to interactions: the first one within three seconds, everything after it within fifteen minutes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.emulators.discord.rules import Refused, insist
from tests.emulators.discord.rules.commands import CHOICES
from tests.emulators.discord.rules.components import modal
from tests.emulators.discord.rules.messages import check_message, is_empty
from tests.emulators.discord.rules.schema import anything, array, one_of, record, string
from tests.emulators.discord.state.nouns import EPHEMERAL, JSON, LOADING, Asked, Channel, Interaction, Message
from tests.emulators.discord.state.permissions import Right
from tests.emulators.discord.state.shapes import message_json
from tests.emulators.discord.web.call import Body, Call, Route
from tests.emulators.discord.web.writing import is_hidden, rewritten, written

MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICE, MODAL = 4, 5, 6, 7, 8, 9
FIRST_SECONDS, TOKEN_SECONDS = 3.0, 900.0
USER_FOLLOWUPS = 5
"""Follow-ups where only the person has the app."""
CALLBACK = record({"type": one_of(1, *range(4, 11), 12)}, {"data": anything})
CHOICE_LIST = record({"choices": array(record({"name": string(1, 100), "value": anything}, {}), 0, CHOICES)}, {})


def fits(interaction: Interaction, kind: int) -> bool:
    """Whether this is an answer to what the person did."""
    if interaction.kind is Asked.AUTOCOMPLETE:
        return kind == CHOICE
    if kind in {DEFERRED_UPDATE, UPDATE}:
        return interaction.message is not None
    return kind in {MESSAGE, DEFERRED} or (kind == MODAL and interaction.kind is not Asked.MODAL)


def callback(call: Call) -> Body:
    """The first answer, once and in time."""
    asked = call.state.interactions.get(call.params["token"])
    now = call.state.clock.now()
    if asked is None or str(asked.id) != call.params["interaction"]:
        raise Refused(10062)
    if asked.answered:
        raise Refused(40060)
    if now - asked.made > FIRST_SECONDS:
        raise Refused(10062)
    insist(CALLBACK(call.body, ()))
    kind, data = int(call.body["type"]), call.body.get("data") or {}
    if not fits(asked, kind):
        insist(
            [(("type",), "INTERACTION_APPLICATION_INVALID_RESPONSE_TYPE", "This type of response is not possible here")]
        )
    done = _first(call, asked, kind, data)
    done = call.state.keep(replace(done, answered=kind, answered_at=now - asked.made))
    return _outcome(call, done) if call.query.get("with_response") in {"1", "true", "True"} else None


def _first(call: Call, asked: Interaction, kind: int, data: JSON) -> Interaction:
    """Do what the first answer says."""
    if kind == CHOICE:
        insist(CHOICE_LIST(data, ("data",)))
        return replace(asked, choices=tuple(data["choices"]))
    if kind == MODAL:
        insist(modal(data, ("data",)))
        return replace(asked, modal=data)
    if kind == DEFERRED:
        hidden = is_hidden(data) or not _may_speak(call, asked)
        loading = _put(call, asked, {}, LOADING, hidden=hidden)
        return replace(asked, original=loading.id, hidden=hidden)
    if kind == MESSAGE:
        _checked(call, data)
        message = _put(call, asked, data, 0, hidden=is_hidden(data) or not _may_speak(call, asked))
        return replace(asked, original=message.id)
    assert asked.message
    if kind == UPDATE:
        old = call.state.find(asked.channel, asked.message.id)
        if old is None:
            raise Refused(10008)
        _keep(call, asked, rewritten(call.state, _channel(call, asked), old, data, call.files))
    return replace(asked, original=asked.message.id)


def _may_speak(call: Call, asked: Interaction) -> bool:
    """Where only the person has the app, everybody sees its answer only if the person may use external apps there."""
    channel = _channel(call, asked)
    return not asked.only_by_user or channel.is_dm or Right.USE_EXTERNAL_APPS in call.state.rights(channel, asked.user)


def _checked(call: Call, data: Any, path: tuple[str, ...] = ("data",)) -> None:  # noqa: ANN401 - any JSON
    check_message(data, call.files, path=path)
    if is_empty(data, call.files):
        raise Refused(50006)


def _put(call: Call, asked: Interaction, data: JSON, flags: int, *, hidden: bool, at: int = 0) -> Message:
    """A new message that answers an interaction."""
    state, channel = call.state, _channel(call, asked)
    made = written(state, channel, data, call.files, flags | (EPHEMERAL if hidden else 0), state.app.bot)
    message = replace(made, interaction=asked.id, only_for=asked.user if hidden else 0, id=at or made.id)
    message = replace(message, kind=20 if asked.kind is Asked.COMMAND else 0, nonce="")
    return _keep(call, asked, message, event="MESSAGE_CREATE")


def _keep(call: Call, asked: Interaction, message: Message, event: str = "MESSAGE_UPDATE") -> Message:
    call.state.put(message)
    if not message.only_for:
        where = {"guild_id": str(asked.guild)} if asked.guild else {}
        call.state.tell(event, message_json(message, call.state) | where, asked.guild)
    return message


def _channel(call: Call, asked: Interaction) -> Channel:
    found = call.state.channels.get(asked.channel)
    if found is None:
        raise Refused(10003)
    return found


def _outcome(call: Call, done: Interaction) -> JSON:
    message = call.state.find(done.channel, done.original) if done.original else None
    shown: JSON = {"interaction": {"id": str(done.id), "type": int(done.kind)}}
    if message is None:
        return shown
    shown["interaction"] |= {
        "response_message_id": str(message.id),
        "response_message_loading": message.is_loading,
        "response_message_ephemeral": bool(message.only_for),
    }
    return shown | {"resource": {"type": done.answered, "message": message_json(message, call.state)}}


def follow_up(call: Call) -> Body:
    """Another message. The first one after a deferral takes its place."""
    asked = _living(call)
    _checked(call, call.body, ())
    original = call.state.find(asked.channel, asked.original)
    if original and original.is_loading and asked.answered == DEFERRED:
        return message_json(_resolve(call, asked, original, call.body), call.state)
    if asked.only_by_user and len(asked.followups) >= USER_FOLLOWUPS:
        raise Refused(40094)
    message = _put(call, asked, call.body, 0, hidden=is_hidden(call.body) or not _may_speak(call, asked))
    call.state.keep(replace(asked, followups=(*asked.followups, message.id)))
    return message_json(message, call.state)


def _resolve(call: Call, asked: Interaction, loading: Message, body: JSON) -> Message:
    """Replace "thinking" by a message, which stays as hidden as it was."""
    fresh = rewritten(call.state, _channel(call, asked), loading, body, call.files)
    return _keep(call, asked, replace(fresh, flags=fresh.flags & ~LOADING, edited=None))


def _living(call: Call) -> Interaction:
    """The interaction of a token that can still be used. Raises ``Refused``."""
    asked = call.state.interactions.get(call.params["token"])
    if asked is None or not asked.answered or call.params["app"] != str(call.state.app.id):
        raise Refused(10015)
    if call.state.clock.now() - asked.made > TOKEN_SECONDS:
        raise Refused(50027)
    return asked


def _message(call: Call, asked: Interaction) -> Message:
    """``@original`` or a follow-up. Raises ``Refused`` for what is gone, and for what was never there."""
    name = call.params["message"]
    number = asked.original if name == "@original" else call.id("message")
    found = call.state.find(asked.channel, number) if number in {asked.original, *asked.followups} else None
    if found is None or not number:
        raise Refused(10008)
    return found


def get(call: Call) -> Body:
    return message_json(_message(call, _living(call)), call.state)


def edit(call: Call) -> Body:
    """Change an answer; after a deferral this is how it comes."""
    asked = _living(call)
    old = _message(call, asked)
    if old.is_loading:
        _checked(call, call.body, ())
        return message_json(_resolve(call, asked, old, call.body), call.state)
    fresh = rewritten(call.state, _channel(call, asked), old, call.body, call.files)
    if is_empty({"content": fresh.content, "embeds": fresh.embeds, "components": fresh.components}, fresh.files):
        raise Refused(50006)
    return message_json(_keep(call, asked, fresh), call.state)


def delete(call: Call) -> Body:
    asked = _living(call)
    message = _message(call, asked)
    call.state.remove(message)
    if not message.only_for:
        gone = {"id": str(message.id), "channel_id": str(message.channel)}
        call.state.tell("MESSAGE_DELETE", gone | ({"guild_id": str(asked.guild)} if asked.guild else {}), asked.guild)
    return None


ROUTES = (
    Route("POST /interactions/{interaction}/{token}/callback", callback, open=True),
    Route("POST /webhooks/{app}/{token}", follow_up, open=True),
    Route("GET /webhooks/{app}/{token}/messages/{message}", get, open=True),
    Route("PATCH /webhooks/{app}/{token}/messages/{message}", edit, open=True),
    Route("DELETE /webhooks/{app}/{token}/messages/{message}", delete, open=True),
)
