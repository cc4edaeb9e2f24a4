"""What every chat does whose channels are addresses that anybody can type."""

from __future__ import annotations

from typing import Protocol

import pytest

from bot.errors import CommandError, DeliveryError
from bot.models import Channel
from bot.ports import Chat, Letter, Letters
from tests.making import NOW

KEY = "0123456789abcdef01234567"
LETTER = Letter(query="agents -survey", when="daily at 09:00 (UTC)", token="token-7f3a", asked=NOW)


class Office(Protocol):
    """A chat that writes letters, whose outside is there until it dies."""

    chat: Chat

    async def letters(self, channel: Channel) -> list[str]:
        """What arrived at an address, as text."""
        ...

    async def die(self) -> None:
        """Nothing can be reached any more."""
        ...


class LettersContract:
    """The tests. A subclass brings the fixture ``office``."""

    def test_an_address_is_a_channel_of_this_chat_that_can_be_written_down(self, office: Office) -> None:
        channel = self._writer(office).address(" Ada@example.net ")
        assert channel == Channel(office.chat.name, "", "Ada@example.net")
        assert Channel.parse(str(channel)) == channel

    @pytest.mark.parametrize("typed", ["", "nobody", "a@b@c", "@example.net"])
    def test_what_is_no_address_is_refused_with_a_sentence(self, office: Office, typed: str) -> None:
        with pytest.raises(CommandError, match=r"\w+ \w+"):
            self._writer(office).address(typed)

    async def test_a_letter_holds_the_query_and_the_token_and_goes_to_that_address(self, office: Office) -> None:
        writer = self._writer(office)
        to = writer.address("ada@example.net")
        await writer.confirm(to, LETTER, KEY)
        (text,) = await office.letters(to)
        assert all(part in text for part in (LETTER.query, LETTER.token, LETTER.when))
        assert await office.letters(writer.address("grace@example.net")) == []

    async def test_an_office_that_is_closed_is_a_delivery_error_with_a_sentence(self, office: Office) -> None:
        to = self._writer(office).address("ada@example.net")
        await office.die()
        with pytest.raises(DeliveryError, match=r"\w+ \w+"):
            await self._writer(office).confirm(to, LETTER, KEY)

    @staticmethod
    def _writer(office: Office) -> Letters:
        assert isinstance(office.chat, Letters)
        return office.chat
