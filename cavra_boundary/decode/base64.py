r"""Base64 (RFC 4648 sections 4 and 5) of text, or of compressed text, anywhere in a file.

This reads recorded HTTP exchanges (`base64_string:` and `!!binary` of VCR's cassettes, `"encoding": "base64"` of HAR
files), values in variables (`GCP_KEY=…`), data URIs, mail, and the values of Helm's releases. Lines may be wrapped,
also with `\n` inside a string. Digests, certificates and images do not decode to text and are left alone.

A word nearby often says that something is encoded. Without one, base64 is told by its shape: printable ASCII has no
high bits, so a third of the alphabet can be at each of the first two places of a group, and half of it at the third. In
UTF-16, as PowerShell's `-EncodedCommand` takes it, every other byte is zero.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import TYPE_CHECKING

from cavra_boundary.decode import gzip
from cavra_boundary.decode.base import Budget, Decoder, Layer, gathered, layer
from cavra_boundary.model import Span, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.model import View

_LEAST = 32
"""Characters in the shortest run that is decoded. A shorter one holds no more than a word."""

_WORDS = (
    # Words that say something is encoded.
    *("base64", "b64", "atob", "!binary", "encodedbody"),
    # How the encoded forms of `{"`, `{` and a line's end, `[{"`, a PEM block, XML, a manifest and gzip begin.
    *("eyj", "ewog", "ewoj", "ew0k", "w3si", "w3sk", "ls0tls1crudj", "pd94bwwg", "yxbpvmvyc2lvb", "h4si"),
)

_GROUP = "[I-Za-f][C-HS-Xi-nyz0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]"
_WIDE_GROUPS = "[I-Za-f][AQgw][AB][A-Za-z0-9+/]A[C-H][AEIMQUYcgkosw048]A"
_TEXT_SHAPE = f"(?:{_GROUP}){{6}}"
_WIDE_SHAPE = f"(?:{_WIDE_GROUPS}){{3}}"
"""Three bytes are four characters: 18 printable ones in a row, or nine of UTF-16."""

SHAPE = f"{_TEXT_SHAPE}|{_WIDE_SHAPE}"
"""Matches every file that has such a layer."""

_IS_TEXT, _IS_WIDE = re.compile(_TEXT_SHAPE.encode()), re.compile(_WIDE_SHAPE.encode())
_LEAST_SHAPED = 24

_ALPHABET = rb"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_MASK = bytes(ord("x") if char in _ALPHABET else ord(" ") for char in range(256))
_URL_SAFE = bytes.maketrans(b"-_", b"+/")

_NARROWEST, _WIDEST = 56, 76
"""Lengths that encoders wrap lines at (RFC 2045 section 6.8, RFC 7468 section 2, Ruby's `pack`)."""

_WRAP = re.compile(rb"\r?\n[ \t]{0,64}|(?:\\r)?\\n")
_AFTER = re.compile(rb"={0,2}(?=[\s\"'`\\<,;)\]}]|\Z)")
_ESCAPED_BREAK = re.compile(rb"(?:\\r)?\\n")
_SPACE = b" \t\r\n\f\v"

_TOO_LONG = "encoded text continues past the part of a large file that is read at once"
_BEGINNING = 64
"""Bytes of a run that show what it is."""

_TEXT = bytes({*b"\t\n\r\f", *range(0x20, 0x7F), *range(0x80, 0x100)})


def read(text: bytes) -> bytes:
    """The bytes that base64 encodes, plain or URL-safe, padded or not, wrapped or not; b"" for anything else."""
    if b"\\" in text:
        text = _ESCAPED_BREAK.sub(b"", text)
    bare = text.translate(_URL_SAFE, _SPACE).rstrip(b"=")
    bare = bare[: len(bare) - (len(bare) % 4 == 1)]
    try:
        return a2b_base64(bare + b"=" * (-len(bare) % 4), strict_mode=True)
    except Base64Error:
        return b""


def _open(view: View, budget: Budget) -> Iterator[Layer]:
    data = view.data
    last = _last(view)
    for place in _runs(data, _LEAST):
        if not _is_worth_it(_head(data, place)):
            continue
        content = read(data[place.start : place.end])
        if gzip.is_compressed(content):
            opened = gzip.unpacked(view, place, content, ("base64",), budget)
        else:
            opened = iter([layer(view, place, content, ("base64",))] if content else [])
        yield from opened if place.end <= last else (each._replace(cut_short=_TOO_LONG) for each in opened)


def open_shaped(view: View) -> Iterator[Layer]:
    """The layers of what only its shape tells. What a window cuts off is read from the next one."""
    lowered = view.data.lower()
    named = any(word.encode() in lowered for word in _WORDS)
    yield from gathered(view, _shaped(view.data, _IS_TEXT, named=named), ("base64",))
    wide = ((place, text.decode("utf-16-le", "replace").encode()) for place, text in _shaped(view.data, _IS_WIDE))
    yield from gathered(view, wide, ("base64", "utf-16-le"))


def _shaped(data: bytes, shape: re.Pattern[bytes], *, named: bool = False) -> Iterator[tuple[Span, bytes]]:
    """The runs that contain a shape, decoded. named: whether a word says that something is encoded."""
    for run in _runs(data, _LEAST_SHAPED):
        found = shape.search(data, *run)
        if found and not (named and run.end - run.start >= _LEAST and _is_worth_it(_head(data, run))):
            # What is before the first whole group may not belong to it.
            place = Span(run.start + (found.start() - run.start) % 4, run.end)
            yield place, read(data[place.start : place.end])


def _head(data: bytes, run: Span) -> bytes:
    return read(data[run.start : min(run.end, run.start + _BEGINNING)])


def _last(view: View) -> int:
    """How far what is encoded in a view may go without being cut off by the window's end."""
    whole = view.via or view.blob.core.end == len(view.blob.data)
    return len(view.data) if whole else len(view.data) - 1


def _runs(data: bytes, shortest: int) -> Iterator[Span]:
    """Where base64 may be: runs of its characters, with the lines that continue them and the padding."""
    mask = data.translate(_MASK)
    least = b"x" * shortest
    start = mask.find(least)
    while start >= 0:
        before = data[start - 1 : start] if start else b""
        start += before == b"\\"  # an escape such as `\n` before the run is not part of it
        end = _end(mask, start)
        if _NARROWEST <= end - start <= _WIDEST:
            end = _last_line(data, mask, start, end)
        # Runs joined by dots are the parts of a JSON Web Token.
        if before != b"." and not (data[end : end + 1] == b"." and mask[end + 1 : end + 2] == b"x"):
            padding = data[end : end + 2]
            yield Span(start, end + len(padding) - len(padding.lstrip(b"=")))
        start = mask.find(least, end)


def _end(mask: bytes, start: int) -> int:
    end = mask.find(b" ", start)
    return len(mask) if end < 0 else end


def _last_line(data: bytes, mask: bytes, start: int, end: int) -> int:
    """The end of the wrapped lines that begin with the line `data[start:end]`; all but the last are equally long."""
    width = end - start
    while wrap := _WRAP.match(data, end):
        following = _end(mask, wrap.end())
        if not 0 < following - wrap.end() <= width:
            break
        if following - wrap.end() < width:
            return following if _AFTER.match(data, following) else end
        end = following
    return end


def _is_worth_it(head: bytes) -> bool:
    """Whether content that begins like this is compressed or text."""
    if gzip.is_compressed(head):
        return True
    if not head or head.translate(None, _TEXT):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:  # the last character may be cut off
        return error.start > len(head) - 4
    return True


DECODER = Decoder(Trigger("cavra-boundary.base64", f"[A-Za-z0-9+/_-]{{{_LEAST}}}", _WORDS), _open)
