from __future__ import annotations

import pytest

from tests.emulators.slack.building import (
    actions,
    button,
    card,
    chart,
    container,
    context,
    data_table,
    field,
    image,
    mrkdwn,
    option,
    plain,
    rich,
    section,
    select,
    table,
)
from tests.emulators.slack.rules import Pictures, Refused, check_blocks
from tests.emulators.slack.state.nouns import JSON

BROKEN = "https://x.org/broken.png"
PICTURES = Pictures(broken={BROKEN}, files={"F1"})
ONE = "/elements/0"
OBJECT, LIST, INTEGER = "must provide an object", "must provide an array", "must provide an integer"
SUMMARY = "failed to match all allowed schemas"
HALF_A_QUESTION = {"title": plain(), "text": plain(), "confirm": plain()}
FEEDBACK = {"text": plain(), "value": "v"}


def chars(most: int) -> str:
    return f"must be less than {most + 1} characters"


def items(most: int) -> str:
    return f"no more than {most} items allowed"


def few(least: int) -> str:
    return f"must provide at least {least} items"


def extra(name: str) -> str:
    return f"invalid additional property: {name}"


def absent(name: str) -> str:
    return f"missing required field: {name}"


def unknown(kind: str) -> str:
    return f"unsupported type: {kind}"


GOOD = [
    section(),
    section(fields=[mrkdwn("x" * 100)] * 10, expand=True),
    {"type": "section", "fields": [plain("x" * 2000)]},
    section(accessory=image(BROKEN)),
    section(accessory=button(style="primary", value="v" * 2000, url="https://x.org")),
    section(accessory={"type": "overflow", "action_id": "o", "options": [option()] * 5}),
    section(accessory={**select(2), "type": "multi_static_select", "initial_options": [option(value="1")]}),
    section("x" * 3000),
    {"type": "section", "text": {**mrkdwn(), "verbatim": True}},
    {"type": "header", "text": {**plain("x" * 150), "emoji": False}},
    {"type": "divider"},
    image(title=plain()),
    {"type": "image", "slack_file": {"id": "F1"}, "alt_text": ""},
    context(mrkdwn(), image(), *[plain()] * 8),
    actions(*[button(str(i)) for i in range(25)]),
    actions(select(100)),
    actions({**select(), "options": [option()], "initial_option": option()}),
    actions({"type": "static_select", "option_groups": [{"label": plain(), "options": [option()]}]}),
    actions({"type": "external_select", "action_id": "e", "min_query_length": 0, "placeholder": plain("x" * 150)}),
    actions({"type": "conversations_select", "action_id": "c", "default_to_current_conversation": True}),
    actions({"type": "timepicker", "action_id": "t", "initial_time": "23:59", "timezone": "Europe/Berlin"}),
    actions({"type": "datepicker", "action_id": "d", "initial_date": "2026-08-02"}),
    actions({"type": "checkboxes", "action_id": "k", "options": [option()] * 10}),
    actions({"type": "radio_buttons", "action_id": "r", "options": [option()]}),
    field(multiline=True, min_length=0, max_length=3000),
    rich({"type": "text", "text": "x", "style": {"bold": True}}, {"type": "link", "url": "https://x.org"}),
    {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": []}]},
    {"type": "markdown", "text": "x" * 11_900},
    table(100, 20, ""),
    data_table(page_size=5),
    chart(6, 20),
    {"type": "data_visualization", "title": "x", "chart": {"type": "pie", "segments": [{"label": "x", "value": 1.5}]}},
    card(body=mrkdwn("x" * 200), actions=[button()], hero_image=image(), icon=image()),
    {"type": "container", "rich_text_title": rich({"type": "text", "text": "x"}), "child_blocks": [section()]},
    {**field(), "element": {"type": "rich_text_input", "action_id": "r", "initial_value": rich()}},
    {**field(), "element": {"type": "file_input", "action_id": "u", "filetypes": ["pdf"], "max_files": 1}},
    {"type": "carousel", "elements": [card()] * 10},
    container(section(), is_collapsible=True, default_collapsed=True, width="full"),
    {
        "type": "context_actions",
        "elements": [{"type": "feedback_buttons", "positive_button": FEEDBACK, "negative_button": FEEDBACK}],
    },
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
def test_a_good_block_is_taken(block: JSON) -> None:
    check_blocks([block], PICTURES)


BAD: list[tuple[JSON, str, str]] = [
    ({"type": "nonsense"}, "/type", unknown("nonsense")),
    ({"text": mrkdwn()}, "", absent("type")),
    ({"type": "alert", "text": plain()}, "/type", unknown("alert")),
    ({"type": "section"}, "", absent("text")),
    ({"type": "section", "text": "bare"}, "/text", OBJECT),
    ({"type": "section", "text": None}, "/text", OBJECT),
    (section(""), "/text/text", "must be more than 0 characters"),
    (section("x" * 3001), "/text/text", chars(3000)),
    (section("x" * 3001), "/text", SUMMARY),
    ({"type": "section", "text": {**mrkdwn(), "emoji": True}}, "/text", extra("emoji")),
    ({"type": "section", "text": {**plain(), "emoji": "yes"}}, "/text/emoji", "must be a boolean"),
    (section(fields=[plain()] * 11), "/fields", items(10)),
    (section(fields=[mrkdwn("x" * 2001)]), "/fields/0/text", chars(2000)),
    (section(accessory=mrkdwn()), "/accessory/type", unknown("mrkdwn")),
    ({"type": "divider", "text": plain()}, "", extra("text")),
    ({"type": "divider", "block_id": "x" * 256}, "/block_id", chars(255)),
    ({"type": "header", "text": plain("x" * 151)}, "/text/text", chars(150)),
    ({"type": "header", "text": mrkdwn()}, "/text/type", unknown("mrkdwn")),
    (context(*[plain()] * 11), "/elements", items(10)),
    (context(), "/elements", few(1)),
    ({"type": "context", "elements": {}}, "/elements", LIST),
    (context(button()), f"{ONE}/type", unknown("button")),
    (actions(*[button()] * 26), "/elements", items(25)),
    (actions({**select(), "type": "multi_static_select"}), f"{ONE}/type", unknown("multi_static_select")),
    (actions(button(), button()), "/elements/1/action_id", '`action_id` "a" already exists'),
    (actions(button(text=plain("x" * 76))), f"{ONE}/text/text", chars(75)),
    (actions(button(value="x" * 2001)), f"{ONE}/value", chars(2000)),
    (actions(button(url="x" * 3001)), f"{ONE}/url", chars(3000)),
    (actions(button(url="javascript:x")), f"{ONE}/url", "input must be a valid: uri"),
    (actions(button(style="loud")), f"{ONE}/style", "must be a valid enum value"),
    (actions(button(style=None)), f"{ONE}/style", "must provide a string"),
    (actions(button("x" * 256)), f"{ONE}/action_id", chars(255)),
    (actions(button(accessibility_label="x" * 76)), f"{ONE}/accessibility_label", chars(75)),
    (actions(button(confirm=HALF_A_QUESTION)), f"{ONE}/confirm", absent("deny")),
    (actions(select(101)), f"{ONE}/options", items(100)),
    (actions(select(0)), f"{ONE}/options", few(1)),
    (actions({"type": "static_select"}), ONE, absent("options")),
    (actions(select(option_groups=[{"label": plain(), "options": [option()]}])), ONE, extra("option_groups")),
    (actions(select(initial_option=option(value="z"))), f"{ONE}/initial_option", "failed to match schema"),
    (actions(select(placeholder=plain("x" * 151))), f"{ONE}/placeholder/text", chars(150)),
    (actions(select(options=[option("x" * 76)])), f"{ONE}/options/0/text/text", chars(75)),
    (actions(select(options=[option(value="x" * 151)])), f"{ONE}/options/0/value", chars(150)),
    (actions({"type": "overflow", "options": [option()] * 6}), f"{ONE}/options", items(5)),
    (actions({"type": "checkboxes", "options": [option()] * 11}), f"{ONE}/options", items(10)),
    (actions({"type": "external_select", "min_query_length": "0"}), f"{ONE}/min_query_length", INTEGER),
    ({**field(), "label": plain("x" * 2001)}, "/label/text", chars(2000)),
    ({**field(), "hint": plain("x" * 2001)}, "/hint/text", chars(2000)),
    ({**field(), "element": button()}, "/element/type", unknown("button")),
    (field(max_length=3001), "/element/max_length", "must be less than 3001"),
    (field(max_length=0), "/element/max_length", "must be greater than 0"),
    (image(BROKEN), "/image_url", "downloading image failed"),
    (image("x" * 3001), "/image_url", chars(3000)),
    (image(alt_text="x" * 2001), "/alt_text", chars(2000)),
    ({"type": "image", "image_url": "https://x.org/a.png"}, "", absent("alt_text")),
    ({"type": "image", "alt_text": "a", "slack_file": {"id": "F9"}}, "/slack_file", "invalid slack file"),
    (rich({"type": "text", "text": ""}), f"{ONE}{ONE}/text", "must be more than 0 characters"),
    (rich({"type": "text", "text": "x", "style": {"loud": True}}), f"{ONE}{ONE}/style", extra("loud")),
    (rich({"type": "link", "url": "evil"}), f"{ONE}{ONE}/url", "input must be a valid: uri"),
    (rich({"type": "broadcast", "range": "all"}), f"{ONE}{ONE}/range", "must be a valid enum value"),
    ({"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}, f"{ONE}/type", unknown("text")),
    (table(101), "/rows", items(100)),
    (table(1, 21), "/rows/0", items(20)),
    (data_table(1), "/rows", few(2)),
    (data_table(page_size=101), "/page_size", "must be less than 101"),
    ({"type": "data_table", "rows": table(2)["rows"]}, "", absent("caption")),
    ({**data_table(), "rows": [[rich()]] * 2}, "/rows/0/0/type", unknown("rich_text")),
    (chart(7), "/chart/series", items(6)),
    (chart(1, 21), "/chart/series/0/data", items(20)),
    (chart(title="x" * 51), "/title", chars(50)),
    (card(body=mrkdwn("x" * 201)), "/body/text", chars(200)),
    (card(actions=[button()] * 4), "/actions", items(3)),
    ({"type": "carousel", "elements": [card()] * 11}, "/elements", items(10)),
    (container(*[section()] * 11), "/child_blocks", items(10)),
    ({"type": "container", "child_blocks": [section()]}, "", absent("title")),
    (container(None), "/child_blocks/0", OBJECT),
    (container(image(BROKEN)), "/child_blocks/0/image_url", "downloading image failed"),
    (container(section(), default_collapsed=True), "/default_collapsed", "failed to match schema"),
    ({"type": "context_actions", "elements": [button()]}, f"{ONE}/type", unknown("button")),
]


@pytest.mark.parametrize(("block", "pointer", "sentence"), BAD)
def test_a_bad_block_is_refused_in_slacks_words(block: JSON, pointer: str, sentence: str) -> None:
    with pytest.raises(Refused) as caught:
        check_blocks([block], PICTURES)
    assert caught.value.error == "invalid_blocks"
    complaint = f"{sentence} [json-pointer:/blocks/0{pointer}]"
    assert complaint in caught.value.more["errors"]
    assert f"[ERROR] {complaint}" in caught.value.more["response_metadata"]["messages"]


def test_times_and_dates_have_one_form() -> None:
    for element in (
        {"type": "timepicker", "initial_time": "9am"},
        {"type": "timepicker", "initial_time": "24:00"},
        {"type": "datepicker", "initial_date": "2.8.2026"},
    ):
        with pytest.raises(Refused) as caught:
            check_blocks([actions(element)], PICTURES)
        assert "input must match regex pattern" in caught.value.more["errors"][0]
