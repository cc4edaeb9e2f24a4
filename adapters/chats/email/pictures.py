"""Trends as pictures in mails: drawn when a mail is sent, once for all who get the same one."""

from __future__ import annotations

import asyncio

from adapters.chats.email.mail import Picture
from bot.ports import Draw
from bot.trend import Trend

KEPT = 64
"""Pictures that are kept, 27 kB each."""


class Pictures:
    """Draws. The same numbers give the same bytes, today and when the mail is tried again."""

    def __init__(self, draw: Draw, domain: str) -> None:
        self._draw = draw
        self._domain = domain
        self._drawn: dict[Trend, Picture] = {}
        self._one_at_a_time = asyncio.Lock()

    async def of(self, trend: Trend) -> Picture:
        """Give the picture of a trend."""
        async with self._one_at_a_time:
            if trend not in self._drawn:
                png = await asyncio.to_thread(self._draw.trend, trend)
                if len(self._drawn) == KEPT:
                    del self._drawn[next(iter(self._drawn))]
                self._drawn[trend] = Picture.of(png, self._domain)
            return self._drawn[trend]
