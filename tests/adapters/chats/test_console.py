from __future__ import annotations

import asyncio
import io
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from adapters.chats.console import ConsoleChat, Settings, chat, plain, view
from bot.errors import DeliveryError, Verdict
from bot.models import Channel, Digest, LeftOut, Message
from tests.contracts.chat import KEY, NASTY, OTHER, ChatContract
from tests.making import NOW, digest, entry, match, paper

ME = Channel("console", "", "me")
GOLDEN = """\
2 papers on agents; robots · Monday, 3 August 2026 · late
Data from 03 August 02:30 UTC: no source has answered since.
================================================================================

agents

 1. Agents that plan ahead when the way is long, the map is old and nobody has
    been there before
    Ada Lovelace, Alan Turing, Grace Hopper +1 · Analytical Engines
    They plan ahead.
    From the abstract
    1,234 upvotes · 3 comments · code
    Why: “Agents” in title (for U1)
    https://huggingface.co/papers/2608.00001

robots

 2. Robots that walk
    They plan ahead.
    From the abstract
    Why: “Robots” in title
    https://huggingface.co/papers/2608.00002

================================================================================
1,200 papers read, 2 shown, 1 over the budget. Stop with: broadsheet unsubscribe
console:me --all

"""


def two() -> Digest:
    first = paper(
        "2608.00001",
        title="Agents that plan ahead when the way is long, the map is old and nobody has been there before",
        organization="Analytical Engines",
        upvotes=1234,
        comments=3,
        code="https://github.com/x/y",
    )
    second = paper("2608.00002", title="Robots that walk", authors=(), upvotes=None)
    return digest(
        ME,
        entry(first, match(first, "agents", "U1")),
        entry(second, match(second, "robots")),
        query="agents; robots",
        seen=1200,
        left_out=(LeftOut(paper("3"), "over the budget of 2"),),
        stale="Data from 03 August 02:30 UTC: no source has answered since.",
        late=True,
    )


def one(made: Digest) -> Message:
    (message,) = ConsoleChat(Settings()).render(made)
    return message


def shown(message: Message, width: int, *, colour: bool = False) -> str:
    system: Any = "truecolor" if colour else None
    screen = Console(file=io.StringIO(), width=width, force_terminal=colour, highlight=False, color_system=system)
    screen.print(view(message.payload))
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


@dataclass
class Desk:
    """A folder on a disk that can go away."""

    folder: Path
    chat: ConsoleChat
    channel: Channel = ME

    async def die(self) -> None:
        for file in self.folder.glob("*"):
            file.unlink()
        self.folder.rmdir()
        self.folder.write_text("a file where the folder was")

    @property
    def text(self) -> str:
        return (self.folder / "me.txt").read_text("utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    folder = tmp_path / "console"
    folder.mkdir()
    return Desk(folder, ConsoleChat(Settings(folder=folder, echo=False)))


class TestConsole(ChatContract):
    @pytest.fixture
    async def outside(self, desk: Desk) -> AsyncIterator[Desk]:
        yield desk
        await desk.chat.aclose()


def test_a_digest_reads_well_as_plain_text_of_80_columns() -> None:
    assert plain(one(two()).payload) == GOLDEN


def test_an_empty_digest_says_so() -> None:
    lines = plain(one(digest(ME)).payload).splitlines()
    assert lines[0] == "No new papers on agents · Monday, 3 August 2026"
    assert "12 papers read, 0 shown." in lines[-2]


@pytest.mark.parametrize("width", [80, 120])
def test_the_screen_shows_everything_within_its_width(width: int) -> None:
    said = shown(one(two()), width)
    assert max(len(line) for line in said.splitlines()) <= width
    flat = " ".join(said.split())
    for part in ("Agents that plan ahead when the way", "been there before", "1,234 upvotes", "Why: “Robots” in title"):
        assert part in flat
    assert "https://huggingface.co/papers/2608.00002" in flat


def test_colour_adds_nothing_but_colour_and_links() -> None:
    coloured = shown(one(two()), 80, colour=True)
    assert "\x1b[1m" in coloured
    assert bare(coloured) == shown(one(two()), 80)


def bare(coloured: str) -> str:
    """Take away what rich adds."""
    return re.sub(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[[0-9;]*m", "", coloured)


def hostile() -> Message:
    item = paper(
        "2608.66666",
        title=NASTY + "\x1b]0;owned\x07",
        abstract=NASTY,
        authors=(NASTY,),
        organization=NASTY,
        url="https://x.y/\x1b[2J bold red [/] \n",
    )
    bad = match(item, NASTY, NASTY)
    return one(digest(ME, entry(item, bad), entry(paper("2"), match(paper("2"), "other")), query=NASTY, stale=NASTY))


def test_text_that_wants_to_drive_the_terminal_is_written_out() -> None:
    for said in (plain(hostile().payload), shown(hostile(), 80), bare(shown(hostile(), 80, colour=True))):
        assert [c for c in said if not c.isprintable() and c != "\n"] == []
        assert "\\x1b[31m" in said
        assert "\\u202e" in said


def test_text_that_looks_like_markup_stays_text() -> None:
    made = digest(ME, entry(paper("1", title="[bold]not bold[/bold] [link=https://evil]x[/link] :smile:")))
    assert "[bold]not bold[/bold] [link=https://evil]x[/link] :smile:" in " ".join(shown(one(made), 120).split())


async def test_the_file_is_the_digest_and_a_closing_line(desk: Desk) -> None:
    await desk.chat.post(ME, one(two()), KEY, "")
    assert desk.text == f"{GOLDEN}-- end of {KEY} --\n"
    await desk.chat.post(ME, one(two()), OTHER, "")
    assert desk.text == f"{GOLDEN}-- end of {KEY} --\n\n{GOLDEN}-- end of {OTHER} --\n"


async def test_the_file_is_for_its_owner_only(desk: Desk) -> None:
    await desk.chat.post(ME, one(two()), KEY, "")
    assert (desk.folder / "me.txt").stat().st_mode & 0o777 == 0o600


async def test_the_same_key_twice_is_there_once(desk: Desk) -> None:
    for _ in range(2):
        assert await desk.chat.post(ME, one(two()), KEY, "") == KEY
    assert desk.text.count("Robots that walk") == 1


@pytest.mark.parametrize("kept", [1, 40, 400, 900, len(GOLDEN.encode()), len(GOLDEN.encode()) + 20])
@pytest.mark.parametrize("before", [0, 1])
async def test_what_a_killed_process_left_half_written_is_cut_off_and_written_again(
    desk: Desk, kept: int, before: int
) -> None:
    for key in [OTHER][:before]:
        await desk.chat.post(ME, one(digest(ME)), key, "")
    whole = (desk.folder / "me.txt").read_bytes() if before else b""
    await desk.chat.post(ME, one(two()), KEY, "")
    clean = (desk.folder / "me.txt").read_bytes()
    (desk.folder / "me.txt").write_bytes(clean[: len(whole) + kept])
    assert await desk.chat.find(ME, KEY, NOW) is None
    await desk.chat.post(ME, one(two()), KEY, "")
    assert (desk.folder / "me.txt").read_bytes() == clean


async def test_what_was_left_half_written_leaves_no_tail_behind_a_shorter_one(desk: Desk) -> None:
    (desk.folder / "me.txt").write_text(GOLDEN)
    await desk.chat.post(ME, one(digest(ME)), KEY, "")
    assert desk.text == f"{plain(one(digest(ME)).payload)}-- end of {KEY} --\n"


@pytest.mark.parametrize(
    "text", [f"-- end of {KEY} --", f"x\n-- end of {KEY} --\nx", f"{'x' * 70} -- end of {KEY} -- {'x' * 79}"]
)
async def test_a_closing_line_cannot_be_forged_by_what_a_digest_says(desk: Desk, text: str) -> None:
    item = paper("1", title=text, abstract=text, authors=(text,))
    made = digest(ME, entry(item, match(item, text)), entry(paper("2"), match(paper("2"), "x")), query=text, stale=text)
    await desk.chat.post(ME, one(made), OTHER, "")
    assert await desk.chat.find(ME, KEY, NOW) is None
    await desk.chat.post(ME, one(two()), KEY, "")
    assert await desk.chat.find(ME, KEY, NOW) == KEY
    assert await desk.chat.find(ME, OTHER, NOW) == OTHER


async def test_channels_that_share_a_file_do_not_cut_each_other_off(desk: Desk) -> None:
    rooms = [Channel("console", tenant, "me") for tenant in ("", "a", "b", "c")]
    keys = [f"{n:024x}" for n in range(40)]
    await asyncio.gather(*(desk.chat.post(rooms[n % 4], one(two()), key, "") for n, key in enumerate(keys)))
    assert [key for key in keys if desk.text.count(f"-- end of {key} --\n") != 1] == []


@pytest.mark.parametrize("room", ["me", "../../etc/passwd", "a/b", "ü ber", "..", "x" * 300, "-rf"])
async def test_a_room_is_a_file_inside_the_folder(desk: Desk, room: str) -> None:
    await desk.chat.post(Channel("console", "", room), one(two()), KEY, "")
    (file,) = desk.folder.iterdir()
    assert file.suffix == ".txt"
    assert file.is_file()


async def test_a_folder_that_cannot_be_written_is_named_and_tried_again_later(desk: Desk) -> None:
    await desk.die()
    with pytest.raises(DeliveryError, match=r"I cannot write .*me\.txt: ") as raised:
        await desk.chat.post(ME, one(two()), KEY, "")
    assert raised.value.verdict is Verdict.RETRY


async def test_a_digest_is_also_printed_once_unless_that_is_off(desk: Desk) -> None:
    loud = chat(Settings(folder=desk.folder))
    for key, times in ((KEY, 1), (KEY, 0), (OTHER, 1)):
        with redirect_stdout(io.StringIO()) as screen:
            await loud.post(ME, one(two()), key, "")
        assert screen.getvalue().count("Robots that walk") == times
    with redirect_stdout(io.StringIO()) as screen:
        await desk.chat.post(ME, one(two()), "f" * 24, "")
    assert screen.getvalue() == ""


def test_a_reader_who_goes_away_or_a_full_disk_behind_stdout_does_not_stop_the_record(tmp_path: Path) -> None:
    code = f"""
import asyncio
from pathlib import Path
from adapters.chats.console import ConsoleChat, Settings
from bot.models import Channel, Message
chat = ConsoleChat(Settings(folder=Path({str(tmp_path)!r})))
message = Message({{"blocks": [{{"kind": "head", "text": "hello"}}]}})
for key in ("a" * 24, "b" * 24):
    asyncio.run(chat.post(Channel("console", "", "me"), message, key, ""))
"""
    for gone in (_closed_pipe(), os.open("/dev/full", os.O_WRONLY)):
        (tmp_path / "me.txt").unlink(missing_ok=True)
        subprocess.run([sys.executable, "-c", code], stdout=gone, check=False, timeout=30)
        os.close(gone)
        assert (tmp_path / "me.txt").read_text().count("hello") == 2


def _closed_pipe() -> int:
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def test_age_is_of_no_interest_to_the_record(desk: Desk) -> None:
    asyncio.run(desk.chat.post(ME, one(two()), KEY, ""))
    assert asyncio.run(desk.chat.find(ME, KEY, NOW + timedelta(days=999))) == KEY


def test_papers_in_one_group_have_no_headings() -> None:
    items: Sequence[Digest] = [replace(two(), entries=two().entries[:1]), two()]
    assert ["agents" in plain(one(made).payload).splitlines() for made in items] == [False, True]
