"""Every live token of a message, wherever Slack would make one: text, blocks, rich text, attachments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from tests.emulators.slack.state.nouns import JSON, Live
from tests.emulators.slack.text.mrkdwn import Names, live_tokens, placed

MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]*)\]\(<?([^\s()<>]+)>?[^()]*\)")
RICH: dict[str, Callable[[JSON], Live]] = {
    "user": lambda e: Live("user", str(e["user_id"])),
    "usergroup": lambda e: Live("group", str(e["usergroup_id"])),
    "channel": lambda e: Live("channel", str(e["channel_id"])),
    "broadcast": lambda e: Live("special", str(e["range"])),
    "link": lambda e: Live("link", str(e["url"]), str(e.get("text", ""))),
    "date": lambda e: Live("date", str(e["timestamp"]), str(e.get("fallback", ""))),
}
ATTACHMENT_TEXTS = ("text", "pretext", "title", "footer")


def of_message(
    text: str, blocks: Iterable[JSON], attachments: Iterable[JSON], names: Names, *, by_name: bool
) -> tuple[Live, ...]:
    """Collect them. ``by_name`` says whether names count in ``text``: with ``parse`` client or full, or link_names."""
    found = placed(live_tokens(text, names if by_name else None), "/text")
    found += [live for i, block in enumerate(blocks) for live in _walk(block, f"/blocks/{i}", names)]
    for i, attachment in enumerate(attachments):
        found += _attachment(attachment, f"/attachments/{i}", names)
    return tuple(found)


def of_markdown(text: str, pointer: str) -> list[Live]:
    """Standard Markdown, which Slack translates: its links, and Slack's own tokens as well."""
    links = [Live("link", target, label) for label, target in MARKDOWN_LINK.findall(text)]
    return placed(links + live_tokens(MARKDOWN_LINK.sub(" ", text)), pointer)


def of_blocks(blocks: Iterable[JSON], names: Names) -> tuple[Live, ...]:
    """The same for the blocks of a view."""
    return tuple(live for i, block in enumerate(blocks) for live in _walk(block, f"/blocks/{i}", names))


def _attachment(attachment: JSON, pointer: str, names: Names) -> Iterator[Live]:
    for key in ATTACHMENT_TEXTS:
        yield from placed(live_tokens(str(attachment.get(key, "")), names), f"{pointer}/{key}")
    for key in ("title_link", "author_link", "from_url"):
        if link := attachment.get(key):
            yield Live("link", str(link), pointer=f"{pointer}/{key}")
    for i, entry in enumerate(attachment.get("fields") or ()):
        yield from placed(live_tokens(str(entry.get("value", "")), names), f"{pointer}/fields/{i}/value")
    for i, block in enumerate(attachment.get("blocks") or ()):
        yield from _walk(block, f"{pointer}/blocks/{i}", names)


def _walk(value: object, pointer: str, names: Names) -> Iterator[Live]:
    """Descend through blocks and elements; plain text holds nothing live."""
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from _walk(item, f"{pointer}/{i}", names)
    if not isinstance(value, dict):
        return
    kind = value.get("type")
    if kind == "mrkdwn":
        verbatim = bool(value.get("verbatim"))
        lives = live_tokens(str(value["text"]), None if verbatim else names, bare=not verbatim)
        yield from placed(lives, f"{pointer}/text")
    elif kind == "markdown":
        yield from of_markdown(str(value["text"]), f"{pointer}/text")
    elif kind in RICH and "elements" not in value:
        yield from placed([RICH[str(kind)](value)], pointer)
    else:
        for key, item in value.items():
            yield from _walk(item, f"{pointer}/{key}", names)
