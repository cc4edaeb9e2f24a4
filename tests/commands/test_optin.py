from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot import letters, signed
from bot.commands import optin
from bot.errors import CommandError, DeliveryError, QueryError, Verdict
from bot.models import Cadence, State
from tests.chats import BlindChat
from tests.making import LONG_AGO, plan, rows, sending
from tests.town import ADA, HOME, Town


async def test_nothing_is_followed_and_one_letter_is_sent_until_the_link_is_opened() -> None:
    town = Town()
    assert await town.ask(text="Agents -survey", time="07:30", timezone="europe/berlin", cadence="weekdays") == (
        optin.ANSWER
    )
    assert town.office.written == []
    assert await town.send() == 1
    assert await town.send(minutes=20) == 0
    ((channel, letter, _),) = town.office.written
    assert channel == ADA
    assert letter.query == "agents -survey"
    assert letter.when == "weekdays at 07:30 (Europe/Berlin), up to 5 papers"
    assert await town.store.all_settings() == []
    assert await optin.look(town.store, letter.token, town.now) == (ADA, "Agents -survey")

    done = await town.confirm(letter.token)
    assert done.subscribed.subscription.query == "Agents -survey"
    kept = await town.store.settings(ADA)
    assert kept
    assert (kept.cadence, kept.time, kept.timezone) == (Cadence.WEEKDAYS, time(7, 30), "Europe/Berlin")
    assert (kept.created, kept.owner) == (town.now, "")


async def test_the_link_works_once() -> None:
    town = Town()
    done = await town.subscribed()
    token = town.office.written[0][1].token
    await optin.stop(town.store, done.token, town.now)
    with pytest.raises(CommandError, match="used already"):
        await town.confirm(token)
    assert await town.queries() == []


async def test_an_address_that_is_not_confirmed_is_deleted_after_48_hours_and_its_link_is_over() -> None:
    town = Town()
    await town.ask()
    await town.send()
    token = town.office.written[0][1].token
    town.now += timedelta(hours=48, seconds=1)
    with pytest.raises(CommandError, match="older than 48 hours"):
        await town.confirm(token)
    await town.send()
    assert [key for key in await town.store.notes("") if key != signed.NOTE] == []


ELSEWHERE = ("ADA@example.org", "ada+1@example.org", "Ada+x+y@EXAMPLE.org")


@pytest.mark.parametrize("spelling", [ADA.room, *ELSEWHERE])
async def test_an_address_gets_one_letter_a_day_however_it_is_spelt_and_whoever_asks(spelling: str) -> None:
    town = Town()
    for network in (HOME, "198.51.100.7", "2001:db8::1"):
        assert await town.ask(spelling, network=network) == optin.ANSWER
        await town.ask(text="robots", network=network)
        await town.send(minutes=16)
    assert len(town.office.written) == 1
    town.now += timedelta(hours=24)
    await town.ask()
    await town.send()
    assert len(town.office.written) == 2


async def test_of_the_requests_of_a_day_the_first_one_gets_its_letter() -> None:
    town = Town()
    for text in ("agents", "robots", "moe", "rlhf"):
        await town.ask(text=text)
        town.now += timedelta(seconds=1)
    await town.send()
    assert [letter.query for _, letter, _ in town.office.written] == ["agents"]
    assert len(await town.store.notes(optin.PENDING)) == 1


async def test_many_at_once_cause_one_letter() -> None:
    town = Town()
    await asyncio.gather(*(town.ask(network=f"192.0.2.{n}") for n in range(20)))
    await town.send()
    assert len(town.office.written) == 1


@pytest.mark.parametrize("networks", [[HOME] * 6, ["a socket"] * 6, [f"2001:db8:0:1::{n}" for n in range(1, 7)]])
async def test_a_network_gets_five_letters_an_hour_and_is_told_so(networks: list[str]) -> None:
    town = Town()
    for n, network in enumerate(networks[:5]):
        await town.ask(f"ada{n}@example.org", network=network)
    with pytest.raises(CommandError, match="Try again in an hour"):
        await town.ask("grace@example.org", network=networks[5])
    await town.ask("grace@example.org", network="203.0.113.9")
    assert await town.send() == 6
    town.now += timedelta(hours=1)
    await town.ask("alan@example.org", network=networks[5])


async def test_the_answer_and_what_is_written_down_say_nothing_of_what_we_know() -> None:
    town = Town()
    await town.subscribed()
    town.now += timedelta(hours=25)
    answers, kept = set(), []
    for n, address in enumerate((ADA.room, ADA.room, "new@example.org")):
        before = len(await town.store.notes(""))
        answers.add(await town.ask(address, network=f"203.0.113.{n}"))
        kept.append(len(await town.store.notes("")) - before)
    assert kept[0] == kept[1] == kept[2]
    await optin.suppress(town.store, ADA, "gone")
    assert answers | {await town.ask()} == {optin.ANSWER}


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"address": "nobody"}, CommandError),
        ({"text": "(agents"}, QueryError),
        ({"text": "-survey"}, QueryError),
        ({"timezone": "Berln"}, CommandError),
        ({"time": "25:00"}, CommandError),
        ({"paused": "no"}, CommandError),
        ({"owner": "me"}, CommandError),
    ],
)
async def test_what_cannot_be_read_is_refused_at_once_and_costs_no_place(
    typed: dict[str, str], error: type[Exception]
) -> None:
    town = Town()
    with pytest.raises(error):
        await town.ask(**typed)
    assert await town.store.notes("") == {}


@pytest.mark.parametrize(
    "query", ['"your account: evil.example"', '"see https://x"', "author:a@b", "x" * 200, '"www evil"', "a, b/c"]
)
async def test_a_letter_shows_no_query_that_could_be_read_as_a_link(query: str) -> None:
    assert optin.shown(query) == ""
    assert optin.shown('Agents, "world model" -survey upvotes>=20') != ""


@pytest.mark.parametrize("verdict", [Verdict.RETRY, Verdict.WAIT])
async def test_a_letter_that_could_not_go_is_tried_again_every_quarter_of_an_hour(verdict: Verdict) -> None:
    town = Town()
    town.office.refusals = [DeliveryError("later", verdict)] * 3
    await town.ask()
    assert [await town.send(minutes=m) for m in (0, 14, 1, 1, 15, 15, 15)] == [1, 0, 1, 0, 1, 1, 0]
    assert len(town.office.written) == 1


async def test_a_letter_of_which_nobody_knows_goes_once_more_with_the_same_key() -> None:
    town = Town()
    town.office.refusals = [DeliveryError("lost", Verdict.UNKNOWN)]
    await town.ask()
    assert [await town.send(minutes=m) for m in (0, 15, 15)] == [1, 1, 0]
    town.office.refusals = [DeliveryError("lost", Verdict.UNKNOWN)] * 9
    await town.ask("grace@example.org")
    assert [await town.send(minutes=m) for m in (0, 15, 15, 15)] == [1, 1, 0, 0]


@pytest.mark.parametrize("verdict", [Verdict.DROP, Verdict.PAUSE, Verdict.BUG, Verdict.DEGRADE, Verdict.TENANT])
async def test_an_address_that_refuses_the_letter_is_forgotten(verdict: Verdict) -> None:
    town = Town()
    town.office.refusals = [DeliveryError("no such mailbox", verdict)]
    await town.ask()
    await town.send()
    assert await town.store.notes(optin.PENDING) == {}


async def test_a_letter_waits_for_a_process_that_has_its_chat() -> None:
    town = Town()
    await town.ask()
    assert await letters.send(town.store, {}, town.now) == 0
    assert await letters.send(town.store, {"fake": BlindChat()}, town.now) == 0
    assert await town.send() == 1


async def test_two_processes_send_one_letter() -> None:
    town = Town()
    await town.ask()
    assert sum(await asyncio.gather(town.send(), town.send())) == 1


async def test_one_letter_that_waits_does_not_hold_up_the_others() -> None:
    town = Town()
    town.office.refusals = [DeliveryError("later", Verdict.RETRY)] * letters.AT_ONCE
    for n in range(letters.AT_ONCE + 1):
        await town.ask(f"ada{n}@example.org", network=f"192.0.2.{n}")
    assert [await town.send(), await town.send()] == [letters.AT_ONCE, 1]


async def test_a_confirmation_changes_when_the_digest_comes_and_keeps_the_rest() -> None:
    town = Town()
    await town.subscribed()
    await town.store.save_settings(replace(await town.store.settings(ADA) or town.defaults(ADA), quiet=False))
    town.now += timedelta(hours=25)
    await town.subscribed("robots", time="18:00")
    kept = await town.store.settings(ADA)
    assert kept
    assert (kept.time, kept.quiet) == (time(18), False)
    assert await town.queries() == ["agents", "robots"]
    town.now += timedelta(hours=25)
    await town.subscribed("ROBOTS", time="19:00")
    assert await town.queries() == ["agents", "robots"]


async def test_preferences_show_and_change_what_an_address_follows() -> None:
    town = Town()
    token = (await town.subscribed()).token
    seen = await optin.preferences(town.store, token, town.now)
    assert [item.query for item in seen.subscriptions] == ["agents"]
    assert seen.following > town.now
    new = await optin.change(
        town.store, token, follow="robots", unfollow="Agents", wishes={"count": "3", "paused": "yes"}, now=town.now
    )
    assert [item.query for item in new.subscriptions] == ["robots"]
    assert (new.settings.count, new.settings.paused) == (3, "paused by hand")
    with pytest.raises(CommandError, match="isn't possible"):
        await optin.change(town.store, token, follow="moe", wishes={"count": "99"}, now=town.now)
    with pytest.raises(QueryError):
        await optin.change(town.store, token, follow="(moe", now=town.now)
    assert await town.queries() == ["robots"]


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
async def test_links_that_are_not_ours_change_nothing(token: str) -> None:
    town = Town()
    await town.subscribed()
    other = signed.sign(await signed.key(town.store), signed.STOP, str(ADA), town.now)
    for bad in (token, other):
        with pytest.raises(CommandError, match="no longer valid"):
            await optin.preferences(town.store, bad, town.now)
        with pytest.raises(CommandError, match="no longer valid"):
            await optin.change(town.store, bad, unfollow="agents", now=town.now)
    with pytest.raises(CommandError, match="no longer valid"):
        await optin.stop(town.store, token, town.now)
    assert await town.queries() == ["agents"]


async def test_stopping_ends_everything_also_what_waits_and_what_may_have_been_sent_and_twice_is_fine() -> None:
    town = Town()
    await town.subscribed()
    planned = rows(plan(ADA), parts=3)
    waiting, unknown = planned[0], sending(planned[1], now=town.now)
    settling = replace(unknown, state=State.UNKNOWN)
    await town.store.plan([(plan(ADA), [waiting, settling, planned[2]])])
    await town.store.note(f"notice/{ADA}", {"text": "x", "at": town.now.isoformat()})
    await town.store.note("notice/fake:grace@example.org", {"text": "x", "at": town.now.isoformat()})
    token = await town.stopper()
    for _ in range(2):
        assert await optin.stop(town.store, token, town.now) == ADA
    assert await town.queries() == []
    assert await town.store.all_settings() == []
    assert list(await town.store.notes("notice/")) == ["notice/fake:grace@example.org"]
    kept = {row.key: row for row in await town.store.deliveries(channel=ADA)}
    assert [kept[row.key].state for row in planned] == [State.EXPIRED, State.UNKNOWN, State.EXPIRED]
    assert kept[settling.key].lease_until is None


async def test_mail_that_came_back_pauses_the_channel_visibly_until_it_is_confirmed_anew() -> None:
    town = Town()
    token = (await town.subscribed()).token
    await town.store.plan([(plan(ADA), rows(plan(ADA)))])
    for _ in range(2):
        await optin.suppress(town.store, ADA, "no such mailbox (550 5.1.1)")
    kept = await town.store.settings(ADA)
    assert kept
    assert kept.paused == "no such mailbox (550 5.1.1)"
    assert [row.state for row in await town.store.deliveries()] == [State.EXPIRED]
    with pytest.raises(CommandError, match="confirmed anew"):
        await optin.change(town.store, token, wishes={"paused": "no"}, now=town.now)
    town.now += timedelta(hours=25)
    await town.subscribed()
    assert (await town.store.settings(ADA) or kept).paused == ""


async def test_a_letter_that_came_back_takes_its_request_with_it() -> None:
    town = Town()
    await town.ask()
    await town.ask("grace@example.org")
    await optin.suppress(town.store, ADA, "no such mailbox")
    assert [asked["channel"] for asked in (await town.store.notes(optin.PENDING)).values()] == [
        "fake:grace@example.org"
    ]


async def test_a_clock_that_was_wrong_bars_nobody_for_ever() -> None:
    town = Town()
    town.now += timedelta(days=400)
    await town.ask()
    town.now = LONG_AGO
    await town.ask()
    assert await town.send() == 1
