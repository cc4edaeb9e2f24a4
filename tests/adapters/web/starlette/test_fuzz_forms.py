"""Whatever is sent to a form, whatever its seal, token, origin and type: no answer is a fault of ours or live."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.chats.email import EmailChat
from adapters.chats.email import Settings as Email
from tests.adapters.chats.slack.kit import desk_of_store
from tests.adapters.web.starlette.kit import HOSTILE, Parsed, Post, fields, standing
from tests.adapters.web.starlette.test_mail import ADA, confirmed
from tests.fakes import MemoryStore
from tests.hostile import hostile
from tests.making import paper

PLACES = ("subscribe", "confirm", "preferences", "unsubscribe", "bounce")
NAMES = (
    "seal", "email", "q", "cadence", "day", "time", "timezone", "count", "paused", "follow", "unfollow", "token",
    "List-Unsubscribe", "",
)  # fmt: skip
VALUES = (
    "", "ada@example.org", "a@b.example\r\nBcc: all@b.example", "agents", "(rlhf OR", "*", "-x", "weekly", "fri",
    "25:99", "07:30", "Asia/Tokyo", "../../etc/passwd", "Mars/Base", "-1", "9" * 400, "¹", "yes", "no", "One-Click",
    HOSTILE, "x" * 30_000, "\x00", "\ud800", "[::1",
)  # fmt: skip
ORIGINS = (
    "http://127.0.0.1:8000", "null", "", "http://[", "http://[::1", "https://evil.example", "http://127.0.0.1:99999",
    "//", "http://127.0.0.1:x",
)  # fmt: skip
FORM = "application/x-www-form-urlencoded"
KINDS = (FORM, f"{FORM}; charset=utf-16", f" {FORM.upper()}", "multipart/form-data; boundary=x", "multipart/form-data",
         "application/json", "text/plain", ";", "")  # fmt: skip
TOKENS = ("letter", "link", "none")
values = st.sampled_from(VALUES) | hostile
printed = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30)


@dataclass(frozen=True)
class Sent:
    """One request. ``token`` and ``seal`` say whether good ones are put in."""

    method: str = "POST"
    place: str = "subscribe"
    token: str = "link"
    sealed: bool = True
    fields: tuple[tuple[str, str], ...] = ()
    raw: bytes = b""
    kind: str = FORM
    origin: str = ORIGINS[0]
    cookie: str = ""
    more: tuple[tuple[str, str], ...] = ()


requests = st.builds(
    Sent,
    st.sampled_from(["POST", "POST", "POST", "GET", "HEAD", "PUT"]),
    st.sampled_from(PLACES),
    st.sampled_from(TOKENS) | hostile,
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=25).map(tuple),
    st.just(b"") | st.binary(max_size=300) | st.just(b"x" * 40_000),
    st.just(FORM) | st.sampled_from(KINDS) | printed,
    st.just(ORIGINS[0]) | st.sampled_from(ORIGINS) | printed,
    st.just("") | printed,
    st.lists(
        st.tuples(st.sampled_from(["Sec-Fetch-Site", "Content-Length", "X-Forwarded-For"]), printed), max_size=2
    ).map(tuple),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(requests, min_size=1, max_size=12))
@example([Sent(place="preferences", origin="http://[")])
@example([Sent(place="preferences", fields=(("follow", HOSTILE), ("count", "9" * 5_000)))])
@example([Sent(place="confirm", token="letter", fields=(("timezone", "../../etc/passwd"),))])
async def test_no_form_makes_a_fault_of_ours(asked: list[Sent]) -> None:
    post, mailer = Post(), EmailChat(Email.model_validate({"smtp_url": "smtp://127.0.0.1:9", "from": "p@example.org"}))
    mailer.remember(MemoryStore())
    async with standing(paper("1"), post=post, hooks=mailer.hooks(desk_of_store(MemoryStore(), {}))) as stand:
        link = (await confirmed(stand, post)).partition("token=")[2].partition("&")[0]
        good = {"letter": post.letters[-1][1].token, "link": link, "none": ""}
        seal = fields(await stand.see("/email/subscribe"))[0]["seal"]
        for one in asked:
            token = quote(good.get(one.token, one.token).encode("utf-8", "replace"))
            pairs = [(name, value.encode("utf-8", "replace")) for name, value in one.fields]
            body = one.raw or urlencode([*pairs, *([("seal", seal)] if one.sealed else [])]).encode()
            headers = [("Content-Type", one.kind), ("Origin", one.origin), *one.more]
            headers += [("Cookie", f"browser={one.cookie}")] if one.cookie else []
            latin = [(name.encode(), value.encode("latin-1")) for name, value in headers]
            place = f"/email/{one.place}?token={token}"[:5_000]
            answer = await stand.http.request(one.method, place, content=body, headers=latin)
            assert answer.status_code < 500, (one, answer.text[:300])
            assert answer.headers["cache-control"] == "no-store"
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert Parsed(answer.text).live() == []
        assert {item.channel for item in await stand.store.subscriptions()} <= {ADA}
