"""A topic's half year as a picture: uploaded by the unmodified slack_sdk, with its alternative text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from adapters.pictures.pillow import Settings, pictures
from tests.adapters.chats.slack.kit import Office, desk_of, office, readable
from tests.emulators.faults import Fault
from tests.emulators.slack import BOT_TOKEN, Message, Workspace, drop, refuse, status
from tests.making import paper


def workspace(*more: str, processing: float) -> Workspace:
    """Acme, where uploads are allowed if that scope is given."""
    made = readable()
    made.tokens[BOT_TOKEN] = replace(made.tokens[BOT_TOKEN], scopes=made.tokens[BOT_TOKEN].scopes | frozenset(more))
    made.processing = processing
    return made


@asynccontextmanager
async def drawing(*scopes: str, processing: float = 0.0) -> AsyncIterator[Office]:
    """An office whose desk draws, with papers of this week."""
    day = datetime.now(UTC).date()
    papers = [paper(f"2608.1{n:04}", listed=day, title=f"Agents {n}", upvotes=9) for n in range(3)]
    desk = partial(desk_of, draw=pictures(Settings()))
    async with office(workspace(*scopes, processing=processing), papers=papers, opened=desk) as out:
        yield out


def images(messages: list[Message]) -> list[tuple[str, str]]:
    """The files that messages show, and their words."""
    blocks = [block for message in messages for block in message.blocks if block["type"] == "image"]
    return [(block["slack_file"]["id"], block["alt_text"]) for block in blocks]


async def test_who_asked_gets_the_picture_in_their_direct_messages() -> None:
    async with drawing("files:write", processing=0.5) as out:
        answer = await out.type("ada", "trending topic:agents")
        found = await out.slack.until(lambda: images(out.slack.dm("ada")))
        assert found
        ((file, alt),) = found
        kept = out.slack.workspace.files[file]
        assert (kept.content or b"").startswith(b"\x89PNG")
        assert kept.name == "trend.png"
        assert alt == kept.alt_text
        assert "agents" in alt
        assert answer.only_for
        assert alt in str(answer.blocks)
        assert not images(out.slack.messages("ml"))
        assert out.slack.dm("ada")[-1].blocks[1]["elements"][0]["text"] == alt


async def test_shared_it_stands_in_the_channel() -> None:
    async with drawing("files:write") as out:
        answer = await out.type("ada", "trending topic:agents")
        await out.press("ada", answer, "Share here")
        found = await out.slack.until(lambda: images(out.slack.messages("ml")))
        assert found
        assert "agents" in found[0][1]


async def test_without_the_scope_the_words_stand_alone_and_nothing_is_tried() -> None:
    async with drawing() as out:
        answer = await out.type("ada", "trending topic:agents")
        assert "papers and" in str(answer.blocks)
        await out.type("ada", "list")
        assert not [record for record in out.slack.ledger.records if record.method.startswith("files.")]


@pytest.mark.parametrize(
    ("where", "fault"),
    [
        ("files.getUploadURLExternal", refuse("file_uploads_disabled")),
        ("files.getUploadURLExternal", drop(committed=False)),
        ("upload", status(500)),
        ("files.completeUploadExternal", refuse("missing_scope")),
    ],
)
async def test_an_upload_that_fails_costs_the_picture_only(
    where: str, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    async with drawing("files:write") as out:
        out.slack.faults.on(where, fault)
        assert "papers and" in str((await out.type("ada", "trending topic:agents")).blocks)
        assert (await out.type("ada", "list")).blocks
    assert "a picture could not be shown" in caplog.text
    assert not out.slack.dm("ada")
