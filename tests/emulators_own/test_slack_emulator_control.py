from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.emulators.slack import Slack, serving
from tests.emulators.slack.kit import refusal, web_client
from tests.emulators.slack.state.nouns import JSON

PIPE = asyncio.subprocess.PIPE


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with serving() as served:
        yield served


async def ask(url: str, path: str, body: JSON | None = None) -> JSON | list[JSON]:
    async with aiohttp.ClientSession() as session:
        call = session.post(f"{url}/control/{path}", json=body) if body else session.get(f"{url}/control/{path}")
        async with call as response:
            assert response.status == 200
            answer: JSON | list[JSON] = await response.json()
            return answer


async def test_another_process_builds_disturbs_and_counts(slack: Slack) -> None:
    built = await ask(slack.url, "teams", {"name": "Run 1", "channels": ["a", "b"], "scopes": ["chat:write"]})
    assert isinstance(built, dict)
    client, channel = web_client(slack, built["token"]), built["channels"]["a"]
    fault = {"error": "fatal_error", "commit_after": 0.0}
    plan = {"method": "chat.postMessage", "fault": fault, "where": {"channel": channel}, "times": 1, "skip": 1}
    await ask(slack.url, "faults", plan)
    metadata = {"event_type": "digest", "event_payload": {"key": "k"}}
    await client.chat_postMessage(channel=built["channels"]["b"], text="other")
    await client.chat_postMessage(channel=channel, text="one", metadata=metadata)
    assert (await refusal(client.chat_postMessage(channel=channel, text="two")))["error"] == "fatal_error"
    messages = await ask(slack.url, f"messages/{channel}")
    assert isinstance(messages, list)
    assert [message["text"] for message in messages] == ["one", "two"]
    assert messages[0]["metadata"] == metadata
    records = await ask(slack.url, f"requests?method=chat.postMessage&outcome=ok&channel={channel}")
    assert isinstance(records, list)
    assert [record["faulty"] for record in records] == [False, True]


async def test_another_process_pushes_time_forward(slack: Slack) -> None:
    before = slack.workspace.clock.now()
    answer = await ask(slack.url, "clock", {"advance": 3600})
    assert isinstance(answer, dict)
    assert 3600 <= answer["now"] - before < 3660


@pytest.mark.parametrize("pipe", [True, False])
async def test_it_is_served_by_hand_or_for_another_process(pipe: bool) -> None:
    arguments = ["-m", "tests.emulators.slack", "--port", "0", "--start", "2030-01-01T00:00:00+00:00"]
    arguments += ["--pipe"] * pipe
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE, stdin=PIPE)
    assert process.stdout
    assert process.stdin
    async with asyncio.timeout(30):
        first = (await process.stdout.readline()).decode()
        url = first.split()[-1].rstrip("/")
        clock = await ask(url, "clock", {"advance": 0})
        assert isinstance(clock, dict)
        assert 1_893_456_000 <= clock["now"] < 1_893_456_000 + 60
        if pipe:
            process.stdin.close()
            assert await process.wait() == 0
        else:
            rest = (await process.stdout.readuntil(b"CLIENT_SECRET")).decode()
            assert f"BROADSHEET_SLACK__BASE_URL={url}/api/" in rest
            process.terminate()
            await process.wait()
