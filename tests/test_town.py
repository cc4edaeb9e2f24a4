"""The post office that other tests rely on does what every chat does that writes letters."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.errors import DeliveryError, Verdict
from bot.models import Channel
from tests.contracts.letters import LettersContract
from tests.town import PostOffice


@dataclass
class Inside:
    """An office in memory."""

    chat: PostOffice

    async def letters(self, channel: Channel) -> list[str]:
        return [repr(letter) for to, letter, _ in self.chat.written if to == channel]

    async def die(self) -> None:
        self.chat.refusals = [DeliveryError("nobody is there", Verdict.RETRY)]


class TestPostOffice(LettersContract):
    @pytest.fixture
    def office(self) -> Inside:
        return Inside(PostOffice())
