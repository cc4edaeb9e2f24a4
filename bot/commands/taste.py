"""A channel's taste: moved by Save and "Not for us", shown and reset in its settings. Kept as ``taste/<channel>``."""

from __future__ import annotations

from datetime import datetime

from bot import terms
from bot.models import Channel, Paper
from bot.ports import Notes, Store
from bot.taste import Taste, from_note, heaviest, key, learn, to_note

SHOWN = 8
"""Terms that ``describe`` names."""


async def liked(store: Store, channel: Channel, paper: Paper, now: datetime) -> Taste:
    """Somebody saved a paper of this channel's digest. Gives the taste as it is now."""
    return await _judge(store, channel, paper, now, liked=True)


async def disliked(store: Store, channel: Channel, paper: Paper, now: datetime) -> Taste:
    """Somebody said "Not for us". Gives the taste as it is now."""
    return await _judge(store, channel, paper, now, liked=False)


async def describe(store: Notes, channel: Channel) -> str:
    """Say it in one line: ``robots +0.42, surveys -0.15 (2 liked, 1 not)``; ``none yet`` where nobody said a thing."""
    taste = from_note(await store.noted(key(channel)))
    if not taste.judged:
        return "none yet"
    said = ", ".join(f"{liking.said} {liking.weight:+.2f}" for liking in heaviest(taste, SHOWN)) or "no terms"
    good = sum(taste.judged.values())
    return f"{said} ({good} liked, {len(taste.judged) - good} not)"


async def reset(store: Notes, channel: Channel) -> bool:
    """Forget a channel's taste. False when it had none."""
    return await store.forget(key(channel))


async def _judge(store: Store, channel: Channel, paper: Paper, now: datetime, *, liked: bool) -> Taste:
    known = from_note(await store.noted(key(channel)))
    standing = await store.standing(terms.candidates(paper))
    found = terms.best(paper, standing, await store.count_papers())
    learned = learn(known, paper.id, found, liked=liked)
    if learned != known:
        await store.note(key(channel), {**to_note(learned), "at": now.isoformat()})
    return learned
