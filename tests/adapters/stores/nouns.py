"""Hypothesis strategies for what a store keeps."""

from __future__ import annotations

from datetime import UTC, date

from hypothesis import strategies as st

from bot.models import (
    Cadence,
    Channel,
    ChannelSettings,
    Delivery,
    Message,
    Plan,
    State,
    Subscription,
)
from bot.summary import Style

texts = st.text(st.characters(codec="utf-8"), max_size=20)
names = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=8)
moments = st.datetimes(timezones=st.just(UTC))
days = st.dates(min_value=date(2000, 1, 1))
channels = st.builds(Channel, st.sampled_from(["slack", "discord", "console"]), texts, names)
paper_ids = st.lists(names, max_size=3).map(tuple)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
payloads = st.dictionaries(texts, json_values, max_size=3)
messages = st.builds(Message, payloads, paper_ids, st.booleans())

subscriptions = st.builds(Subscription, channel=channels, query=texts, canonical=texts, owner=texts, created=moments)
settings = st.builds(
    ChannelSettings,
    channel=channels,
    created=moments,
    cadence=st.sampled_from(Cadence),
    day=st.integers(0, 6),
    time=st.times(),
    timezone=texts,
    count=st.integers(1, 10),
    style=st.sampled_from(Style),
    quiet=st.booleans(),
    owner=texts,
    paused=texts,
)
plans = st.builds(
    Plan,
    channel=channels,
    date=days,
    kind=names,
    planned=moments,
    papers=paper_ids,
    left_out=st.lists(st.tuples(names, texts), max_size=3).map(tuple),
)
deliveries = st.builds(
    Delivery,
    channel=channels,
    plan=names,
    part=st.integers(0, 20),
    message=messages,
    planned=moments,
    state=st.sampled_from(State),
    attempts=st.integers(0, 20),
    unclear=st.integers(0, 3),
    step=st.integers(0, 3),
    next_at=moments,
    first_try=st.none() | moments,
    lease_owner=texts,
    lease_until=st.none() | moments,
    remote_id=texts,
    error=texts,
)
