"""The terminal that results are printed on."""

from __future__ import annotations

from rich.console import Console

from bot.output import mute

WIDEST = 100
"""Longer lines are hard to read, however wide the window."""


class Terminal(Console):
    """Standard output, at most 100 columns wide, for text that must not be taken for markup."""

    def __init__(self) -> None:
        super().__init__(highlight=False, markup=False, emoji=False)
        self.width = min(self.width, WIDEST)

    def on_broken_pipe(self) -> None:
        """Go on without a reader: what is being done matters more than who watches."""
        mute()
