from __future__ import annotations

from typing import Any

import pytest

from tests.emulators.discord.building import (
    argument,
    button,
    command,
    container,
    embed,
    file,
    gallery,
    label,
    link,
    modal,
    option,
    row,
    section,
    select,
    separator,
    text,
    text_input,
    thumbnail,
)
from tests.emulators.discord.rules import Refused
from tests.emulators.discord.rules import commands as command_rules
from tests.emulators.discord.rules import components as component_rules
from tests.emulators.discord.rules.messages import check_message, size
from tests.emulators.discord.state.nouns import COMPONENTS_V2, JSON, Upload

V2 = {"flags": COMPONENTS_V2}
PLAIN = Upload(id=1, name="a.txt", size=1, content=b"x")


def found(errors: JSON, path: str = "") -> dict[str, str]:
    """Nested errors as one line each: path and code."""
    flat: dict[str, str] = {}
    for key, value in errors.items():
        if key == "_errors":
            flat[path] = value[0]["code"]
        else:
            flat |= found(value, f"{path}/{key}" if path else key)
    return flat


def refused(body: JSON, *files: Upload) -> dict[str, str]:
    """What Discord does not take about a message; nothing when it takes it."""
    try:
        check_message(body, files)
    except Refused as no:
        return found(no.body["errors"])
    return {}


GOOD: list[JSON] = [
    {"content": "x" * 2000, "nonce": "n" * 25, "enforce_nonce": True, "tts": False, "unknown": 1},
    {"content": f" {'x' * 2000} "},
    {"embeds": [embed()] * 10},
    {"embeds": [{"title": "x" * 256, "description": "x" * 4096, "footer": {"text": "x" * 1648}}]},
    {"embeds": [embed(type="rich", flags=0, color=0xFFFFFF, timestamp="2026-01-01T00:00:00+00:00", url=None)]},
    {"embeds": [{"fields": [{"name": "x" * 100, "value": "x" * 100, "inline": True}] * 25}]},
    {"embeds": [{"image": {"url": "attachment://x.png"}}]},
    {"components": [row(*(button(str(i)) for i in range(5))), row(select(25)), row(link())]},
    {"components": [row(button(label="x" * 80)), row(button("x" * 100, label="", emoji={"name": "x"}))]},
    {"allowed_mentions": {"parse": []}, "content": "x"},
    {**V2, "components": [text("x" * 4000)]},
    {**V2, "components": [container(*(text() for _ in range(39)))]},
    {**V2, "components": [container(section(text(), text(), text(), accessory=thumbnail()), separator(), gallery(10))]},
    {**V2, "components": [row(button()), container(row(select()))]},
]
BAD: list[tuple[JSON, str, str]] = [
    ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    ({"content": []}, "content", "STRING_TYPE_CONVERT"),
    ({"content": "x", "nonce": "n" * 26}, "nonce", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [embed()] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": {}}, "embeds", "LIST_TYPE_CONVERT"),
    ({"embeds": ["x"]}, "embeds/0", "MODEL_TYPE_CONVERT"),
    ({"embeds": [{}]}, "embeds/0/description", "BASE_TYPE_REQUIRED"),
    ({"embeds": [embed(image={"x": 1})]}, "embeds/0/image/url", "BASE_TYPE_REQUIRED"),
    ({"embeds": [embed(title="x" * 257)]}, "embeds/0/title", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [embed(description="x" * 4097)]}, "embeds/0/description", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [embed(url="arxiv.org")]}, "embeds/0/url", "URL_TYPE_INVALID_URL"),
    ({"embeds": [embed(url="javascript://x")]}, "embeds/0/url", "URL_TYPE_INVALID_SCHEME"),
    ({"embeds": [embed(timestamp="soon")]}, "embeds/0/timestamp", "STRING_TYPE_REGEX"),
    ({"embeds": [embed(color=0x1000000)]}, "embeds/0/color", "NUMBER_TYPE_MAX"),
    ({"embeds": [embed(fields=[{"name": "x", "value": "x"}] * 26)]}, "embeds/0/fields", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [embed(fields=[{"name": " ", "value": "x"}])]}, "embeds/0/fields/0/name", "BASE_TYPE_REQUIRED"),
    (
        {"embeds": [embed(fields=[{"name": "x", "value": "x" * 1025}])]},
        "embeds/0/fields/0/value",
        "BASE_TYPE_BAD_LENGTH",
    ),
    ({"embeds": [embed(footer={"text": "x" * 2049})]}, "embeds/0/footer/text", "BASE_TYPE_BAD_LENGTH"),
    ({"embeds": [embed(author={"name": "x" * 257})]}, "embeds/0/author/name", "BASE_TYPE_BAD_LENGTH"),
    ({"embeds": [{"description": "x" * 3000}] * 2 + [embed()]}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    (
        {"embeds": [embed(), {"description": "x" * 4096, "footer": {"text": "x" * 1905}}]},
        "embeds/1",
        "MAX_EMBED_SIZE_EXCEEDED",
    ),
    ({"components": [row(button())] * 6}, "components", "BASE_TYPE_MAX_LENGTH"),
    ({"components": [row()]}, "components/0/components", "BASE_TYPE_BAD_LENGTH"),
    ({"components": [row(*(button(str(i)) for i in range(6)))]}, "components/0/components", "BASE_TYPE_BAD_LENGTH"),
    ({"components": [row(select(), button())]}, "components/0/components/1", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    ({"components": [button()]}, "components/0/type", "UNION_TYPE_CHOICES"),
    ({"components": [text()]}, "components/0/type", "UNION_TYPE_CHOICES"),
    ({"components": [{}]}, "components/0/type", "BASE_TYPE_REQUIRED"),
    ({"components": [row(button("x" * 101))]}, "components/0/components/0/custom_id", "BASE_TYPE_BAD_LENGTH"),
    ({"components": [row(button(label="x" * 81))]}, "components/0/components/0/label", "BASE_TYPE_MAX_LENGTH"),
    ({"components": [row(button(label=""))]}, "components/0/components/0/label", "BASE_TYPE_REQUIRED"),
    ({"components": [row(button(style=7))]}, "components/0/components/0/style", "BASE_TYPE_CHOICES"),
    ({"components": [row(button(style=5))]}, "components/0/components/0/url", "BASE_TYPE_REQUIRED"),
    (
        {"components": [row({**link(), "custom_id": "x"})]},
        "components/0/components/0/custom_id",
        "BUTTON_COMPONENT_INVALID_FIELD",
    ),
    ({"components": [row(link("x" * 513))]}, "components/0/components/0/url", "BASE_TYPE_BAD_LENGTH"),
    (
        {"components": [row(button()), row(button())]},
        "components/1/components/0/custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    ({"components": [row(select(26))]}, "components/0/components/0/options", "BASE_TYPE_BAD_LENGTH"),
    ({"components": [row(select(0))]}, "components/0/components/0/options", "BASE_TYPE_BAD_LENGTH"),
    (
        {"components": [row({**select(), "options": [option(), option()]})]},
        "components/0/components/0/options/1/value",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    ({"components": [row(select(min_values=2))]}, "components/0/components/0/min_values", "NUMBER_TYPE_MAX"),
    (
        {"components": [row(select(placeholder="x" * 151))]},
        "components/0/components/0/placeholder",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        {"components": [row({**select(), "options": [option("x", "x" * 101)]})]},
        "components/0/components/0/options/0/label",
        "BASE_TYPE_BAD_LENGTH",
    ),
    ({**V2, "content": "x"}, "content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
    ({**V2, "embeds": [embed()]}, "embeds", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
    ({**V2, "components": [text() for _ in range(41)]}, "components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
    (
        {**V2, "components": [container(*(section(accessory=button(str(i))) for i in range(14)))]},
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    ({**V2, "components": [text("x" * 2001)] * 2}, "components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"),
    ({**V2, "components": [container()]}, "components/0/components", "BASE_TYPE_MIN_LENGTH"),
    ({**V2, "components": [container(container(text()))]}, "components/0/components/0/type", "UNION_TYPE_CHOICES"),
    ({**V2, "components": [section(*[text()] * 4)]}, "components/0/components", "BASE_TYPE_BAD_LENGTH"),
    ({**V2, "components": [{**section(), "accessory": None}]}, "components/0/accessory", "BASE_TYPE_REQUIRED"),
    ({**V2, "components": [thumbnail()]}, "components/0/type", "UNION_TYPE_CHOICES"),
    ({**V2, "components": [gallery(11)]}, "components/0/items", "BASE_TYPE_BAD_LENGTH"),
    ({**V2, "components": [gallery(1, "ftp://x")]}, "components/0/items/0/media/url", "URL_TYPE_INVALID_SCHEME"),
    ({**V2, "components": [file()]}, "components/0", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"),
    ({**V2, "components": [text("")]}, "components/0/content", "BASE_TYPE_REQUIRED"),
    ({"allowed_mentions": {"parse": ["all"]}}, "allowed_mentions/parse/0", "BASE_TYPE_CHOICES"),
    (
        {"allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    ({"flags": "x"}, "flags", "NUMBER_TYPE_COERCE"),
]


@pytest.mark.parametrize("body", GOOD)
def test_what_keeps_to_the_limits_is_taken(body: JSON) -> None:
    assert refused(body) == {}


@pytest.mark.parametrize(("body", "where", "code"), BAD)
def test_what_breaks_a_limit_is_told_where(body: JSON, where: str, code: str) -> None:
    assert refused(body).get(where) == code


def test_a_file_that_is_there_can_be_shown() -> None:
    assert refused({**V2, "components": [file()]}, PLAIN) == {}
    assert refused({"content": "x"}, *[PLAIN] * 11) == {"attachments": "BASE_TYPE_MAX_LENGTH"}


def test_embeds_are_measured_without_the_space_around_them() -> None:
    assert (
        size([{"title": " ab ", "author": {"name": "c"}, "fields": [{"name": "d ", "value": " e"}], "url": "x" * 99}])
        == 5
    )


def test_the_body_is_nested_as_discord_nests_it() -> None:
    with pytest.raises(Refused) as caught:
        check_message({"embeds": [embed(title="x" * 257)]}, ())
    assert caught.value.body == {
        "message": "Invalid Form Body",
        "code": 50035,
        "errors": {
            "embeds": {
                "0": {
                    "title": {
                        "_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 256 or fewer in length."}]
                    }
                }
            }
        },
    }


FORMS: list[tuple[JSON, str, str]] = [
    (modal(), "", ""),
    (modal(*(label(text_input(str(i))) for i in range(5))), "", ""),
    (modal(label(select(2, "s"))), "", ""),
    (modal(label({"type": 21, "custom_id": "r", "options": [option("a"), option("b")]})), "", ""),
    (modal(label({"type": 23, "custom_id": "c"})), "", ""),
    (modal(row(text_input(label="old"))), "", ""),
    (modal(text(), label()), "", ""),
    (modal(title="x" * 46), "data/title", "BASE_TYPE_BAD_LENGTH"),
    (modal(custom_id="x" * 101), "data/custom_id", "BASE_TYPE_BAD_LENGTH"),
    (modal(*(label(text_input(str(i))) for i in range(6))), "data/components", "BASE_TYPE_BAD_LENGTH"),
    (modal(text_input()), "data/components/0/type", "UNION_TYPE_CHOICES"),
    (modal(row(button())), "data/components/0/components/0/type", "UNION_TYPE_CHOICES"),
    (modal(row(text_input())), "data/components/0/components/0/label", "BASE_TYPE_REQUIRED"),
    (modal(label(button())), "data/components/0/component/type", "UNION_TYPE_CHOICES"),
    (modal(label(label="x" * 46)), "data/components/0/label", "BASE_TYPE_BAD_LENGTH"),
    (modal(label(description="x" * 101)), "data/components/0/description", "BASE_TYPE_MAX_LENGTH"),
    (
        modal(label(text_input(placeholder="x" * 101))),
        "data/components/0/component/placeholder",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (modal(label(text_input(value="x" * 4001))), "data/components/0/component/value", "BASE_TYPE_MAX_LENGTH"),
    (modal(label(text_input(max_length=4001))), "data/components/0/component/max_length", "NUMBER_TYPE_MAX"),
    (modal(label(), label()), "data/components/1/component/custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
    (
        modal(label({"type": 21, "custom_id": "r", "options": [option("a")]})),
        "data/components/0/component/options",
        "BASE_TYPE_BAD_LENGTH",
    ),
]


@pytest.mark.parametrize(("form", "where", "code"), FORMS)
def test_forms(form: JSON, where: str, code: str) -> None:
    problems = component_rules.modal(form, ("data",))
    assert {"/".join(path): what for path, what, _ in problems} == ({where: code} if where else {})


LONG = [argument(f"o{i}", choices=[{"name": "x" * 100, "value": "y" * 100}] * 25) for i in range(2)]
COMMANDS: list[tuple[Any, str, str]] = [
    ([], "", ""),
    ([command("papers", argument("search", 1, options=[argument("query", required=True), argument("n", 4)]))], "", ""),
    ([command("papers", argument("digest", 2, options=[argument("send", 1, options=[argument()])]))], "", ""),
    (
        [command(name_localizations=None, contexts=None, integration_types=None, default_member_permissions=None)],
        "",
        "",
    ),
    ([command("поиск"), command("खोज"), command("a-b_c'1")], "", ""),
    ([{"type": 3, "name": "Which Paper"}], "", ""),
    ([command("Papers")], "0/name", "APPLICATION_COMMAND_INVALID_NAME"),
    ([command("pa pers")], "0/name", "APPLICATION_COMMAND_INVALID_NAME"),
    ([command("x" * 33)], "0/name", "BASE_TYPE_BAD_LENGTH"),
    ([{"name": "x"}], "0/description", "BASE_TYPE_REQUIRED"),
    ([command(description="x" * 101)], "0/description", "BASE_TYPE_BAD_LENGTH"),
    ([{"type": 3, "name": "x", "description": "x"}], "0/description", "BASE_TYPE_MAX_LENGTH"),
    ([command("c", argument("O"))], "0/options/0/name", "APPLICATION_COMMAND_INVALID_NAME"),
    ([command("c", argument("o", 12))], "0/options/0/type", "BASE_TYPE_CHOICES"),
    ([command("c", *(argument(f"o{i}") for i in range(26)))], "0/options", "BASE_TYPE_MAX_LENGTH"),
    ([command("c", argument(), argument())], "0/options/1/name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"),
    (
        [command("c", argument("a"), argument("b", required=True))],
        "0/options/1",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    ([command("c", argument("a"), argument("b", 1))], "0/options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
    (
        [command("c", argument("a", 1, options=[argument("b", 1)]))],
        "0/options/0/options",
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    (
        [command("c", argument("a", 2, options=[argument("b")]))],
        "0/options/0/options",
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    (
        [command("c", argument(choices=[{"name": "x", "value": str(i)} for i in range(26)]))],
        "0/options/0/choices",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        [command("c", argument("o", 4, choices=[{"name": "x", "value": "y"}]))],
        "0/options/0/choices/0/value",
        "NUMBER_TYPE_COERCE",
    ),
    (
        [command("c", argument(choices=[{"name": "x", "value": "y"}], autocomplete=True))],
        "0/options/0/autocomplete",
        "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE",
    ),
    ([command("c", argument(max_length=6001))], "0/options/0/max_length", "NUMBER_TYPE_MAX"),
    ([command("c", *LONG)], "0", "APPLICATION_COMMAND_TOO_LARGE"),
    ([command("c"), command("c")], "1/name", "APPLICATION_COMMANDS_DUPLICATE_NAME"),
    ([command(f"c{i}") for i in range(101)], "", "APPLICATION_COMMANDS_MAX_LENGTH"),
    ([{"type": 2, "name": f"c{i}"} for i in range(16)], "", "APPLICATION_COMMANDS_MAX_LENGTH"),
    ([command(contexts=[3])], "0/contexts/0", "BASE_TYPE_CHOICES"),
    (["x"], "0", "MODEL_TYPE_CONVERT"),
    ({}, "", "LIST_TYPE_CONVERT"),
]


@pytest.mark.parametrize(("body", "where", "code"), COMMANDS)
def test_commands(body: Any, where: str, code: str) -> None:  # noqa: ANN401 - any JSON
    problems = command_rules.commands(body)
    assert {"/".join(path): what for path, what, _ in problems} == ({where: code} if code else {})
