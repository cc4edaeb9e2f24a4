"""What is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bot.app import clock, opened
from bot.card import plural
from bot.commands.status import MANY, findings, status
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
    told = (("sources", core.sources), ("enrichers", core.enrichers), ("chats", core.chats))
    named = (f"{port} {', '.join(names) or 'none'}" for port, names in told if names or port != "enrichers")
    found = [Finding(True, f"Settings: {'; '.join(named)}.")]
    try:
        async with opened(core, given.folder, clock()) as app:
            count = await app.store.count_papers()
            place = f"Data folder {given.folder}" if app.store.exclusive else f"Store {app.store.name}"
            found.append(Finding(True, f"{place}: {plural(count, 'paper')}."))
            found += findings(await status(app.store, app.now(), app.queue, app.chats, MANY))
            for adapter in (app.store, *app.sources, *app.enrichers, *app.chats.values()):
                if isinstance(adapter, Check):
                    found += await adapter.check(app.now())
    except BroadsheetError as error:
        found.append(Finding(False, str(error)))
    return found
