"""The terminal that results are printed on."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from bot.output import mute, say

WIDEST = 100
"""Longer lines are hard to read, however wide the window."""


class Terminal(Console):
    """Standard output, at most 100 columns wide, for text that must not be taken for markup."""

    def __init__(self) -> None:
        super().__init__(highlight=False, markup=False, emoji=False)
        self.width = min(self.width, WIDEST)

    def print(self, *objects: Any, **options: Any) -> None:  # noqa: ANN401  (as rich has it)
        """Print; where it is kept, without the blanks that fill a line up."""
        if self.is_terminal:
            super().print(*objects, **options)
            return
        with self.capture() as got:
            super().print(*objects, **options)
        say("\n".join(line.rstrip() for line in got.get().split("\n")), end="")

    def on_broken_pipe(self) -> None:
        """Go on without a reader: what is being done matters more than who watches."""
        mute()
