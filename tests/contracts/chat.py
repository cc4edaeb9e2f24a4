"""What every chat does. A test of a chat inherits this and gives it an outside: a platform that can be switched off."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Protocol

import pytest

from bot.errors import DeliveryError
from bot.models import Channel, Digest, Entry, Message
from bot.ports import Chat, Degrade, ReadBack
from tests.making import NOW, digest, entry, paper

KEY, OTHER = "0123456789abcdef01234567", "76543210fedcba9876543210"
NASTY = "\x1b[31m\u202e<!channel> @everyone <@U1> [a](https://evil) `x` & < > \x00 | * _ ~ \U0001f600 é\u0301 " * 3


class Outside(Protocol):
    """A chat whose platform is running until it dies."""

    chat: Chat
    channel: Channel

    async def die(self) -> None:
        """Nothing can be reached any more."""
        ...


def digests(channel: Channel) -> list[Digest]:
    """An empty one, a plain one, a full one, a late one on old data, and one made of text that wants to be markup."""
    hostile = paper(
        "2608.66666", title=NASTY, abstract=NASTY, authors=(NASTY,), organization=NASTY, url="https://x.y/z"
    )
    return [
        digest(channel),
        digest(channel, entry(paper("2608.00001"))),
        digest(channel, *(entry(paper(f"2608.{n:05}")) for n in range(10))),
        digest(channel, entry(paper("2608.00001")), stale="Data from 1 August.", late=True, query="*"),
        digest(channel, entry(hostile), query=NASTY),
    ]


class ChatContract:
    """The tests. A subclass brings the fixture ``outside``."""

    async def test_a_rendered_digest_is_never_empty_and_the_same_every_time(self, outside: Outside) -> None:
        for made in digests(outside.channel):
            first, second = outside.chat.render(made), outside.chat.render(made)
            assert first
            assert list(first) == list(second)

    async def test_every_paper_stands_in_one_message_and_in_the_order_of_the_digest(self, outside: Outside) -> None:
        for made in digests(outside.channel):
            shown = [id_ for message in outside.chat.render(made) for id_ in message.papers]
            assert shown == [item.paper.id for item in made.entries]

    async def test_every_title_is_in_the_message_that_claims_its_paper(self, outside: Outside) -> None:
        items: list[Entry] = [entry(paper(f"2608.{n:05}", title=f"Title{n}ofthis")) for n in range(5)]
        titles = {item.paper.id: item.paper.title for item in items}
        for message in outside.chat.render(digest(outside.channel, *items)):
            written = json.dumps(message.payload, ensure_ascii=False)
            assert all(titles[id_] in written for id_ in message.papers)

    async def test_the_first_message_stands_alone(self, outside: Outside) -> None:
        for made in digests(outside.channel):
            assert not outside.chat.render(made)[0].reply

    async def test_a_payload_survives_a_store(self, outside: Outside) -> None:
        for made in digests(outside.channel):
            for message in outside.chat.render(made):
                assert json.loads(json.dumps(message.payload)) == message.payload

    async def test_a_message_that_was_posted_is_found_by_its_key(self, outside: Outside) -> None:
        remote = await outside.chat.post(outside.channel, self._message(outside), KEY, "")
        assert remote
        if isinstance(outside.chat, ReadBack):
            assert await outside.chat.find(outside.channel, KEY, NOW - timedelta(hours=1)) == remote

    async def test_a_message_that_went_through_a_store_can_be_posted(self, outside: Outside) -> None:
        message = self._message(outside)
        stored = Message(json.loads(json.dumps(message.payload)), message.papers, message.reply)
        assert await outside.chat.post(outside.channel, stored, KEY, "")

    async def test_a_reply_can_be_posted_with_and_without_a_first_message(self, outside: Outside) -> None:
        first = await outside.chat.post(outside.channel, self._message(outside), KEY, "")
        reply = Message(self._message(outside).payload, reply=True)
        assert await outside.chat.post(outside.channel, reply, OTHER, first)
        assert await outside.chat.post(outside.channel, reply, OTHER[::-1], "")

    async def test_a_key_that_was_never_posted_is_not_found(self, outside: Outside) -> None:
        await outside.chat.post(outside.channel, self._message(outside), KEY, "")
        if not isinstance(outside.chat, ReadBack):
            pytest.skip(f"{outside.chat.name} cannot read back")
        assert await outside.chat.find(outside.channel, OTHER, NOW - timedelta(hours=1)) is None
        elsewhere = Channel(outside.channel.platform, outside.channel.tenant, "elsewhere")
        assert await outside.chat.find(elsewhere, KEY, NOW - timedelta(hours=1)) is None

    async def test_a_dead_outside_is_a_delivery_error_with_a_sentence(self, outside: Outside) -> None:
        message = self._message(outside)
        await outside.die()
        with pytest.raises(DeliveryError, match=r"\w+ \w+"):
            await outside.chat.post(outside.channel, message, KEY, "")
        if isinstance(outside.chat, ReadBack):
            with pytest.raises(DeliveryError, match=r"\w+ \w+"):
                await outside.chat.find(outside.channel, KEY, NOW)

    async def test_simpler_forms_keep_the_papers_and_come_to_an_end(self, outside: Outside) -> None:
        if not isinstance(outside.chat, Degrade):
            pytest.skip(f"{outside.chat.name} has one form only")
        message: Message | None = self._message(outside)
        for step in range(1, 11):
            assert message is not None
            simpler = outside.chat.degrade(message, step)
            if simpler is None:
                return
            assert simpler != message
            assert (simpler.papers, simpler.reply) == (message.papers, message.reply)
            message = simpler
        pytest.fail("there is always a simpler form")

    async def test_pacing_is_sane(self, outside: Outside) -> None:
        pacing = outside.chat.pacing
        assert pacing.per_channel > 0
        assert pacing.per_tenant > 0
        assert pacing.burst >= 1
        assert pacing.timeout > 0
        assert pacing.settle >= 0

    async def test_closing_twice_is_closing_once(self, outside: Outside) -> None:
        await outside.chat.aclose()
        await outside.chat.aclose()

    @staticmethod
    def _message(outside: Outside) -> Message:
        return outside.chat.render(digest(outside.channel, entry(paper("2608.00001"))))[0]
