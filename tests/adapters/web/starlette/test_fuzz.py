"""Whatever is asked, no answer is a fault of ours, none is live, and every one has its headers."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.adapters.web.starlette.kit import HOSTILE, Parsed, standing
from tests.hostile import hostile
from tests.making import DAY, paper

PATHS = (
    "/",
    "/papers",
    "/papers/",
    "/search",
    "/feed.atom",
    "/feed.json",
    "/static/",
    "/healthz",
    "/metrics",
    "/robots.txt",
)
NAMES = ("q", "date", "period", "order", "sort", "page", "token", "")
VALUES = (
    "", "*", "(", "agents", "-x", "week", "month", "day", "newest", "2026-08-03", "0001-01-01", "9999-12-31", "1",
    "500", "2026-W01-1", "20260803", "99999999999999999999", "upvotes>=99999999999999999999999", "age<=-9999999999",
    "\x00", "cat:%", 'exact:"', "title:(", HOSTILE, "x" * 1500, "¹", "٣", "\ud7ff", "+1", " 1", "1_0",
)  # fmt: skip
values = st.sampled_from(VALUES) | hostile
pairs = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=4)
methods = st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "BREW"])
headers = st.dictionaries(
    st.sampled_from(
        ["Accept-Encoding", "If-None-Match", "Range", "Origin", "Cookie", "X-Forwarded-For", "Content-Type"]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30) | st.just("gzip"),
    max_size=3,
)


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "replace"))


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    asked=st.lists(st.tuples(methods, st.sampled_from(PATHS), hostile, pairs, headers), min_size=1, max_size=8),
    body=st.binary(max_size=200),
)
async def test_no_request_makes_a_fault_of_ours(
    asked: list[tuple[str, str, str, list[tuple[str, str]], dict[str, str]]], body: bytes
) -> None:
    async with standing(paper("1", title=HOSTILE, listed=DAY), paper("2607.00001")) as stand:
        for method, path, rest, given_pairs, sent in asked:
            tail = encoded(rest) if path.endswith("/") and path != "/" else ""
            query = "&".join(f"{name}={encoded(value)}" for name, value in given_pairs)
            answer = await stand.http.request(method, f"{path}{tail}?{query}"[:6000], content=body, headers=sent)
            assert answer.status_code < 500, (method, path, rest, given_pairs)
            assert "content-security-policy" in answer.headers
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert Parsed(answer.text).live() == []
