"""What decoders of parts produce: layers, each the decoded content of a range of the view around it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.model import Span, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cavra_boundary.model import Trigger


class Layer(NamedTuple):
    """A decoded part of a view.

    view: the decoded bytes. steps: the last of its `via`, those that led to it from the outer view.
    place: the range of the outer view that was decoded, where findings in the layer are located and redacted.
    cut_short: why the bytes are incomplete, if they are.
    to_outer: maps a range of the layer to the one of the outer view that says the same; None if only `place` is known.
    is_spelling: whether this is the same text in another spelling, so that it is no deeper than the outer view.
    """

    view: View
    steps: tuple[str, ...]
    place: Span
    cut_short: str = ""
    to_outer: Callable[[Span], Span] | None = None
    is_spelling: bool = False


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


class Woven:
    """Text put together from parts of a view, some as they are, some decoded; it knows where each of them is."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._inner: list[int] = []
        self._outer: list[Span] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, text: bytes, place: Span) -> None:
        """Add what the view has at this place. Text of the same length is taken to be the same."""
        if text:
            self._pieces.append(text)
            self._inner.append(self._size)
            self._outer.append(place)
            self._size += len(text)

    def part(self) -> None:
        """Set what follows apart, so that no rule takes it for what is near."""
        if self._pieces:
            end = self._outer[-1].end
            self.add(_APART, Span(end, end))

    def layer(self, outer: View, steps: tuple[str, ...], *, is_spelling: bool = False) -> Layer:
        place = Span(self._outer[0].start, self._outer[-1].end) if self._outer else Span(0, 0)
        made = layer(outer, place, b"".join(self._pieces), steps)
        return made._replace(to_outer=self._original, is_spelling=is_spelling)

    def _original(self, span: Span) -> Span:
        first = bisect_right(self._inner, span.start) - 1
        last = max(first, bisect_right(self._inner, max(span.start, span.end - 1)) - 1)
        start, end = self._outer[first], self._outer[last]
        begin = start.start + (span.start - self._inner[first] if self._is_plain(first) else 0)
        finish = end.start + span.end - self._inner[last] if self._is_plain(last) else end.end
        return Span(begin, max(begin, finish))

    def _is_plain(self, piece: int) -> bool:
        following = self._inner[piece + 1] if piece + 1 < len(self._inner) else self._size
        start, end = self._outer[piece]
        return following - self._inner[piece] == end - start


_APART = b"\n" * 16

_SMALL = 1024
"""Bytes of content that is read together with other such content, as one layer."""


def gathered(outer: View, found: Iterable[tuple[Span, bytes]], steps: tuple[str, ...]) -> Iterator[Layer]:
    """The layers for what was decoded of these places of a view; all that are small are one layer."""
    together = Woven()
    for place, content in found:
        if len(content) > _SMALL:
            yield layer(outer, place, content, steps)
        elif content:
            together.part()
            together.add(content, place)
    if len(together):
        yield together.layer(outer, steps)
