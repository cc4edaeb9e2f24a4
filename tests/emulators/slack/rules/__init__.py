"""What Slack refuses, and the words it refuses with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from tests.emulators.slack.rules import across
from tests.emulators.slack.rules.blocks import MESSAGE, VIEWS
from tests.emulators.slack.rules.schema import array, said, typed
from tests.emulators.slack.state.nouns import JSON

BLOCKS = 50
VIEW_BYTES = 250_000
METADATA_BYTES = 8_000
ATTACHMENTS = 100
TEXT = 40_000
"""Characters of ``text``: a new message is cut here, other methods refuse."""
EDITED_TEXT = 4_000
MARKDOWN_TEXT = 12_000

_blocks = array(typed(MESSAGE), 0, BLOCKS)


class Refused(Exception):
    """Slack's no: an error code and what else its answer says."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.more: dict[str, Any] = more


@dataclass(frozen=True, slots=True)
class Pictures:
    """What can be shown: addresses that fail, and files that exist."""

    broken: Collection[str] = ()
    files: Collection[str] = ()


def check_blocks(blocks: object, pictures: Pictures, *, total: bool = True) -> None:
    """Raise ``Refused`` unless these blocks make a message. A response_url has no limit on the total."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refused("invalid_blocks_format")
    problems = _blocks(blocks, "/blocks")
    problems = problems or across.duplicates(blocks, "/blocks") + across.totals(blocks, "/blocks", BLOCKS)
    problems = problems or across.images(blocks, "/blocks", pictures.broken, pictures.files)
    if problems:
        raise Refused("invalid_blocks", errors=said(problems), response_metadata={"messages": messages(said(problems))})
    if total and across.too_long(blocks):
        raise Refused("msg_blocks_too_long")


def check_view(view: object, pictures: Pictures) -> None:
    """Raise ``Refused`` unless this is a view."""
    if len(orjson.dumps(view)) > VIEW_BYTES:
        raise Refused("view_too_large")
    problems = VIEWS(view, "/view")
    if not problems and isinstance(view, dict):
        problems = across.duplicates(view["blocks"], "/view/blocks") + across.inputs_need_submit(view, "/view")
        problems += across.images(view["blocks"], "/view/blocks", pictures.broken, pictures.files)
    if problems:
        raise invalid(*said(problems))


def check_metadata(metadata: object) -> None:
    """Raise ``Refused`` unless this is message metadata: an event type and an object."""
    if not isinstance(metadata, dict):
        raise Refused("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_schema")
    if len(orjson.dumps(metadata)) > METADATA_BYTES:
        raise Refused("metadata_too_large")


def check_attachments(attachments: object, pictures: Pictures) -> None:
    """Raise ``Refused`` unless these are secondary attachments."""
    if not isinstance(attachments, list) or not all(isinstance(one, dict) for one in attachments):
        raise Refused("invalid_attachments")
    if len(attachments) > ATTACHMENTS:
        raise Refused("too_many_attachments")
    for attachment in attachments:
        if "blocks" in attachment:
            check_blocks(attachment["blocks"], pictures)


def invalid(*sentences: str) -> Refused:
    """``invalid_arguments`` with its reasons."""
    return Refused("invalid_arguments", response_metadata={"messages": messages(list(sentences))})


def messages(sentences: list[str]) -> list[str]:
    return [f"[ERROR] {sentence}" for sentence in sentences]


def with_block_ids(blocks: Iterable[JSON], new: Callable[[], str]) -> tuple[JSON, ...]:
    """What Slack fills in: an id for each block, inner ones too, and each element that can be acted upon."""
    return tuple(_block(block, new) for block in blocks)


def _block(block: JSON, new: Callable[[], str]) -> JSON:
    filled = {**_named(block, new), "block_id": block.get("block_id") or new()}
    inner = {"container": "child_blocks", "carousel": "elements"}.get(filled["type"])
    return {**filled, inner: list(with_block_ids(filled[inner], new))} if inner else filled


def _named(value: JSON, new: Callable[[], str]) -> JSON:
    filled = {key: _inside(item, new) for key, item in value.items()}
    if filled.get("type") in ACTING and not filled.get("action_id"):
        filled["action_id"] = new()
    return filled


def _inside(item: object, new: Callable[[], str]) -> object:
    if isinstance(item, list):
        return [_inside(one, new) for one in item]
    return _named(item, new) if isinstance(item, dict) else item


ACTING = {
    "button",
    "overflow",
    "checkboxes",
    "radio_buttons",
    "datepicker",
    "timepicker",
    "datetimepicker",
    "plain_text_input",
    "number_input",
    "email_text_input",
    "url_text_input",
    "rich_text_input",
    "file_input",
    "feedback_buttons",
    "icon_button",
} | {
    f"{many}{what}_select"
    for many in ("", "multi_")
    for what in ("static", "external", "users", "conversations", "channels")
}
