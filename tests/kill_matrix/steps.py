"""An event loop that counts what it runs.

Whatever awaits is resumed by a callback of the loop. So the edges of all callbacks are all the awaits there are, in our
code and in the libraries under it, without a list that somebody has to keep: after one, something has been asked for
(a request is on the wire, a write is with the store's thread); before the next, the answer is there and nobody knows.
"""

from __future__ import annotations

import asyncio
from asyncio import Handle, TimerHandle
from collections.abc import Callable
from contextvars import Context
from typing import TypeVarTuple

Ts = TypeVarTuple("Ts")


class StepLoop(asyncio.SelectorEventLoop):
    """Calls ``step`` right before and right after each callback: resumed tasks, futures, timers, calls from threads."""

    def __init__(self, step: Callable[[], None]) -> None:
        super().__init__()
        self._step = step

    def call_soon(self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None) -> Handle:
        """As ever, and counted."""
        return super().call_soon(self._counted, callback, args, context=context)

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Handle:
        """As ever, and counted."""
        return super().call_soon_threadsafe(self._counted, callback, args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> TimerHandle:
        """As ever, and counted."""
        return super().call_at(when, self._counted, callback, args, context=context)

    def _counted(self, callback: Callable[[*Ts], object], args: tuple[*Ts]) -> None:
        self._step()
        callback(*args)
        self._step()
