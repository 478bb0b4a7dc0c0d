"""Blob to views: the layers in which a blob's content can be read."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import TYPE_CHECKING

from cavra_boundary.decode import utf
from cavra_boundary.model import Blob, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DECODERS: dict[str, Callable[[Blob], View | None]] = {
    "utf": utf.decode,
}
"""One decoder a file of this folder."""


def views(blob: Blob) -> Iterator[View]:
    """What to scan of a blob: its own bytes, and before them its text where a decoder takes it.

    A file that begins in one encoding may go on in another, as when a shell appends to it. A byte order mark is no
    content.
    """
    for decode in DECODERS.values():
        if view := decode(blob):
            yield view
    if blob.offset == 0 and blob.data.startswith(BOM_UTF8):
        mark = len(BOM_UTF8)
        yield View(blob, blob.data[mark:], to_blob=mark.__add__)
    else:
        yield View(blob, blob.data)
