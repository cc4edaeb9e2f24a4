"""What is written for operators names things that are there: metrics, roles, alerts, files."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bot.serve import ROLES

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "config" / "operations"
GUIDE = (ROOT / "docs" / "operations.md").read_text("utf-8")
MADE = {"_total", "_bucket", "_count", "_sum"}
"""Endings that Prometheus' client adds."""


def metrics() -> set[str]:
    """The names that our code gives."""
    files = [ROOT / "bot" / "health.py", ROOT / "adapters" / "web" / "starlette" / "metrics.py"]
    return {name for file in files for name in re.findall(r'"(broadsheet_\w+)"', file.read_text("utf-8"))}


def named(text: str) -> set[str]:
    found = set(re.findall(r"\bbroadsheet_[a-z_]+", text))
    return {re.sub(f"({'|'.join(MADE)})$", "", name) for name in found}


def test_dashboard_and_alerts_ask_for_metrics_that_there_are() -> None:
    board = json.loads((FOLDER / "grafana.json").read_text("utf-8"))
    asked = named(" ".join(target["expr"] for panel in board["panels"] for target in panel["targets"]))
    assert len(asked) >= 6
    assert asked <= metrics()
    alerts = named((FOLDER / "alerts.yaml").read_text("utf-8"))
    assert len(alerts) >= 4
    assert alerts <= metrics()


def test_panels_stand_side_by_side() -> None:
    board = json.loads((FOLDER / "grafana.json").read_text("utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        where = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(where["x"], where["x"] + where["w"])
            for y in range(where["y"], where["y"] + where["h"])
        }
        assert cells.isdisjoint(taken)
        assert where["x"] + where["w"] <= 24
        taken |= cells


def test_every_alert_is_explained() -> None:
    alerts = re.findall(r"- alert: (\w+)", (FOLDER / "alerts.yaml").read_text("utf-8"))
    assert len(alerts) == len(set(alerts)) > 5
    assert [alert for alert in alerts if alert not in GUIDE] == []


def test_compose_and_kubernetes_start_roles_that_there_are() -> None:
    known = {*ROLES, "slack", "discord"}
    for file in (ROOT / "docker-compose.yml", FOLDER / "kubernetes.yaml"):
        lines = re.findall(r"\[(run[^\]]*)\]", file.read_text("utf-8"))
        roles = {word for line in lines for word in line.split(", ")} - {"run", "--role"}
        assert {"web", "slack", "discord", "scheduler", "worker"} <= roles <= known, file.name


def test_the_shards_of_the_example_are_all_run_and_none_twice() -> None:
    text = (FOLDER / "kubernetes.yaml").read_text("utf-8")
    total, first, last = (
        [int(number) for number in re.findall(rf'DISCORD__{key}, value: "(\d+)"', text)]
        for key in ("SHARDS", "FIRST_SHARD", "LAST_SHARD")
    )
    assert len(set(total)) == 1
    run = [shard for begin, end in zip(first, last, strict=True) for shard in range(begin, end + 1)]
    assert run == list(range(total[0]))


def test_every_new_process_of_the_example_is_there_before_the_old_one_leaves() -> None:
    text = (FOLDER / "kubernetes.yaml").read_text("utf-8")
    assert text.count("{maxSurge: 1, maxUnavailable: 0}") == text.count("kind: Deployment")
    assert "Recreate" not in text


def test_the_guide_names_files_that_are_there() -> None:
    for path in re.findall(r"`((?:config|docs)[\w./-]+|docker-compose\.yml)`", GUIDE):
        assert (ROOT / path).exists(), path
