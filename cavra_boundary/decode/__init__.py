"""Blob to views: the layers in which a blob's content can be read."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import TYPE_CHECKING

from cavra_boundary.decode import base64, escapes, gzip, hexadecimal, kubernetes, unnamed, utf
from cavra_boundary.decode.base import Budget, Decoder, Layer
from cavra_boundary.model import Blob, View

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DECODERS", "DEEPEST", "Budget", "Layer", "unpack", "views"]

DECODERS: dict[str, Decoder] = {
    decoder.trigger.id: decoder
    for decoder in (
        kubernetes.DECODER,
        base64.DECODER,
        hexadecimal.DECODER,
        unnamed.DECODER,
        hexadecimal.LISTED,
        escapes.DECODER,
        escapes.NAMED,
        escapes.MAIL,
    )
}
"""Decoders for parts of a view, by the id of their trigger."""

DEEPEST = 3
"""How many nested layers are opened."""


def views(blob: Blob) -> Iterator[View]:
    """What to scan of a blob: its own bytes, and before them its text, or the parts of it, in a wide encoding.

    A file that begins in one encoding may continue in another, as when a shell appends to it. A byte order mark is not
    content.
    """
    if view := utf.decode(blob):
        yield view
    yield from utf.parts(blob)
    if blob.offset == 0 and blob.data.startswith(BOM_UTF8):
        mark = len(BOM_UTF8)
        yield View(blob, blob.data[mark:], to_blob=mark.__add__)
    else:
        yield View(blob, blob.data)


def unpack(blob: Blob, budget: Budget) -> Iterator[Layer]:
    """The content of a file that is compressed as a whole."""
    return gzip.decode(blob, budget)
