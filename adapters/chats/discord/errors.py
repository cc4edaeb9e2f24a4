"""What Discord's noes mean, as data: every code that a delivery can meet has one verdict.

A code that Discord has invented since is a fault of ours until somebody has looked: it stops a message, no channel.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import aiohttp
import discord

from bot.errors import DeliveryError, Verdict

LONGEST = 3600.0
"""Seconds; a longer wait is not believed."""
NEEDS = "Give me View Channel, Send Messages and Embed Links there, then `/papers digest action:resume`."
CLOSED = (
    "I couldn't send a direct message. Allow messages from this app, then run `/papers digest action:resume to:dm`."
)
REFUSED = "Discord does not accept the token any more. Set discord.token anew and start again."

_BY_VERDICT: Mapping[Verdict, Mapping[int, str]] = {
    Verdict.WAIT: {
        **dict.fromkeys((20028, 20029, 40062), "Discord asks us to slow down"),
        40003: "Discord asks us to open direct messages more slowly",
        40333: "Discord does not let this address through at present",
    },
    Verdict.RETRY: dict.fromkeys((130000, 40006, 40004), "Discord is not available at present"),
    Verdict.PAUSE: {
        50001: f"I can't see that channel. {NEEDS}",
        50013: f"I can't post in that channel. {NEEDS}",
        50007: CLOSED,
        50278: CLOSED,
        **dict.fromkeys((50008, 50024), "That channel takes no messages. Choose another one."),
        40058: "That channel takes posts only, and I could not make one. Choose another one.",
        40067: "That forum wants a tag on each post, and has none that I may use. Make one that everybody may use.",
        160006: "That channel has too many threads. Archive some, then run `/papers digest action:resume`.",
        **dict.fromkeys(
            (50083, 160005), "That thread is archived and locked. Unlock it, then `/papers digest action:resume`."
        ),
        **dict.fromkeys(
            (50009, 40007, 50095), "The server does not let me post there. An administrator must allow the app."
        ),
    },
    Verdict.DROP: {
        10003: "The channel was deleted.",
        10013: "The person is no longer on Discord.",
        10015: "The webhook was deleted.",
    },
    Verdict.TENANT: {10004: "The app was removed from the server. Add it again."},
    Verdict.DEGRADE: {
        **dict.fromkeys((50035, 50006, 50109), "Discord refuses the shape of the message"),
        **dict.fromkeys((40005, 50045, 400001), "Discord takes no such file there"),
        **dict.fromkeys((200000, 200001, 240000, 20009), "the server's filter blocks something in the message"),
    },
    Verdict.BUG: {
        **dict.fromkeys((40001, 50014), REFUSED),
        30034: "Discord takes no more new commands today",
        20012: "the token belongs to another app",
    },
}
CODES: Mapping[int, tuple[Verdict, str]] = {
    code: (verdict, sentence) for verdict, codes in _BY_VERDICT.items() for code, sentence in codes.items()
}
"""Code -> what it means, and a sentence."""

GONE = 10008
"""The message is gone. To a send with a key: it arrived, and somebody has deleted it since."""
FILTERED = frozenset({"200000", "200001", "240000", "20009"})
"""A filter of the server, or Discord's own, blocks a word or a link in a message."""
OPENING = "40003"
"""Too many direct messages were opened."""
LATE = frozenset({10062, 10015, 50027, 40060, 40094})
"""An interaction that nobody waits for any more: too late, over, answered, or answered too often."""
FORUM, NEEDS_TAG, HAS_THREAD = 40058, 40067, 160004

_FOR_PEOPLE = {Verdict.PAUSE, Verdict.TENANT, Verdict.DROP}
"""Their sentences are read by people who can do something about it: no codes."""
_UNSENT = (aiohttp.ClientConnectorError, aiohttp.InvalidURL)
"""Nothing can have been sent."""
CALLS = (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, RecursionError)
"""How a call of discord.py can end: a 429 without ``retry_after`` is a ``KeyError`` there."""


def failure(error: BaseException) -> DeliveryError:
    """Say what an end of a call means; of what is not an end of a call, that it may have done its work."""
    match error:
        case DeliveryError():
            return error
        case discord.RateLimited():
            return slow(error.retry_after)
        case discord.HTTPException():
            return refusal(error.status, error.code, error.text)
        case discord.LoginFailure():
            return DeliveryError(REFUSED, Verdict.BUG, code="401")
        case TimeoutError():
            return DeliveryError("Discord did not answer in time", Verdict.UNKNOWN, code="timeout")
        case aiohttp.ClientError() if isinstance(error, _UNSENT):
            return DeliveryError("Discord cannot be reached", Verdict.RETRY, code="unreachable")
    return DeliveryError(f"the connection to Discord broke ({type(error).__name__})", Verdict.UNKNOWN, code="broken")


def unsent(error: BaseException) -> DeliveryError:
    """The same for a call that posts nothing: after an unclear end it can be made again."""
    told = failure(error)
    if told.verdict is not Verdict.UNKNOWN:
        return told
    return DeliveryError(str(told), Verdict.RETRY, code=told.code)


def slow(seconds: float | None) -> DeliveryError:
    """A rate limit; how long it lasts is believed when it makes sense."""
    sane = seconds is not None and math.isfinite(seconds) and seconds >= 0
    wait = min(seconds, LONGEST) if sane and seconds is not None else None
    return DeliveryError("Discord asks us to slow down", Verdict.WAIT, code="429", seconds=wait)


def refusal(status: int, code: int, said: str) -> DeliveryError:
    """Say what an answer means. One without a code may come from a proxy, after the work was done."""
    if code in CODES:
        verdict, sentence = CODES[code]
        if verdict in _FOR_PEOPLE:
            return DeliveryError(sentence, verdict, code=str(code))
        where = f": {said[:300]}" if verdict is Verdict.DEGRADE and said else ""
        return DeliveryError(f"{sentence} ({code}{where})", verdict, code=str(code))
    if status == 401:
        return DeliveryError(REFUSED, Verdict.BUG, code="401")
    if status == 429:
        return slow(None)
    if status >= 500 or status < 300 or not code:
        return DeliveryError(f"Discord answered {status} without a word", Verdict.UNKNOWN, code=f"http_{status}")
    return DeliveryError(f"Discord refuses our request ({code})", Verdict.BUG, code=str(code))
