"""From the form to the letter to the preferences and out again, as a browser does it."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from bot import letters
from bot.models import Channel
from tests.adapters.web.starlette.kit import HOSTILE, Parsed, Post, Stand, fields, link, standing, words
from tests.making import paper

HERE = {"Origin": "http://127.0.0.1:8000"}
ADA = Channel("email", "", "ada@example.org")
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def send(stand: Stand, place: str, form: Mapping[str, str], headers: Mapping[str, str] = HERE) -> httpx.Response:
    """Send a form as a browser on our page does."""
    return await stand.http.post(place, data=dict(form), headers=dict(headers))


async def asked(stand: Stand, post: Post, email: str = "ada@example.org", q: str = "agents") -> str:
    """Ask for digests and give the token of the letter."""
    (form,) = fields(await stand.see("/email/subscribe"))
    answer = await send(stand, "/email/subscribe", {**form, "email": email, "q": q})
    assert answer.status_code == 200, answer.text
    await letters.send(stand.store, {"email": post}, stand.clock())
    return post.letters[-1][1].token if post.letters else ""


async def confirmed(stand: Stand, post: Post) -> str:
    """Confirm too, and give the place of the preferences."""
    place = f"/email/confirm?token={await asked(stand, post)}"
    (form,) = fields(await stand.see(place))
    answer = await send(stand, place, form)
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_the_list_and_a_search_lead_to_the_form_with_the_query_in_it() -> None:
    async with standing(paper("1"), post=Post()) as stand:
        assert link(await stand.see("/"), "Subscribe by mail") == "/email/subscribe"
        page = await stand.see('/search?q="world model"')
        assert 'action="/email/subscribe" method="get"' in page
        (form,) = fields(await stand.see('/email/subscribe?q="world model"'))
        assert form["q"] == '"world model"'


async def test_without_mail_there_is_no_such_page_and_no_link_to_it() -> None:
    async with standing(paper("1")) as stand:
        assert (await stand.http.get("/email/subscribe")).status_code == 404
        assert "/email/" not in await stand.see("/") + await stand.see("/search?q=agents")


async def test_somebody_subscribes_confirms_changes_and_stops() -> None:
    post = Post()
    async with standing(paper("1"), post=post) as stand:
        (form,) = fields(await stand.see("/email/subscribe?q=agents"))
        wish = {"email": ADA.room, "cadence": "weekly", "day": "fri", "time": "07:30", "timezone": "Asia/Tokyo"}
        answer = await send(stand, "/email/subscribe", {**form, **wish})
        assert "a letter with a link is on its way" in words(answer.text)
        assert await stand.store.subscriptions() == []
        await letters.send(stand.store, {"email": post}, stand.clock())
        ((to, letter),) = post.letters
        assert to == ADA

        place = f"/email/confirm?token={letter.token}"
        page = await stand.see(place)
        assert "agents" in words(page)
        assert ADA.room in words(page)
        assert await stand.store.subscriptions() == []
        (form,) = fields(page)
        answer = await send(stand, place, form)
        place = answer.headers["location"]
        page = await stand.see(place)
        assert "Confirmed" in words(page)
        assert "Weekly on Fri at 07:30 (Asia/Tokyo)" in words(page)
        assert [item.query for item in await stand.store.subscriptions(ADA)] == ["agents"]

        remove, follow, when, pause = fields(page, "/email/preferences")
        place = place.replace("&done=confirmed", "")
        assert (await send(stand, place, {**follow, "follow": "rlhf"})).status_code == 303
        assert (await send(stand, place, remove)).status_code == 303
        assert (await send(stand, place, {**when, "time": "18:00", "count": "3"})).status_code == 303
        assert (await send(stand, place, pause)).status_code == 303
        page = await stand.see(place)
        assert "Paused" in words(page)
        assert [item.query for item in await stand.store.subscriptions(ADA)] == ["rlhf"]
        kept = await stand.store.settings(ADA)
        assert kept
        assert (kept.count, kept.time.hour, bool(kept.paused)) == (3, 18, True)
        assert fields(page, "/email/preferences")[-1]["paused"] == "no"

        (stop,) = fields(page, "/email/unsubscribe")
        answer = await send(stand, place.replace("preferences", "unsubscribe"), stop)
        assert "No more digests" in words(answer.text)
        assert await stand.store.subscriptions(ADA) == []


@pytest.mark.parametrize("body", [b"List-Unsubscribe=One-Click", None])
async def test_one_click_stops_without_cookie_page_or_origin_and_twice_is_fine(body: bytes | None) -> None:
    post = Post()
    async with standing(post=post) as stand:
        place = (await confirmed(stand, post)).replace("preferences", "unsubscribe")
        stand.http.cookies.clear()
        for _ in range(2):
            if body:
                plain = {"Content-Type": "application/x-www-form-urlencoded"}
                answer = await stand.http.post(place, content=body, headers=plain)
            else:
                answer = await stand.http.post(place, files={name: (None, value) for name, value in ONE_CLICK.items()})
            assert answer.status_code == 200
        assert await stand.store.subscriptions(ADA) == []


async def test_a_get_by_a_scanner_changes_nothing_anywhere() -> None:
    post = Post()
    async with standing(post=post) as stand:
        token = await asked(stand, post)
        for _ in range(2):
            await stand.see(f"/email/confirm?token={token}")
        assert await stand.store.subscriptions() == []
        place = await confirmed_with(stand, token)
        for page in ("preferences", "unsubscribe"):
            await stand.see(place.replace("preferences", page))
            await stand.http.head(place.replace("preferences", page))
        assert len(await stand.store.subscriptions(ADA)) == 1
        kept = await stand.store.settings(ADA)
        assert kept
        assert not kept.paused


async def confirmed_with(stand: Stand, token: str) -> str:
    place = f"/email/confirm?token={token}"
    (form,) = fields(await stand.see(place))
    return (await send(stand, place, form)).headers["location"]


async def test_a_letter_confirms_once() -> None:
    post = Post()
    async with standing(post=post) as stand:
        token = await asked(stand, post)
        (form,) = fields(await stand.see(f"/email/confirm?token={token}"))
        await confirmed_with(stand, token)
        assert (await send(stand, f"/email/confirm?token={token}", form)).status_code == 404
        assert "used already" in words(await stand.see(f"/email/confirm?token={token}", 404))


@pytest.mark.parametrize("page", ["confirm", "preferences", "unsubscribe"])
@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "YQ.ffffffff.AAAA", "x" * 3000])
async def test_a_token_that_is_not_ours_is_told_nothing(page: str, token: str) -> None:
    async with standing(post=Post()) as stand:
        place = f"/email/{page}?token={token}"
        if page != "unsubscribe":
            assert (await stand.http.get(place)).status_code == 404
        answer = await stand.http.post(place, data=ONE_CLICK, headers=HERE)
        assert answer.status_code == (404 if page == "unsubscribe" else 403)
        assert "@" not in words(answer.text)


async def test_who_comes_without_a_link_is_told_where_it_is() -> None:
    async with standing(post=Post()) as stand:
        page = await stand.see("/email/unsubscribe")
        assert "Every digest ends with a link that stops it" in words(page)
        assert fields(page, "/email/unsubscribe") == []


@pytest.mark.parametrize("token_of", ["confirm", "preferences"])
async def test_a_token_is_good_for_what_it_was_made_for(token_of: str) -> None:
    post = Post()
    async with standing(post=post) as stand:
        if token_of == "confirm":
            token = await asked(stand, post)
            assert (await stand.http.get(f"/email/preferences?token={token}")).status_code == 404
            assert (await stand.http.post(f"/email/unsubscribe?token={token}", data=ONE_CLICK)).status_code == 404
        else:
            place = await confirmed(stand, post)
            assert (await stand.http.get(place.replace("preferences", "confirm"))).status_code == 404
            stand.clock.move(days=61)
            assert (await stand.http.get(place)).status_code == 404


async def test_whatever_we_know_of_an_address_the_answer_is_the_same() -> None:
    post = Post()
    async with standing(post=post) as stand:
        await confirmed(stand, post)
        (form,) = fields(await stand.see("/email/subscribe"))
        known = await send(stand, "/email/subscribe", {**form, "email": ADA.room})
        new = await send(stand, "/email/subscribe", {**form, "email": "new@example.org"})
        assert known.status_code == new.status_code == 200
        assert known.text == new.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://127.0.0.1:9"},
        {"Origin": "http://127.0.0.1.evil.example:8000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Referer": "http://127.0.0.1:8000/email/subscribe"},
        {"Origin": "null", "Referer": "http://127.0.0.1:8000/email/subscribe"},
        {"Referer": "https://evil.example/http://127.0.0.1:8000"},
        {"Referer": "http://["},
        {"Referer": ""},
    ],
)
async def test_a_form_of_another_site_is_refused(headers: dict[str, str]) -> None:
    post = Post()
    async with standing(post=post) as stand:
        (form,) = fields(await stand.see("/email/subscribe"))
        answer = await send(stand, "/email/subscribe", {**form, "email": "a@b.example"}, headers)
        assert answer.status_code == 403
        assert "Open it again" in words(answer.text)
        place = await confirmed(stand, post)
        (*_, pause) = fields(await stand.see(place), "/email/preferences")
        assert (await send(stand, place, pause, headers)).status_code == 403
        kept = await stand.store.settings(ADA)
        assert kept
        assert not kept.paused


@pytest.mark.parametrize("headers", [{}, {"Referer": "http://127.0.0.1:8000/email/subscribe?q=agents"}])
async def test_a_text_browser_that_sends_no_origin_can_subscribe(headers: dict[str, str]) -> None:
    async with standing(post=Post()) as stand:
        (form,) = fields(await stand.see("/email/subscribe"))
        whole = {**form, "email": "a@b.example"}
        assert (await send(stand, "/email/subscribe", {**whole, "seal": "x"}, headers)).status_code == 403
        assert (await send(stand, "/email/subscribe", whole, headers)).status_code == 200
        stand.http.cookies.clear()
        assert (await send(stand, "/email/subscribe", whole, headers)).status_code == 403


async def test_a_form_without_its_seal_or_from_another_browser_is_refused() -> None:
    async with standing(post=Post()) as stand:
        (form,) = fields(await stand.see("/email/subscribe"))
        whole = {**form, "email": "a@b.example"}
        for broken in ("", "x", form["seal"][:-2], form["seal"] + "A"):
            assert (await send(stand, "/email/subscribe", {**whole, "seal": broken})).status_code == 403
        cookies = dict(stand.http.cookies)
        stand.http.cookies.clear()
        assert (await send(stand, "/email/subscribe", whole)).status_code == 403
        stand.http.cookies.set("browser", "another", domain="127.0.0.1", path="/email")
        assert (await send(stand, "/email/subscribe", whole)).status_code == 403
        stand.http.cookies.clear()
        for name, value in cookies.items():
            stand.http.cookies.set(name, value, domain="127.0.0.1", path="/email")
        assert (await send(stand, "/email/subscribe", whole, {"Sec-Fetch-Site": "same-origin"})).status_code == 200
        stand.clock.move(hours=13)
        assert (await send(stand, "/email/subscribe", whole)).status_code == 403


async def test_private_pages_are_kept_by_nobody_and_the_cookie_is_for_them_alone() -> None:
    post = Post()
    async with standing(post=post, public_url="https://p.example", hosts="127.0.0.1") as stand:
        answer = await stand.http.get("/email/subscribe")
        cookie = answer.headers["set-cookie"]
        for part in ("__Secure-browser=", "HttpOnly", "Path=/email", "SameSite=lax", "Secure"):
            assert part in cookie
        for page in ("subscribe", "unsubscribe?token=x", "confirm?token=x"):
            assert (await stand.http.get(f"/email/{page}")).headers["cache-control"] == "no-store"
        assert "set-cookie" not in (await stand.http.get("/")).headers


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "ada@example.org\r\nBcc: all@example.org"}, "not a mail address"),
        ({"email": ""}, "not a mail address"),
        ({"q": "(rlhf OR"}, "never closes"),
        ({"q": "-survey"}, "say what you want"),
        ({"timezone": "Mars/Base"}, "isn't a time zone"),
        ({"time": "25:99"}, "09:00"),
        ({"count": "500"}, "1 to 10"),
        ({"count": "9" * 5_000}, "1 to 10"),
        ({"cadence": "hourly"}, "isn't possible"),
    ],
)
async def test_what_cannot_be_meant_is_told_and_the_rest_of_the_form_stays(wrong: dict[str, str], said: str) -> None:
    post = Post()
    async with standing(post=post) as stand:
        (form,) = fields(await stand.see("/email/subscribe"))
        answer = await send(stand, "/email/subscribe", {**form, "email": "a@b.example", "q": "robots", **wrong})
        assert answer.status_code == 400
        assert said in words(answer.text)
        (again,) = fields(answer.text)
        assert again["q"] == wrong.get("q", "robots")
        assert again["email"] == wrong.get("email", "a@b.example")
        await letters.send(stand.store, {"email": post}, stand.clock())
        assert post.letters == []


async def test_a_change_that_cannot_be_made_is_told_on_the_page() -> None:
    post = Post()
    async with standing(post=post) as stand:
        place = await confirmed(stand, post)
        (_, follow, *_) = fields(await stand.see(place), "/email/preferences")
        answer = await send(stand, place, {**follow, "follow": "(x"})
        assert answer.status_code == 400
        assert "never closes" in words(answer.text)
        assert "agents" in words(answer.text)


async def test_forms_are_small_plain_and_data() -> None:
    async with standing(post=Post()) as stand:
        (form,) = fields(await stand.see("/email/subscribe"))
        assert (await send(stand, "/email/subscribe", {**form, "q": "x" * 30_000})).status_code == 413
        answer = await stand.http.post("/email/subscribe", json=form, headers=HERE)
        assert answer.status_code == 415
        many = {**form, **{f"f{n}": "x" for n in range(50)}}
        assert (await send(stand, "/email/subscribe", many)).status_code == 400
        for place in (f"/email/subscribe?q={HOSTILE}", f"/email/unsubscribe?token={HOSTILE}"):
            assert Parsed(await stand.see(place)).live() == []
        answer = await send(stand, "/email/subscribe", {**form, "email": HOSTILE, "q": HOSTILE})
        assert Parsed(answer.text).live() == []
