from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.stores import _rows as rows
from adapters.stores._rows import Posted
from bot.models import (
    JSON,
    Cadence,
    Channel,
    ChannelSettings,
    Delivery,
    Message,
    Plan,
    State,
)
from bot.summary import Style
from tests.adapters.stores import nouns

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
WHEN = datetime(2026, 8, 1, 9, 0, tzinfo=UTC)


def through_bytes(to_json: Callable[[Any], JSON], from_json: Callable[[JSON], Any], value: object) -> object:
    return from_json(orjson.loads(orjson.dumps(to_json(value))))


@UNHURRIED
@given(nouns.subscriptions)
def test_a_subscription_comes_back_as_it_was(value: object) -> None:
    assert through_bytes(rows.subscription_to_json, rows.subscription_from_json, value) == value


@UNHURRIED
@given(nouns.settings)
def test_channel_settings_come_back_as_they_were(value: object) -> None:
    assert through_bytes(rows.settings_to_json, rows.settings_from_json, value) == value


@UNHURRIED
@given(nouns.plans)
def test_a_plan_comes_back_as_it_was(value: object) -> None:
    assert through_bytes(rows.plan_to_json, rows.plan_from_json, value) == value


@UNHURRIED
@given(nouns.deliveries)
def test_a_delivery_comes_back_as_it_was(value: object) -> None:
    assert through_bytes(rows.delivery_to_json, rows.delivery_from_json, value) == value


@UNHURRIED
@given(st.builds(Posted, nouns.channels, st.dictionaries(nouns.names, nouns.days, max_size=3)))
def test_what_was_posted_comes_back_as_it_was(value: object) -> None:
    assert through_bytes(rows.posted_to_json, rows.posted_from_json, value) == value


parts = st.text("a/:|", max_size=3)
awkward = st.builds(Channel, st.sampled_from(["slack", "discord"]), parts, parts)


@UNHURRIED
@given(awkward, awkward)
def test_two_channels_never_share_a_row_id(one: Channel, other: Channel) -> None:
    assert (rows.channel_key(one) == rows.channel_key(other)) == (one == other)
    assert rows.subscription_key(one, "x") != rows.subscription_key(other, "y")


def test_channels_that_are_written_alike_have_different_row_ids() -> None:
    assert str(Channel("slack", "", "T/C")) == str(Channel("slack", "T", "C"))
    assert rows.channel_key(Channel("slack", "", "T/C")) != rows.channel_key(Channel("slack", "T", "C"))
    assert rows.channel_key(Channel("slack", "a/b", "c")) != rows.channel_key(Channel("slack", "a", "b/c"))


HOME = ["slack", "T1", "C1"]
CHANNEL = Channel("slack", "T1", "C1")


@pytest.mark.parametrize("extra", [{}, {"from the future": {"a": 1}}])
def test_what_an_older_version_did_not_write_is_filled_in(extra: dict[str, object]) -> None:
    settings = rows.settings_from_json({"channel": HOME, "created": WHEN.isoformat(), **extra})
    assert settings == ChannelSettings(
        channel=CHANNEL, created=WHEN, cadence=Cadence.DAILY, time=time(9), style=Style.AUTO
    )
    plan = rows.plan_from_json(
        {"channel": HOME, "date": "2026-08-01", "kind": "digest", "planned": WHEN.isoformat(), **extra}
    )
    assert plan == Plan(channel=CHANNEL, date=date(2026, 8, 1), kind="digest", planned=WHEN)
    when = {"planned": WHEN.isoformat(), "next_at": WHEN.isoformat()}
    row = rows.delivery_from_json(
        {"channel": HOME, "plan": plan.id, "part": 0, "message": {"payload": {}}, **when, **extra}
    )
    assert row == Delivery(channel=CHANNEL, plan=plan.id, part=0, message=Message({}), planned=WHEN, next_at=WHEN)
    assert row.state is State.PENDING
    assert rows.posted_from_json({"channel": HOME, **extra}) == Posted(CHANNEL, {})
    subscription = rows.subscription_from_json(
        {"channel": HOME, "query": "agents", "canonical": "agents", "created": WHEN.isoformat(), **extra}
    )
    assert subscription.owner == ""
