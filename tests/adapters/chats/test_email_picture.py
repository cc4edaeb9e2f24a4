"""The trend in a weekly mail: a picture where somebody draws, in words in any case."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from adapters.chats.email import layout
from adapters.chats.email.pictures import KEPT
from adapters.pictures.pillow import Settings, pictures
from bot.card import described
from bot.models import Digest, Message
from bot.ports import Illustrate
from bot.trend import Tally, Trend, trend
from tests.adapters.chats.email_kit import ADA, KEY, Post, a_digest, post
from tests.adapters.chats.test_email_layout import ATTRIBUTES, LINKS, TAGS, seen, words
from tests.contracts.chat import NASTY
from tests.emulators.mail import Accepted
from tests.making import DAY


class Drawer:
    """Draws as the real one does, and counts."""

    def __init__(self) -> None:
        self.drawn = 0
        self._real = pictures(Settings())

    def trend(self, trend: Trend) -> bytes:
        self.drawn += 1
        return self._real.trend(trend)


def half_a_year(query: str = "agents", most: int = 40) -> Trend:
    days = [Tally(DAY - timedelta(weeks=n), most - n, 900 - 30 * n) for n in range(20)]
    return trend(query, days, DAY)


def weekly(query: str = "agents", most: int = 40) -> Digest:
    return replace(a_digest(), trend=half_a_year(query, most))


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
async def mail(drawer: Drawer) -> AsyncIterator[Post]:
    async with post() as running:
        assert isinstance(running.chat, Illustrate)
        running.chat.illustrate(drawer)
        yield running


def pieces(arrived: Accepted) -> dict[str, EmailMessage]:
    return {part.get_content_type(): part for part in arrived.mail.walk() if isinstance(part, EmailMessage)}


async def test_a_weekly_mail_carries_its_picture_and_the_html_shows_it(mail: Post, drawer: Drawer) -> None:
    arrived = await mail.send(weekly())
    found = pieces(arrived)
    assert list(found) == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    image = found["image/png"]
    assert image.get_payload(decode=True) == drawer.trend(half_a_year())
    assert image.get_content_disposition() == "inline"
    html = arrived.part("html")
    (tag,) = re.findall(r"<img[^>]+>", html)
    assert f'src="cid:{image["Content-ID"].strip("<>")}"' in tag
    assert f'alt="{described(half_a_year())}"' in tag
    assert words(described(half_a_year())) in words(arrived.part("plain"))
    assert max(map(len, arrived.raw.split(b"\r\n"))) <= 998


async def test_it_is_drawn_once_for_all_and_a_second_try_has_the_same_bytes(mail: Post, drawer: Drawer) -> None:
    await asyncio.gather(*(mail.send(weekly()) for _ in range(9)))
    assert {one.raw for one in mail.server.accepted} == {mail.server.accepted[0].raw}
    assert drawer.drawn == 1
    async with post(store=mail.chat._notes) as later:
        later.chat.illustrate(Drawer())
        assert (await later.send(weekly())).raw == mail.server.accepted[0].raw


async def test_only_so_many_pictures_are_kept(mail: Post, drawer: Drawer) -> None:
    for most in range(40, 42 + KEPT):
        await mail.chat.mail(ADA, mail.message(weekly(most=most)), KEY)
    assert mail.chat._pictures
    assert len(mail.chat._pictures._drawn) == KEPT
    await mail.chat.mail(ADA, mail.message(weekly(most=41 + KEPT)), KEY)
    assert drawer.drawn == KEPT + 2


async def test_the_outbox_keeps_numbers_and_no_picture(mail: Post) -> None:
    with_it, without = (len(json.dumps(mail.message(made).payload)) for made in (weekly(), a_digest()))
    assert with_it - without < 900


async def test_without_somebody_who_draws_the_words_stand_in_both_parts() -> None:
    async with post() as mail:
        arrived = await mail.send(weekly())
    assert list(pieces(arrived)) == ["multipart/alternative", "text/plain", "text/html"]
    assert "<img" not in arrived.part("html")
    assert "Half a year of agents" in seen(arrived.part("html")).text
    for part in (seen(arrived.part("html")).text, arrived.part("plain")):
        assert words(described(half_a_year())) in words(part)


async def test_other_mails_and_the_simpler_form_have_no_picture(mail: Post, drawer: Drawer) -> None:
    assert "image/png" not in pieces(await mail.send(a_digest()))
    message = mail.chat.degrade(mail.message(weekly()), 1)
    assert message
    await mail.chat.post(ADA, message, KEY, "")
    assert mail.server.accepted[-1].mail.get_content_type() == "text/plain"
    assert described(half_a_year()).split(";")[0] in mail.server.accepted[-1].part("plain")
    assert drawer.drawn == 0


async def test_a_mail_that_was_planned_before_there_were_trends_goes_out(mail: Post) -> None:
    old = {name: value for name, value in mail.message().payload.items() if name != "trend"}
    await mail.chat.post(ADA, Message(old), KEY, "")
    assert len(mail.server.accepted) == 1


@pytest.mark.parametrize("query", [NASTY, '" onerror="alert(1)', "x" * 500, "日本語"])
def test_a_query_that_wants_to_be_markup_stays_the_pictures_text(query: str) -> None:
    said = json.loads(json.dumps(layout.words(weekly(query))))
    for picture in ("", "0123@example.org"):
        html = layout.laid_out(said, LINKS, picture)[1]
        assert seen(html).tags <= TAGS | {"img"}
        assert seen(html).attributes <= ATTRIBUTES | {"src", "alt"}
        assert len(html) < 15_000
