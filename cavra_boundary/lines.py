"""Lines and columns of bytes, computed only when something is shown."""

from __future__ import annotations

_CONTINUATION_BYTES = bytes(range(0x80, 0xC0))


def advance(line: int, column: int, passed: bytes) -> tuple[int, int]:
    """The position after these bytes, 1-based. Lines end at LF; columns count UTF-8 code points."""
    newlines = passed.count(b"\n")
    rest = passed[passed.rfind(b"\n") + 1 :] if newlines else passed
    points = len(rest.translate(None, _CONTINUATION_BYTES))
    return (line + newlines, 1 + points) if newlines else (line, column + points)
