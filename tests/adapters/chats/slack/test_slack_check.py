"""``broadsheet doctor`` says what is wrong with Slack, and what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.adapters.chats.slack.kit import outside
from tests.emulators.slack import acme, drop


async def lines(now: timedelta = timedelta(0), without: tuple[str, ...] = (), **more: object) -> list[str]:
    async with outside(acme(without), **more) as out:  # type: ignore[arg-type]
        found = await out.chat.check(datetime.now(UTC) + now)
        return [f"{'ok' if one.ok else 'FIX'} {one.what} {one.fix}".strip() for one in found]


async def test_all_is_well() -> None:
    found = await lines()
    assert all(line.startswith("ok") for line in found)
    assert "the bot papers in Acme" in found[0]
    assert any("Socket Mode is on" in line for line in found)


async def test_a_missing_scope_is_named_with_where_to_add_it() -> None:
    found = await lines(without=("chat:write",))
    assert any(line.startswith("FIX") and "chat:write is missing" in line and "Permissions" in line for line in found)


async def test_an_optional_scope_is_no_error_and_says_what_it_is_for() -> None:
    (line,) = [line for line in await lines(without=("users:read",)) if "optional" in line]
    assert line.startswith("ok")
    assert "users:read (know people's time zones" in line


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_a_wrong_clock_is_seen(minutes: int) -> None:
    assert any("clock is" in line and line.startswith("FIX") for line in await lines(timedelta(minutes=minutes)))


async def test_tokens_that_slack_refuses_are_told_by_key_and_not_shown() -> None:
    found = await lines(bot_token="xoxb-verysecret", app_token="xapp-verysecret")
    assert [line.partition(" (")[0] for line in found] == [
        "FIX Slack does not accept slack.bot_token",
        "FIX Slack does not accept slack.app_token",
    ]
    assert "verysecret" not in "".join(found)


async def test_an_app_that_can_only_post_says_so() -> None:
    assert any("nobody is answered" in line for line in await lines(app_token=None))
    assert any("over HTTP" in line for line in await lines(app_token=None, signing_secret="s"))


async def test_a_slack_that_cannot_be_reached_is_no_token_to_copy() -> None:
    async with outside() as out:
        out.slack.faults.on("*", drop(committed=False), times=9)
        found = await out.chat.check(datetime.now(UTC))
        assert all(not one.ok and "network" in one.fix for one in found)
