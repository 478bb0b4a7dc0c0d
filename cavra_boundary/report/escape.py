r"""Makes untrusted text safe to show: invisible characters become visible escapes.

A raw byte (a control below U+0080, or an undecodable byte kept as a surrogate escape) is shown as `\x1b`, any other
code point as `\u202e` or `\U000e0041`. A backslash is unchanged, so an escape looks the same as text that spells it.

Printable text can still be executed: CI systems look for commands in what a step prints. Apply `commands_broken` to
whole documents, last.
"""

from __future__ import annotations

import re
from functools import cache

from cavra_boundary.model import Span

# Unicode's Cc, Cs, Zl, Zp, Co and everything default-ignorable (DerivedCoreProperties.txt): controls, bidi controls,
# zero-width characters, fillers, variation selectors, tags. Spelled out, because Python's own tables differ between
# versions and reports must not.
_HIDDEN = (
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)


def printable(text: str) -> str:
    """Escape everything that is invisible or controls a terminal; a second pass changes nothing."""
    if text.isascii() and text.isprintable():
        return text
    return _hidden().sub(_escape, text)


def printable_line(line: str, caret: Span) -> tuple[str, Span]:
    """Make a source line printable, except for its tabs, and map its caret (a span of characters) to the result."""
    start = min(caret.start, len(line))
    end = max(start, caret.end)
    before, under, after = (
        "\t".join(printable(cell) for cell in part.split("\t")) for part in (line[:start], line[start:end], line[end:])
    )
    return before + under + after, Span(len(before), len(before) + len(under))


def relative_uri(path: str) -> str:
    """A path as a relative reference (RFC 3986), with all but unreserved characters and slashes percent-encoded."""
    return re.sub(r"[^A-Za-z0-9._~/-]", lambda match: "".join(f"%{byte:02X}" for byte in _bytes(match[0])), path)


def path_of(uri: str) -> str:
    """The inverse of `relative_uri`."""
    first, *parts = uri.split("%")
    whole = bytearray(_bytes(first))
    for part in parts:
        if re.match("[0-9A-Fa-f]{2}", part):
            whole += bytes.fromhex(part[:2]) + _bytes(part[2:])
        else:
            whole += _bytes(f"%{part}")
    return whole.decode(errors="surrogateescape")


def _bytes(path: str) -> bytes:
    """The bytes of a path decoded with surrogate escapes, or of one with other surrogates (Windows)."""
    try:
        return path.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return path.encode(errors="surrogatepass")


def commands_broken(text: str, sharp: str = r"\x23", colon: str = r"\x3a") -> str:
    """Break up what a CI system would take for a command, with other spellings for a `#` and a `:`.

    These are `##[` anywhere, `::` at a line's start (GitHub: the runner's ActionCommand), `##vso[` (Azure Pipelines)
    and `##teamcity[`, in any case. A line may start after any of the characters that some system ends lines at, and
    with blanks, controls and colors, which some remove first.
    """
    if "##" in text:
        text = re.sub(r"##(?=\[|(?i:vso|teamcity)\[)", lambda _: f"#{sharp}", text)
    if "::" in text:
        text = _line_start().sub(lambda match: f"{match[1]}{colon}", text)
    return text


@cache
def _line_start() -> re.Pattern[str]:
    ends = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
    blank = rf"\x1b\[[0-9;]*m|(?![{ends}])[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2060\ufeff]"
    return re.compile(rf"(?:\A|(?<=[{ends}]))((?:{blank})*):(?=:)")


@cache
def _hidden() -> re.Pattern[str]:
    return re.compile(_HIDDEN)  # takes milliseconds, and most runs do not need it


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # PEP 383: the byte 0x80-0xFF that could not be decoded
        code -= 0xDC00
    elif code > 0xFFFF:
        return f"\\U{code:08x}"
    elif code >= 0x80:
        return f"\\u{code:04x}"
    return f"\\x{code:02x}"
