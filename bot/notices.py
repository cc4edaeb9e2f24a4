"""Pausing a channel, and telling its owner about it once: in person, else with the answer to the next command there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot import asking, transitions
from bot.models import Channel, State
from bot.ports import Chat, Notes, Store

NOTICE = "notice/"
"""Begins the keys of notes with a sentence about a channel, for ``status``."""
OWED = "owed/"
"""Begins the keys of notes with a sentence that nobody was told yet."""


async def pause(store: Store, channel: Channel, reason: str, now: datetime, chat: Chat | None = None) -> None:
    """Stop a channel until a person resumes it, take back what waits for it, and tell its owner once.

    Without a ``chat`` nobody is spoken to, and the notice stays owed. A channel that is paused stays as it is.
    """
    settings = await store.settings(channel)
    if settings is None or settings.paused:
        return
    text = f"I paused the digest in {channel}: {reason}. It stays paused until somebody resumes it."
    await owe(store, channel, text, now, owner=settings.owner)
    await store.save_settings(replace(settings, paused=reason))
    for row in await store.deliveries(states=(State.PENDING, State.RETRY_WAIT), channel=channel):
        await store.update(row, transitions.expired(row, f"paused: {reason}"))
    if chat and await asking.told(chat, channel, settings.owner, text):
        await store.forget(f"{OWED}{channel}")
        await store.forget(f"{NOTICE}{channel}")


async def pause_tenant(store: Store, channel: Channel, reason: str, now: datetime) -> None:
    """Stop every channel of the tenant. Nobody is spoken to: each word would be one more refused call."""
    for settings in await store.all_settings((channel.platform, channel.tenant)):
        await pause(store, settings.channel, reason, now)


async def owe(store: Notes, channel: Channel, text: str, now: datetime, *, owner: str = "", again: bool = True) -> None:
    """Keep a sentence for ``status``, and owe it to who next asks in the channel, or to its owner elsewhere.

    Without ``again`` one that stands there already is not owed a second time.
    """
    before = await store.noted(f"{NOTICE}{channel}")
    await store.note(f"{NOTICE}{channel}", {"text": text, "at": now.isoformat()})
    if again or before is None or before["text"] != text:
        await store.note(f"{OWED}{channel}", {"text": text, "owner": [channel.platform, channel.tenant, owner]})


async def owed(store: Notes, channel: Channel, person: str = "") -> tuple[str, ...]:
    """Give the sentences that are owed in this channel, or to this person in the same tenant, and take them off.

    To stand above the answer to a command. Each sentence is given to one asker only; ``status`` goes on showing it. An
    owner may ask anywhere in the tenant, because nobody can ask in a channel that was deleted.
    """
    notes = await store.notes(OWED)
    asker = [channel.platform, channel.tenant, person]
    mine = [key for key, note in notes.items() if key == f"{OWED}{channel}" or (person and note["owner"] == asker)]
    return tuple([str(notes[key]["text"]) for key in mine if await store.forget(key)])
