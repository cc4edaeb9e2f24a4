"""Every code of Discord's that a delivery can meet, and what it means (reference: platforms.md 3.2)."""

from __future__ import annotations

import time

import aiohttp
import discord
import pytest

from adapters.chats.discord.errors import CODES, GONE, LATE, LONGEST, failure, refusal, slow, unsent
from adapters.chats.discord.pace import Alone
from bot.errors import Verdict

EXPECTED = {
    Verdict.WAIT: "20028 20029 40062 40003 40333",
    Verdict.RETRY: "130000 40006 40004",
    Verdict.PAUSE: "50001 50013 50007 50278 50008 40058 50024 40067 160006 50083 160005 50009 40007 50095",
    Verdict.DROP: "10003 10013 10015",
    Verdict.TENANT: "10004",
    Verdict.DEGRADE: "50035 50006 50109 40005 50045 400001 200000 200001 240000 20009",
    Verdict.BUG: "40001 50014 30034 20012",
}


@pytest.mark.parametrize(
    ("verdict", "code"), [(v, int(code)) for v, codes in EXPECTED.items() for code in codes.split()]
)
def test_each_code_has_its_verdict_and_a_sentence(verdict: Verdict, code: int) -> None:
    told = refusal(400, code, "In embeds.0.title: Must be 256 or fewer in length.")
    assert (told.verdict, told.code) == (verdict, str(code))
    assert len(str(told).split()) > 2


def test_each_code_stands_in_one_class_and_none_is_forgotten() -> None:
    listed = [int(code) for codes in EXPECTED.values() for code in codes.split()]
    assert sorted(listed) == sorted(CODES)
    assert not {GONE, *(LATE - {10015})} & set(CODES)


def test_what_people_can_do_is_said_to_them_without_codes() -> None:
    for verdict, sentence in CODES.values():
        if verdict in {Verdict.PAUSE, Verdict.TENANT, Verdict.DROP}:
            assert not any(c.isdigit() for c in sentence)


def test_the_places_of_an_invalid_form_are_named() -> None:
    assert "embeds.0.title" in str(refusal(400, 50035, "In embeds.0.title: Must be 256 or fewer in length."))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 200])
def test_an_answer_without_a_word_may_have_done_its_work(status: int) -> None:
    assert refusal(status, 0, "").verdict is Verdict.UNKNOWN


def test_other_noes_are_ours_or_the_token() -> None:
    assert refusal(401, 0, "").verdict is Verdict.BUG
    assert refusal(400, 99999, "").verdict is Verdict.BUG
    assert refusal(429, 0, "").verdict is Verdict.WAIT


@pytest.mark.parametrize(
    ("said", "wait"), [(3.5, 3.5), (0.0, 0.0), (1e9, LONGEST), (-1.0, None), (float("nan"), None), (None, None)]
)
def test_a_wait_is_believed_when_it_makes_sense(said: float | None, wait: float | None) -> None:
    assert (slow(said).verdict, slow(said).seconds) == (Verdict.WAIT, wait)


def test_ends_of_a_connection_are_told_apart() -> None:
    refused = aiohttp.ClientConnectorError(None, OSError("refused"))  # type: ignore[arg-type]
    assert failure(refused).verdict is Verdict.RETRY
    assert failure(discord.RateLimited(45.0)).seconds == 45.0
    assert failure(discord.LoginFailure("no")).verdict is Verdict.BUG
    for unclear in (aiohttp.ServerDisconnectedError(), TimeoutError(), ConnectionResetError(104, "reset"), KeyError()):
        assert failure(unclear).verdict is Verdict.UNKNOWN
        assert unsent(unclear).verdict is Verdict.RETRY


async def test_no_window_holds_more_than_its_requests_also_after_a_stall() -> None:
    pace, made = Alone(10, 0.1), []
    for number in range(60):
        if number % 13 == 0:
            time.sleep(0.04)  # noqa: ASYNC251  (the process is held up)
        await pace.turn()
        made.append(time.monotonic())
    assert min(later - one for one, later in zip(made, made[10:], strict=False)) >= 0.0999
