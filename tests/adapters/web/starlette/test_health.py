from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families as families

from tests.adapters.web.starlette.kit import Stand, standing
from tests.fakes import MemoryStore
from tests.house import FullStore
from tests.making import NOW, paper, plan, rows, settings, subscription


async def numbers(stand: Stand) -> dict[tuple[str, tuple[str, ...]], float]:
    text = (await stand.http.get("/metrics")).text
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in families(text)
        for sample in family.samples
    }


async def test_alive_is_alive_whatever_is_down() -> None:
    store = FullStore()
    store.full = frozenset({"note"})
    async with standing(store=store) as stand:
        assert await stand.see("/healthz") == "ok\n"


async def test_ready_says_so_and_otherwise_names_what_is_down() -> None:
    async with standing() as stand:
        assert (await stand.http.get("/readyz")).json() == {"ready": True, "down": {}}
        await stand.store.note("source/one", {"tried": NOW.isoformat(), "ok": "", "error": "x"})
        stand.clock.move(minutes=1)
        answer = await stand.http.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"ready": False, "down": {"sources": "No source has answered yet."}}


async def test_the_numbers_are_there_in_prometheus_own_form() -> None:
    store = MemoryStore()
    await store.subscribe(subscription("agents"), settings())
    await store.note("source/one", {"tried": NOW.isoformat(), "ok": NOW.isoformat(), "error": ""})
    await store.note("enricher/two", {"tried": NOW.isoformat(), "ok": NOW.isoformat(), "error": ""})
    await store.note("enricher/three", {"tried": NOW.isoformat(), "ok": "", "error": "It does not answer."})
    made = plan()
    await store.plan([(made, rows(made, 2))])
    async with standing(paper("1"), paper("2"), store=store) as stand:
        stand.clock.move(seconds=90)
        for place in ("/", "/papers/1", "/papers/nothing", "/papers/nothing2", "/nowhere"):
            await stand.http.get(place)
        found = await numbers(stand)
        assert found["broadsheet_papers", ()] == 2
        assert found["broadsheet_source_age_seconds", ("one",)] == 90
        assert {name: age for name, age in found.items() if name[0] == "broadsheet_enricher_age_seconds"} == {
            ("broadsheet_enricher_age_seconds", ("two",)): 90
        }
        assert found["broadsheet_channels", ("fake", "running")] == 1
        assert found["broadsheet_subscriptions", ("fake",)] == 1
        assert found["broadsheet_outbox_messages", ("fake", "pending")] == 2
        requests = {name[1]: value for name, value in found.items() if name[0] == "broadsheet_http_requests_total"}
        assert requests == {
            ("GET", "listing", "200"): 1,
            ("GET", "paper", "200"): 1,
            ("GET", "paper", "404"): 2,
            ("GET", "other", "404"): 1,
        }
        assert found["broadsheet_http_request_seconds_count", ("listing",)] == 1
