"""A progress line for long scans; for a person at a terminal, and erased at the end."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

_DELAY = 0.5  # seconds before the line appears
_PERIOD = 0.1  # seconds between redraws
_RATE_SAMPLES = 20  # the rate is measured over this many redraws: two seconds


def is_welcome(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to show a progress line on this stream: a capable terminal, not a CI log."""
    return stream.isatty() and not environ.get("CI") and environ.get("TERM") != "dumb"


class Progress:
    """The progress line, as a context manager: `advance` updates it, leaving the context erases it.

    total: the number of files, None if unknown; may be set at any time.
    clock: monotonic, in seconds.

    Not thread-safe: only the thread that collects the results may call it.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        enabled: bool,
        total: int | None = None,
        width: int = 80,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total = total
        self._stream = stream
        self._enabled = enabled
        self._width = width
        self._clock = clock
        self._files = 0
        self._bytes = 0
        self._drawn = 0  # columns of the line on the terminal
        start = clock()
        self._next_drawing = start + _DELAY
        self._samples = deque([(start, 0)], maxlen=_RATE_SAMPLES)

    def advance(self, files: int, byte_count: int) -> None:
        """Add what was scanned since the last call, and redraw the line when it is time."""
        if not self._enabled:
            return
        self._files += files
        self._bytes += byte_count
        now = self._clock()
        if now >= self._next_drawing:
            self._next_drawing = now + _PERIOD
            self._draw(self._line(now))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            self._draw("")
            self._stream.write("\r")
            self._stream.flush()

    def _line(self, now: float) -> str:
        then, bytes_then = self._samples[0]
        self._samples.append((now, self._bytes))
        rate = (self._bytes - bytes_then) / (now - then) / 1e6
        files = f"{self._files:,}" if self.total is None else f"{self._files:,} of {self.total:,}"
        return f"scanning: {files} files, {self._bytes / 1e6:,.1f} MB, {rate:,.1f} MB/s"

    def _draw(self, line: str) -> None:
        # A line as wide as the terminal would wrap, and a wrapped line cannot be erased.
        line = line[: self._width - 1]
        self._stream.write("\r" + line.ljust(self._drawn))
        self._stream.flush()
        self._drawn = len(line)
