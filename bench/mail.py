"""Mails a second over kept connections, against a bare aiosmtplib loop with as many, at the same server.

Ours lays digests out, signs each one's links and writes it; the peer sends the same finished bytes to everybody.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from aiosmtplib import SMTP

from adapters.chats.email import EmailChat, Settings
from adapters.chats.email.mail import written
from bench.figures import RATE, Benchmark, Figure
from bench.papers import papers
from bot import pipeline
from bot.models import JSON, Channel, Message
from bot.query import parse
from tests.fakes import MemoryStore

CONNECTIONS = 16
"""Half of the outbox's places: what one tenant has at the most."""
PAPERS = 5
SENDER = "papers@example.org"
NOW = datetime(2026, 8, 3, 9, tzinfo=UTC)


def measure(recipients: int = 10_000, turns: int = 5) -> Sequence[Figure]:
    """Every recipient gets a mail from both; they take turns, so that what else the machine does hits both.

    Once all follow the same list, once everybody has a topic of their own, and so a layout of their own.
    """
    figures = []
    for what, topics in (("one list for all", 1), ("a topic each", recipients)):
        ours, peer = asyncio.run(_measured(recipients, turns, topics))
        figures.append(Figure(f"{recipients:,}, {what}", ours, peer, RATE))
    return figures


async def _measured(recipients: int, turns: int, topics: int) -> tuple[float, float]:
    ours = peer = 0.0
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(_server(2 * recipients))
        chat = _chat(url)
        stack.push_async_callback(chat.aclose)
        lines = [await stack.enter_async_context(_line(url)) for _ in range(CONNECTIONS)]
        message = _message(chat)
        raw = await _bytes(chat, message)
        for turn in range(turns):
            mails = [
                (Channel("email", "", f"reader{n}@example.net"), n % topics) for n in range(turn, recipients, turns)
            ]
            shares = [mails[n::CONNECTIONS] for n in range(CONNECTIONS)]
            peer += await _timed([_bare(line, share, raw) for line, share in zip(lines, shares, strict=True)])
            ours += await _timed([_ours(chat, share, message) for share in shares])
    return recipients / ours, recipients / peer


def _chat(url: str) -> EmailChat:
    keys = {"smtp_url": url, "from": SENDER, "public_url": "https://papers.example.org", "per_connection": 1_000_000}
    chat = EmailChat(Settings.model_validate(keys))
    chat.remember(MemoryStore())
    return chat


def _message(chat: EmailChat) -> Message:
    where = Channel("email", "", "reader@example.net")
    made = pipeline.answer(parse("*"), list(papers(30)), channel=where, day=NOW.date(), budget=PAPERS)
    return chat.render(replace(made, planned=NOW))[0]


async def _bytes(chat: EmailChat, message: Message) -> bytes:
    where = Channel("email", "", "reader@example.net")
    said = replace(message, payload=_about(message.payload, "topic 0"))
    return written(chat.sender, await chat.mail(where, said, "0" * 24))


async def _ours(chat: EmailChat, mails: Sequence[tuple[Channel, int]], message: Message) -> None:
    for channel, topic in mails:
        key = sha256(channel.room.encode()).hexdigest()[:24]
        await chat.post(channel, replace(message, payload=_about(message.payload, f"topic {topic}")), key, "")


def _about(said: JSON, topic: str) -> JSON:
    """The same papers, and other reasons why this reader gets them."""
    groups = [
        {**group, "papers": [{**paper, "why": f"“{topic}” in title"} for paper in group["papers"]]}
        for group in said["groups"]
    ]
    return {**said, "follows": topic, "groups": groups}


async def _bare(line: SMTP, mails: Sequence[tuple[Channel, int]], raw: bytes) -> None:
    for channel, _ in mails:
        await line.sendmail(SENDER, [channel.room], raw)


async def _timed(work: Sequence[Coroutine[None, None, None]]) -> float:
    start = perf_counter()
    await asyncio.gather(*work)
    return perf_counter() - start


@asynccontextmanager
async def _line(url: str) -> AsyncIterator[SMTP]:
    server = urlsplit(url)
    async with SMTP(hostname=server.hostname, port=server.port, start_tls=False, local_hostname="bench") as line:
        yield line


@asynccontextmanager
async def _server(expected: int) -> AsyncIterator[str]:
    """The server in a process of its own; gives its SMTP address, and counts in the end."""
    words = [sys.executable, "-m", "tests.emulators.mail", "--forget"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    try:
        assert process.stdout
        control = (await process.stdout.readline()).decode().strip()
        yield await asyncio.to_thread(_told, f"{control}/smtp")
        if await asyncio.to_thread(_told, f"{control}/count") != expected:
            raise RuntimeError("not every mail arrived: there is nothing to compare")
    finally:
        process.terminate()
        await process.wait()


def _told(url: str) -> Any:  # noqa: ANN401  (any document)
    with urlopen(url, timeout=10) as answer:
        return json.load(answer)


BENCHMARK = Benchmark("Mail, messages a second", "bare aiosmtplib", measure, partial(measure, 1_000, 2))
