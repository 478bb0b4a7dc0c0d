"""Text, compressed content and private keys in hexadecimal.

Compressed bodies of HTTP exchanges as nock records them; `bytes.fromhex("…")`, `0x…` of SQL, `X'…'`; rows of a dump
(`xxd`, `hexdump -C`, `od -tx1`, tcpdump); the `hex(2):…` of a registry export; `0x41, 0x42, …` of program code. Digests
are no text. A private key in DER (RFC 5208, RFC 8017 appendix A.1.2, RFC 5915) is read as PEM, as rules know it.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from typing import TYPE_CHECKING

from cavra_boundary.decode import gzip
from cavra_boundary.decode.base import Budget, Decoder, Layer, Woven, gathered
from cavra_boundary.model import Span, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.model import View

_STEP = "hex"
_BEGINNING = "1f8b08"
_COMPRESSED = re.compile(rf"(?i){_BEGINNING}(?:[0-9a-f]{{2}}){{18,}}".encode())

_DIGIT = "[0-9A-Fa-f]"
_PRINTED = f"(?:[2-7]{_DIGIT}|0[9ADad])"
_TEXT = f"{_PRINTED}{{16}}|(?:[2-7]{_DIGIT}00){{8}}"
_KEY = "02010030|02010002|02010104"
"""How a private key goes on: its version, and then an algorithm, a modulus or an octet string."""

_ROW = f"(?:[2-7]{_DIGIT}{{3}} ){{4}}|(?:[2-7]{_DIGIT} ){{8}}"
_BYTES = r"(?:0x[2-7][0-9a-f],\s{0,8}){12}|hex(?:\([0-9a-f]\))?:(?:[0-9a-f]{2},){4}"

SHAPE = f"{_TEXT}|{_KEY}|{_ROW}"
"""Matches every file that has a layer of text, a key or a dump."""

_IS_TEXT = re.compile(_TEXT.encode())
_IS_KEY = re.compile(
    rb"30(?:82[0-9A-Fa-f]{4}|81[0-9A-Fa-f]{2}|[2-7][0-9A-Fa-f])0201(?:003[0-9A-Fa-f]|0002|0104)", re.IGNORECASE
)
_ARE_BYTES = re.compile(_BYTES.encode(), re.IGNORECASE)
_LEAST = 32
_DIGITS = re.compile(rb"x+")
_ROWS = re.compile(
    rb"(?m)^[ \t]*(?:0[xX])?[0-9A-Fa-f]{4,8}:?[ \t]{1,4}((?:[0-9A-Fa-f]{2}[ ]{0,2}){1,16})(?=[^0-9A-Fa-f]|$)"
)
_LISTED = re.compile(rb"(?i)(?:(?:0x)?[0-9a-f]{2},(?:\\\r?\n)?\s{0,8}){11,}(?:0x)?[0-9a-f]{2}\b")
_PAIR = re.compile(rb"(?i)(?:0x)?([0-9a-f]{2})\b")
_MASK = bytes(ord("x") if chr(char) in "0123456789abcdefABCDEF" else 32 if char == 32 else 46 for char in range(256))


def _open(view: View, budget: Budget) -> Iterator[Layer]:
    for run in _COMPRESSED.finditer(view.data):
        yield from gzip.unpacked(view, Span(*run.span()), bytes.fromhex(run[0].decode()), (_STEP,), budget)


def open_text(view: View) -> Iterator[Layer]:
    """The layers of text, keys and dumps."""
    mask = view.data.translate(_MASK)
    yield from gathered(view, _found(view.data, mask), (_STEP,))
    if (b"xxxx " * 4 in mask or b"xx " * 8 in mask) and (rows := _dumped(view)):
        yield rows


def _open_listed(view: View, _budget: Budget) -> Iterator[Layer]:
    if _ARE_BYTES.search(view.data):
        yield from gathered(view, _listed(view.data), (_STEP,))


def _listed(data: bytes) -> Iterator[tuple[Span, bytes]]:
    for run in _LISTED.finditer(data):
        yield Span(*run.span()), _narrow(bytes.fromhex(b"".join(_PAIR.findall(run[0])).decode()))


def _found(data: bytes, mask: bytes) -> Iterator[tuple[Span, bytes]]:
    """The texts and keys in runs of digits, and where they are. mask: the data, with each digit as `x`."""
    start = mask.find(b"x" * _LEAST)
    while start >= 0:
        rest = _DIGITS.match(mask, start)
        end = rest.end() if rest else start
        for pattern in (_IS_KEY, _IS_TEXT):
            if found := pattern.search(data, start, end):
                # Two digits are a byte; one more before or after them is none of the text.
                place = Span(found.start(), end - (end - found.start()) % 2)
                content = bytes.fromhex(data[place.start : place.end].decode())
                yield place, _pem(content) if pattern is _IS_KEY else _narrow(content)
                break
        start = mask.find(b"x" * _LEAST, end)


def _dumped(view: View) -> Layer | None:
    """The rows of dumps as one text: rows that follow one another are read as one."""
    woven = Woven()
    done = -1
    for row in _ROWS.finditer(view.data):
        if done >= 0 and view.data.count(b"\n", done, row.start()) > 1:
            woven.part()
        done = row.end()
        woven.add(bytes.fromhex(row[1].decode()), Span(*row.span(1)))
    return woven.layer(view, (_STEP,)) if len(woven) else None


def _narrow(content: bytes) -> bytes:
    """The text, as UTF-8 if it is UTF-16."""
    if content[1:16:2].strip(b"\0") or len(content) < 8:
        return content
    return content.decode("utf-16-le", "replace").encode()


def _pem(key: bytes) -> bytes:
    """A private key as PEM."""
    start = 2 + (key[1] & 0x7F if key[1] & 0x80 else 0)
    size = start + (int.from_bytes(key[2:start]) if key[1] & 0x80 else key[1])
    after = key[start + 2 : start + 4]
    name = "EC " if after.startswith(b"\x01") else "RSA " if after == b"\0\x02" else ""
    text = b2a_base64(key[:size], newline=False)
    lines = b"\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return b"-----BEGIN %bPRIVATE KEY-----\n%b\n-----END %bPRIVATE KEY-----\n" % (name.encode(), lines, name.encode())


DECODER = Decoder(Trigger("cavra-boundary.hex", f"(?i){_BEGINNING}", (_BEGINNING,)), _open)
LISTED = Decoder(Trigger("cavra-boundary.hex-list", f"(?i:{_BYTES})", ("0x", "hex(", "hex:")), _open_listed)
