"""Bytes as blobs: a small file whole, a large one in overlapping windows, so that memory stays bounded.

A window owns the matches that start in its core; the margins on both sides show a match, and what must be near it, as
a whole. So every match of up to `MARGIN` bytes is found exactly once, wherever windows meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.lines import advance
from cavra_boundary.model import Blob, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WINDOW = 4 * 1024 * 1024
"""Bytes read at a time. A multiple of the unit sizes of UTF-16 and UTF-32, so that no window splits a unit."""

MARGIN = 64 * 1024
_HEAD = 4 * 1024


def windows(path: str, read: Callable[[int], bytes], origin: str) -> Iterator[Blob]:
    """The content from `read`, as one or more blobs. `read(n)` returns n bytes, fewer only at the end."""
    buffer = read(WINDOW)
    if len(buffer) < WINDOW:
        yield Blob.whole(path, buffer, origin)
        return
    head = buffer[:_HEAD]
    offset, line, column, core_start = 0, 1, 1, 0
    while True:
        more = read(WINDOW)
        core_end = len(buffer) - MARGIN if more else len(buffer)
        yield Blob(path, buffer, Span(core_start, core_end), offset, line, column, head if offset else b"", origin)
        if not more:
            return
        kept = core_end - MARGIN
        line, column = advance(line, column, buffer[:kept])
        buffer = buffer[kept:] + more
        offset += kept
        core_start = MARGIN
