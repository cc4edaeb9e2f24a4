"""What a channel's people should know and could not be told: it comes with the next answer there, once."""

from __future__ import annotations

from collections.abc import Sequence

from bot.models import Channel
from bot.ports import Notes


async def owed(store: Notes, channel: Channel) -> Sequence[str]:
    """Give what nobody was told yet and note that it is told now. ``status`` goes on showing it for a week."""
    key = f"notice/{channel}"
    note = await store.noted(key)
    if note is None or note.get("told"):
        return ()
    await store.note(key, {**note, "told": True})
    return (str(note["text"]),)
