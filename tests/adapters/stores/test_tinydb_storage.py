from __future__ import annotations

import errno
import logging
import os
import stat
from pathlib import Path

import orjson
import pytest
from tinydb import TinyDB

from adapters.stores.tinydb.disk import clear_leftovers, refusal, replace, sync_folder
from adapters.stores.tinydb.storage import SCHEMA, DurableStorage
from bot.errors import StoreError, StoreFull, StoreTooNew


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.json"


def save(storage: DurableStorage, value: int) -> None:
    tables = storage.read()
    tables["t"] = {"row": {"value": value}}
    storage.write(tables)
    storage.commit()


def value(storage: DurableStorage) -> object:
    return storage.read().get("t", {}).get("row", {}).get("value")


def others(path: Path) -> set[str]:
    return {p.name for p in path.parent.iterdir()} - {path.name}


def test_what_was_committed_is_there_for_the_next_process(path: Path) -> None:
    save(DurableStorage(path), 7)
    assert value(DurableStorage(path)) == 7


def test_a_write_without_commit_leaves_the_disk_alone(path: Path) -> None:
    storage = DurableStorage(path)
    save(storage, 1)
    before = path.read_bytes()
    storage.write({**storage.read(), "t": {}})
    assert path.read_bytes() == before


def test_a_commit_without_a_write_touches_nothing(path: Path) -> None:
    DurableStorage(path).commit()
    assert not path.exists()


def test_the_file_is_one_that_tinydb_itself_can_open(path: Path) -> None:
    db = TinyDB(storage=lambda: DurableStorage(path))
    db.table("people").insert({"name": "Ada"})
    DurableStorage(path)
    assert isinstance(db.storage, DurableStorage)
    db.storage.commit()
    with TinyDB(path, access_mode="r") as plain:
        assert plain.table("people").all() == [{"name": "Ada"}]


def test_only_the_owner_may_read_the_files(path: Path) -> None:
    storage = DurableStorage(path)
    save(storage, 1)
    save(storage, 2)
    assert {p.name for p in path.parent.iterdir()} == {"outbox.json", "outbox.json.bak"}
    assert {stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()} == {0o600}


def test_the_first_commit_over_an_older_file_keeps_a_copy_of_it(path: Path) -> None:
    save(DurableStorage(path), 1)
    storage = DurableStorage(path)
    save(storage, 2)
    save(storage, 3)
    assert value(DurableStorage(storage.backup)) == 1
    assert path.stat().st_ino != storage.backup.stat().st_ino


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"\x00" * 4096,
        b"[]",
        b"{}",
        b'{"t": {}}',
        b'{"t": 1}',
        b"null",
        b"\xff\xfe",
        b'{"broadsheet": {"schema": {"version": "one"}}}',
        b'{"broadsheet": {"schema": 1}}',
        b"[" * 100_000,
    ],
)
def test_a_broken_file_is_kept_aside_and_the_backup_goes_on(
    path: Path, broken: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    save(DurableStorage(path), 1)
    save(DurableStorage(path), 2)
    path.write_bytes(broken)
    storage = DurableStorage(path)
    with caplog.at_level(logging.ERROR):
        assert value(storage) == 1
    (aside,) = [p for p in path.parent.iterdir() if ".corrupt-" in p.name]
    assert aside.read_bytes() == broken
    assert aside.name in caplog.text
    assert "going on from its backup" in caplog.text
    save(storage, 3)
    assert value(DurableStorage(path)) == 3


def test_a_half_written_file_is_kept_aside_too(path: Path) -> None:
    save(DurableStorage(path), 1)
    save(DurableStorage(path), 2)
    path.write_bytes(path.read_bytes()[:-3])
    assert value(DurableStorage(path)) == 1


def test_without_a_backup_a_broken_file_is_told_and_kept(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_bytes(b"garbage")
    assert value(DurableStorage(path)) is None
    assert "cannot be read" in caplog.text
    assert [p.read_bytes() for p in path.parent.iterdir()] == [b"garbage"]


def test_when_the_backup_is_broken_as_well_both_are_kept(path: Path) -> None:
    path.write_bytes(b"one")
    path.with_name("outbox.json.bak").write_bytes(b"two")
    assert value(DurableStorage(path)) is None
    assert {p.read_bytes() for p in path.parent.iterdir()} == {b"one", b"two"}


def test_a_backup_is_used_when_the_file_is_missing(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    save(DurableStorage(path), 1)
    save(DurableStorage(path), 2)
    path.unlink()
    assert value(DurableStorage(path)) == 1
    assert "is lost" in caplog.text


def test_a_backup_survives_that_the_file_was_broken(path: Path) -> None:
    save(DurableStorage(path), 1)
    save(DurableStorage(path), 2)
    path.write_bytes(b"garbage")
    storage = DurableStorage(path)
    save(storage, 3)
    assert value(DurableStorage(storage.backup)) == 1


def test_data_of_a_later_version_is_refused_with_both_versions_and_left_alone(path: Path) -> None:
    path.write_bytes(orjson.dumps({"broadsheet": {"schema": {"version": SCHEMA + 6}}}))
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match=f"schema {SCHEMA + 6}, this one knows up to {SCHEMA}"):
        DurableStorage(path).read()
    assert path.read_bytes() == before
    assert others(path) == set()


def test_a_commit_that_fails_takes_memory_back_to_the_disk(path: Path) -> None:
    storage = DurableStorage(path)
    save(storage, 1)
    away = path.parent.with_name("away")
    path.parent.rename(away)
    with pytest.raises(StoreError, match="Nothing was changed"):
        save(storage, 2)
    away.rename(path.parent)
    assert value(storage) == 1
    save(storage, 3)
    assert value(DurableStorage(path)) == 3


def test_a_folder_that_vanished_does_not_count_as_empty(path: Path) -> None:
    storage = DurableStorage(path)
    save(storage, 1)
    path.parent.rename(path.parent.with_name("away"))
    for _ in range(2):
        with pytest.raises(StoreError):
            save(storage, 2)
    with pytest.raises(StoreError, match="is gone"):
        storage.read()
    path.parent.with_name("away").rename(path.parent)
    assert value(storage) == 1


def test_a_replace_that_fails_leaves_nothing_behind(path: Path) -> None:
    (path / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        replace(path, b"new")
    assert others(path) == set()


def test_a_file_system_that_cannot_sync_folders_is_no_fault() -> None:
    folder = Path("/proc")
    if not folder.is_dir():
        pytest.skip("only Linux has a folder that cannot be synced at hand")
    handle = os.open(folder, os.O_RDONLY)
    with pytest.raises(OSError, match="Invalid argument"):
        os.fsync(handle)
    os.close(handle)
    sync_folder(folder)


def test_a_backup_that_cannot_be_made_does_not_stop_the_commit(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    save(DurableStorage(path), 1)
    path.with_name("outbox.json.bak").mkdir()
    storage = DurableStorage(path)
    save(storage, 2)
    assert value(DurableStorage(path)) == 2
    assert "Could not renew" in caplog.text


@pytest.mark.parametrize(
    ("number", "kind", "advice"),
    [
        (errno.ENOSPC, StoreFull, "Free some space"),
        (errno.EDQUOT, StoreFull, "Free some space"),
        (errno.EFBIG, StoreFull, "Free some space"),
        (errno.EACCES, StoreFull, "Give that user the right"),
        (errno.EROFS, StoreFull, "choose another --data folder"),
        (errno.EIO, StoreFull, "Check the disk"),
        (errno.ENOTDIR, StoreError, "Nothing was changed"),
    ],
)
def test_what_the_system_says_becomes_a_sentence_with_path_and_advice(
    number: int, kind: type[StoreError], advice: str
) -> None:
    told = refusal(OSError(number, os.strerror(number)), Path("/srv/data/outbox.json"))
    assert type(told) is kind
    assert "/srv/data/outbox.json" in str(told)
    assert os.strerror(number) in str(told)
    assert advice in str(told)


def test_leftovers_of_a_killed_process_are_cleared_and_nothing_else(tmp_path: Path) -> None:
    for name in (".outbox.json.x7f3.tmp", ".notes.json.q.tmp", "outbox.json", "mine.tmp", ".hidden"):
        (tmp_path / name).write_text("x")
    clear_leftovers(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"outbox.json", "mine.tmp", ".hidden"}
