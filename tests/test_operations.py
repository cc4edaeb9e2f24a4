"""What is written for operators names things that are there: metrics, roles, alerts, files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from adapters.web.starlette import Settings as Web
from adapters.web.starlette.running import GRACE
from bot import health
from bot.serve import ROLES
from bot.settings import read

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "config" / "operations"
GUIDE = (ROOT / "docs" / "operations.md").read_text("utf-8")


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


def pods() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each deployment's pod, and its one container."""
    documents = yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text("utf-8"))
    specs = [found["spec"]["template"]["spec"] for found in documents if found["kind"] == "Deployment"]
    return [(spec, container) for spec in specs for container in spec["containers"]]


def services() -> dict[str, Any]:
    """Our own services of the Compose file."""
    found = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    return {name: service for name, service in found.items() if name != "postgres"}


def test_a_pod_is_probed_where_it_listens_and_by_what_it_serves() -> None:
    for _, container in pods():
        assert "web" in container["args"]
        port = {given["name"]: given["containerPort"] for given in container["ports"]}
        probes = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")]
        assert [(probe["path"], port[probe["port"]]) for probe in probes] == [
            (path, Web().port) for path in ("/healthz", "/healthz", "/readyz")
        ]
        startup, ready = container["startupProbe"], container["readinessProbe"]
        assert startup["periodSeconds"] * startup["failureThreshold"] >= 600, "an upgrade takes its time"
        assert ready["timeoutSeconds"] > 2 * health.PATIENCE, "the store, then the chats: what is down is to be read"


def test_a_pod_has_time_to_end_and_no_more_rights_than_it_needs() -> None:
    drain = read(None, None).delivery.drain
    for pod, container in pods():
        wait = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
        assert pod["terminationGracePeriodSeconds"] >= wait + max(drain, GRACE) + 10
        assert pod["securityContext"]["runAsNonRoot"]
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"]
        assert not rights["allowPrivilegeEscalation"]
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert container["envFrom"] == [{"secretRef": {"name": "broadsheet"}}]


def test_a_service_finds_the_pods_of_its_page_only() -> None:
    documents = [*yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text("utf-8"))]
    (service,) = [found for found in documents if found["kind"] == "Service"]
    labels = [found["spec"]["template"]["metadata"]["labels"] for found in documents if found["kind"] == "Deployment"]
    assert [one["role"] for one in labels if service["spec"]["selector"].items() <= one.items()] == ["web"]


def test_a_container_of_compose_has_time_to_end_and_says_how_it_is() -> None:
    for name, service in services().items():
        assert float(service["stop_grace_period"].removesuffix("s")) >= read(None, None).delivery.drain + GRACE, name
        assert service["command"][-1] == "web"
        assert f"127.0.0.1:{Web().port}/healthz" in service["healthcheck"]["test"][-1]
        assert service["depends_on"]["postgres"]["condition"] == "service_healthy"
    watched = yaml.safe_load((FOLDER / "prometheus.yaml").read_text("utf-8"))["scrape_configs"][0]
    assert watched["job_name"] == "broadsheet"
    assert {*watched["dns_sd_configs"][0]["names"]} == {*services()}


def test_settings_of_the_examples_are_settings_that_there_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = (ROOT / "config" / "example.env").read_text("utf-8").splitlines()
    given = dict(line.removeprefix("# ").split("=", 1) for line in lines if re.match(r"(# )?BROADSHEET_\w+=", line))
    for _, container in pods():
        given |= {variable["name"]: variable["value"] for variable in container.get("env", ())}
    for service in services().values():
        given |= {name: value for name, value in service["environment"].items() if name.startswith("BROADSHEET_")}
    made_up = {"SLACK__BOT_TOKEN": "xoxb-1", "SLACK__APP_TOKEN": "xapp-1", "DISCORD__TOKEN": "a.b.c"}
    for name, value in given.items():
        monkeypatch.setenv(name, value or made_up.get(name.removeprefix("BROADSHEET_"), ""))
    monkeypatch.chdir(tmp_path)
    settings = read(None, None)
    assert {"slack", "discord"} <= {*settings.chats}
    assert settings.mover == "procrastinate"
    assert "config/example.env" in (ROOT / "docker-compose.yml").read_text("utf-8")


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
