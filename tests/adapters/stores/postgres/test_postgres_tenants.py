"""Every statement on rows that belong to a tenant names the tenant, read from the source; the few others say why not.

Row-level security would say the same to PostgreSQL, but for the owner of a table, which small installations connect as.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from adapters.stores import postgres
from adapters.stores.postgres.schema import MIGRATIONS

FOLDER = Path(postgres.__file__).parent
SCHEMA = " ".join(statement for step in MIGRATIONS for statement in step)
BODIES = dict(re.findall(r"CREATE TABLE (\w+) \((.*?)\)(?=\s|$)", SCHEMA, re.DOTALL))
TENANTS = {table for table, body in BODIES.items() if "tenant" in body}
"""Tables whose rows belong to a tenant."""
EXCEPT = {
    "outbox.are_planned": "a plan's id begins with its channel",
    "outbox.planned_dates": "a tick asks for all channels, or for those that it names (AMONG)",
    "outbox.deliveries": "a sender looks at all tenants' open rows, or at one channel's (HERE)",
    "outbox.census": "numbers for operators",
    "outbox.delivery": "a key is a hash over the channel",
    "outbox.claimed": "keys are hashes over channels",
    "outbox.are_updated": "keys are hashes over channels",
    "channels.subscriptions": "everybody's for lists and exports, or those of named channels (AMONG)",
    "channels.all_settings": "a tick, lists and exports look at all channels",
    "channels.census": "numbers for operators",
    "agenda.awake": "a tick looks at all channels of its platforms",
    "posted.compact": "folds every tenant's rows, each into its own (tenant by tenant in GROUP BY)",
    "moving.page": "migrate copies everything",
    "moving.put": "migrate copies everything; rows carry their key",
}
"""What works for all tenants at once, or knows a row by a name that holds its channel."""
NAMES = "|".join(sorted(TENANTS))
TOUCHES = re.compile(rf"\b(FROM|INTO|UPDATE|JOIN|USING) ({NAMES}|\{{\?\}})\b|\b(FROM|INTO) \{{\?\}}")
KEYED = re.compile(r"tenant = %s|\((\w+\.)?platform, (\w+\.)?tenant, (\w+\.)?room\b[^()]*\) (=|IN) |^INSERT INTO")


def text_of(node: ast.expr, module: ModuleType) -> str:
    """A string as it is when the module's own names are put in; ``{?}`` for what is known later."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part, module) for part in parts)
        case ast.FormattedValue(value=ast.Name() | ast.Attribute() as inner):
            known: object = module
            for name in ast.unparse(inner).split("."):
                known = getattr(known, name, None)
            return known if isinstance(known, str) else "{?}"
    return "{?}"


def statements() -> Iterator[tuple[str, str]]:
    """Give each string of each module that touches a tenant's table, with the function or constant that it is in."""
    for path in sorted(FOLDER.glob("*.py")):
        module = import_module(f"{postgres.__name__}.{path.stem}".removesuffix(".__init__"))
        for part in ast.parse(path.read_text("utf-8")).body:
            name = getattr(part, "name", "") or ast.unparse(getattr(part, "targets", [ast.Name("?")])[0])
            inside = {id(child) for node in ast.walk(part) if isinstance(node, ast.JoinedStr) for child in node.values}
            for node in ast.walk(part):
                if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in inside:
                    text = " ".join(text_of(node, module).split())
                    if TOUCHES.search(text) and not text.startswith(("CREATE TABLE", "CREATE INDEX", "ALTER")):
                        yield f"{path.stem}.{name}", text


def test_the_tables_of_tenants_are_known() -> None:
    assert {"settings", "subscriptions", "plans", "deliveries", "posted", "pace"} == TENANTS


def test_every_statement_about_a_tenants_rows_names_the_tenant_or_is_known_not_to() -> None:
    found = list(statements())
    bare = {place for place, text in found if not KEYED.search(text)}
    assert len(found) > 30
    assert bare - EXCEPT.keys() == set()
    assert EXCEPT.keys() - bare == set(), "no exception any more"


@pytest.mark.parametrize("table", sorted(TENANTS))
def test_keys_and_indexes_begin_with_the_tenant(table: str) -> None:
    index = re.search(rf"CREATE INDEX \w+ ON {table} \(platform, tenant, room", SCHEMA)
    assert index or "PRIMARY KEY (platform, tenant, room" in SCHEMA.partition(f"CREATE TABLE {table} ")[2]
