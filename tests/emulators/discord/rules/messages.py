"""Messages and their embeds, with their limits as data (platforms.md 2.3)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from tests.emulators.discord.rules import Refused, insist
from tests.emulators.discord.rules.components import legacy, v2
from tests.emulators.discord.rules.schema import (
    Check,
    Path,
    Problem,
    address,
    anything,
    array,
    boolean,
    integer,
    one_of,
    record,
    required,
    snowflake,
    string,
)
from tests.emulators.discord.state.nouns import COMPONENTS_V2, JSON, Upload

CONTENT, NONCE, EMBEDS, EMBED_TOTAL, FILES = 2000, 25, 10, 6000, 10
FILE_BYTES, REQUEST_BYTES = 10 * 1024 * 1024, 25 * 1024 * 1024
TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
LINK = address("http", "https")
PICTURE = record({"url": address("http", "https", "attachment")}, {})


def _says_something(value: JSON, path: Path) -> list[Problem]:
    shown = ("title", "description", "fields", "image", "thumbnail", "author", "footer")
    return [] if any(value.get(name) for name in shown) else required((*path, "description"))


EMBED = record(
    {},
    {
        "title": string(0, 256, trim=True),
        "description": string(0, 4096, trim=True),
        "url": LINK,
        "color": integer(0, 0xFFFFFF),
        "timestamp": string(1, 40, TIME),
        "footer": record({"text": string(1, 2048, trim=True)}, {"icon_url": address("http", "https", "attachment")}),
        "author": record(
            {"name": string(1, 256, trim=True)}, {"url": LINK, "icon_url": address("http", "https", "attachment")}
        ),
        "image": PICTURE,
        "thumbnail": PICTURE,
        "fields": array(
            record({"name": string(1, 256, trim=True), "value": string(1, 1024, trim=True)}, {"inline": boolean}), 0, 25
        ),
    },
    _says_something,
)


def _mentions(value: JSON, path: Path) -> list[Problem]:
    """Either all users, or some; the same for roles."""
    both = [name for name in ("users", "roles") if value.get(name) and name in (value.get("parse") or ())]
    return [
        (
            path,
            "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
            f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.',
        )
        for name in both
    ]


ALLOWED = record(
    {},
    {
        "parse": array(one_of("users", "roles", "everyone")),
        "users": array(snowflake, 0, 100),
        "roles": array(snowflake, 0, 100),
        "replied_user": boolean,
    },
    _mentions,
)


def _is_number(value: object) -> bool:
    """Whether a nonce is one of the numbers that may stand for a string."""
    return isinstance(value, int) and not isinstance(value, bool) and len(str(value)) <= NONCE


FIELDS: dict[str, Check] = {
    "content": string(0, CONTENT, trim=True),
    "nonce": lambda value, path: [] if _is_number(value) else string(0, NONCE)(value, path),
    "enforce_nonce": boolean,
    "tts": boolean,
    "embeds": array(EMBED, 0, EMBEDS),
    "allowed_mentions": ALLOWED,
    "components": anything,
    "flags": integer(0),
    "attachments": array(
        record({"id": snowflake}, {"filename": string(1, 260), "description": string(0, 1024)}), 0, FILES
    ),
    "message_reference": record({"message_id": snowflake}, {"channel_id": snowflake, "fail_if_not_exists": boolean}),
}
MESSAGE = record({}, FIELDS)
LEGACY_ONLY = ("content", "embeds", "poll", "sticker_ids")


def texts(embed: JSON) -> Iterator[str]:
    """All text of an embed that counts, without the space around it."""
    for holder, name in ((embed, "title"), (embed, "description"), (embed.get("footer"), "text")):
        yield str((holder or {}).get(name) or "").strip()
    yield str((embed.get("author") or {}).get("name") or "").strip()
    for field in embed.get("fields") or ():
        yield str(field["name"]).strip()
        yield str(field["value"]).strip()


def size(embeds: Any) -> int:  # noqa: ANN401 - any JSON
    """The characters of embeds that count towards 6,000."""
    return sum(len(text) for embed in embeds or () for text in texts(embed))


def check_message(body: JSON, files: Collection[Upload], *, path: Path = (), was_v2: bool = False) -> None:
    """Raise ``Refused`` for what Discord does not take as a message, or as a change of one."""
    insist(mapping_of(body, path))
    flags = int(body.get("flags") or 0)
    problems = MESSAGE(body, path)
    problems += _flagged(
        body, path, frozenset(one.name for one in files), flagged=bool(flags & COMPONENTS_V2) or was_v2
    )
    insist(problems or _embed_total(body.get("embeds"), (*path, "embeds")))
    if len(files) > FILES:
        insist([((*path, "attachments"), "BASE_TYPE_MAX_LENGTH", f"Must be {FILES} or fewer in length.")])
    if any(one.size > FILE_BYTES for one in files) or sum(one.size for one in files) > REQUEST_BYTES:
        raise Refused(40005)


def mapping_of(body: object, path: Path) -> list[Problem]:
    """A body has to be an object, with a number for flags."""
    if not isinstance(body, dict):
        return record({}, {})(body, path)
    return integer(0)(body["flags"], (*path, "flags")) if body.get("flags") is not None else []


def _flagged(body: JSON, path: Path, files: frozenset[str], *, flagged: bool) -> list[Problem]:
    where, components = (*path, "components"), body.get("components")
    if not flagged:
        return [] if components is None else legacy(components, where)
    code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
    problems = [
        ((*path, name), code, f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2")
        for name in LEGACY_ONLY
        if body.get(name)
    ]
    return problems + ([] if components is None else v2(components, where, files))


def _embed_total(embeds: Any, path: Path) -> list[Problem]:  # noqa: ANN401 - any JSON
    says = f"Embed size exceeds maximum size of {EMBED_TOTAL}"
    alone = [
        ((*path, str(i)), "MAX_EMBED_SIZE_EXCEEDED", says)
        for i, one in enumerate(embeds or ())
        if size([one]) > EMBED_TOTAL
    ]
    return alone or ([(path, "MAX_EMBED_SIZE_EXCEEDED", says)] if size(embeds) > EMBED_TOTAL else [])


def is_empty(body: JSON, files: Collection[Upload]) -> bool:
    """Whether there is nothing to show."""
    shown = body.get("content") and str(body["content"]).strip()
    return not (
        shown or body.get("embeds") or body.get("components") or files or body.get("sticker_ids") or body.get("poll")
    )
