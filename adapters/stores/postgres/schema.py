"""The tables, and how an older database becomes one of today.

Migrations run in one transaction under an advisory lock, so that of several processes that start together one does the
work and the others wait. Ids and keys compare byte by byte (``COLLATE "C"``), as Python compares text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import AsyncConnection

from bot.errors import StoreTooNew

Connection = AsyncConnection[tuple[Any, ...]]

_CHANNEL: LiteralString = 'platform text COLLATE "C", tenant text COLLATE "C", room text COLLATE "C"'
_FIRST: Sequence[LiteralString] = (
    """CREATE TABLE papers (
        id text COLLATE "C" PRIMARY KEY, listed date, born date, upvotes bigint, stars bigint, comments bigint,
        code boolean NOT NULL, project boolean NOT NULL, model boolean NOT NULL,
        categories text[] NOT NULL, sources text[] NOT NULL,
        title text NOT NULL, abstract text NOT NULL, tags text NOT NULL,
        authors text NOT NULL, organization text NOT NULL, aliases text NOT NULL,
        words tsvector NOT NULL, size integer NOT NULL, rules text NOT NULL, paper text NOT NULL
    )""",
    "CREATE INDEX papers_words ON papers USING gin (words) WITH (fastupdate = off)",
    "CREATE INDEX papers_listed ON papers (listed, id)",
    "CREATE INDEX papers_size ON papers (size)",
    'CREATE TABLE vocabulary (word text COLLATE "C" PRIMARY KEY)',
    """CREATE TABLE readings (
        id text COLLATE "C", day date, upvotes bigint, stars bigint, comments bigint, PRIMARY KEY (id, day)
    )""",
    f"CREATE TABLE settings ({_CHANNEL}, settings text NOT NULL, PRIMARY KEY (platform, tenant, room))",
    f"""CREATE TABLE subscriptions (
        {_CHANNEL}, hash bytea, canonical text COLLATE "C" NOT NULL, created timestamptz NOT NULL,
        subscription text NOT NULL, PRIMARY KEY (platform, tenant, room, hash)
    )""",
    f"""CREATE TABLE plans (
        id text COLLATE "C" PRIMARY KEY, {_CHANNEL}, date date NOT NULL, kind text COLLATE "C" NOT NULL,
        planned timestamptz NOT NULL, plan text NOT NULL
    )""",
    "CREATE INDEX plans_channel ON plans (platform, tenant, room, date)",
    "CREATE INDEX plans_date ON plans (date)",
    f"""CREATE TABLE deliveries (
        key text COLLATE "C" PRIMARY KEY, {_CHANNEL}, plan text COLLATE "C" NOT NULL, part integer NOT NULL,
        planned timestamptz NOT NULL, state text NOT NULL, attempts integer NOT NULL, next_at timestamptz NOT NULL,
        first_try timestamptz, lease_owner text NOT NULL, lease_until timestamptz,
        papers text[] NOT NULL, rest text NOT NULL,
        open boolean NOT NULL GENERATED ALWAYS AS (
            state IN ('pending', 'retry_wait', 'sending') OR (state = 'unknown' AND lease_until IS NOT NULL)
        ) STORED
    )""",
    "CREATE INDEX deliveries_channel ON deliveries (platform, tenant, room, planned, plan, part)",
    "CREATE INDEX deliveries_plan ON deliveries (plan)",
    "CREATE INDEX deliveries_open ON deliveries (platform, tenant, room, planned, plan, part) WHERE open",
    """CREATE INDEX deliveries_waiting ON deliveries (next_at, planned, part, plan)
        WHERE state IN ('pending', 'retry_wait')""",
    """CREATE INDEX deliveries_unfinished ON deliveries (state, planned, plan, part)
        WHERE state NOT IN ('sent', 'dead', 'expired')""",
    f'CREATE TABLE posted ({_CHANNEL}, paper text COLLATE "C", date date, PRIMARY KEY (platform, tenant, room, paper))',
    'CREATE TABLE notes (key text COLLATE "C" PRIMARY KEY, value text NOT NULL)',
)
_SECOND: Sequence[LiteralString] = (
    f"CREATE TABLE pace ({_CHANNEL}, full_at timestamptz NOT NULL, PRIMARY KEY (platform, tenant, room))",
)
_THIRD: Sequence[LiteralString] = (
    """ALTER TABLE settings ADD COLUMN paused boolean NOT NULL
        GENERATED ALWAYS AS (right(settings, 12) <> '"paused":""}') STORED""",
)
"""The reason of a pause is what a channel's settings end with."""
_FOURTH: Sequence[LiteralString] = (
    "ALTER TABLE settings ADD COLUMN wake timestamptz NOT NULL DEFAULT '-infinity'",
    "CREATE INDEX settings_wake ON settings (wake, platform, tenant, room)",
    """CREATE FUNCTION settings_woken() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN NEW.wake := ''-infinity''; RETURN NEW; END'""",
    """CREATE TRIGGER settings_woken BEFORE UPDATE OF settings ON settings
        FOR EACH ROW EXECUTE FUNCTION settings_woken()""",
    "CREATE INDEX deliveries_expired ON deliveries (platform, tenant, room) WHERE state = 'expired'",
)
"""A channel rests until ``wake``; whoever changes its settings wakes it, an older version of ours too."""
_FIFTH: Sequence[LiteralString] = (
    "DROP INDEX settings_wake",
    "CREATE INDEX settings_wake ON settings (wake)",
    "DROP INDEX deliveries_plan",
    "DROP INDEX plans_date",
)
"""Whatever is asked of deliveries and plans names their channels. Each index is written with every row."""
_SIXTH: Sequence[LiteralString] = (
    "CREATE INDEX papers_born ON papers (born DESC NULLS LAST, id)",
    "CREATE INDEX papers_rules ON papers (rules)",
)
"""The newest papers are found without a look at the others, and so is whether any was folded by other rules."""
MIGRATIONS: Sequence[Sequence[LiteralString]] = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH, _SIXTH)
"""The statements that lead to schema 1, 2 ..."""


async def migrate(db: Connection) -> None:
    """Bring the tables up to date. Raises ``StoreTooNew`` when a later version has been at work."""
    await patiently(db)
    await lock(db, "migrate")
    await db.execute("CREATE TABLE IF NOT EXISTS broadsheet (key text PRIMARY KEY, value integer NOT NULL)")
    found = await (await db.execute("SELECT value FROM broadsheet WHERE key = 'schema'")).fetchone()
    version = int(found[0]) if found else 0
    if version > len(MIGRATIONS):
        raise StoreTooNew(
            f"The database was written by a later Broadsheet (schema {version}, this one knows up to"
            f" {len(MIGRATIONS)}). Upgrade Broadsheet, or name another database."
        )
    for statement in (statement for step in MIGRATIONS[version:] for statement in step):
        await db.execute(statement)
    await db.execute(
        "INSERT INTO broadsheet VALUES ('schema', %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (len(MIGRATIONS),),
    )


async def lock(db: Connection, name: str) -> None:
    """Wait until nobody else has the lock of this name, and hold it until the transaction ends."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema || %s, 0))", (f" {name}",))


async def patiently(db: Connection) -> None:
    """Let this transaction take as long as it takes: an upgrade, and waiting for another process that is at it."""
    await db.execute("SET LOCAL statement_timeout = 0")
