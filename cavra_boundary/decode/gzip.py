"""Compressed content: gzip (RFC 1952) and zlib (RFC 1950), as a whole file or inside another encoding.

Anything may be compressed, so it is recognized by its first bytes, not by its name. A stream that is cut off is read as
far as it goes. Checksums are not trusted: content is read up to where it breaks, and the next member after that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.clock import check
from cavra_boundary.decode import utf
from cavra_boundary.decode.base import Budget, Layer, layer
from cavra_boundary.model import Blob, Span, View

if TYPE_CHECKING:
    from collections.abc import Iterator

GZIP = b"\x1f\x8b\x08"
_EXTRA, _NAME, _COMMENT, _HEADER_SUM = 4, 8, 16, 2
"""Flags in a gzip header (RFC 1952 section 2.3.1)."""

_PART = 4096
_MOST_NESTED = 3
"""How many times what was unpacked is unpacked again."""

_MOST_BROKEN = 100
"""How many broken members are read past."""

_TOO_MUCH = "unpacks to more bytes than are scanned"
_TOO_LARGE = "compressed, and too large to unpack"
_LONGEST_DIGEST = 64
_LEAST_READ = 16
"""In an encoding, what breaks and is no longer than a digest, or breaks at its very beginning, was not compressed."""

_BROKEN = "compressed, and broken: what follows the broken place cannot be read"


def decode(blob: Blob, budget: Budget) -> Iterator[Layer]:
    """The content of a file that is a gzip stream, whatever its name; findings in it point at the file as a whole."""
    if blob.offset == 0 and blob.data.startswith(GZIP):
        for each in unpacked(View(blob, b""), Span(0, 0), blob.data, (), budget):
            yield each if blob.core.end == len(blob.data) else each._replace(cut_short=_TOO_LARGE)


def is_compressed(data: bytes) -> bool:
    """Whether bytes begin like a gzip or zlib stream."""
    return data.startswith(GZIP) or (data[:1] == b"\x78" and int.from_bytes(data[:2]) % 31 == 0)


def unpacked(outer: View, place: Span, data: bytes, steps: tuple[str, ...], budget: Budget) -> Iterator[Layer]:
    """The layers for compressed content, and for wide text in it; `steps` led to the compressed bytes."""
    content, missing = expand(data, budget.left)
    if missing == _BROKEN and steps and (len(data) <= _LONGEST_DIGEST or len(content) < _LEAST_READ):
        return
    budget.left -= len(content)
    steps = (*steps, "gzip" if data.startswith(GZIP) else "zlib")
    if not content and (not missing or steps[-1] == "zlib"):
        return  # two bytes do not make a zlib stream
    if not missing and content.startswith(GZIP) and steps.count("gzip") > _MOST_NESTED:
        missing = "compressed again and again, more often than is unpacked"
    yield layer(outer, place, content, steps, missing)
    if content.startswith(GZIP) and not missing:
        yield from unpacked(outer, place, content, steps, budget)
    inner = Blob.whole(outer.blob.path, content)
    for view in filter(None, (utf.decode(inner), *utf.parts(inner))):
        yield layer(outer, place, view.data, (*steps, *view.via))


def expand(data: bytes, most: int) -> tuple[bytes, str]:
    """Up to `most` bytes of all members of a stream, and why that is not all it holds; "" if it is."""
    import zlib  # few files hold anything compressed

    either_format = zlib.MAX_WBITS | 32
    pieces: list[bytes] = []
    missing, broken, position = "", 0, 0
    while position < len(data):
        start, is_whole = position, True
        stream = zlib.decompressobj(either_format)
        while not stream.eof and position < len(data):
            check()
            # A member copies what is left of its input, so a file of many small ones must not be one input.
            part = data[position : position + _PART]
            try:
                pieces.append(stream.decompress(part, max(1, most)))
            except zlib.error:
                piece, rest, is_whole = _salvaged(data[start:], max(1, most))
                pieces.append(piece)
                most -= len(piece)
                position = len(data) - len(rest)
                break
            position += len(part) - len(stream.unconsumed_tail) - len(stream.unused_data)
            most -= len(pieces[-1])
            if most <= 0 and not stream.eof:
                return b"".join(pieces), _TOO_MUCH
        if not is_whole:
            missing, broken = _BROKEN, broken + 1
        following = data.find(GZIP, position) if broken < _MOST_BROKEN else -1
        position = following if following >= 0 else len(data)
    return b"".join(pieces), missing


def _salvaged(data: bytes, most: int) -> tuple[bytes, bytes, bool]:
    """What can be read of a member that `zlib` refuses, what follows it, and whether only its checksum is wrong."""
    import zlib

    start = _after_header(data)
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    position, step = start, _PART
    while position < len(data) and not stream.eof:
        check()
        before = stream.copy()
        try:
            piece = stream.decompress(data[position : position + step], max(1, most))
        except zlib.error:
            if step == 1:
                return b"".join(pieces), data[position:], False
            stream, step = before, 1  # up to the very byte that breaks it
            continue
        pieces.append(piece)
        most -= len(piece)
        if most <= 0:
            return b"".join(pieces), b"", False
        position += step
    return b"".join(pieces), stream.unused_data + data[position:], True


def _after_header(data: bytes) -> int:
    """Where the compressed bytes of a member begin."""
    if not data.startswith(GZIP):
        return 2
    flags, position = int.from_bytes(data[3:4]), 10
    if flags & _EXTRA:
        position += 2 + int.from_bytes(data[position : position + 2], "little")
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            position = data.find(b"\0", position) + 1 or len(data)
    return position + (2 if flags & _HEADER_SUM else 0)
