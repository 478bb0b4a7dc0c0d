"""Ends a run that somebody interrupts: by Ctrl-C, a canceled CI job's SIGTERM, a closed terminal's SIGHUP."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_PATIENCE = 0.4  # seconds until an interrupt that did not end the run is repeated

_ENDING = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None]


class Interrupts:
    """Which signal has interrupted the run, if any."""

    def __init__(self) -> None:
        self._number = signal.SIGINT
        self._count = 0

    @property
    def exit_code(self) -> int:
        """What shells call a program that a signal has ended."""
        return 128 + self._number

    def take(self, number: int, _frame: FrameType | None) -> None:
        """The first unwinds the run as Ctrl-C does, so that nothing half-written remains; others wait for that.

        An exception can be lost where Python ignores them (`__del__`, a callback from C): it is raised again, and at
        last the process ends without unwinding. Workers end with it.
        """
        unwinding = self._count > 0
        self._count += 1
        if number in _ENDING:
            self._number = signal.Signals(number)
        if self._count > 2:
            os._exit(self.exit_code)
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
        if not unwinding or number not in _ENDING:
            raise KeyboardInterrupt

    def over(self) -> bool:
        """The run has ended, and what is left takes no time. Whether it was interrupted."""
        if self._count and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        return self._count > 0


@contextmanager
def interruptible() -> Iterator[Interrupts]:
    """Let signals interrupt what runs inside. One that is ignored, as in a `nohup` or a background job, remains so."""
    interrupts = Interrupts()
    before = {}
    with suppress(ValueError):  # not in the main thread, which alone gets signals
        for number in _ENDING:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = signal.signal(number, interrupts.take)
        if before and hasattr(signal, "SIGALRM"):
            before[signal.SIGALRM] = signal.signal(signal.SIGALRM, interrupts.take)
    try:
        yield interrupts
    finally:
        interrupted = interrupts.over()
        for number, handler in before.items():
            # The process ends with its own exit code, even if somebody keeps pressing Ctrl-C.
            signal.signal(number, signal.SIG_IGN if interrupted else handler)
