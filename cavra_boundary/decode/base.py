"""What decoders of parts produce: layers, each the decoded content of a range of the view around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.model import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cavra_boundary.model import Span, Trigger


class Layer(NamedTuple):
    """A decoded part of a view.

    view: the decoded bytes. steps: the last of its `via`, those that led to it from the outer view.
    place: the range of the outer view that was decoded, where findings in the layer are located and redacted.
    cut_short: why the bytes are incomplete, if they are.
    """

    view: View
    steps: tuple[str, ...]
    place: Span
    cut_short: str = ""


@dataclass(slots=True)
class Budget:
    """What may still be decoded in one window of a file: bytes that its compressed parts unpack to, and parts."""

    left: int = 32 * 1024 * 1024
    parts: int = 10_000


class Decoder(NamedTuple):
    """Decodes the encoded parts of a view.

    trigger: matches every file that has such a part, so that other files cost nothing. open: the layers of all parts
    of a view.
    """

    trigger: Trigger
    open: Callable[[View, Budget], Iterator[Layer]]


def layer(outer: View, place: Span, data: bytes, steps: tuple[str, ...], cut_short: str = "") -> Layer:
    """The layer for bytes decoded from a part of `outer` in these steps."""
    return Layer(View(outer.blob, data, (*outer.via, *steps)), steps, place, cut_short)
