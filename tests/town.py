"""People who type addresses into a page, and an office that writes to them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot import letters, signed
from bot.commands import optin
from bot.errors import CommandError, DeliveryError
from bot.models import Channel, ChannelSettings
from bot.ports import Letter
from tests.chats import BlindChat
from tests.fakes import MemoryStore
from tests.making import NOW

ADA = Channel("fake", "", "ada@example.org")
HOME = "192.0.2.1"


@dataclass
class PostOffice(BlindChat):
    """A chat whose channels are addresses, and what it wrote."""

    written: list[tuple[Channel, Letter, str]] = field(default_factory=list)
    refusals: list[DeliveryError] = field(default_factory=list)
    open: asyncio.Event | None = None
    """Letters wait for it."""

    def __post_init__(self) -> None:
        super().__init__()

    def address(self, written: str) -> Channel:
        if written.count("@") != 1 or written.startswith("@"):
            raise CommandError(f"`{written}` is not an address.")
        return Channel("fake", "", written.strip())

    async def confirm(self, channel: Channel, letter: Letter, key: str) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        if self.open:
            await self.open.wait()
        self.written.append((channel, letter, key))


class Town:
    """A store, a post office, and people who type addresses."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.office = PostOffice()
        self.now = NOW

    def defaults(self, channel: Channel) -> ChannelSettings:
        return ChannelSettings(channel=channel, created=self.now, timezone="UTC")

    async def ask(self, address: str = ADA.room, text: str = "agents", network: str = HOME, **wishes: str) -> str:
        return await optin.ask(
            self.store,
            self.office,
            address,
            text,
            wishes,
            defaults=self.defaults,
            network=network,
            now=self.now,
        )

    async def send(self, **later: float) -> int:
        self.now += timedelta(**later)
        return await letters.send(self.store, {"fake": self.office}, self.now)

    async def confirm(self, token: str) -> optin.Confirmed:
        return await optin.confirm(self.store, token, defaults=self.defaults, now=self.now)

    async def subscribed(self, text: str = "agents", **wishes: str) -> optin.Confirmed:
        await self.ask(text=text, **wishes)
        await self.send()
        return await self.confirm(self.office.written[-1][1].token)

    async def queries(self) -> Sequence[str]:
        return [item.query for item in await self.store.subscriptions(ADA)]

    async def stopper(self) -> str:
        return signed.sign(await signed.key(self.store), signed.STOP, str(ADA), self.now)
