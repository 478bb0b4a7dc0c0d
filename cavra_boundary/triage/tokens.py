"""How far a secret extends beyond what a rule's pattern matched: to the ends of its quoted string, word or value.

A pattern stops where it knows no more: at a character that the provider does not use, at a blank, at a length limit.
What follows may be the rest of the secret, so it is hidden too, unless the syntax around it plainly ends the value
(`@host` in a URL, `&next=` in a query, the bracket of a call).
"""

from __future__ import annotations

import re

from cavra_boundary.model import Span

_LONGEST = 4096
"""How many bytes after a match are looked at."""

_BEFORE = 512
"""How many bytes before a match are looked at."""

_QUOTES = (rb"\"", rb"\'", b"%22", b"%27", b"&quot;", b"&#34;", b"&#39;", b'"', b"'", b"`")
_CLOSING = {
    b'"': re.compile(rb'(?:[^"\\\n]|\\.|"")*+"'),
    b"'": re.compile(rb"(?:[^'\\\n]|\\.|'')*+'"),
    b"`": re.compile(rb"(?:[^`\\\n]|\\.)*+`"),
}
_PLAIN = re.compile(rb"[^\s\"'`<>\\,;&()\[\]{}@|]*+")
_GOES_ON = re.compile(rb"[\w$%!#*^~+.-]")
_ENDS_PLAINLY = {
    b'"': re.compile(rb"\"(?![\w$%!#*^~+])"),
    b"'": re.compile(rb"'(?![\w$%!#*^~+])"),
    b"`": re.compile(rb"`(?![\w$%!#*^~+])"),
    b"\\": re.compile(rb"\\+[\"'`]"),
    b"<": re.compile(rb"<(?:[/!%?]|[A-Za-z][\w:.-]{0,40}(?:/?>|\s+[\w:.-]+=[\"']))"),
    b",": re.compile(rb",(?:[\s\"'`{\[(\\]|\Z|[\w.-]{1,64}[=:])"),
    b";": re.compile(rb";(?:[\s\"'`})\]\\]|\Z|[\w .-]{1,64}=)"),
    b"&": re.compile(rb"&(?:&|[A-Za-z#]\w{0,9};|[\w.%\[\]-]{1,64}=)"),
    b"|": re.compile(rb"\|(?:\s|\Z)"),
}
"""By the character at which a word may end: what ends it."""

_OPENERS = {b")": b"(", b"]": b"[", b"}": b"{", b">": b"<"}
_AFTER_HOST = rb"(?=[/?#\s\"'`<>,;)\]}\\]|\Z)"
_HOST = re.compile(
    rb"@(?:[A-Za-z0-9-]+(?:(?:\.[A-Za-z0-9-]+)+\.?(?::\d{1,5})?%b|:\d{1,5}%b|/)|localhost%b|\[[0-9a-fA-F:.]+\])"
    % ((_AFTER_HOST,) * 3)
)
_FULL_HOST = re.compile(rb"@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d{1,5})?%b" % _AFTER_HOST)
_IN_USERINFO = re.compile(rb"://[^\s\"'`<>/?#]*\Z")
_AFTER_COLON = re.compile(rb"[^\s:]:\Z")
_TRAILING = re.compile(rb"[.,;:?)\]}>|]{1,3}\Z")

# `key: value` as a whole line, or as a part of a quoted connection string.
_LINE_OF_KEY = re.compile(
    rb"\A[ \t>*#;/-]*(?:(?:export|set|setx|ENV|ARG)[ \t]+)?[\"'*`]{0,2}[\w.-]+"
    rb"(?:[\"'*`]{0,2}[ \t]*=>?[ \t]*|(?:[ \t][\w.-]+){0,4}[\"'*`]{0,2}[ \t]*:[\"'*`]{0,2}[ \t]+)\Z"
)
_PART_OF_KEY = re.compile(rb"[\w.-][ \t]*[=:][ \t]*\Z")
_LINE_ENDS = re.compile(rb"[ \t]+(?:#|//|/\*|<!--|--[ \w]|[\w.-]{1,64}=)|[\r\n]|[\"'`](?=[\s,;)\]}]|\Z)")
_PART_ENDS = re.compile(rb"[;,&\"'`\r\n\\]|[ \t]+[\w.-]{1,64}=")
_BEGINNING = re.compile(rb"[A-Za-z0-9$%!*^~+]{4,}\Z")


def token_around(data: bytes, span: Span) -> Span:
    """The whole token that a match is part of. Both are ranges of `data`; the result contains the span."""
    line = data.rfind(b"\n", max(0, span.start - _BEFORE), span.start) + 1
    before = data[line or max(0, span.start - _BEFORE) : span.start]
    stop = min(len(data), span.end + _LONGEST)
    stop = next((at for at in [data.find(b"\n", span.end, stop)] if at >= 0), stop)
    beginning = _BEGINNING.search(before[-128:])
    start = span.start - len(beginning[0]) if beginning else span.start
    quote = next((quote for quote in _QUOTES if before.endswith(quote)), b"")
    end = _quoted(data, span.end, stop, quote) if quote else -1
    if end < 0:
        end = _word(data, span, stop, before)
        end = max(end, _value(data, end, stop, before))
    elif _GOES_ON.match(data, end + len(quote), stop):
        end = _word(data, Span(span.start, end + len(quote)), stop, before)
    return Span(start, max(end, span.end))


def _quoted(data: bytes, end: int, stop: int, quote: bytes) -> int:
    """Where the string ends that the match begins; -1 if it does not end on its line."""
    if quote in _CLOSING:
        closing = _CLOSING[quote].match(data, end, stop)
        return closing.end() - 1 if closing else -1
    return data.find(quote, end, stop)


def _word(data: bytes, span: Span, stop: int, before: bytes) -> int:
    at = span.end
    while True:
        plain = _PLAIN.match(data, at, stop)
        at = plain.end() if plain else at
        mark = data[at : at + 1] if at < stop else b""
        if not mark or mark.isspace() or _ends(data, span, at, stop, before):
            break
        at += 1
    trailing = _TRAILING.search(data, max(span.end, at - 3), at)
    return trailing.start() if trailing else at


def _ends(data: bytes, span: Span, at: int, stop: int, before: bytes) -> bool:
    """Whether the character at this place, which may end a word, does."""
    mark = data[at : at + 1]
    if mark == b"@":
        if _IN_USERINFO.search(before) and b"/" not in data[span.start : span.end]:
            # A password may have an @ of its own; the host comes last.
            rest = data[at : at + len(data[at:stop].split(None, 1)[0])]
            return _HOST.match(rest) is not None and not any(_HOST.match(rest, i) for i in _ats(rest))
        return _AFTER_COLON.search(before) is not None and _FULL_HOST.match(data, at, stop) is not None
    if mark in _OPENERS:
        opener = _OPENERS[mark]
        if data.count(opener, span.start, at) > data.count(mark, span.start, at):
            return False
        return before.count(opener) > before.count(mark)
    plainly = _ENDS_PLAINLY.get(mark)
    return plainly is not None and plainly.match(data, at, stop) is not None


def _ats(rest: bytes) -> list[int]:
    """Where the other `@` of a word are."""
    return [at for at in range(1, min(len(rest), _BEFORE)) if rest[at] == ord("@")]


def _value(data: bytes, end: int, stop: int, before: bytes) -> int:
    """Where the value ends that goes on after a blank, if the match is the value of a key; else -1."""
    if data[end : end + 1] not in (b" ", b"\t"):
        return -1
    if _LINE_OF_KEY.match(before):
        ends = _LINE_ENDS
    elif _PART_OF_KEY.search(before) and any(before.count(quote) % 2 for quote in (b'"', b"'", b"`")):
        ends = _PART_ENDS
    else:
        return -1
    found = ends.search(data, end, stop)
    return found.start() if found else stop
