from __future__ import annotations

import json
import os
import socket
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.sources import file
from adapters.sources.file import LARGEST, Settings, read
from bot.errors import SourceError
from bot.papers_json import to_json
from bot.ports import Source
from tests.contracts.source import SourceContract

DATA = Path(__file__).parents[2] / "data"
SAMPLE = Path(__file__).parents[3] / "config" / "sample" / "papers.jsonl"
RECORDING = DATA / "hf-daily-papers-2026-08-02.json"

ROW = {"id": "2610.00001", "title": "One", "listed": "2026-10-06"}


class TestFile(SourceContract):
    @pytest.fixture
    def window(self) -> tuple[date, date]:
        return date(2026, 7, 29), date(2026, 7, 31)

    @pytest.fixture
    async def source(self) -> AsyncIterator[Source]:
        source = file.source(Settings(path=SAMPLE))
        yield source
        await source.aclose()

    @pytest.fixture
    def unreachable(self, tmp_path: Path) -> Source:
        return file.source(Settings(path=tmp_path / "missing.json"))

    @pytest.fixture
    def stuck(self) -> Source:
        pytest.skip("a file that is on this machine's disk cannot get stuck")


def lines(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "papers.jsonl"
    path.write_text("".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_a_path_is_required() -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({})


def test_a_recorded_day_of_hugging_face_is_read_whole() -> None:
    got = read(RECORDING)
    assert len(got.papers) == 30
    assert got.problems == ()
    assert {paper.sources for paper in got.papers} == {("huggingface",)}
    assert all(paper.abstract and paper.listed for paper in got.papers)


def test_the_bundled_sample_is_read_whole() -> None:
    got = read(SAMPLE)
    assert len(got.papers) == len(SAMPLE.read_text("utf-8").splitlines())
    assert got.problems == ()


def test_both_feeds_of_arxiv_are_read() -> None:
    announced, queried = read(DATA / "arxiv" / "arxiv_feed_atom.xml"), read(DATA / "arxiv" / "arxiv_query.xml")
    assert [paper.listed for paper in announced.papers] == [date(2026, 10, 7)] * 2
    assert [paper.listed for paper in queried.papers] == [date(2026, 10, 4), date(2003, 9, 30), date(2026, 9, 10)]


@pytest.mark.parametrize("name", ["arxiv/arxiv_empty.xml", "arxiv/arxiv_feed_atom_weekend.xml"])
def test_an_empty_feed_has_no_papers_and_is_no_error(name: str) -> None:
    assert read(DATA / name).papers == ()


def test_an_empty_list_has_no_papers_and_is_no_error(tmp_path: Path) -> None:
    assert read(lines(tmp_path, "[]")).papers == ()


def test_a_single_paper_of_hugging_face_is_read() -> None:
    got = read(DATA / "hf_paper_detail.json")
    assert len(got.papers) == 1


def test_lines_and_rows_may_be_of_both_kinds(tmp_path: Path) -> None:
    theirs = json.loads(RECORDING.read_text("utf-8"))[0]
    in_lines, in_rows = read(lines(tmp_path, ROW, theirs)), read(lines(tmp_path, [ROW, theirs]))
    assert in_lines == in_rows
    assert in_lines.papers[0].title == "One"
    assert in_lines.papers[1].abstract


def test_what_was_written_is_read_back_the_same(tmp_path: Path) -> None:
    papers = read(RECORDING).papers
    assert read(lines(tmp_path, *map(to_json, papers))).papers == papers


def test_a_byte_order_mark_windows_line_ends_and_empty_lines_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "papers.jsonl"
    path.write_bytes(b"\xef\xbb\xbf\r\n" + json.dumps(ROW).encode() + b"\r\n\r\n")
    assert [paper.id for paper in read(path).papers] == ["2610.00001"]


def test_a_bad_line_is_named_and_costs_only_itself(tmp_path: Path) -> None:
    got = read(lines(tmp_path, ROW, "{broken\n", '"text"\n', {"id": "2610.00002"}, {**ROW, "upvotes": "many"}))
    assert [paper.id for paper in got.papers] == ["2610.00001"]
    assert got.problems == (
        "Line 2 was left out: it is not JSON, or breaks off.",
        "Line 3 was left out: it is not a JSON object.",
        "Line 4 was left out: it has no title.",
        "Line 5 was left out: its upvotes is not a whole number from 0 up.",
    )


def test_a_bad_row_is_named_and_costs_only_itself(tmp_path: Path) -> None:
    got = read(lines(tmp_path, json.dumps(["{}", {"paper": {}}, ROW])))
    assert len(got.papers) == 1
    assert got.problems == ("Row 1 was left out: it is not a JSON object.", "Row 2 was left out: it has no id.")


def test_many_problems_are_counted(tmp_path: Path) -> None:
    got = read(lines(tmp_path, ROW, *["{\n"] * 1020))
    assert len(got.problems) == 21
    assert got.problems[-1] == "And 1,000 more of the kind."


def test_the_same_paper_twice_is_one(tmp_path: Path) -> None:
    got = read(lines(tmp_path, ROW, {**ROW, "id": "arXiv:2610.00001v2", "upvotes": 5}))
    assert [(paper.id, paper.upvotes) for paper in got.papers] == [("2610.00001", 5)]


def test_a_paper_without_a_list_counts_for_the_day_it_was_published(tmp_path: Path) -> None:
    got = read(lines(tmp_path, {"id": "x", "title": "T", "published": "2026-10-01"}, {"id": "y", "title": "U"}))
    assert [(paper.id, paper.listed) for paper in got.papers] == [("file:x", date(2026, 10, 1)), ("file:y", None)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\x7fELF\0\0", "it is neither JSON"),
        (b"hello", "it is neither JSON"),
        ('{"id": "x"}'.encode("utf-16"), "it is neither JSON"),
        (b'{"id": "\0"}', "it is neither JSON"),
        (b'[{"id": "2610.00001"', "it is not JSON, or breaks off"),
        (b"[" * 200_000, "it is nested too deep"),
        (b'{"a":' * 200_000, "has no paper that can be read. Line 1 was left out: it is nested too deep"),
        (b"<html></html>", "it is XML, but not an Atom feed"),
        (b"<!DOCTYPE x><x/>", "DOCTYPE"),
        (b'{"id": "2610.00001"}', "has no paper that can be read. Line 1 was left out: it has no title"),
        (b"[1, 2]", "has no paper that can be read. Row 1 was left out: it is not a JSON object"),
        ((DATA / "arxiv" / "arxiv_error_400.xml").read_bytes(), "arXiv refused: incorrect id format for xyz"),
    ],
    ids=lambda value: repr(value[:12]) if isinstance(value, bytes) else None,
)
def test_a_file_that_is_none_of_these_is_an_error_that_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "papers.json"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)
    assert str(caught.value).endswith(".")
    assert not str(caught.value).endswith("..")


def test_a_file_that_is_not_there_or_is_none_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no file"):
        read(tmp_path / "missing")
    with pytest.raises(SourceError, match="is not a file"):
        read(tmp_path)
    with pytest.raises(SourceError, match="I cannot read"):
        read(tmp_path / ("x" * 300))
    with pytest.raises(SourceError, match=r"I cannot read|There is no file"):
        read(Path("\0"))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="is not a file"):
        read(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        with pytest.raises(SourceError, match="is not a file"):
            read(tmp_path / "s")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_an_error_in_words(tmp_path: Path) -> None:
    path = lines(tmp_path, ROW)
    path.chmod(0)
    with pytest.raises(SourceError, match="Permission denied"):
        read(path)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as large:
        large.truncate(LARGEST + 1)
    with pytest.raises(SourceError, match="larger than 50,000,000 bytes"):
        read(path)


async def test_a_fetch_sees_what_has_changed_and_labels_it(tmp_path: Path) -> None:
    day = date(2026, 10, 6)
    source = file.source(Settings(path=lines(tmp_path, ROW)))
    assert [paper.sources for paper in (await source.fetch(day, day)).papers] == [("file",)]
    lines(tmp_path, ROW, {**ROW, "id": "2610.00002"}, {"id": "y", "title": "without a day"})
    assert len((await source.fetch(day, day)).papers) == 2
