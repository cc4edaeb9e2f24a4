"""Procrastinate's tables: made and brought up to date as ours are, under the same lock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from procrastinate.schema import SchemaManager

from bot.errors import StoreTooNew

_PATIENTLY = "SET LOCAL statement_timeout = 0"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema || ' migrate', 0))"
_VERSION = "SELECT value FROM broadsheet WHERE key = 'procrastinate'"
_KEEP = "INSERT INTO broadsheet VALUES ('procrastinate', %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_INDEX = """CREATE INDEX IF NOT EXISTS broadsheet_jobs_lock ON procrastinate_jobs (lock)
    WHERE status IN ('todo', 'doing')"""
"""Whoever fetches a job asks what else has its lock; without this, of every job that waits."""
_STEADY = r"""DO $$
DECLARE
    name regprocedure;
BEGIN
    FOR name IN SELECT oid FROM pg_proc
        WHERE pronamespace = current_schema::regnamespace AND proname LIKE 'procrastinate\_fetch\_job\_v%'
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET enable_seqscan = off SET enable_bitmapscan = off'
            ' SET enable_hashjoin = off SET enable_mergejoin = off', name);
    END LOOP;
END $$"""
"""A worker plans its first fetch while nothing waits, and keeps the plan: reading everything, to take one. With 10,000
jobs that made 19 fetches a second, and makes 211 when it has to go along the indexes."""


async def migrate(db: Any) -> bool:  # noqa: ANN401  (a connection, which the store's port does not name either)
    """Bring the tables a step further; give whether there may be another. Each is a transaction, as enums want it.

    Raises ``StoreTooNew`` when a later Procrastinate has been at work. The version is the number of steps that were
    made: Procrastinate adds one for every change, in the order of their names.
    """
    steps = _steps()
    await db.execute(_PATIENTLY)
    await db.execute(_LOCK)
    found = await (await db.execute(_VERSION)).fetchone()
    version = int(found[0]) if found else 0
    if version > len(steps):
        raise StoreTooNew(
            f"The database has the tables of a later Procrastinate (step {version}, this one knows {len(steps)})."
            " Upgrade Broadsheet, or name another database."
        )
    if version == len(steps):
        return False
    for statements in (steps[version] if version else SchemaManager.get_schema(), _INDEX, _STEADY):
        await db.execute(statements)
    await db.execute(_KEEP, (version + 1 if version else len(steps),))
    return True


def _steps() -> Sequence[str]:
    return [step.read_text("utf-8") for step in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))]
