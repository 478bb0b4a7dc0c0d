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

_QUOTES = (
    *(b"%22", b"%27", b"&quot;", b"&apos;", b"&#34;", b"&#39;", b"&#x22;", b"&#x27;"),
    *(rb"\u0022", rb"\u0027", b'"', b"'", b"`"),
)
_ESCAPED_QUOTE = re.compile(rb"(?<!\\)\\{1,15}[\"']\Z")
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

# `Server=a;Password=b c;Encrypt=yes`: the pairs of a connection string, where only a semicolon ends a value.
_KEY = rb"[A-Za-z][\w.-]{0,63}(?: [A-Za-z][\w.-]{0,63}){0,3}[ \t]*+="
_VALUE_OF_PAIR = re.compile(rb"[ \t]*+%b[ \t]*+(?P<begun>[^=:/?&@\"'`<>{}\\]*)\Z" % _KEY)
_VALUE_OF_FIRST_PAIR = re.compile(rb"(?<![\w.?&-])%b[ \t]*+\Z" % _KEY)
_NEXT_PAIR = re.compile(rb";[ \t]*+%b" % _KEY)
_ENTITY = re.compile(rb"&(?:amp|lt|gt|quot|apos|#\w{1,7});")
_AFTER_PAIR = re.compile(rb"[ \t](?:#|//|/\*|<!--)[ \t]|[\"'`](?=[\s,;)\]}]|\Z)")
_BRACED = re.compile(rb"(?:[^}\n]|\}\})*+\}")
_OPENING = re.compile(rb"\\*+[\"'`]|&quot;|&#3[49];|&apos;")


def token_around(data: bytes, span: Span) -> Span:
    """The whole token that a match is part of. Both are ranges of `data`; the result contains the span."""
    line = data.rfind(b"\n", max(0, span.start - _BEFORE), span.start) + 1
    before = data[line or max(0, span.start - _BEFORE) : span.start]
    stop = min(len(data), span.end + _LONGEST)
    stop = next((at for at in [data.find(b"\n", span.end, stop)] if at >= 0), stop)
    beginning = _BEGINNING.search(before[-128:])
    start = span.start - len(beginning[0]) if beginning else span.start
    quote = _quote(data, span, before)
    end = (
        _quoted(data, span.start + 1 if quote and not before.endswith(quote) else span.end, stop, quote)
        if quote
        else -1
    )
    if end >= 0:
        if _GOES_ON.match(data, end + len(quote), stop):
            end = _word(data, Span(span.start, end + len(quote)), stop, before)
    elif pair := _pair(data, span, stop, before):
        start, end = min(start, pair.start), pair.end
    else:
        end = _word(data, span, stop, before)
        end = max(end, _value(data, end, stop, before))
    return Span(start, max(end, span.end))


def open_strings(text: bytes) -> list[tuple[bytes, int]]:
    """The quotes of the strings that are open at the end of a text, the outermost first, and where each is.

    An apostrophe in a word opens nothing. A quote with backslashes before it is another one than without.
    """
    opened: list[tuple[bytes, int]] = []
    for found in _OPENING.finditer(text):
        quote, at = found[0], found.start()
        same = next((index for index, each in enumerate(opened) if each[0] == quote), None)
        if same is not None:
            del opened[same:]
        elif not (len(quote) == 1 and text[at - 1 : at].isalnum()):
            opened.append((quote, at))
    return opened


def _quote(data: bytes, span: Span, before: bytes) -> bytes:
    """The quote of the string that the match begins, with the quote or after it; empty if it begins none."""
    if escaped := _ESCAPED_QUOTE.search(before):
        return escaped[0]
    for quote in _QUOTES:
        if before.endswith(quote):
            return quote
    first = data[span.start : span.start + 1]
    return first if first in _CLOSING and not before[-1:].isalnum() else b""


def _quoted(data: bytes, end: int, stop: int, quote: bytes) -> int:
    """Where the string ends that the match begins; -1 if not on its line. A doubled quote is a part of it."""
    if quote in _CLOSING:
        closing = _CLOSING[quote].match(data, end, stop)
        return closing.end() - 1 if closing else -1
    end = data.find(quote, end, stop)
    while end >= 0 and data.startswith(quote, end + len(quote), stop):
        end = data.find(quote, end + 2 * len(quote), stop)
    return end


def _pair(data: bytes, span: Span, stop: int, before: bytes) -> Span | None:
    """The whole value of a connection string's pair that the match is in; None if it is in no such pair.

    Blanks, commas and most other characters are a part of the value; one with a semicolon is in quotes or braces.
    """
    strings = open_strings(before)
    enclosing, opened = strings[-1] if strings else (b"", 0)
    if enclosing:
        end = _quoted(data, span.end, stop, enclosing)
        stop = end if end >= 0 else stop
    text = before[opened + len(enclosing) :]
    if b"?" in text:
        return None  # a query
    at = text.rfind(b";")
    while at >= 0 and _is_of_entity(text, at):
        at = text.rfind(b";", 0, at)
    braced = text.endswith(b"{") or data.startswith(b"{", span.start)
    text = text.removesuffix(b"{")
    found = _VALUE_OF_PAIR.match(text, at + 1) if b"=" in text[: max(at, 0)] else None
    start = span.start
    if found and not braced:
        start -= len(text) - found.start("begun")
    elif not found and not (
        _VALUE_OF_FIRST_PAIR.search(text, max(0, len(text) - 320)) and _NEXT_PAIR.search(data, span.end, stop)
    ):
        return None
    closing = _BRACED.match(data, span.end, stop) if braced else None
    return Span(start, closing.end() - 1 if closing else _end_of_pair(data, span.end, stop, within=bool(enclosing)))


def _is_of_entity(text: bytes, at: int) -> bool:
    """Whether the semicolon there ends an entity of XML."""
    start = text.rfind(b"&", max(0, at - 9), at)
    return start >= 0 and _ENTITY.fullmatch(text, start, at + 1) is not None


def _end_of_pair(data: bytes, at: int, stop: int, *, within: bool) -> int:
    """Where the value of a pair ends, at a place that the syntax around it does not end before."""
    for found in re.finditer(rb"&[a-z#]\w{1,7};|[;<]", data[at:stop]):
        place = at + found.start()
        mark = data[place : place + 1]
        if mark in _ENDS_PLAINLY and mark != b"&" and _ENDS_PLAINLY[mark].match(data, place, stop):
            stop = place
            break
    else:
        if not within and (after := _AFTER_PAIR.search(data, at, stop)):
            stop = after.start()
    return at + len(data[at:stop].rstrip())


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
