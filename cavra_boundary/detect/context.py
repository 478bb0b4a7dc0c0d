"""Checks of a match that need to know where it stands: the name before it, its neighbors, the file around it.

Each takes the bytes of the view and the span of the `secret` group; otherwise they are validators like those of
`validators.py`, and a rule names them in the same list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cavra_boundary.detect.public import AROUND, public_reason
from cavra_boundary.detect.reserved import server_reason
from cavra_boundary.detect.verdict import CONFIRMED, REFUTED, Verdict, synthetic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cavra_boundary.model import Span

    ContextCheck = Callable[[bytes, Span], Verdict]


# --- names and neighbors

_BEFORE = 200
_NAME_BEFORE = (
    r"([A-Za-z_][\w.-]{0,80})[\"'\]\s)\\]{0,6}(?::\s?[\w\[\]]{1,20}\s{0,2})?"
    r"(?:</key>\s{0,4}<string>|[=:>,(]{1,2})\s{0,4}[\"'`(\\]{0,3}\Z"
)


def public_by_design(data: bytes, secret: Span) -> Verdict:
    """Is no secret by design, as its form, its name or its neighbors say: a publishable key is only a note."""
    before = data[_line_start(data, secret.start, _BEFORE) : secret.start].decode("utf-8", "replace")
    nearest = re.search(_NAME_BEFORE, before)
    names = [nearest[1], *re.findall(r"[A-Za-z_][\w-]*", before)[-8:]] if nearest else []
    around = data[max(0, secret.start - AROUND) : secret.end + AROUND]
    why = public_reason(names, data[secret.start : secret.end], around)
    return synthetic(why) if why else CONFIRMED


# --- connection strings

_CONNECTION = 600
"""Bytes of a connection string on either side of its password."""


def remote_server(data: bytes, secret: Span) -> Verdict:
    """Is for a server that others can reach: in a connection string to this machine, a password is only a note."""
    start = _line_start(data, secret.start, _CONNECTION)
    end = data.find(b"\n", secret.end, secret.end + _CONNECTION)
    after = data[secret.end : end if end >= 0 else secret.end + _CONNECTION]
    # What stands before the password is of the same string as soon as no quote parts them.
    before = re.split(rb"[\"'`\n]", data[start : secret.start])[-1]
    after = re.split(rb"[\"'`\n]", after)[0]
    why = server_reason(before.decode("utf-8", "replace"), after.decode("utf-8", "replace"))
    return synthetic(why) if why else CONFIRMED


# --- headers of files

_HEADER = 1500
"""Bytes around a notice that belong to the same header."""

# How a header names a license under which everybody may have the file: in SPDX's words (spdx.org/licenses), in those of
# the licenses' own "how to apply" sections, or by what their first sentence grants.
_OPEN = rb"""(?xi)
    SPDX-License-Identifier:\s{0,4}\(?(?:0BSD|AFL|AGPL|Apache|Artistic|BlueOak|BSD|BSL-1\.0|CC0|CC-BY|CDDL|CECILL|CPL|ECL
      |EPL|EUPL|GPL|HPND|ISC|LGPL|LPL|MIT|MPL|MS-PL|MulanPSL|NCSA|OFL|OpenSSL|OSL|PHP|PostgreSQL|PSF|Python|QPL|Ruby
      |Unlicense|UPL|Vim|W3C|WTFPL|X11|Zlib|ZPL)
  | (?<!not[ ])(?:licen[cs]ed|released|distributed|available|published|governed|covered|provided)[ ](?:to[ ]you[ ])?
      (?:under|by|through)[ ](?:the[ ])?(?:terms[ ]of[ ])?(?:the[ ]|an?[ ])?
      (?:(?:modified|simplified|new|revised|2-clause|3-clause|[23][ ]clause|permissive|dual|standard)[ ]){0,2}
      (?:Apache|MIT|BSD|ISC|Mozilla|MPL|Eclipse|EPL|GNU|L?GPL|AGPL|Boost|zlib|Unlicense|Artistic|Creative[ ]Commons|CC0
      |PSF|Python|Common[ ]Public|European[ ]Union[ ]Public|open[ -]source)
  | Permission[ ]is[ ]hereby[ ]granted,[ ]free[ ]of[ ]charge | Permission[ ]to[ ]use,[ ]copy,[ ]modify
  | Redistribution[ ]and[ ]use[ ]in[ ]source[ ]and[ ]binary[ ]forms
  | free[ ]software[:;,][ ](?:you[ ]can|redistribut) | BSD-style[ ]licen[cs]e
  | (?:MIT|ISC)[ ]Licen[cs]e[ ,.:]{1,3}(?:\([^()]{0,40}\)[ ]?)?(?:Copyright|Permission|Licensed|see|https?:)
  | Source[ ]Code[ ]Form[ ]is[ ]subject[ ]to[ ]the[ ]terms[ ]of[ ]the[ ]Mozilla
"""


def no_open_license(data: bytes, secret: Span) -> Verdict:
    """Is in no file whose header names an open license, which allows what it seems to forbid."""
    around = data[max(0, secret.start - _HEADER) : secret.end + _HEADER]
    # A sentence goes on in the next line, behind the sign of a comment.
    return REFUTED if re.search(_OPEN, re.sub(rb"\s+(?:[#*;%/!-]{1,3}\s+)?", b" ", around)) else CONFIRMED


def _line_start(data: bytes, at: int, most: int) -> int:
    """Where the line of a place starts, at most so many bytes before it."""
    start = max(0, at - most)
    return max(start, data.rfind(b"\n", start, at) + 1)


IN_CONTEXT: Mapping[str, ContextCheck] = {
    "no-open-license": no_open_license,
    "public-by-design": public_by_design,
    "remote-server": remote_server,
}
