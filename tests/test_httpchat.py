from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from aiohttp.test_utils import unused_port

from bot.errors import DeliveryError, Verdict
from bot.models import Channel, Digest, Entry, Message, Paper
from bot.ports import Chat, Degrade, ReadBack
from bot.summary import Summary, SummaryKind
from tests.emulators.httpchat import Fault, HttpChatServer, Rules, serving
from tests.httpchat import LONGEST, PROMPT, HttpChat, ReadableHttpChat, seconds

ROOM = Channel("httpchat", "team", "room")
NAME = "team/room"
NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)
MESSAGE = Message({"text": "hello"}, ("2608.00001",))
IMPATIENT = replace(PROMPT, timeout=0.05)


@pytest.fixture
async def server() -> AsyncIterator[HttpChatServer]:
    async with serving(NOON) as server:
        yield server


@pytest.fixture
async def chat(server: HttpChatServer) -> AsyncIterator[ReadableHttpChat]:
    chat = ReadableHttpChat(server.url)
    yield chat
    await chat.aclose()


async def refused(chat: HttpChat) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await chat.post(ROOM, MESSAGE, "k1", "")
    return caught.value


def paper(number: int) -> Entry:
    return Entry(Paper(id=f"2608.{number:05}", title=f"Paper {number}"), 1.0, Summary("", SummaryKind.ABSTRACT))


def digest(count: int) -> Digest:
    entries = tuple(map(paper, range(count)))
    return Digest(channel=ROOM, date=date(2026, 8, 3), query="*", seen=9, entries=entries)


def keys(server: HttpChatServer) -> list[str]:
    return [message.key for message in server.messages[NAME]]


def test_it_is_a_chat_with_and_without_the_power_to_read_back() -> None:
    plain: Chat = HttpChat("http://localhost")
    readable: Chat = ReadableHttpChat("http://localhost")
    assert isinstance(readable, ReadBack)
    assert not isinstance(plain, ReadBack)
    assert isinstance(plain, Degrade)


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (1, [1]), (2, [1, 1]), (3, [1, 1, 1]), (7, [3, 3, 1])])
def test_a_digest_becomes_at_most_three_messages_in_order(count: int, sizes: list[int]) -> None:
    made = digest(count)
    messages = HttpChat("http://localhost").render(made)
    assert [len(message.papers) for message in messages] == sizes
    assert [paper for message in messages for paper in message.papers] == [e.paper.id for e in made.entries]
    assert [message.reply for message in messages] == [False] + [True] * (len(sizes) - 1)


async def test_what_is_posted_is_counted_in_order_with_its_time(server: HttpChatServer, chat: HttpChat) -> None:
    first = await chat.post(ROOM, MESSAGE, "k1", "")
    second = await chat.post(ROOM, MESSAGE, "k2", first)
    assert keys(server) == ["k1", "k2"]
    assert [message.id for message in server.messages[NAME]] == [first, second]
    assert server.messages[NAME][1].thread == first
    assert server.messages[NAME][1].payload == {"text": "hello"}
    assert timedelta(0) <= datetime.fromisoformat(server.messages[NAME][0].time) - NOON < timedelta(seconds=5)


async def test_a_repeated_key_is_a_second_message_unless_the_platform_drops_it(
    server: HttpChatServer, chat: HttpChat
) -> None:
    await chat.post(ROOM, MESSAGE, "k1", "")
    await chat.post(ROOM, MESSAGE, "k1", "")
    assert keys(server) == ["k1", "k1"]
    server.rules["team"] = Rules(dedupe=True)
    assert await chat.post(ROOM, MESSAGE, "k1", "") == server.messages[NAME][0].id
    assert keys(server) == ["k1", "k1"]


async def test_rules_of_a_channel_go_before_those_of_its_tenant(server: HttpChatServer, chat: HttpChat) -> None:
    server.rules["team"] = Rules(refusal="gone")
    server.rules[NAME] = Rules()
    await chat.post(ROOM, MESSAGE, "k1", "")
    elsewhere = Channel("httpchat", "team", "elsewhere")
    with pytest.raises(DeliveryError):
        await chat.post(elsewhere, MESSAGE, "k1", "")


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize(
    "fault",
    [
        Fault(drop=True),
        Fault(status=500),
        Fault(status=502, body="<html>Bad gateway</html>"),
        Fault(status=504),
        Fault(body="<html>Log in</html>"),
        Fault(body=""),
        Fault(body='{"id": '),
        Fault(body="[" * 10_000),
        Fault(body='["id"]'),
        Fault(body='{"id": 7}'),
        Fault(status=302, body=""),
    ],
    ids=str,
)
async def test_an_end_that_says_nothing_is_unknown_whether_or_not_it_arrived(
    server: HttpChatServer, chat: HttpChat, fault: Fault, committed: bool
) -> None:
    server.faults[NAME].append(replace(fault, commit=committed))
    assert (await refused(chat)).verdict is Verdict.UNKNOWN
    assert keys(server) == ["k1"] * committed


async def test_a_message_is_accepted_after_its_sender_has_gone(server: HttpChatServer) -> None:
    server.rules[NAME] = Rules(delay=0.1)
    chat = HttpChat(server.url, pacing=PROMPT)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await chat.post(ROOM, MESSAGE, "k1", "")
    await chat.aclose()
    assert keys(server) == []
    await asyncio.sleep(0.1)
    assert keys(server) == ["k1"]


async def test_no_answer_in_time_is_unknown(server: HttpChatServer) -> None:
    server.rules[NAME] = Rules(delay=0.3)
    chat = HttpChat(server.url, pacing=IMPATIENT)
    assert (await refused(chat)).verdict is Verdict.UNKNOWN
    await chat.aclose()


async def test_a_platform_that_cannot_be_reached_got_nothing() -> None:
    chat = HttpChat(f"http://127.0.0.1:{unused_port()}")
    assert (await refused(chat)).verdict is Verdict.RETRY
    await chat.aclose()


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (Fault(status=503, code="unavailable"), Verdict.RETRY),
        (Fault(status=429, code="rate_limited"), Verdict.WAIT),
        (Fault(status=429, body="<html>Error 1015</html>"), Verdict.WAIT),
        (Fault(status=410, code="gone"), Verdict.DROP),
        (Fault(status=403, code="not_in_channel"), Verdict.PAUSE),
        (Fault(status=401, code="token_revoked"), Verdict.TENANT),
        (Fault(status=413, code="too_long"), Verdict.DEGRADE),
        (Fault(status=400, code="no_text"), Verdict.BUG),
    ],
    ids=str,
)
async def test_every_refusal_has_its_verdict(
    server: HttpChatServer, chat: HttpChat, fault: Fault, verdict: Verdict
) -> None:
    server.faults[NAME].append(fault)
    error = await refused(chat)
    assert error.verdict is verdict
    assert error.code == fault.code
    assert keys(server) == []


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ("gone", Verdict.DROP),
        ("not_in_channel", Verdict.PAUSE),
        ("token_revoked", Verdict.TENANT),
        ("too_long", Verdict.DEGRADE),
        ("no_text", Verdict.BUG),
    ],
)
async def test_a_channel_can_refuse_for_good(
    server: HttpChatServer, chat: HttpChat, rule: str, verdict: Verdict
) -> None:
    server.rules[NAME] = Rules(refusal=rule)
    assert [(await refused(chat)).verdict for _ in range(2)] == [verdict, verdict]


async def test_a_wait_is_read_from_the_answer(server: HttpChatServer, chat: HttpChat) -> None:
    server.faults[NAME].append(Fault(status=429, retry_after="2.5"))
    assert (await refused(chat)).seconds == 2.5


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("0.05", 0.05),
        ("1000000000", LONGEST),
        ("1e300", LONGEST),
        ("inf", LONGEST),
        ("nan", None),
        ("-3", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("Mon, 03 Aug 2026 12:00:30 GMT", 30.0),
        ("Mon, 03 Aug 2026 11:00:00 GMT", None),
        ("Mon, 03 Aug 2026 12:00:30", None),
        ("Mon, 99 Aug 2026 12:00:30 GMT", None),
    ],
)
def test_a_wait_can_be_written_in_many_ways(said: str | None, wait: float | None) -> None:
    assert seconds(said, NOON) == wait


async def test_what_arrived_is_found_by_its_key_alone(server: HttpChatServer, chat: ReadableHttpChat) -> None:
    found = await chat.post(ROOM, MESSAGE, "k1", "")
    assert await chat.find(ROOM, "k1", NOON) == found
    assert await chat.find(ROOM, "k2", NOON) is None
    assert await chat.find(Channel("httpchat", "other", "room"), "k1", NOON) is None
    assert server.requests == 1


@pytest.mark.parametrize(("wrong", "there"), [(timedelta(hours=24), True), (timedelta(hours=26), False)])
async def test_it_is_found_when_our_clock_was_a_day_ahead(
    chat: ReadableHttpChat, wrong: timedelta, there: bool
) -> None:
    await chat.post(ROOM, MESSAGE, "k1", "")
    assert (await chat.find(ROOM, "k1", NOON + wrong) is not None) is there


@pytest.mark.parametrize("rule", ["refuse", "wait"])
async def test_a_read_back_that_is_refused_is_no_answer(
    server: HttpChatServer, chat: ReadableHttpChat, rule: str
) -> None:
    server.rules[NAME] = Rules(read_back=rule)
    await chat.post(ROOM, MESSAGE, "k1", "")
    with pytest.raises(DeliveryError):
        await chat.find(ROOM, "k1", NOON)


def test_the_simpler_form_says_which_papers_and_there_is_only_one() -> None:
    chat = HttpChat("http://localhost")
    message = chat.render(digest(6))[1]
    simple = chat.degrade(message, 1)
    assert simple is not None
    assert simple.payload == {"text": "2608.00002, 2608.00003"}
    assert (simple.papers, simple.reply) == (message.papers, message.reply)
    assert chat.degrade(simple, 2) is None
