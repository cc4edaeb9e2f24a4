"""What is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bot.app import clock, opened
from bot.card import plural
from bot.commands.status import findings, status
from bot.errors import BroadsheetError, SettingsError
from bot.ports import Check, Finding
from bot.settings import Core


class Given(Protocol):
    """Where to look."""

    @property
    def folder(self) -> Path:
        """The data folder."""
        ...

    def settings(self) -> Core:
        """Read the settings, or raise ``SettingsError``."""
        ...


async def examine(given: Given) -> Sequence[Finding]:
    """Check settings, then the data folder, then every adapter that can say how it is."""
    try:
        core = given.settings()
    except SettingsError as error:
        return [Finding(False, problem, "Correct it in the settings.") for problem in str(error).splitlines()]
    found = [
        Finding(
            True, f"Settings: sources {', '.join(core.sources) or 'none'}; chats {', '.join(core.chats) or 'none'}."
        )
    ]
    try:
        async with opened(core, given.folder, clock()) as app:
            count = await app.store.count_papers()
            place = f"Data folder {given.folder}" if app.store.exclusive else f"Store {app.store.name}"
            found.append(Finding(True, f"{place}: {plural(count, 'paper')}."))
            found += findings(await status(app.store, app.now(), app.queue))
            for adapter in (*app.sources, *app.chats.values()):
                if isinstance(adapter, Check):
                    found += await adapter.check(app.now())
    except BroadsheetError as error:
        found.append(Finding(False, str(error)))
    return found
