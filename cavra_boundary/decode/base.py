"""What decoders of parts make: layers, whose content stands for a range of the view around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.model import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cavra_boundary.model import Span, Trigger


class Layer(NamedTuple):
    """What a part of a view reads when it is decoded.

    view: the decoded bytes. steps: the last of its `via`, those that led to it from the outer view.
    place: the range of the outer view that they stand for; what is found in them is pointed at and hidden there.
    cut_short: why they are not all, if they are not.
    """

    view: View
    steps: tuple[str, ...]
    place: Span
    cut_short: str = ""


@dataclass(slots=True)
class Budget:
    """What may still be decoded of one window of a file: bytes that its compressed parts unpack to, and parts."""

    left: int = 32 * 1024 * 1024
    parts: int = 10_000


class Decoder(NamedTuple):
    """Opens what is encoded in parts of a view.

    trigger: stands in every file that has such a part, so that other files cost nothing. open: the layers of all parts
    of a view.
    """

    trigger: Trigger
    open: Callable[[View, Budget], Iterator[Layer]]


def layer(outer: View, place: Span, data: bytes, steps: tuple[str, ...], cut_short: str = "") -> Layer:
    """The layer that bytes are which a part of `outer` gives in these steps."""
    return Layer(View(outer.blob, data, (*outer.via, *steps)), steps, place, cut_short)
