"""Asking a chat for something: bounded in time, and whatever it raises comes out as a ``DeliveryError``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from traceback import extract_tb
from typing import ParamSpec, TypeVar

from bot.errors import DeliveryError, Verdict
from bot.models import Channel, Delivery, Message
from bot.ports import Chat, Degrade, Tell

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


async def asked(chat: Chat, channel: Channel, call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a method of this chat about this channel and wait for it as long as the chat's limits allow."""
    try:
        async with asyncio.timeout(chat.pacing.timeout):
            return await call(*args, **kwargs)
    except DeliveryError:
        raise
    except TimeoutError as error:
        raise DeliveryError(f"no answer within {chat.pacing.timeout:g} s", Verdict.UNKNOWN) from error
    except Exception as error:
        # The outermost loop of a delivery: an adapter's bug must not stop the other channels. What the error says may
        # hold a token (HTTP clients quote headers), so that is for -v.
        kind, place = type(error).__name__, extract_tb(error.__traceback__)[-1]
        log.error("%s: %s failed: %s in %s:%s", channel, chat.name, kind, place.name, place.lineno)  # noqa: TRY400
        log.debug("%s: what failed", channel, exc_info=error)
        raise DeliveryError(f"a fault of ours ({kind})", Verdict.UNKNOWN) from error


async def simpler(chat: Chat, row: Delivery) -> Message | None:
    """Give the next simpler form of a message; ``None`` when there is none, or the chat fails at it."""
    if not isinstance(chat, Degrade):
        return None

    async def form(able: Degrade = chat) -> Message | None:
        return able.degrade(row.message, row.step + 1)

    with suppress(DeliveryError):
        return await asked(chat, row.channel, form)
    return None


async def told(chat: Chat, channel: Channel, owner: str, text: str) -> bool:
    """Say a sentence about a channel to its owner; False when that cannot be done."""
    if not owner or not isinstance(chat, Tell):
        return False
    with suppress(DeliveryError):
        return await asked(chat, channel, chat.tell, channel, owner, text)
    return False
