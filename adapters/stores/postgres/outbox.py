"""Plans, deliveries and what was posted. Every row is keyed by platform, tenant and room.

One statement decides and changes, so a sender that reads an old state changes nothing. Two who claim the same row: the
second skips it (``SKIP LOCKED``), and a later row of a channel is refused as long as an earlier one is open.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson

from adapters.stores import _rows as rows
from bot.errors import StoreError
from bot.models import Channel, Delivery, Message, Plan, State

from .channels import AMONG, HERE, columns, key
from .notes import written
from .schema import Connection

COLUMNS = (
    "key, platform, tenant, room, plan, part, planned, state, attempts, next_at, first_try, lease_owner, lease_until,"
    " papers, rest"
)
_TURN = "planned, plan, part"
_ITS_TURN = (
    "d.state IN ('pending', 'retry_wait') AND d.next_at <= %s AND NOT EXISTS (SELECT FROM deliveries AS e WHERE e.open"
    " AND (e.platform, e.tenant, e.room) = (d.platform, d.tenant, d.room)"
    " AND (e.planned, e.plan, e.part) < (d.planned, d.plan, d.part))"
)
_PLANS = (
    "INSERT INTO plans SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::date[], %b::text[],"
    " %b::timestamptz[], %b::text[]) ON CONFLICT (id) DO NOTHING RETURNING id"
)
_TYPES = (
    "text", "text", "text", "text", "text", "integer", "text", "timestamptz",
    "text", "integer", "timestamptz", "text", "integer", "timestamptz", "timestamptz", "text", "timestamptz",
    "text", "text",
)  # fmt: skip
_CHANGE = (
    "UPDATE deliveries AS d SET plan = n.plan, part = n.part, planned = n.planned, state = n.state,"  # noqa: S608
    " attempts = n.attempts, next_at = n.next_at, first_try = n.first_try, lease_owner = n.lease_owner,"
    " lease_until = n.lease_until, papers = ARRAY(SELECT json_array_elements_text(n.papers::json)), rest = n.rest"
    f" FROM unnest({', '.join(f'%s::{type_}[]' for type_ in _TYPES)}) AS n (key, platform, tenant, room,"
    " old_state, old_attempts, old_owner, old_until,"
    " plan, part, planned, state, attempts, next_at, first_try, lease_owner, lease_until, papers, rest)"
    " WHERE (d.platform, d.tenant, d.room, d.key) = (n.platform, n.tenant, n.room, n.key) AND d.state = n.old_state"
    " AND d.attempts = n.old_attempts AND d.lease_owner = n.old_owner"
    " AND d.lease_until IS NOT DISTINCT FROM n.old_until RETURNING d.key"
)
_SAVE = f"COPY deliveries ({COLUMNS}) FROM STDIN"

Also = Callable[[Any, Sequence[Plan]], Awaitable[None]]
"""What is called with the connection wherever plans are stored."""


class Planned(NamedTuple):
    """A plan and its deliveries as rows, written before anything waits for the database."""

    noun: Plan
    due: bool
    """Whether something of it can go at once."""
    plan: tuple[Any, ...]
    deliveries: Sequence[tuple[object, ...]]


def planned(plan: Plan, deliveries: Sequence[Delivery]) -> Planned:
    """Write the rows. Raises ``StoreError`` for what is no JSON."""
    due = any(row.state is State.PENDING and row.next_at <= plan.planned for row in deliveries)
    return Planned(plan, due, plan_row(plan), [delivery_row(row) for row in deliveries])


async def plan(db: Connection, asked: Sequence[Planned], also: Also | None) -> Sequence[bool]:
    """Store plans with their rows. False, and nothing stored, for each whose plan's id exists or came before.

    ``also`` is called with those stored of which a row is due.
    """
    first = {one.plan[0]: one for one in reversed(asked)}
    columns = [list(column) for column in zip(*(one.plan for one in first.values()), strict=True)]
    found = await db.execute(_PLANS, columns)
    new = {id_ for (id_,) in await found.fetchall()}
    rows = [row for id_, one in first.items() if id_ in new for row in one.deliveries]
    if rows:
        async with db.cursor().copy(_SAVE) as copy:
            for row in rows:
                await copy.write_row(row)
    answers = [one is first[one.plan[0]] and one.plan[0] in new for one in asked]
    due = [one.noun for one, is_new in zip(asked, answers, strict=True) if is_new and one.due]
    if due and also:
        await also(db, due)
    return answers


async def are_planned(db: Connection, asked: Sequence[Planned]) -> Sequence[bool] | None:
    """Say which of these very plans are there, ``None`` for none of them."""
    found = await db.execute("SELECT id, plan FROM plans WHERE id = ANY(%s)", ([one.plan[0] for one in asked],))
    held = set(await found.fetchall())
    answers = [(one.plan[0], one.plan[-1]) in held for one in asked]
    return answers if any(answers) else None


async def plans(db: Connection, channel: Channel, since: date) -> Sequence[Plan]:
    """Give a channel's plans from this local date on, oldest first."""
    found = await db.execute(
        f"SELECT plan FROM plans WHERE {HERE} AND date >= %s ORDER BY date, planned, kind",  # noqa: S608
        (*key(channel), since),
    )
    return [rows.plan_from_json(orjson.loads(row)) for (row,) in await found.fetchall()]


async def planned_dates(
    db: Connection, since: date, some: Collection[Channel] | None
) -> Mapping[Channel, frozenset[tuple[date, str]]]:
    """Give for each channel (of these) the (local date, kind) that have a plan, from this date on."""
    dates: defaultdict[Channel, set[tuple[date, str]]] = defaultdict(set)
    found = await db.execute(
        f"SELECT platform, tenant, room, date, kind FROM plans WHERE date >= %s{f' AND {AMONG}' if some else ''}",  # noqa: S608
        (since, *(columns(some) if some else ())),
    )
    for platform, tenant, room, day, kind in await found.fetchall():
        dates[Channel(platform, tenant, room)].add((day, kind))
    return {channel: frozenset(days) for channel, days in dates.items()}


async def deliveries(
    db: Connection, states: Collection[State], channel: Channel | Collection[Channel] | None, limit: int | None
) -> Sequence[Delivery]:
    """Give rows in these states (all when none are named) and channels, by planned moment, plan and part."""
    asked = [channel] if isinstance(channel, Channel) else channel
    where = ["state = ANY(%s)"] * bool(states) + [AMONG] * (asked is not None)
    values = [[state.value for state in states]] * bool(states) + [*(columns(asked) if asked is not None else ())]
    found = await db.execute(
        f"SELECT {COLUMNS} FROM deliveries WHERE {' AND '.join(where) or 'true'} ORDER BY {_TURN} LIMIT %s",  # noqa: S608
        (*values, limit),
    )
    return [delivery_of(row) for row in await found.fetchall()]


async def census(db: Connection) -> Counter[tuple[str, State]]:
    """Count rows by platform and state."""
    found = await db.execute("SELECT platform, state, count(*) FROM deliveries GROUP BY platform, state")
    return Counter({(platform, State(state)): number for platform, state, number in await found.fetchall()})


async def delivery(db: Connection, name: str) -> Delivery | None:
    """Give one row."""
    row = await (await db.execute(f"SELECT {COLUMNS} FROM deliveries WHERE key = %s", (name,))).fetchone()  # noqa: S608
    return delivery_of(row) if row else None


async def ready(
    db: Connection,
    now: datetime,
    limit: int,
    skip: Collection[tuple[str, str]],
    channels: Collection[Channel] | None = None,
) -> Sequence[Delivery]:
    """Give rows whose turn has come, longest waiting first."""
    where, values = "", list[object]()
    if channels is not None:
        where = " AND (d.platform, d.tenant, d.room) IN (SELECT * FROM unnest(%b::text[], %b::text[], %b::text[]))"
        values = list(columns(channels))
    found = await db.execute(
        f"SELECT {COLUMNS} FROM deliveries AS d WHERE {_ITS_TURN}"  # noqa: S608
        " AND (d.platform, d.tenant) NOT IN (SELECT * FROM unnest(%b::text[], %b::text[]))"
        f"{where} ORDER BY next_at, planned, part, plan LIMIT %s",
        (now, [platform for platform, _ in skip], [tenant for _, tenant in skip], *values, limit),
    )
    return [delivery_of(row) for row in await found.fetchall()]


async def claim(
    db: Connection, owner: str, now: datetime, lease_until: datetime, keys: Sequence[str]
) -> Sequence[Delivery]:
    """Lease those of these rows whose turn it is."""
    found = await db.execute(
        "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, first_try = coalesce(first_try, %s),"  # noqa: S608
        " lease_owner = %s, lease_until = %s"
        f" WHERE key IN (SELECT key FROM deliveries AS d WHERE key = ANY(%s) AND {_ITS_TURN} FOR UPDATE SKIP LOCKED)"
        f" RETURNING {COLUMNS}",
        (now, owner, lease_until, keys, now),
    )
    return [delivery_of(row) for row in await found.fetchall()]


async def claimed(db: Connection, owner: str, lease_until: datetime, keys: Sequence[str]) -> Sequence[Delivery] | None:
    """Give what was leased by this very claim, ``None`` for nothing."""
    found = await db.execute(
        f"SELECT {COLUMNS} FROM deliveries WHERE key = ANY(%s) AND state = 'sending' AND lease_owner = %s"  # noqa: S608
        " AND lease_until = %s",
        (keys, owner, lease_until),
    )
    return [delivery_of(row) for row in await found.fetchall()] or None


class Change(NamedTuple):
    """What a row has to be still, and what it becomes, as columns."""

    key: str
    old: tuple[object, ...]
    new: tuple[Any, ...]


def change(old: Delivery, new: Delivery) -> Change:
    """Write a change. Raises ``StoreError`` for another message's row, and for what is no JSON."""
    if (new.key, new.channel) != (old.key, old.channel):
        raise StoreError(f"Row {old.key} cannot become the row of another message.")
    stand = (old.state.value, old.attempts, old.lease_owner, old.lease_until)
    return Change(old.key, (*key(old.channel), *stand), delivery_row(new)[4:])


async def update(db: Connection, asked: Sequence[Change]) -> Sequence[bool]:
    """Replace rows that still have the state, attempt and lease they had; those of one key in turn."""
    answers: dict[int, bool] = {}
    left = list(enumerate(asked))
    while left:
        turn = {one.key: (number, one) for number, one in reversed(left)}
        rows = [(one.key, *one.old, *one.new[:-2], json.dumps(one.new[-2]), one.new[-1]) for _, one in turn.values()]
        found = await db.execute(_CHANGE, [list(column) for column in zip(*rows, strict=True)])
        changed = {name for (name,) in await found.fetchall()}
        answers |= {number: one.key in changed for number, one in turn.values()}
        left = [(number, one) for number, one in left if number not in answers]
    return [answers[number] for number in range(len(asked))]


async def are_updated(db: Connection, asked: Sequence[Change]) -> Sequence[bool] | None:
    """Say which rows are as they should become, ``None`` when none is."""
    found = await db.execute(f"SELECT {COLUMNS} FROM deliveries WHERE key = ANY(%s)", ([one.key for one in asked],))  # noqa: S608
    held = {row[0]: row[4:] for row in await found.fetchall()}
    answers = [held.get(one.key) == one.new for one in asked]
    return answers if any(answers) else None


def plan_row(plan: Plan) -> tuple[object, ...]:
    """The columns of a plan."""
    kept = written(rows.plan_to_json(plan), "plans")
    return plan.id, *key(plan.channel), plan.date, plan.kind, plan.planned, kept


def delivery_row(row: Delivery) -> tuple[object, ...]:
    """The columns of a delivery, in the order of ``COLUMNS``; what no statement looks at stands in one JSON object."""
    rest = {
        "payload": row.message.payload,
        "reply": row.message.reply,
        "unclear": row.unclear,
        "step": row.step,
        "remote_id": row.remote_id,
        "error": row.error,
    }
    return (
        row.key, *key(row.channel), row.plan, row.part, row.planned, row.state.value, row.attempts, row.next_at,
        row.first_try, row.lease_owner, row.lease_until, list(row.message.papers), written(rest, "deliveries"),
    )  # fmt: skip


def delivery_of(row: tuple[Any, ...]) -> Delivery:
    """Read the columns of a delivery."""
    _, platform, tenant, room, plan, part, planned, state, attempts, next_at, first_try, owner, until, papers, kept = (
        row
    )
    rest = orjson.loads(kept)
    return Delivery(
        channel=Channel(platform, tenant, room),
        plan=plan,
        part=part,
        message=Message(rest["payload"], tuple(papers), rest["reply"]),
        planned=planned,
        state=State(state),
        attempts=attempts,
        unclear=rest.get("unclear", attempts),
        step=rest["step"],
        next_at=next_at,
        first_try=first_try,
        lease_owner=owner,
        lease_until=until,
        remote_id=rest["remote_id"],
        error=rest["error"],
    )
