from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest

from tests.emulators.discord import Discord, serving
from tests.emulators.discord.kit import Quick, connected, point, refusal
from tests.emulators.faults import JSON

PIPE = asyncio.subprocess.PIPE


@pytest.fixture
async def emulated() -> AsyncIterator[Discord]:
    async with serving() as served:
        yield served


async def ask(url: str, path: str, body: JSON | None = None) -> JSON | list[JSON]:
    async with aiohttp.ClientSession() as session:
        call = session.post(f"{url}/control/{path}", json=body) if body else session.get(f"{url}/control/{path}")
        async with call as response:
            assert response.status == 200
            answer: JSON | list[JSON] = await response.json()
            return answer


async def test_another_process_builds_disturbs_and_counts(emulated: Discord) -> None:
    built = await ask(emulated.url, "guilds", {"name": "Run 1", "channels": ["a", "b"]})
    assert isinstance(built, dict)
    channel, route = built["channels"]["a"], "POST /channels/{channel}/messages"
    fault = {"status": 503, "error": {"message": "x", "code": 130000}, "commit_after": 0.0}
    plan = {"method": route, "fault": fault, "where": {"channel": channel}, "times": 1, "skip": 1}
    await ask(emulated.url, "faults", plan)
    point(emulated)
    async with Quick() as client:
        await client.login(built["token"])
        await client.get_partial_messageable(int(built["channels"]["b"])).send("other")
        place = client.get_partial_messageable(int(channel))
        await place.send("one", nonce="key-1")
        assert (await refusal(place.send("two", nonce="key-2"))).code == 130000
        await place.send("two", nonce="key-2")
    messages = await ask(emulated.url, f"messages/{channel}")
    assert isinstance(messages, list)
    assert [(one["content"], one["nonce"]) for one in messages] == [("one", "key-1"), ("two", "key-2")]
    records = await ask(emulated.url, f"requests?method={route}&outcome=ok&channel={channel}".replace("{", "%7B"))
    assert isinstance(records, list)
    assert [record["faulty"] for record in records] == [False, True, False]


async def test_a_server_that_is_built_is_told_to_whoever_is_connected(emulated: Discord) -> None:
    client = Quick()
    joined: asyncio.Queue[str] = asyncio.Queue()

    @client.event
    async def on_guild_join(guild: discord.Guild) -> None:
        await joined.put(guild.name)

    async with connected(emulated, client):
        await ask(emulated.url, "guilds", {"name": "Run 2", "channels": []})
        assert await asyncio.wait_for(joined.get(), 5) == "Run 2"


async def test_another_process_pushes_time_forward(emulated: Discord) -> None:
    before = emulated.state.clock.now()
    answer = await ask(emulated.url, "clock", {"advance": 3600})
    assert isinstance(answer, dict)
    assert 3600 <= answer["now"] - before < 3660


async def test_people_of_another_process_type_and_are_timed(emulated: Discord) -> None:
    built = await ask(emulated.url, "guilds", {"name": "Run 3", "channels": ["a"], "people": 2})
    assert isinstance(built, dict)
    client = Quick()
    typed: list[int] = []

    @client.tree.command(description="x")
    async def papers(interaction: discord.Interaction[Quick]) -> None:
        typed.append(interaction.user.id)
        if len(typed) < 4:
            await interaction.response.send_message("Papers.")

    async with connected(emulated, client):
        await client.tree.sync()
        emulated.hurry()
        wanted = {"channel": built["channels"]["a"], "text": "/papers", "rate": 100, "count": 4}
        found = await ask(emulated.url, "commands", wanted)
    assert isinstance(found, dict)
    assert (len(set(typed)), len(found["ms"]), found["errors"]) == (3, 4, 1)
    assert all(ms > 0 for ms in found["ms"][:3])


async def test_another_process_lets_nonces_be_forgotten(emulated: Discord) -> None:
    ml, general = emulated.channel("ml"), emulated.channel("general")
    point(emulated)
    async with Quick() as client:
        await client.login(emulated.state.app.token)
        place = client.get_partial_messageable(ml.id)
        first = await place.send("x", nonce="key-1")
        await ask(emulated.url, "nonces", {"forget": [str(general.id)]})
        assert (await place.send("x", nonce="key-1")).id == first.id
        await ask(emulated.url, "nonces", {"forget": [str(ml.id)]})
        assert (await place.send("x", nonce="key-1")).id != first.id


@pytest.mark.parametrize("pipe", [True, False])
async def test_it_is_served_by_hand_or_for_another_process(pipe: bool) -> None:
    arguments = ["-m", "tests.emulators.discord", "--port", "0", "--start", "2030-01-01T00:00:00+00:00"]
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
            rest = (await process.stdout.readuntil(b"GATEWAY_URL")).decode()
            assert f"BROADSHEET_DISCORD__API_URL={url}/api/v10" in rest
            process.terminate()
            await process.wait()
