"""The journal beside a file: what was added comes back, what a crash cut short does not, and damage is told."""

from __future__ import annotations

import logging
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson
import pytest

from adapters.stores.tinydb import storage as module
from adapters.stores.tinydb.storage import DurableStorage
from bot.errors import StoreError

Changes = Mapping[str, Mapping[str, Any]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.json"


@pytest.fixture
def begun(path: Path) -> DurableStorage:
    """A storage past its first whole writes: one of the file, and one with a backup."""
    storage = DurableStorage(path)
    save(storage, {"t": {"a": 0}})
    save(storage, {"t": {"a": 1}})
    return storage


def save(storage: DurableStorage, changes: Changes) -> None:
    tables = storage.read()
    for name, rows in changes.items():
        module._apply(tables.setdefault(name, {}), dict(rows))
    storage.write(tables)
    storage.commit(changes)


def journal(path: Path) -> Path:
    return path.with_name(f"{path.name}.journal")


def rows(path: Path) -> dict[str, Any]:
    """What a new process finds."""
    return DurableStorage(path).read().get("t", {})


def test_a_change_is_one_line_and_the_file_stays_as_it_is(path: Path, begun: DurableStorage) -> None:
    whole = path.read_bytes()
    save(begun, {"t": {"b": 2}})
    save(begun, {"t": {"c": 3}, "u": {"x": 1}})
    assert path.read_bytes() == whole
    assert len(journal(path).read_bytes().splitlines()) == 2
    assert rows(path) == {"a": 1, "b": 2, "c": 3}
    assert DurableStorage(path).read()["u"] == {"x": 1}
    assert stat.S_IMODE(journal(path).stat().st_mode) == 0o600


def test_the_last_word_on_a_row_counts_and_a_row_that_went_is_gone(path: Path, begun: DurableStorage) -> None:
    for changes in ({"b": 1}, {"b": 2}, {"c": 3}, {"c": None}, {"d": None}):
        save(begun, {"t": changes})
    assert rows(path) == {"a": 1, "b": 2}


def test_the_next_process_goes_on_from_file_and_journal(path: Path, begun: DurableStorage) -> None:
    save(begun, {"t": {"b": 2}})
    later = DurableStorage(path)
    save(later, {"t": {"c": 3}})
    assert orjson.loads(path.read_bytes())["t"] == {"a": 1, "b": 2, "c": 3}
    save(later, {"t": {"b": 4}})
    assert rows(path) == {"a": 1, "b": 4, "c": 3}


def test_lines_of_an_earlier_whole_write_are_not_read_again(path: Path, begun: DurableStorage) -> None:
    save(begun, {"t": {"b": 2}})
    old = journal(path).read_bytes()
    save(DurableStorage(path), {"t": {"b": 3}})
    journal(path).write_bytes(old)
    assert rows(path) == {"a": 1, "b": 3}


def test_a_line_of_an_earlier_whole_write_behind_ours_is_not_read_either(path: Path, begun: DurableStorage) -> None:
    save(begun, {"t": {"b": 2}})
    old = journal(path).read_bytes()
    later = DurableStorage(path)
    save(later, {"t": {"b": 3}})
    save(later, {"t": {"c": 4}})
    with journal(path).open("ab") as file:
        file.write(old)
    assert rows(path) == {"a": 1, "b": 3, "c": 4}


def test_a_process_that_ends_well_leaves_one_file(path: Path, begun: DurableStorage) -> None:
    save(begun, {"t": {"b": 2}})
    begun.close()
    assert {one.name for one in path.parent.iterdir()} == {"outbox.json", "outbox.json.bak"}
    assert orjson.loads(path.read_bytes())["t"] == {"a": 1, "b": 2}


def test_a_backup_has_what_stood_in_the_journal(path: Path, begun: DurableStorage) -> None:
    save(begun, {"t": {"b": 2}})
    save(DurableStorage(path), {"t": {"b": 3}})
    assert orjson.loads(begun.backup.read_bytes())["t"] == {"a": 1, "b": 2}


@pytest.mark.parametrize("left", range(1, 60, 7))
def test_a_line_that_was_cut_short_never_happened(
    path: Path, begun: DurableStorage, left: int, caplog: pytest.LogCaptureFixture
) -> None:
    save(begun, {"t": {"b": 2}})
    length = journal(path).stat().st_size
    save(begun, {"t": {"b": 3, "c": "a longer line than the one before it"}})
    with journal(path).open("r+b") as file:
        file.truncate(length + left)
    assert rows(path) == {"a": 1, "b": 2}
    assert caplog.text == ""


def test_a_line_that_ends_and_is_not_whole_never_happened_either(path: Path, begun: DurableStorage) -> None:
    save(begun, {"t": {"b": 2}})
    length = journal(path).stat().st_size
    save(begun, {"t": {"b": 3}})
    data = bytearray(journal(path).read_bytes())
    data[length + 30] = 0
    journal(path).write_bytes(data)
    assert rows(path) == {"a": 1, "b": 2}


def test_damage_before_the_last_line_is_told_and_kept_aside(
    path: Path, begun: DurableStorage, caplog: pytest.LogCaptureFixture
) -> None:
    for number in (2, 3, 4):
        save(begun, {"t": {"b": number}})
    data = journal(path).read_bytes()
    broken = data.replace(b'"b":3', b'"b":9')
    journal(path).write_bytes(broken)
    with caplog.at_level(logging.ERROR):
        assert rows(path) == {"a": 1, "b": 2}
    (aside,) = [one for one in path.parent.iterdir() if ".corrupt-" in one.name]
    assert aside.read_bytes() == broken
    assert f"{journal(path)} cannot be read from line 2 on. It is kept as {aside.name}" in caplog.text
    assert rows(path) == {"a": 1, "b": 2}


def test_a_long_journal_is_folded_into_the_file(path: Path, begun: DurableStorage) -> None:
    save(begun, {"t": {"b": "x" * module.LONG}})
    save(begun, {"t": {"c": 3}})
    assert orjson.loads(path.read_bytes())["t"].keys() == {"a", "b", "c"}
    save(begun, {"t": {"d": 4}})
    assert journal(path).stat().st_size < 100
    assert rows(path).keys() == {"a", "b", "c", "d"}


def test_a_file_that_was_put_there_by_hand_is_written_over(path: Path, begun: DurableStorage) -> None:
    save(begun, {"t": {"b": 2}})
    path.unlink()
    save(begun, {"t": {"c": 3}})
    assert rows(path) == {"a": 1, "b": 2, "c": 3}
    path.rename(path.with_name("mine"))
    path.write_bytes(b"{}")
    save(begun, {"t": {"d": 4}})
    assert rows(path) == {"a": 1, "b": 2, "c": 3, "d": 4}


def test_an_append_that_fails_changes_nothing_and_the_next_is_whole(path: Path, begun: DurableStorage) -> None:
    save(begun, {"t": {"b": 2}})
    journal(path).rename(path.with_name("away"))
    journal(path).mkdir()
    with pytest.raises(StoreError, match="Nothing was changed"):
        save(begun, {"t": {"b": 3}})
    journal(path).rmdir()
    path.with_name("away").rename(journal(path))
    assert begun.read()["t"] == rows(path) == {"a": 1, "b": 2}
    save(begun, {"t": {"b": 4}})
    assert orjson.loads(path.read_bytes())["t"] == {"a": 1, "b": 4}


def test_what_a_failed_append_left_on_a_disk_that_would_not_take_it_back_is_not_read(
    path: Path, begun: DurableStorage
) -> None:
    save(begun, {"t": {"b": 2}})
    good = journal(path).read_bytes()
    data = b'{"t":{"b":3}}'
    left = b"%s %08x %s\n" % (good.split(b" ")[0], crc32(data), data)
    journal(path).unlink()
    journal(path).mkdir()
    with pytest.raises(StoreError):
        save(begun, {"t": {"b": 3}})
    journal(path).rmdir()
    journal(path).write_bytes(good + left)
    assert rows(path)["b"] == 3
    assert begun.read()["t"] == {"a": 1, "b": 2}
