from __future__ import annotations

import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.emulators.slack import Impossible, Slack, Timing, View, serving
from tests.emulators.slack.building import actions, button, home, modal, option, plain, section
from tests.emulators.slack.building import field as entry
from tests.emulators.slack.kit import bolt_app, by_socket, refusal, web_client
from tests.emulators.slack.state.nouns import JSON


@dataclass
class Forms:
    """A bot that opens forms, and answers them as a test says."""

    slack: Slack
    app: AsyncApp
    ack: JSON = field(default_factory=dict)
    bodies: list[JSON] = field(default_factory=list)

    async def trigger(self, user: str = "ada", channel: str = "ml") -> str:
        return (await self.slack.command(user, channel, "/papers")).trigger

    async def open(self, view: JSON, user: str = "ada") -> View:
        """Have the bot open a form for somebody."""
        await web_client(self.slack).views_open(trigger_id=await self.trigger(user), view=view)
        shown = self.slack.view(user)
        assert shown
        return shown


@pytest.fixture
async def forms() -> AsyncIterator[Forms]:
    async with serving(scale=math.inf, timing=Timing(retries=())) as slack:
        made = Forms(slack, bolt_app(slack))

        async def take(ack: Any, body: JSON) -> None:  # noqa: ANN401 - Bolt gives it
            made.bodies.append(body)
            await ack(**made.ack)

        async def hear(ack: Any, body: JSON) -> None:  # noqa: ANN401 - Bolt gives it
            made.bodies.append(body)
            await ack()

        made.app.command("/papers")(hear)
        made.app.view("form")(take)
        made.app.view_closed("form")(hear)
        made.app.action("go")(hear)
        made.app.action("pick")(hear)
        async with by_socket(slack, made.app):
            yield made


async def test_a_trigger_opens_one_form_soon(forms: Forms) -> None:
    client, trigger = web_client(forms.slack), await forms.trigger()
    answer = await client.views_open(trigger_id=trigger, view=modal(section(), callback_id="form"))
    shown = forms.slack.view("ada")
    assert shown
    assert (answer["view"]["id"], answer["view"]["hash"]) == (shown.id, shown.hash)
    assert answer["view"]["blocks"][0]["block_id"]
    assert (await refusal(client.views_open(trigger_id=trigger, view=modal())))["error"] == "exchanged_trigger_id"
    late = await forms.trigger()
    forms.slack.workspace.clock.advance(3.1)
    assert (await refusal(client.views_open(trigger_id=late, view=modal())))["error"] == "expired_trigger_id"
    assert (await refusal(client.views_open(trigger_id="1.2.3", view=modal())))["error"] == "invalid_trigger_id"


async def test_a_view_that_slack_refuses_opens_nothing_and_keeps_the_trigger(forms: Forms) -> None:
    client, trigger = web_client(forms.slack), await forms.trigger()
    body = await refusal(client.views_open(trigger_id=trigger, view=modal(title=plain("x" * 25))))
    assert body["error"] == "invalid_arguments"
    assert (
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
        in body["response_metadata"]["messages"]
    )
    wrong = await refusal(client.views_open(trigger_id=trigger, view=home()))
    assert wrong["error"] == "invalid_arguments"
    assert forms.slack.view("ada") is None
    await client.views_open(trigger_id=trigger, view=modal())


async def test_views_may_be_json_in_a_string(forms: Forms) -> None:
    client = web_client(forms.slack)
    text = '{"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": []}'
    await client.api_call("views.open", data={"trigger_id": await forms.trigger(), "view": text})
    assert forms.slack.view("ada")
    call = client.api_call("views.open", data={"trigger_id": await forms.trigger()})
    assert (await refusal(call))["response_metadata"]["messages"] == ["[ERROR] missing required field: view"]


async def test_three_forms_stack(forms: Forms) -> None:
    client = web_client(forms.slack)
    view = await forms.open(modal(actions(button("go"))))
    for _ in range(2):
        trigger = (await forms.slack.press("ada", view, "go")).trigger
        await client.views_push(trigger_id=trigger, view=modal(actions(button("go"))))
        pushed = forms.slack.view("ada")
        assert pushed
        assert (pushed.previous, pushed.root) == (view.id, forms.slack.workspace.stacks[pushed.user][0])
        view = pushed
    trigger = (await forms.slack.press("ada", view, "go")).trigger
    assert (await refusal(client.views_push(trigger_id=trigger, view=modal())))["error"] == "push_limit_reached"
    assert (await refusal(client.views_push(trigger_id=await forms.trigger(), view=modal())))["error"] == "not_found"


async def test_an_update_keeps_what_was_typed_and_needs_the_right_hash(forms: Forms) -> None:
    client = web_client(forms.slack)
    view = await forms.open(modal(entry("q"), external_id="mine"))
    forms.slack.enter(view, {"q": "agents"})
    answer = await client.views_update(external_id="mine", hash=view.hash, view=modal(entry("q"), entry("r")))
    values = answer["view"]["state"]["values"]
    assert values["q"]["q"]["value"] == "agents"
    assert values["r"]["r"]["value"] is None
    call = client.views_update(view_id=view.id, hash=view.hash, view=modal())
    assert (await refusal(call))["error"] == "hash_conflict"
    await client.views_update(view_id=view.id, view=modal(entry("other")))
    assert (await refusal(client.views_update(view_id="V9", view=modal())))["error"] == "not_found"


async def test_external_ids_are_unique(forms: Forms) -> None:
    await forms.open(modal(external_id="mine"), "ada")
    call = web_client(forms.slack).views_open(trigger_id=await forms.trigger("bob"), view=modal(external_id="mine"))
    assert (await refusal(call))["error"] == "duplicate_external_id"


async def test_a_form_is_sent_with_what_was_entered(forms: Forms) -> None:
    fields = [
        entry("words"),
        entry("zone", "external_select", initial_option=option("Berlin", "berlin")),
        entry("days", "checkboxes", optional=True, options=[option("Mon", "mon"), option("Tue", "tue")]),
        entry("time", "timepicker", initial_time="09:00"),
        entry("place", "conversations_select", default_to_current_conversation=True, response_url_enabled=True),
    ]
    view = await forms.open(modal(*fields, callback_id="form", private_metadata="kept"))
    sent = await forms.slack.submit("ada", view, {"words": "agents", "days": ["tue"]})
    assert (sent.error, sent.view, forms.slack.view("ada")) == ("", None, None)
    body = forms.bodies[-1]
    assert (body["type"], body["view"]["private_metadata"]) == ("view_submission", "kept")
    values = body["view"]["state"]["values"]
    assert values["words"]["words"] == {"type": "plain_text_input", "value": "agents"}
    assert values["zone"]["zone"]["selected_option"] == option("Berlin", "berlin")
    assert values["days"]["days"]["selected_options"] == [option("Tue", "tue")]
    assert values["time"]["time"]["selected_time"] == "09:00"
    assert values["place"]["place"]["selected_conversation"] == forms.slack.channel("ml").id
    assert body["response_urls"][0]["channel_id"] == forms.slack.channel("ml").id
    await AsyncWebhookClient(body["response_urls"][0]["response_url"]).send(text="done")
    assert [message.text for message in sent.posts] == ["done"]


@pytest.mark.parametrize(
    "values", [{}, {"words": ""}, {"words": "x" * 11}, {"words": "x"}, {"words": "agents", "other": "x"}]
)
async def test_a_person_cannot_send_what_slack_holds_back(forms: Forms, values: dict[str, str]) -> None:
    view = await forms.open(modal(entry("words", min_length=2, max_length=10), callback_id="form"))
    with pytest.raises(Impossible):
        await forms.slack.submit("ada", view, values)
    assert all(body.get("type") != "view_submission" for body in forms.bodies)


async def test_errors_stay_beside_their_fields(forms: Forms) -> None:
    view = await forms.open(modal(entry("words"), callback_id="form"))
    forms.ack = {"response_action": "errors", "errors": {"words": "too short"}}
    sent = await forms.slack.submit("ada", view, {"words": "x"})
    assert sent.errors == {"words": "too short"}
    assert forms.slack.view("ada")
    forms.ack = {"response_action": "errors", "errors": {"nothing": "x"}}
    assert (await forms.slack.submit("ada", view)).error == "invalid_errors"


async def test_an_answer_can_change_the_form_or_put_another_on_top(forms: Forms) -> None:
    view = await forms.open(modal(entry("words"), callback_id="form"))
    forms.ack = {"response_action": "update", "view": modal(section("done"), callback_id="form")}
    changed = (await forms.slack.submit("ada", view, {"words": "x"})).view
    assert changed
    assert (changed.id, changed.body["blocks"][0]["type"]) == (view.id, "section")
    forms.ack = {"response_action": "push", "view": modal(section("more"), callback_id="form")}
    pushed = (await forms.slack.submit("ada", changed)).view
    assert pushed
    assert pushed.previous == view.id
    forms.ack = {}
    assert (await forms.slack.submit("ada", pushed)).view == changed
    forms.ack = {"response_action": "push", "view": modal(callback_id="form")}
    pushed = (await forms.slack.submit("ada", changed)).view
    assert pushed
    forms.ack = {"response_action": "clear"}
    assert (await forms.slack.submit("ada", pushed)).view is None
    assert forms.slack.view("ada") is None


async def test_an_answer_puts_no_fourth_form_on_top(forms: Forms) -> None:
    view: View | None = await forms.open(modal(callback_id="form"))
    forms.ack = {"response_action": "push", "view": modal(callback_id="form")}
    for error in ("", "", "push_limit_reached"):
        assert view
        sent = await forms.slack.submit("ada", view)
        assert sent.error == error
        view = sent.view


async def test_an_answer_that_cannot_be_shown_is_an_error(forms: Forms) -> None:
    view = await forms.open(modal(entry("words"), callback_id="form"))
    forms.ack = {"response_action": "update", "view": modal(title=plain("x" * 25))}
    assert (await forms.slack.submit("ada", view, {"words": "x"})).error == "invalid_arguments"
    assert forms.slack.view("ada")


async def test_a_form_that_nobody_answers_stays_open(forms: Forms) -> None:
    view = await forms.open(modal(entry("words"), callback_id="unknown"))
    forms.slack.hurry()
    sent = await forms.slack.submit("ada", view, {"words": "x"})
    assert sent.error == "operation_timeout"
    assert forms.slack.view("ada")


async def test_only_the_form_in_front_can_be_sent(forms: Forms) -> None:
    below = await forms.open(modal(actions(button("go")), callback_id="form"))
    trigger = (await forms.slack.press("ada", below, "go")).trigger
    await web_client(forms.slack).views_push(trigger_id=trigger, view=modal())
    with pytest.raises(Impossible):
        await forms.slack.submit("ada", below)
    with pytest.raises(Impossible):
        await forms.slack.submit("bob", below)


async def test_the_app_hears_of_closing_when_it_asked_to(forms: Forms) -> None:
    quiet = await forms.open(modal(callback_id="form"))
    await forms.slack.close("ada", quiet)
    assert all(body.get("type") != "view_closed" for body in forms.bodies)
    loud = await forms.open(modal(callback_id="form", notify_on_close=True))
    await forms.slack.close("ada", loud, all_of_them=True)
    assert (forms.bodies[-1]["type"], forms.bodies[-1]["is_cleared"]) == ("view_closed", True)
    assert forms.slack.view("ada") is None
    with pytest.raises(Impossible):
        await forms.slack.close("ada", loud)
    with pytest.raises(Impossible):
        forms.slack.enter(loud, {})


async def test_a_field_speaks_up_only_when_it_should(forms: Forms) -> None:
    menu = {"type": "static_select", "action_id": "pick", "options": [option()]}
    silent = {**entry("q"), "element": menu}
    view = await forms.open(modal(silent, callback_id="form"))
    before = len(forms.bodies)
    await forms.slack.select("ada", view, "pick", "x")
    assert len(forms.bodies) == before
    assert forms.slack.workspace.views[view.id].state["q"]["pick"]["selected_option"] == option()
    view = await forms.open(modal({**silent, "dispatch_action": True}, callback_id="form"))
    await forms.slack.select("ada", view, "pick", "x")
    assert forms.bodies[-1]["actions"][0]["selected_option"] == option()
    assert forms.bodies[-1]["container"] == {"type": "view", "view_id": view.id}


async def test_the_home_tab_is_published_for_one_person(forms: Forms) -> None:
    client, ada = web_client(forms.slack), forms.slack.user("ada").id
    first = await client.views_publish(user_id=ada, view=home(section("one")))
    second = await client.views_publish(user_id=ada, hash=first["view"]["hash"], view=home(section("two")))
    assert second["view"]["id"] == first["view"]["id"]
    shown = forms.slack.home("ada")
    assert shown
    assert shown.body["blocks"][0]["text"]["text"] == "two"
    await client.views_publish(user_id=ada, view=home(section("<!here>")))
    shown = forms.slack.home("ada")
    assert shown
    assert [one.target for one in shown.live] == ["here"]
    assert forms.slack.home("bob") is None
    stale = client.views_publish(user_id=ada, hash=first["view"]["hash"], view=home())
    assert (await refusal(stale))["error"] == "hash_conflict"
    assert (await refusal(client.views_publish(user_id="U9", view=home())))["error"] == "invalid_arguments"
    assert (await refusal(client.views_publish(user_id=ada, view=modal())))["error"] == "invalid_arguments"
    forms.slack.workspace.app = replace(forms.slack.workspace.app, home_tab=False)
    assert (await refusal(client.views_publish(user_id=ada, view=home())))["error"] == "not_enabled"


async def test_a_button_in_the_home_tab_gives_a_trigger_for_a_form(forms: Forms) -> None:
    client, ada = web_client(forms.slack), forms.slack.user("ada").id
    await client.views_publish(user_id=ada, view=home(actions(button("go"))))
    shown = forms.slack.home("ada")
    assert shown
    answer = await forms.slack.press("ada", shown, "go")
    assert forms.bodies[-1]["view"]["type"] == "home"
    with pytest.raises(Impossible):
        await forms.slack.press("bob", shown, "go")
    await client.views_open(trigger_id=answer.trigger, view=modal())
