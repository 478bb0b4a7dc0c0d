"""UTF-16 and UTF-32 text as UTF-8, so that patterns written for bytes see it.

With a byte order mark, or without one if zero bytes are where mostly ASCII text in such an encoding has them. The head
of a large file decides for its windows.
"""

from __future__ import annotations

import codecs
from functools import partial

from cavra_boundary.model import Blob, View

_MARKS = (
    # UTF-32 first: its little-endian mark begins with UTF-16's.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ANY_MARK = tuple(mark for mark, _ in _MARKS)
_SAMPLE = 512


def decode(blob: Blob) -> View | None:
    """The text as UTF-8; None when the blob is not in such an encoding."""
    encoding = _encoding(blob.head or blob.data)
    if not encoding:
        return None
    mark = 0 if blob.offset else next((len(mark) for mark in _ANY_MARK if blob.data.startswith(mark)), 0)
    text = blob.data[mark:].decode(encoding, errors="replace")
    return View(blob, text.encode(errors="replace"), (encoding,), partial(_to_blob, text, encoding, mark))


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


def _to_blob(text: str, encoding: str, mark: int, offset: int) -> int:
    """The offset in the blob of an offset in the UTF-8 form."""
    return mark + len(text.encode()[:offset].decode(errors="ignore").encode(encoding))
