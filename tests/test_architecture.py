from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import (
    BROAD_EXCEPTS,
    RULES,
    Rule,
    a_package_is_known_in_one_place,
    adapters_know_ports_and_themselves,
    broad_excepts,
    broad_excepts_are_few,
    core_knows_no_adapter,
    every_adapter_has_its_test,
    every_ignored_type_names_its_code,
    files_and_functions_are_short,
    no_import_goes_in_a_circle,
    nothing_is_patched,
    pure_modules_stay_pure,
    read,
)

ROOT = Path(__file__).parents[1]
HEAVY = ("apscheduler", "discord", "httpx", "procrastinate", "psycopg", "pydantic", "slack_bolt", "tinydb")
HOUSE = {
    "bot/__init__.py": '__version__ = "1"\n',
    "bot/errors.py": "class WrongError(Exception): ...\n",
    "bot/models.py": "from datetime import date, time\n",
    "bot/plugins.py": 'PLACE = "adapters.chats."\n',
    "bot/rank.py": "from bot.models import date\nfrom .order import key\n",
    "bot/order.py": "import math\n\ndef key() -> float:\n    return math.pi\n",
    "bot/schedule.py": "import apscheduler\nfrom bot import models\n",
    "bot/query/__init__.py": "from bot.query.lexer import read\n",
    "bot/query/lexer.py": "from ..errors import WrongError\n\ndef read() -> None: ...\n",
    "adapters/__init__.py": "",
    "adapters/_shared.py": "from bot.text import clip\n",
    "adapters/chats/__init__.py": "",
    "adapters/chats/_blocks.py": "from bot import __version__\n",
    "adapters/chats/slack/__init__.py": "import slack_sdk\nfrom . import render\nfrom .. import _blocks\n",
    "adapters/chats/slack/render.py": "from bot.card import line\nfrom adapters import _shared\n",
    "adapters/sources/arxiv.py": "from bot.query.lexer import read\nfrom adapters._shared import clip\n",
    "tests/adapters/chats/slack/test_render.py": "from adapters.chats.slack import render\n",
    "tests/adapters/sources/test_arxiv_feed.py": "import adapters.sources.arxiv  # type: ignore[import-untyped]\n",
}
VIOLATIONS: list[tuple[Rule, str, str]] = [
    (core_knows_no_adapter, "bot/rank.py", "import adapters.chats.slack\n"),
    (core_knows_no_adapter, "bot/rank.py", "def late() -> None:\n    from adapters.chats import slack\n"),
    (core_knows_no_adapter, "bot/rank.py", "from ..adapters import chats\n"),
    (core_knows_no_adapter, "bot/plugins.py", "from adapters import chats\n"),
    (core_knows_no_adapter, "bot/schedule.py", 'load("adapters.chats.slack")\n'),
    (core_knows_no_adapter, "bot/schedule.py", 'load(f"adapters.{port}")\n'),
    (adapters_know_ports_and_themselves, "adapters/sources/arxiv.py", "from bot.pipeline import run\n"),
    (adapters_know_ports_and_themselves, "adapters/sources/arxiv.py", "from bot import schedule\n"),
    (adapters_know_ports_and_themselves, "adapters/sources/arxiv.py", "import adapters.chats.slack\n"),
    (adapters_know_ports_and_themselves, "adapters/sources/arxiv.py", "from ..chats.slack import render\n"),
    (adapters_know_ports_and_themselves, "adapters/sources/arxiv.py", "from adapters.chats import _blocks\n"),
    (adapters_know_ports_and_themselves, "adapters/sources/feed.py", "from . import arxiv\n"),
    (adapters_know_ports_and_themselves, "adapters/_shared.py", "def late():\n    from .chats import slack\n"),
    (no_import_goes_in_a_circle, "bot/order.py", "from bot import rank\n"),
    (no_import_goes_in_a_circle, "bot/order.py", "def late():\n    from .rank import key\n"),
    (no_import_goes_in_a_circle, "bot/query/lexer.py", "from . import read\n"),
    (no_import_goes_in_a_circle, "adapters/chats/slack/render.py", "from adapters.chats.slack import x\n"),
    (pure_modules_stay_pure, "bot/rank.py", "import random\n"),
    (pure_modules_stay_pure, "bot/rank.py", "import os.path\n"),
    (pure_modules_stay_pure, "bot/query/lexer.py", "from time import monotonic\n"),
    (pure_modules_stay_pure, "bot/order.py", "def late():\n    import logging\n"),
    (pure_modules_stay_pure, "bot/rank.py", "import datetime\nNOW = datetime.datetime.now()\n"),
    (pure_modules_stay_pure, "bot/rank.py", "from datetime import date\nTODAY = date.today()\n"),
    (pure_modules_stay_pure, "bot/order.py", "TEXT = open('x').read()\n"),
    (a_package_is_known_in_one_place, "bot/rank.py", "from apscheduler.triggers import cron\n"),
    (a_package_is_known_in_one_place, "adapters/sources/arxiv.py", "import slack_sdk.web\n"),
    (a_package_is_known_in_one_place, "adapters/chats/slack2.py", "import slack_bolt\n"),
    (a_package_is_known_in_one_place, "bot/schedule.py", "def late():\n    import discord\n"),
    (a_package_is_known_in_one_place, "adapters/stores/sqlite.py", "import tinydb\n"),
    (files_and_functions_are_short, "bot/rank.py", "\n" * 301),
    (files_and_functions_are_short, "tests/test_rank.py", "async def f() -> None:\n" + "    x = 1\n" * 60),
    (every_adapter_has_its_test, "adapters/chats/discord.py", ""),
    (every_adapter_has_its_test, "adapters/chats/arx.py", ""),
    (every_adapter_has_its_test, "adapters/stores/sqlite/__init__.py", ""),
    (broad_excepts_are_few, "bot/rank.py", "try:\n    x = 1\nexcept:\n    pass\n"),
    (broad_excepts_are_few, "bot/rank.py", "def f():\n    try: ...\n    except Exception as e: raise\n"),
    (broad_excepts_are_few, "bot/schedule.py", "def f():\n    try: ...\n    except (OSError, BaseException): ...\n"),
    (broad_excepts_are_few, "bot/rank.py", "import contextlib\nwith contextlib.suppress(Exception): ...\n"),
    (every_ignored_type_names_its_code, "bot/rank.py", "import x  # type: ignore\n"),
    (every_ignored_type_names_its_code, "tests/test_rank.py", "import x  #type:ignore  # why\n"),
    (nothing_is_patched, "tests/test_rank.py", "from unittest.mock import Mock\n"),
    (nothing_is_patched, "tests/test_rank.py", "from unittest import mock\n"),
    (nothing_is_patched, "tests/test_rank.py", "def test(monkeypatch):\n    monkeypatch.setattr(x, 'y', 1)\n"),
]


def plant(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    assert rule(read(ROOT)) == []


def test_the_rules_look_at_the_real_files() -> None:
    names = set(read(ROOT).modules)
    assert {"bot", "bot.models", "bot.query", "adapters.chats", "tests.test_architecture"} <= names


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_house_in_order_passes(rule: Rule, tmp_path: Path) -> None:
    plant(tmp_path, HOUSE)
    assert rule(read(tmp_path)) == []


@pytest.mark.parametrize(("rule", "path", "code"), VIOLATIONS)
def test_one_broken_rule_is_found_and_named(rule: Rule, path: str, code: str, tmp_path: Path) -> None:
    plant(tmp_path, HOUSE | {path: HOUSE.get(path, "") + code})
    found = rule(read(tmp_path))
    assert len(found) == 1
    assert path.removesuffix(".py").removesuffix("/__init__").split("/")[-1] in found[0]


def test_every_rule_has_a_planted_violation() -> None:
    assert {rule for rule, _, _ in VIOLATIONS} == set(RULES)


def test_no_reason_for_a_broad_except_outlives_it() -> None:
    assert set(broad_excepts(read(ROOT))) == set(BROAD_EXCEPTS)


def test_the_command_line_starts_without_the_heavy_packages() -> None:
    code = f"import bot.cli, sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == []
