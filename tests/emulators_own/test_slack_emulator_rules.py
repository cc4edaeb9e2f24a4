from __future__ import annotations

import pytest

from tests.emulators.slack.building import (
    actions,
    button,
    chart,
    field,
    home,
    image,
    modal,
    plain,
    rich,
    section,
    table,
)
from tests.emulators.slack.rules import (
    Pictures,
    Refused,
    check_attachments,
    check_blocks,
    check_metadata,
    check_view,
    with_block_ids,
)
from tests.emulators.slack.rules.across import characters, translated
from tests.emulators.slack.state.nouns import JSON

PICTURES = Pictures(broken={"https://x.org/broken.png"})
DIVIDER = {"type": "divider"}


def complaints(*blocks: JSON) -> list[str]:
    with pytest.raises(Refused) as caught:
        check_blocks(list(blocks), PICTURES)
    return list(caught.value.more["errors"])


def test_a_message_takes_fifty_blocks() -> None:
    check_blocks([DIVIDER] * 50, PICTURES)
    assert complaints(*[DIVIDER] * 51) == ["no more than 50 items allowed [json-pointer:/blocks]"]


def test_every_bad_block_is_told_at_once() -> None:
    assert len(complaints({"type": "a"}, {"type": "b"})) == 2


def test_block_ids_are_unique() -> None:
    same = [section(block_id="b"), section(block_id="b")]
    assert complaints(*same) == ['`block_id` "b" already exists [json-pointer:/blocks/1/block_id]']


def test_action_ids_may_repeat_in_different_blocks() -> None:
    check_blocks([actions(button()), actions(button())], PICTURES)


@pytest.mark.parametrize("blocks", ["text", {"type": "section"}, [1], [[]]])
def test_what_is_no_list_of_objects_has_its_own_error(blocks: object) -> None:
    with pytest.raises(Refused, match="invalid_blocks_format"):
        check_blocks(blocks, PICTURES)


def test_all_text_together_has_a_limit_that_a_response_url_does_not_have() -> None:
    blocks = [section("x" * 2975)] * 4
    check_blocks(blocks, PICTURES)
    long = [*blocks, section("x" * 100)]
    with pytest.raises(Refused, match="msg_blocks_too_long"):
        check_blocks(long, PICTURES)
    check_blocks(long, PICTURES, total=False)


def test_all_markdown_together_has_a_limit() -> None:
    with pytest.raises(Refused, match="msg_blocks_too_long"):
        check_blocks([{"type": "markdown", "text": "x" * 6001}] * 2, PICTURES)


def test_all_tables_together_have_a_limit() -> None:
    check_blocks([table(10, 10, "x" * 50)] * 2, PICTURES)
    too_many = "tables must be less than 10001 characters [json-pointer:/blocks]"
    assert complaints(*[table(10, 10, "x" * 51)] * 2) == [too_many]


def test_characters_are_counted_wherever_they_are_read() -> None:
    shown = [section("x", accessory=image(alt_text="abc")), rich({"type": "text", "text": "de"})]
    assert characters(shown) == 6
    assert characters(table(2, 2, "ab")) == 8


def test_a_message_takes_two_charts() -> None:
    check_blocks([chart(), chart()], PICTURES)
    assert complaints(chart(), chart(), chart()) == ["too many data_visualization blocks [json-pointer:/blocks]"]


@pytest.mark.parametrize(
    ("markdown", "count"),
    [
        ("one", 1),
        ("one\n\ntwo", 1),
        ("# h\n\none\n\n## h\n\ntwo", 4),
        ("one\n\n---\n\ntwo", 3),
        ("```\n# code\n---\n```", 1),
        ("", 1),
    ],
)
def test_markdown_counts_as_the_blocks_that_slack_makes_of_it(markdown: str, count: int) -> None:
    assert translated({"type": "markdown", "text": markdown}) == count


def test_markdown_of_many_headings_is_too_many_blocks() -> None:
    many = {"type": "markdown", "text": "# h\nx\n" * 26}
    assert complaints(many) == ["no more than 50 items allowed [json-pointer:/blocks]"]


VIEWS: list[tuple[JSON, str, str]] = [
    ({"type": "drawer", "blocks": []}, "/type", "unsupported type: drawer"),
    ({"type": "modal", "blocks": []}, "", "missing required field: title"),
    (modal(title=plain("x" * 25)), "/title/text", "must be less than 25 characters"),
    (modal(submit=plain("x" * 25)), "/submit/text", "must be less than 25 characters"),
    (modal(close=plain("x" * 25)), "/close/text", "must be less than 25 characters"),
    (modal(private_metadata="x" * 3001), "/private_metadata", "must be less than 3001 characters"),
    (modal(callback_id="x" * 256), "/callback_id", "must be less than 256 characters"),
    (modal(external_id="x" * 256), "/external_id", "must be less than 256 characters"),
    (modal(*[DIVIDER] * 101), "/blocks", "no more than 100 items allowed"),
    (modal({"type": "markdown", "text": "x"}), "/blocks/0/type", "unsupported type: markdown"),
    (modal(table()), "/blocks/0/type", "unsupported type: table"),
    (modal(section(block_id="b"), section(block_id="b")), "/blocks/1/block_id", '`block_id` "b" already exists'),
    (modal(image("https://x.org/broken.png")), "/blocks/0/image_url", "downloading image failed"),
    (modal(state={}), "", "invalid additional property: state"),
    (
        {"type": "modal", "title": plain(), "blocks": [field()]},
        "/blocks/0/input",
        "must define `submit` to use an `input` block in modals",
    ),
    (home(title=plain()), "", "invalid additional property: title"),
    (home({"type": "alert", "text": plain()}), "/blocks/0/type", "unsupported type: alert"),
]


@pytest.mark.parametrize(("view", "pointer", "sentence"), VIEWS)
def test_a_bad_view_is_refused_in_slacks_words(view: JSON, pointer: str, sentence: str) -> None:
    with pytest.raises(Refused) as caught:
        check_view(view, PICTURES)
    assert caught.value.error == "invalid_arguments"
    assert f"[ERROR] {sentence} [json-pointer:/view{pointer}]" in caught.value.more["response_metadata"]["messages"]


def test_good_views_are_taken() -> None:
    check_view(modal(*[section()] * 100, callback_id="c", notify_on_close=True), PICTURES)
    check_view(modal({"type": "alert", "text": plain(), "level": "warning"}, field("a"), field("b")), PICTURES)
    check_view(home(section(), field(), private_metadata="x" * 3000), PICTURES)


def test_a_view_has_a_size_in_bytes() -> None:
    with pytest.raises(Refused, match="view_too_large"):
        check_view(modal(*[section("é" * 3000)] * 50), PICTURES)


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ("text", "invalid_metadata_format"),
        ({"event_type": "x"}, "invalid_metadata_schema"),
        ({"event_type": 1, "event_payload": {}}, "invalid_metadata_schema"),
        ({"event_type": "x", "event_payload": []}, "invalid_metadata_schema"),
        ({"event_type": "x", "event_payload": {"k": "x" * 8000}}, "metadata_too_large"),
    ],
)
def test_bad_metadata_is_refused(metadata: object, error: str) -> None:
    check_metadata({"event_type": "x", "event_payload": {"k": "v"}})
    with pytest.raises(Refused, match=error):
        check_metadata(metadata)


@pytest.mark.parametrize(
    ("attachments", "error"),
    [
        ("x", "invalid_attachments"),
        ([1], "invalid_attachments"),
        ([{"text": "x"}] * 101, "too_many_attachments"),
        ([{"blocks": [{"type": "nonsense"}]}], "invalid_blocks"),
    ],
)
def test_bad_attachments_are_refused(attachments: object, error: str) -> None:
    check_attachments([{"text": "x", "blocks": [section()]}] * 100, PICTURES)
    with pytest.raises(Refused, match=error):
        check_attachments(attachments, PICTURES)


def test_slack_fills_in_the_ids_that_are_missing() -> None:
    number = iter(range(100))
    nameless = section(accessory={"type": "button", "text": plain()})
    filled = with_block_ids([nameless, section(block_id="mine", accessory=button())], lambda: str(next(number)))
    assert (filled[0]["block_id"], filled[0]["accessory"]["action_id"]) == ("1", "0")
    assert (filled[1]["block_id"], filled[1]["accessory"]["action_id"]) == ("mine", "a")
