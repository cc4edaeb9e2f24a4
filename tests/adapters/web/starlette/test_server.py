from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from adapters.web.starlette import Settings, server
from bot.errors import SettingsError
from bot.ports import Answered, Asked, Hook
from tests.adapters.web.starlette.kit import standing
from tests.making import paper

WITHOUT = """
import sys
class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"starlette", "uvicorn", "jinja2", "prometheus_client"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Gone())
sys.argv[1:] = ["--data", sys.argv[1], "run", "--role", sys.argv[2]]
from bot.__main__ import main
main()
"""


def test_an_address_that_is_taken_is_told_at_the_start() -> None:
    first = server(Settings(port=0))
    port = int(first.address.rpartition(":")[2])
    with pytest.raises(SettingsError, match=rf"cannot listen on 127\.0\.0\.1, port {port}: Address already in use\."):
        server(Settings(port=port))
    with pytest.raises(SettingsError, match=r"cannot listen on nowhere\.invalid"):
        server(Settings(host="nowhere.invalid", port=0))
    first._socket.close()  # type: ignore[attr-defined]


async def test_what_is_under_way_when_we_stop_is_finished() -> None:
    began, go = asyncio.Event(), asyncio.Event()

    async def slow(asked: Asked) -> Answered:
        began.set()
        await go.wait()
        return Answered(body=b"whole")

    async with standing(hooks=[Hook("/slow", ("GET",), slow)], wire=True) as stand:
        asking = asyncio.create_task(stand.http.get("/slow"))
        await began.wait()
        stand.stop.set()
        await asyncio.sleep(0.2)
        go.set()
        assert (await asking).content == b"whole"


async def test_signals_are_left_to_their_one_owner() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    async with standing(paper("1"), wire=True) as stand:
        await stand.see("/")
        assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


async def test_the_address_is_free_again_after_we_stopped() -> None:
    async with standing(wire=True) as stand:
        port = int(stand.address.rpartition(":")[2])
    async with standing(wire=True, port=port) as stand:
        await stand.see("/healthz")


def test_without_the_extra_the_role_says_what_to_install(tmp_path: object) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(tmp_path), "web"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "Install broadsheet[web]." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "wrong", [{"port": 70_000}, {"public_url": "papers.example"}, {"public": "nowhere"}, {"rate": 0}, {"hots": "a"}]
)
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings.model_validate(wrong)


ASKED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    ("first", "pieces"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"", [b"GET / HTTP/1.1\r\nHost: localhost\r\n"], id="half a head"),
        pytest.param(b"", [b"G"] * 30, id="byte by byte"),
        pytest.param(ASKED, [b"G"] * 30, id="a second question on a kept connection"),
    ],
)
async def test_somebody_who_never_finishes_a_question_is_hung_up_on(first: bytes, pieces: list[bytes]) -> None:
    async with standing(wire=True, patience=0.3) as stand:
        at = urlsplit(stand.address)
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        if first:
            writer.write(first)
            assert b"200" in await reader.readline()
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.02)
        async with asyncio.timeout(5):
            with suppress(ConnectionError):
                while await reader.read(1000):
                    pass
        writer.close()


async def test_an_answer_may_take_longer_than_a_question() -> None:
    async def slow(asked: Asked) -> Answered:
        await asyncio.sleep(0.4)
        return Answered(body=b"whole")

    async with standing(hooks=[Hook("/slow", ("POST",), slow)], wire=True, patience=0.1) as stand:
        assert (await stand.http.post("/slow", content=b"x")).content == b"whole"
