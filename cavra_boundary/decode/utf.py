"""UTF-16 and UTF-32 text as UTF-8, so that patterns written for bytes see it.

A file as a whole: with a byte order mark, or without one if zero bytes are where mostly ASCII text in such an encoding
has them. The head of a large file decides for its windows.

Parts of a file: a shell appends in another encoding than the file began in, a stray byte shifts all that follows, and
text of another script has few zero bytes. Whatever the encoding of the whole, what a rule looks for is mostly ASCII, so
it is a run of characters with zero bytes between them, at any offset.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.lines import advance
from cavra_boundary.model import Blob, Span, View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MARKS = (
    # UTF-32 first: its little-endian mark begins with UTF-16's.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ANY_MARK = tuple(mark for mark, _ in _MARKS)
_SAMPLE = 512

_LEAST = 10
"""Characters in the shortest run that shows wide text."""

_AROUND = 512
"""Bytes before and after a run that are read as part of the same text, in whatever script."""

_ASCII = bytes({*b"\t\n\r", *range(0x20, 0x7F)})
_SHORTEST_NARROW = 16
_NARROW = re.compile(rb"[\t\n\r -~]{%d,}" % _SHORTEST_NARROW)
"""Bytes that are ASCII text, and so are not part of wide text."""

_CLASSES = bytes(0 if char == 0 else ord("a") if char in _ASCII else ord("x") for char in range(256))
"""Maps zero to itself, the low byte of an ASCII character to `a`, and any other byte to `x`."""


class _Width(NamedTuple):
    """An encoding in both byte orders. size: of a unit, in bytes. sign: the classes of the shortest run."""

    name: str
    size: int
    sign: bytes
    run: re.Pattern[bytes]


def _width(bits: int) -> _Width:
    unit = b"a" + b"\0" * (bits // 8 - 1)
    return _Width(f"utf-{bits}", bits // 8, unit * _LEAST, re.compile(b"(?:%b)++" % unit))


_WIDTHS = (_width(16), _width(32))


class _Part(NamedTuple):
    """A range of a blob as text. at: where its UTF-8 form begins in the view."""

    start: int
    text: str
    at: int


def decode(blob: Blob) -> View | None:
    """The whole blob as UTF-8; None when it is not in such an encoding."""
    encoding = _encoding(blob.head or blob.data)
    if not encoding:
        return None
    mark = 0 if blob.offset else next((len(mark) for mark in _ANY_MARK if blob.data.startswith(mark)), 0)
    text = blob.data[mark:].decode(encoding, errors="replace")
    return View(blob, text.encode(errors="replace"), (encoding,), _Mapping(encoding, [_Part(mark, text, 0)]))


def parts(blob: Blob) -> Iterator[View]:
    """The parts of a blob that are wide text in another encoding, or at another alignment, than `decode` reads.

    A run of ASCII characters is the same text in both byte orders, a unit's other end apart; what is next to it is not.
    So there is a view for either, the more plausible one first.
    """
    if b"\0" not in blob.data:
        return
    classes = blob.data.translate(_CLASSES)
    whole = _encoding(blob.head or blob.data)
    for width in _WIDTHS:
        if classes.find(width.sign) < 0:
            continue
        for shift, runs in enumerate(_runs(blob.data, classes, width)):
            if runs and not (whole.startswith(width.name) and _covers(whole, shift, width)):
                # In big-endian order, a character's zero bytes come before it.
                orders = (("le", shift), ("be", (shift + 1) % width.size))
                read = [_joined(blob, f"{width.name}-{order}", runs, first, width.size) for order, first in orders]
                yield from sorted(read, key=_plausibility, reverse=True)


def _plausibility(view: View) -> tuple[int, int]:
    """The wrong byte order swallows a blank or line end before another script, and adds a letter after it."""
    latin = len(view.data) - len(view.data.translate(None, _ASCII))
    return view.data.count(b"\n") + view.data.count(b" "), latin


def _covers(whole: str, shift: int, width: _Width) -> bool:
    """Whether text in the encoding of the whole file, which is aligned at its beginning, has these runs in it."""
    return shift == (0 if whole.endswith("le") else width.size - 1)


def _encoding(head: bytes) -> str:
    sample = head[:_SAMPLE]
    if sample.startswith(_ANY_MARK):
        return next(name for mark, name in _MARKS if sample.startswith(mark))
    return _guess(sample) if b"\0" in sample else ""


def _guess(sample: bytes) -> str:
    """The encoding in which most of the sample would be ASCII, judged by where its zero bytes are."""
    quarter = len(sample) // 4
    zeros = [sample[index::4].count(0) for index in range(4)]
    few, most = 0.1 * quarter, 0.9 * quarter
    shape = "".join("0" if count >= most else "x" if count <= few else "?" for count in zeros)
    shapes = {"x0x0": "utf-16-le", "0x0x": "utf-16-be", "x000": "utf-32-le", "000x": "utf-32-be"}
    return shapes.get(shape, "") if quarter else ""


def _runs(data: bytes, classes: bytes, width: _Width) -> Sequence[Sequence[Span]]:
    """The runs, by the place of a character among the bytes of a unit; with what is around them, without overlaps."""
    found: list[list[Span]] = [[] for _ in range(width.size)]
    position = classes.find(width.sign)
    while position >= 0:
        run = width.run.match(classes, position)
        assert run is not None  # noqa: S101 - the sign is such a run
        runs = found[position % width.size]
        # Tables of numbers have thousands of short runs side by side.
        if runs and position - runs[-1].end < _SHORTEST_NARROW:
            runs[-1] = Span(runs[-1].start, run.end())
        else:
            runs.append(Span(position, run.end()))
        position = classes.find(width.sign, run.end())
    return [_widened(data, runs, width.size) for runs in found]


def _widened(data: bytes, runs: Sequence[Span], size: int) -> Sequence[Span]:
    """The runs with the text around them."""
    found: list[Span] = []
    for run in runs:
        start, end = _start(data, run.start), _end(data, run.end, size)
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, end)
        else:
            found.append(Span(start, end))
    return found


def _start(data: bytes, position: int) -> int:
    """Where wide text may begin that has a run at this position."""
    start = max(0, position - _AROUND)
    for narrow in _NARROW.finditer(data, start, position):
        start = narrow.end()
    return start


def _end(data: bytes, position: int, size: int) -> int:
    """Where wide text may end that has a run up to this position; it may have one more character."""
    end = min(len(data), position + _AROUND)
    narrow = _NARROW.search(data, position, end)
    return min(end, narrow.start() + size) if narrow else end


def _joined(blob: Blob, encoding: str, runs: Sequence[Span], first: int, size: int) -> View:
    """One view of many runs. It has as many line ends before each as the blob has, so that lines can be counted."""
    pieces: list[bytes] = []
    found: list[_Part] = []
    at = before = lines = 0
    line, column = blob.line, blob.column
    for run in runs:
        start = run.start + (first - run.start) % size
        end = run.end - (run.end - start) % size
        if found:
            lines += blob.data.count(b"\n", before, start)
            pieces.append(b"\n" * lines if lines > 0 else b"\0")
            lines = min(lines, 0)
            at += len(pieces[-1])
        else:
            line, column = advance(line, column, blob.data[:start])
        text = blob.data[start:end].decode(encoding, errors="replace")
        found.append(_Part(start, text, at))
        pieces.append(text.encode(errors="replace"))
        at += len(pieces[-1])
        lines += blob.data.count(b"\n", start, end) - text.count("\n")
        before = end
    return View(blob._replace(line=line, column=column), b"".join(pieces), (encoding,), _Mapping(encoding, found))


class _Mapping:
    """From an offset in the UTF-8 form to the offset in the blob."""

    def __init__(self, encoding: str, found: Sequence[_Part]) -> None:
        self._encoding = encoding
        self._parts = found
        self._starts = [part.at for part in found]

    def __call__(self, offset: int) -> int:
        part = self._parts[max(0, bisect_right(self._starts, offset) - 1)]
        before = part.text.encode(errors="replace")[: offset - part.at].decode(errors="ignore")
        return part.start + len(before.encode(self._encoding))
