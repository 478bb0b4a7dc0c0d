"""Compressed content: gzip (RFC 1952) and zlib (RFC 1950), as a whole file or inside another encoding.

Anything may be compressed, so it is recognized by its first bytes, not by its name. A stream that is broken or cut off
is read as far as it goes; content that is not text, such as an archive, is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.decode.base import Budget, Layer, layer
from cavra_boundary.model import Blob, Span, View

if TYPE_CHECKING:
    from collections.abc import Iterator

GZIP = b"\x1f\x8b\x08"
_HEAD = 512
_TOO_MUCH = "unpacks to more bytes than are scanned"
_TOO_LARGE = "compressed, and too large to unpack"


def decode(blob: Blob, budget: Budget) -> Iterator[Layer]:
    """The content of a file that is a gzip stream, whatever its name; findings in it point at the file as a whole."""
    if blob.offset == 0 and blob.data.startswith(GZIP):
        for each in unpacked(View(blob, b""), Span(0, 0), blob.data, (), budget):
            yield each if blob.core.end == len(blob.data) else each._replace(cut_short=_TOO_LARGE)


def is_compressed(data: bytes) -> bool:
    """Whether bytes begin like a gzip or zlib stream."""
    return data.startswith(GZIP) or (data[:1] == b"\x78" and int.from_bytes(data[:2]) % 31 == 0)


def unpacked(outer: View, place: Span, data: bytes, steps: tuple[str, ...], budget: Budget) -> Iterator[Layer]:
    """The layer for compressed text, if it is text; `steps` led to the compressed bytes."""
    content, is_whole = expand(data, budget.left)
    budget.left -= len(content)
    if content and b"\0" not in content[:_HEAD]:
        name = "gzip" if data.startswith(GZIP) else "zlib"
        yield layer(outer, place, content, (*steps, name), "" if is_whole else _TOO_MUCH)


def expand(data: bytes, most: int) -> tuple[bytes, bool]:
    """Up to `most` bytes of all members of a stream, and whether that is all that can be read."""
    import zlib  # few files hold anything compressed

    either_format = zlib.MAX_WBITS | 32
    pieces: list[bytes] = []
    while data:
        stream = zlib.decompressobj(either_format)
        try:
            pieces.append(stream.decompress(data, max(1, most)))
        except zlib.error:
            break
        most -= len(pieces[-1])
        if most <= 0 and not stream.eof:
            return b"".join(pieces), False
        data = stream.unused_data if stream.unused_data.startswith(GZIP) else b""
    return b"".join(pieces), True
