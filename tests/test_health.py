from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot import __version__, health
from bot.models import JSON, State
from bot.pipeline import Fetching
from bot.ports import Census, Chat, Finding
from tests.chats import FakeChat, Platform
from tests.fakes import MemoryStore
from tests.house import FullStore, House
from tests.making import NOW, ROOM, sending


class CheckedChat(FakeChat):
    """A chat that can say how it is."""

    def __init__(self) -> None:
        super().__init__(Platform())
        self.findings: tuple[Finding, ...] = (Finding(True, "The token is good."),)
        self.checks = 0
        self.silent = False

    async def check(self, now: datetime) -> Sequence[Finding]:
        self.checks += 1
        if self.silent:
            await asyncio.Event().wait()
        return self.findings


class SlowStore(MemoryStore):
    """A store that never answers."""

    async def note(self, key: str, value: JSON, *, once: bool = False, over: JSON | None = None) -> bool:
        await asyncio.Event().wait()
        return False


class ListeningChat(CheckedChat):
    """A chat that people talk to."""

    def __init__(self) -> None:
        super().__init__()
        self.why = ""

    def deaf(self) -> str:
        return self.why


def watch(store: MemoryStore, *chats: Chat, patience: float = health.PATIENCE) -> health.Watch:
    return health.Watch(store, {chat.name: chat for chat in chats}, Fetching(), patience)


async def test_a_new_house_with_everything_in_it_is_well() -> None:
    assert await watch(MemoryStore(), CheckedChat()).down(NOW) == {}


async def test_a_full_disk_is_down_until_there_is_room_again() -> None:
    store = FullStore()
    looking = watch(store)
    store.full = frozenset({"note"})
    assert await looking.down(NOW) == {"store": "Cannot save now: the disk is full."}
    store.full = frozenset()
    assert "store" in await looking.down(NOW)
    assert await looking.down(NOW + health.AGAIN) == {}
    store.full = frozenset({"note"})
    assert await looking.down(NOW + health.FRESH) == {}
    assert "store" in await looking.down(NOW + health.AGAIN + health.FRESH)


async def test_sources_that_are_silent_are_down() -> None:
    store = MemoryStore()
    await store.note("source/a", {"tried": NOW.isoformat(), "ok": NOW.isoformat(), "error": ""})
    assert await watch(store).down(NOW + timedelta(hours=1)) == {}
    assert "no source has answered" in (await watch(store).down(NOW + timedelta(hours=7)))["sources"]


async def test_messages_that_nobody_sends_are_down_unless_their_chat_is_served_elsewhere() -> None:
    house = House()
    await house.plan(ROOM, 2)
    assert await watch(house.store, house.chat).down(NOW) == {}
    late = NOW + health.OVERDUE
    assert await watch(house.store, house.chat).down(late) == {
        "outbox": "Messages have been waiting since 03 August 09:30 UTC."
    }
    assert await watch(house.store).down(late) == {}


async def test_a_chat_whose_token_is_bad_is_named_and_asked_seldom() -> None:
    chat = CheckedChat()
    looking = watch(MemoryStore(), chat)
    assert await looking.down(NOW) == {}
    chat.findings = (Finding(True, "Fine."), Finding(False, "The token is revoked."))
    await looking.down(NOW + timedelta(seconds=30))
    assert chat.checks == 1
    assert await looking.down(NOW + health.CHECKED) == {"fake": "The token is revoked."}


async def test_a_chat_that_is_heard_and_well_again_is_known_at_once() -> None:
    chat = ListeningChat()
    chat.why, chat.findings = "Nobody is connected.", (Finding(False, "The command is not registered yet."),)
    looking = watch(MemoryStore(), chat)
    assert await looking.down(NOW) == {"fake": "Nobody is connected."}
    chat.why = ""
    assert await looking.down(NOW) == {"fake": "The command is not registered yet."}
    chat.findings = ()
    assert await looking.down(NOW + health.RECHECKED - timedelta(seconds=1)) != {}
    assert await looking.down(NOW + health.RECHECKED) == {}
    chat.why = "Nobody is connected."
    assert await looking.down(NOW + health.RECHECKED) == {"fake": "Nobody is connected."}


async def test_many_probes_at_once_are_one_look() -> None:
    chat = CheckedChat()
    looking = watch(MemoryStore(), chat)
    await asyncio.gather(*(looking.down(NOW) for _ in range(20)))
    assert chat.checks == 1


async def test_what_does_not_answer_in_time_is_down() -> None:
    chat = CheckedChat()
    chat.silent = True
    silent = "It did not answer within 0.05 seconds."
    assert await watch(MemoryStore(), chat, patience=0.05).down(NOW) == {"fake": silent}
    assert await watch(SlowStore(), patience=0.05).down(NOW) == {"store": silent}


async def test_the_numbers_count_by_platform_and_state() -> None:
    house = House()
    first, second = await house.plan(ROOM, 2)
    await house.store.update(first, sending(first))
    told = await health.numbers(house.store, NOW, platforms=("quiet",))
    found = {(one.name, *one.labels.values()): one.value for one in told}
    assert found["broadsheet_outbox_messages", "fake", State.SENDING.value] == 1
    assert found["broadsheet_outbox_messages", "fake", second.state.value] == 1
    assert found["broadsheet_channels", "fake", "running"] == 1
    assert found["broadsheet_channels", "fake", "paused"] == 0
    assert found["broadsheet_subscriptions", "quiet"] == 0
    assert [key for key in found if key[0] == "broadsheet_outbox_messages" and key[1] == "quiet"] == [
        ("broadsheet_outbox_messages", "quiet", state) for state in State
    ]


@pytest.mark.parametrize(
    ("role", "named"),
    [
        ("web", set()),
        ("scheduler", {"sources", "scheduler"}),
        ("worker", {"outbox", "fake"}),
        ("fake", {"fake"}),
        ("all", {"sources", "scheduler", "outbox", "fake"}),
    ],
)
async def test_a_role_is_down_for_what_it_needs_and_for_nothing_else(role: str, named: set[str]) -> None:
    """Everything but the store is down."""
    house, chat = House(), ListeningChat()
    await house.plan()
    await house.store.note("source/one", {"tried": NOW.isoformat(), "ok": "", "error": "x"})
    chat.findings, chat.why = (Finding(False, "The token is bad."),), "Nobody is connected."
    duty = health.Duty(frozenset({role}), ticked=NOW)
    looking = health.Watch(house.store, {chat.name: chat}, Fetching(), duty=duty)
    later = NOW + max(health.OVERDUE, health.LATE) + timedelta(seconds=1)
    assert set(await looking.down(later)) == named
    chat.why, duty.ticked = "", later
    chat.findings = ()
    said = await looking.down(later + health.CHECKED)
    assert set(said) == named - {"fake", "scheduler"}


async def test_a_count_that_takes_long_is_kept_and_made_once_for_all_who_ask() -> None:
    class Many(MemoryStore):
        counts = 0

        async def census(self) -> Census:
            self.counts += 1
            await asyncio.sleep(0.1)
            return await super().census()

    store = Many()
    counting = health.Counting(store)
    await asyncio.gather(*(health.numbers(store, NOW, counting=counting) for _ in range(5)))
    await health.numbers(store, NOW, counting=counting)
    assert store.counts == 1


async def test_a_chat_that_was_given_up_says_what_to_correct() -> None:
    chat, duty = ListeningChat(), health.Duty(frozenset({"fake"}), given_up={"fake": "fake.token: is wrong."})
    looking = health.Watch(MemoryStore(), {"fake": chat}, Fetching(), duty=duty)
    chat.why = "Nobody is connected."
    assert await looking.down(NOW) == {"fake": "fake.token: is wrong."}


async def test_what_a_chat_says_twice_is_told_once() -> None:
    chat = CheckedChat()
    chat.findings = (Finding(False, "It cannot be reached."), Finding(False, "It cannot be reached."))
    assert await watch(MemoryStore(), chat).down(NOW) == {"fake": "It cannot be reached."}


async def test_a_store_that_is_down_is_down_for_every_role() -> None:
    store = FullStore()
    store.full = frozenset({"note"})
    for role in ("web", "scheduler", "worker", "fake"):
        looking = health.Watch(store, {}, Fetching(), duty=health.Duty(frozenset({role})))
        assert set(await looking.down(NOW)) == {"store"}


def test_a_process_tells_what_it_does_in_numbers() -> None:
    chat = ListeningChat()
    duty = health.Duty(frozenset({"scheduler", "fake"}), ticked=NOW - timedelta(seconds=30))
    told = {(number.name, *number.labels.values()): number.value for number in health.own(duty, {"fake": chat}, NOW)}
    assert told == {
        ("broadsheet_version", __version__): 1,
        ("broadsheet_role", "fake"): 1,
        ("broadsheet_role", "scheduler"): 1,
        ("broadsheet_tick_age_seconds",): 30,
        ("broadsheet_listening", "fake"): True,
    }
    chat.why, duty = "Nobody is connected.", health.Duty(frozenset({"worker"}), under_way=lambda: 3)
    told = {(number.name, *number.labels.values()): number.value for number in health.own(duty, {"fake": chat}, NOW)}
    assert told == {
        ("broadsheet_version", __version__): 1,
        ("broadsheet_role", "worker"): 1,
        ("broadsheet_under_way",): 3,
    }
