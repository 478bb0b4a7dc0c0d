"""Blob to views: the layers in which a blob's content can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.decode import utf
from cavra_boundary.model import Blob, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DECODERS: dict[str, Callable[[Blob], View | None]] = {
    "utf": utf.decode,
}
"""One decoder a file of this folder. A decoder that takes a blob stands in for its bytes."""


def views(blob: Blob) -> Iterator[View]:
    """What to scan of a blob: its decoded text where a decoder takes it, its own bytes otherwise."""
    decoded = [view for decode in DECODERS.values() if (view := decode(blob))]
    yield from decoded or [View(blob, blob.data)]
