"""Rules that no single block can keep: unique ids, totals, and what an image's address leads to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from tests.emulators.slack.rules.schema import Problem
from tests.emulators.slack.state.nouns import JSON

TOTAL = 12_000
"""Characters of all text in a message's blocks; undocumented, from bolt-js #2509 and #2867."""
BUFFER = 12
"""What each block costs besides its text: users were refused somewhat below the total."""
MARKDOWN_TOTAL = 12_000
TABLE_TOTAL = 10_000
CHARTS = 2
WORDS = ("text", "alt_text", "title", "subtitle", "body", "label", "hint", "placeholder", "caption", "description")
_HEADING = re.compile(r" {0,3}#{1,6} ")
_RULE = re.compile(r" {0,3}([-*_])( *\1){2,} *")
_TABLE = re.compile(r" {0,3}\|?( *:?-+:? *\|)+ *(:?-+:?)? *")


def duplicates(blocks: Sequence[JSON], pointer: str) -> list[Problem]:
    """A block_id is unique among its blocks, an action_id within its block."""
    problems = _repeated("block_id", [(block.get("block_id"), f"{pointer}/{i}") for i, block in enumerate(blocks)])
    for i, block in enumerate(blocks):
        problems += _repeated("action_id", list(_action_ids(block, f"{pointer}/{i}")))
    return problems


def _repeated(name: str, values: Sequence[tuple[object, str]]) -> list[Problem]:
    seen: set[object] = set()
    problems: list[Problem] = []
    for value, place in values:
        if value and value in seen:
            problems.append((f"{place}/{name}", f'`{name}` "{value}" already exists'))
        seen.add(value)
    return problems


def _action_ids(value: object, pointer: str) -> Iterator[tuple[object, str]]:
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from _action_ids(item, f"{pointer}/{i}")
    elif isinstance(value, dict):
        if "action_id" in value:
            yield value["action_id"], pointer
        for key, item in value.items():
            yield from _action_ids(item, f"{pointer}/{key}")


def inputs_need_submit(view: JSON, pointer: str) -> list[Problem]:
    """A modal with something to fill in has a button that sends it."""
    if view["type"] != "modal" or "submit" in view:
        return []
    return [
        (f"{pointer}/blocks/{i}/input", "must define `submit` to use an `input` block in modals")
        for i, block in enumerate(view["blocks"])
        if block["type"] == "input"
    ]


def characters(value: object) -> int:
    """All text in blocks: every string under a key that a person reads."""
    if isinstance(value, list):
        return sum(characters(item) for item in value)
    if not isinstance(value, dict):
        return 0
    return sum(len(item) if key in WORDS and isinstance(item, str) else characters(item) for key, item in value.items())


def too_long(blocks: Sequence[JSON]) -> bool:
    """Whether Slack says ``msg_blocks_too_long``."""
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    return characters(list(blocks)) + BUFFER * len(blocks) > TOTAL or markdown > MARKDOWN_TOTAL


def totals(blocks: Sequence[JSON], pointer: str, most: int) -> list[Problem]:
    """A message's number of blocks after translation, its tables' characters and its charts."""
    problems: list[Problem] = []
    if sum(translated(block) for block in blocks) > most:
        problems.append((pointer, f"no more than {most} items allowed"))
    if sum(characters(block["rows"]) for block in blocks if block["type"] == "table") > TABLE_TOTAL:
        problems.append((pointer, f"tables must be less than {TABLE_TOTAL + 1} characters"))
    if sum(block["type"] == "data_visualization" for block in blocks) > CHARTS:
        problems.append((pointer, "too many data_visualization blocks"))
    return problems


def translated(block: JSON) -> int:
    """How many blocks Slack stores for one: markdown becomes a block per heading, rule, table, and run of the rest."""
    if block["type"] != "markdown":
        return 1
    count, running, fenced = 0, False, False
    for line in block["text"].split("\n"):
        fenced ^= line.lstrip().startswith("```")
        alone = not fenced and bool(_HEADING.match(line) or _RULE.fullmatch(line) or _TABLE.fullmatch(line))
        count += alone or (bool(line.strip()) and not running)
        running = not alone and (running or bool(line.strip()))
    return max(count, 1)


def images(blocks: Sequence[JSON], pointer: str, broken: Collection[str], files: Collection[str]) -> list[Problem]:
    """An ``image`` block that cannot be downloaded fails the message; an accessory only shows a broken icon."""
    problems = [(place, "downloading image failed") for place in _undownloadable(blocks, pointer, broken)]
    return problems + [(place, "invalid slack file") for place in _missing_files(list(blocks), pointer, files)]


def _undownloadable(blocks: Sequence[JSON], pointer: str, broken: Collection[str]) -> Iterator[str]:
    for i, block in enumerate(blocks):
        if block["type"] == "image" and block.get("image_url") in broken:
            yield f"{pointer}/{i}/image_url"
        yield from _undownloadable(block.get("child_blocks", ()), f"{pointer}/{i}/child_blocks", broken)


def _missing_files(value: object, pointer: str, files: Collection[str]) -> Iterator[str]:
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from _missing_files(item, f"{pointer}/{i}", files)
    elif isinstance(value, dict):
        file = value.get("slack_file")
        if file and file.get("id", file.get("url")) not in files:
            yield f"{pointer}/slack_file"
        for key, item in value.items():
            yield from _missing_files(item, f"{pointer}/{key}", files)
