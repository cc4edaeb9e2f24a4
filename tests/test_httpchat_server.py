from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime

import httpx
import pytest

from tests.emulators.httpchat import Fault, HttpChatServer, Rules, serving

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[HttpChatServer]:
    async with serving(NOON) as server:
        yield server


def test_the_server_runs_as_a_process_and_obeys_over_http() -> None:
    command = [sys.executable, "-m", "tests.emulators.httpchat", "--start", NOON.isoformat()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        url = process.stdout.readline().strip()
        try:
            with httpx.Client(base_url=url) as client:
                client.put("/control/rules/team", json=asdict(Rules(dedupe=True)))
                client.put("/control/faults/team%2Froom", json=[asdict(Fault(status=503))])
                said = {"key": "k1", "payload": {}, "thread": ""}
                answers = [client.post("/channels/team%2Froom/messages", json=said) for _ in range(3)]
                accepted = client.get("/control/accepted/team%2Froom").json()
        finally:
            process.stdin.close()
        assert process.wait(10) == 0
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert [message["key"] for message in accepted] == ["k1"]
    assert accepted[0]["time"].startswith("2026-08-03T12:00")


async def test_a_request_that_was_sent_in_full_counts_though_its_client_hung_up_at_once(
    server: HttpChatServer,
) -> None:
    body = b'{"key": "k1", "payload": {}, "thread": ""}'
    head = f"POST /channels/team%2Froom/messages HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    host, port = server.url.removeprefix("http://").split(":")
    for _ in range(20):
        with socket.create_connection((host, int(port))) as client:
            client.sendall(head.encode())
            client.sendall(body)
    await asyncio.sleep(0.1)
    assert len(server.messages["team/room"]) == 20


async def test_half_a_request_is_none(server: HttpChatServer) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b'POST /channels/team%2Froom/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"key"')
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.1)
    assert server.messages == {}
