from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.stores.tinydb.folder import Folder, file_system
from bot.errors import StoreError, StoreFull, StoreLocked

HOLD = """
import sys, time
from pathlib import Path
from adapters.stores.tinydb.folder import Folder
folder = Folder(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""

OPEN_AS_NOBODY = """
import os, sys
from pathlib import Path
from adapters.stores.tinydb.folder import Folder
from bot.errors import StoreError
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
try:
    Folder(Path(sys.argv[1]))
except StoreError as error:
    print(type(error).__name__, error)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has ``tmp_path / "data"``."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "data")], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait(10)
    process.stdout.close()


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "data"
    Folder(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE((path / "lock").stat().st_mode) == 0o600


def test_a_second_process_is_told_who_has_the_folder(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(StoreLocked) as caught:
        Folder(tmp_path / "data")
    assert str(caught.value) == (
        f"{tmp_path / 'data'} is in use by process {holder.pid} on {socket.gethostname()};"
        " stop it or choose another --data folder."
    )


def test_a_lock_of_a_process_that_was_killed_is_simply_taken(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait(10)
    assert str(holder.pid) in (tmp_path / "data" / "lock").read_text()
    folder = Folder(tmp_path / "data")
    assert (tmp_path / "data" / "lock").read_text() == f"{os.getpid()} {socket.gethostname()}\n"
    folder.close()


def test_one_process_cannot_open_a_folder_twice_until_it_is_closed(tmp_path: Path) -> None:
    first = Folder(tmp_path)
    with pytest.raises(StoreLocked, match=f"process {os.getpid()} on"):
        Folder(tmp_path)
    first.close()
    first.close()
    Folder(tmp_path).close()


@pytest.mark.parametrize("text", ["", "garbage", "\x1b[31m 12", "1" * 100_000, "12 a\nb", "x" * 5000])
def test_a_strange_lock_file_is_not_repeated_in_the_message(tmp_path: Path, text: str) -> None:
    first = Folder(tmp_path)
    (tmp_path / "lock").write_text(text)
    with pytest.raises(StoreLocked) as caught:
        Folder(tmp_path)
    assert "in use by another process;" in str(caught.value)
    first.close()


def test_opening_clears_what_a_killed_process_was_writing(tmp_path: Path) -> None:
    (tmp_path / ".outbox.json.abc.tmp").write_text("half")
    Folder(tmp_path).close()
    assert {path.name for path in tmp_path.iterdir()} == {"lock"}


def test_a_folder_that_is_a_file_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_text("not a folder")
    with pytest.raises(Exception, match=r"Cannot use .*data: File exists"):
        Folder(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("name", ["data", "data/new"])
def test_a_folder_without_the_right_to_write_names_the_path_and_the_user(name: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        (Path(home) / "data").mkdir(mode=0o755)
        done = subprocess.run(
            [sys.executable, "-c", OPEN_AS_NOBODY, f"{home}/{name}"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    assert done.stdout.startswith("StoreFull Cannot write")
    assert f"{home}/{name} as user 65534: Permission denied" in done.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_only_be_read_names_the_path_and_the_user(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreFull, match=f"Cannot write {tmp_path} as user {os.geteuid()}"):
        Folder(tmp_path)


MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
tmpfs /tmp tmpfs rw 0 0
host:/export /srv/shared nfs4 rw,vers=4.2 0 0
host:/deep /srv/shared/local\\040disk ext4 rw 0 0
//nas/x /srv/sharedwindows cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/data", "ext4"),
        ("/tmp/data", "tmpfs"),
        ("/srv/shared", "nfs4"),
        ("/srv/shared/data", "nfs4"),
        ("/srv/shared/local disk/data", "ext4"),
        ("/srv/sharedwindows/data", "cifs"),
        ("/srv/sharedother", "ext4"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_its_nearest_mount(path: str, kind: str) -> None:
    assert file_system(Path(path), MOUNTS) == kind


def test_a_folder_on_a_network_file_system_is_refused(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nhost:/x {tmp_path.resolve()} nfs4 rw 0 0\n")
    with pytest.raises(StoreError, match=r"network file system \(nfs4\)"):
        Folder(tmp_path / "data", mounts)
    assert not (tmp_path / "data" / "lock").exists()
    Folder(tmp_path / "data", tmp_path / "no such file").close()


def test_nothing_is_known_without_mounts() -> None:
    assert file_system(Path("/data"), "") == ""
