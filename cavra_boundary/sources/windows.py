"""Bytes as blobs: a file whole when it is small, in overlapping windows when it is large, so that memory stays bounded.

A window owns the matches that start in its core; the margins on both sides give a match, and what must stand near
it, room to be seen whole. So every match of up to `MARGIN` bytes is found once, wherever a seam falls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.lines import advance
from cavra_boundary.model import Blob, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WINDOW = 4 * 1024 * 1024
"""Bytes that are read at a time. Even, as the units of UTF-16 and UTF-32 are, so that no window splits one."""

MARGIN = 64 * 1024
_HEAD = 4 * 1024


def windows(path: str, read: Callable[[int], bytes], origin: str) -> Iterator[Blob]:
    """The content that `read` gives, as one blob or several. `read(n)` returns n bytes, fewer only at the end."""
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
