r"""Text whose characters are escaped: in strings, URLs, markup, terminals and mail.

`\u002d`, `\x2d`, `\055`, `\/` and `\n` of strings, in any number of layers (`\\\"`); `%2D` (RFC 3986 section 2.1), also
escaped again (`%252D`), with `+` for a blank (HTML, "application/x-www-form-urlencoded"); character references of HTML
and XML; ECMA-48's colors; quoted-printable (RFC 2045 section 6.7). All of them are read in one pass over the places
where they stand within something that a rule may look for: beside a long word, within one, or after a secret's name.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from cavra_boundary.clock import STRIDE, check, watched
from cavra_boundary.decode.base import Budget, Decoder, Layer, Woven
from cavra_boundary.model import Span, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cavra_boundary.model import View

_STEP, _MAIL_STEP = "escapes", "quoted-printable"
_MOST_AGAIN = 2
"""How often what was read is read again: escapes of one kind may be escaped in another."""

_AROUND = 1024
"""Bytes before and after an escape that are read with it."""

_HEX = "[0-9A-Fa-f]"
_WORD = "[A-Za-z0-9_.~+-]"
_COLOR = r"\[[0-9;]{0,12}m"

_BACKSLASH = rf"\\(?:[nrtbfv0\"'/`]|u00[2-7]{_HEX}|x[2-7]{_HEX}|(?:u001[bB]|x1[bB]|033|e){_COLOR})"
_PERCENT = rf"%(?:25){{0,3}}(?:[2-7]{_HEX}|0[9AaDd])"
_REFERENCE = rf"&(?:amp;){{0,3}}(?:quot|apos|lt|gt|nbsp|#[0-9]{{2,3}}|#[xX][2-7]{_HEX});"
_ESC = rf"\x1b{_COLOR}"
_ANY = rf"(?:{_BACKSLASH}|{_PERCENT}|{_REFERENCE}|{_ESC})"

# Characters within tokens and paths: / + - . = _ ~ : @
_OF_WORDS = "(?:2[BbDdEeFf]|3[AaDd]|5[Ff]|7[Ee]|40)"
_INSIDE = rf"(?:/|u00{_OF_WORDS}|x{_OF_WORDS}|(?:25){{0,3}}{_OF_WORDS})"
_SPELLED_BACKSLASH = rf"\\(?:u00[2-7]{_HEX}|x[2-7]{_HEX}|1[0-7][0-7]|0[4-7][0-7])"
_SPELLED_PERCENT = rf"%(?:25){{0,3}}[2-7]{_HEX}"
_SPELLED_REFERENCE = rf"&#(?:[0-9]{{2,3}}|[xX][2-7]{_HEX});"
_SPELLED = rf"(?:{_SPELLED_BACKSLASH}|{_SPELLED_PERCENT}|{_SPELLED_REFERENCE})"
_LEAST_SPELLED = 8
"""Characters in the shortest text of which each is escaped that is read."""

_NAME = r"(?i:passw(?:or)?d|passphrase|pwd|secret|token|(?:api|access)[_-]?key|credential)"
_NAME_WORDS = (
    *(b"password", b"passwd", b"passphrase", b"pwd", b"secret", b"token", b"credential"),
    *(b"apikey", b"api_key", b"api-key", b"accesskey", b"access_key", b"access-key"),
)


def _place(mark: str, escape: str, spelled: str = "", within: str = "") -> re.Pattern[bytes]:
    """An escape beside a long word or within one, or many of them in a row; all of them begin with the mark."""
    places = [rf"{escape}[A-Za-z0-9]{_WORD}{{15}}"]
    if spelled:
        places.append(f"{spelled}{_SPELLED}{{{_LEAST_SPELLED - 1}}}")
    if within:
        places.append(rf"{mark}(?<={_WORD}{{4}}{mark}){within}{_WORD}{{8}}")
        places.append(rf"{mark}(?<={_WORD}{{8}}{mark}){within}{_WORD}{{4}}")
    # A pattern that begins with a single character is searched for many times as fast as one with a choice.
    return re.compile(f"{mark}(?:{'|'.join(place.removeprefix(mark) for place in places)})".encode())


@cache
def _places() -> tuple[re.Pattern[bytes], ...]:
    """Compiled on first use, as the others below: it takes 10 ms, and most runs need none of them."""
    return (
        _place(r"\\", _BACKSLASH, _SPELLED_BACKSLASH, _INSIDE),
        _place("%", _PERCENT, _SPELLED_PERCENT, _INSIDE),
        _place("&", _REFERENCE, _SPELLED_REFERENCE),
        _place(r"\x1b", _ESC),
    )


_AFTER_NAME = r"[\w-]{0,16}[\"': =\\]{0,16}"
_BEFORE_VALUE = rf"(?:[\"': =,\\]|{_ANY}){{0,16}}+"
_VALUE = r"[^\s\"'\\%&]{6}"
_NAMED = rf"{_NAME}[\w-]{{0,16}}[\"': =\\]{{0,16}}?(?P<escape>{_ANY})".encode()
_VALUE_AFTER = f"{_BEFORE_VALUE}{_VALUE}".encode()
_compiled = cache(re.compile)

_READ = (
    rf"(?P<color>(?:\x1b|\\+(?:u001[bB]|x1[bB]|033|e)){_COLOR})"
    rf"|\\+(?:u(?P<u>{_HEX}{{4}})|u\{{(?P<braced>{_HEX}{{1,6}})\}}|U(?P<long>{_HEX}{{8}})|x(?P<x>{_HEX}{{2}})"
    r"|(?P<octal>[01][0-7]{2})|(?P<letter>[nrtbfv0\"'/`]))"
    rf"|%(?:25)*(?P<percent>[2-7]{_HEX}|0[9AaDd])"
    rf"|&(?:amp;)*(?:\#(?P<number>[0-9]{{1,7}})|\#[xX](?P<hex>{_HEX}{{1,6}})|(?P<entity>[A-Za-z]{{2,8}}));"
    r"|(?P<blank>\+)"
).encode()
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b" ", b"f": b"\n", b"v": b"\n", b"0": b"\0"}
_ENTITIES = {
    **{b"quot": b'"', b"apos": b"'", b"lt": b"<", b"gt": b">", b"amp": b"&", b"nbsp": b" ", b"Tab": b"\t"},
    **{b"equals": b"=", b"colon": b":", b"semi": b";", b"comma": b",", b"period": b".", b"lowbar": b"_"},
    **{b"hyphen": b"-", b"dash": b"-", b"sol": b"/", b"bsol": b"\\", b"plus": b"+", b"commat": b"@", b"num": b"#"},
    **{b"dollar": b"$", b"percnt": b"%", b"ast": b"*", b"excl": b"!", b"quest": b"?", b"lpar": b"(", b"rpar": b")"},
}
_FORM = re.compile(rb"[^\s\"'<>&]+")
"""A value of a form; `+` is a blank in one that has escaped ones."""

_PLUS = (b"%2B", b"%2b")

_MAIL = re.compile(rb"(?i)content-transfer-encoding:[ \t]{0,9}quoted-printable")
_QUOTED_PRINTABLE = re.compile(rb"=(?:[ \t]{0,9}\r?\n|([0-9A-Fa-f]{2}))")


def _open(view: View, _budget: Budget) -> Iterator[Layer]:
    yield from _read(view, (found.span() for place in _places() for found in place.finditer(view.data)))


def _open_named(view: View, _budget: Budget) -> Iterator[Layer]:
    yield from _read(view, _named(view.data))


def _named(data: bytes) -> Iterator[tuple[int, int]]:
    """The escapes between a secret's name and its value."""
    named, value = _compiled(_NAMED), _compiled(_VALUE_AFTER)
    for at in watched(_names(data)):
        name = named.match(data, at)
        if name and value.match(data, name.end()):
            yield name.span("escape")


def _names(data: bytes) -> Iterator[int]:
    """Where the words of secrets' names begin: each is searched for alone, many times as fast as a choice of them."""
    lowered = data.lower()
    for word in _NAME_WORDS:
        at = lowered.find(word)
        while at >= 0:
            yield at
            at = lowered.find(word, at + 1)


def _open_mail(view: View, _budget: Budget) -> Iterator[Layer]:
    head = _MAIL.search(view.data)
    if head and _MAIL_STEP not in view.via:
        woven = Woven()
        done = head.end()
        for found in _QUOTED_PRINTABLE.finditer(view.data, done):
            woven.add(view.data[done : found.start()], Span(done, found.start()))
            woven.add(bytes.fromhex(found[1].decode()) if found[1] else b"", Span(*found.span()))
            done = found.end()
        woven.add(view.data[done:], Span(done, len(view.data)))
        yield woven.layer(view, (_MAIL_STEP,), is_spelling=True)


def _read(view: View, found: Iterable[tuple[int, int]]) -> Iterator[Layer]:
    """One layer of what is around these places."""
    if view.via.count(_STEP) >= _MOST_AGAIN:
        return
    escapes = _compiled(_READ)
    woven = Woven()
    for start, end in _lines(view.data, found):
        woven.part()
        if start:
            woven.add(b"\n", Span(start, start))
        done = start
        for blanks, part in _forms(view.data, start, end):
            for number, escape in enumerate(escapes.finditer(view.data, *part)):
                if number % STRIDE == 0:
                    check()
                text = _character(escape, blanks=blanks)
                if text is not None:
                    woven.add(view.data[done : escape.start()], Span(done, escape.start()))
                    woven.add(text, Span(*escape.span()))
                    done = escape.end()
        woven.add(view.data[done:end], Span(done, end))
    if len(woven):
        yield woven.layer(view, (_STEP,), is_spelling=True)


def _lines(data: bytes, found: Iterable[tuple[int, int]]) -> list[Span]:
    """What is read around these places: whole lines, as far as they are near; merged."""
    merged: list[Span] = []
    for start, end in sorted(found):
        first, last = max(0, start - _AROUND), min(len(data), end + _AROUND)
        first = data.find(b"\n", first, start) + 1 or first if first else 0
        last = data.rfind(b"\n", end, last) + 1 or last if last < len(data) else last
        if merged and first <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(last, merged[-1].end))
        else:
            merged.append(Span(first, last))
    return merged


def _forms(data: bytes, start: int, end: int) -> Iterator[tuple[bool, Span]]:
    """The parts of a range, and whether `+` is a blank there."""
    done = start
    if data.find(b"%2", start, end) >= 0 and data.find(b"+", start, end) >= 0:
        for form in _FORM.finditer(data, start, end):
            if not any(plus in form[0] for plus in _PLUS):
                continue
            yield False, Span(done, form.start())
            yield True, Span(*form.span())
            done = form.end()
    yield False, Span(done, end)


def _character(escape: re.Match[bytes], *, blanks: bool) -> bytes | None:
    """What an escape stands for; None if it is none."""
    kind = escape.lastgroup
    if kind == "letter":
        return _LETTERS.get(escape[kind], escape[kind])
    if kind in ("u", "braced", "long", "x", "percent", "hex"):
        return _of_code(int(escape[kind], 16))
    if kind == "octal":
        return _of_code(int(escape[kind], 8))
    if kind == "number":
        return _of_code(int(escape[kind]))
    if kind == "entity":
        return _ENTITIES.get(escape[kind])
    if kind == "blank":
        return b" " if blanks else None
    return b""


def _of_code(code: int) -> bytes:
    return b"\xef\xbf\xbd" if code > 0x10FFFF or 0xD800 <= code < 0xE000 else chr(code).encode()


DECODER = Decoder(
    Trigger(
        "cavra-boundary.escapes",
        # A little more than `_places`, as it is several times as fast to search for.
        rf"{_ANY}[A-Za-z0-9]{_WORD}{{15}}|{_WORD}{{4}}[\\%]{_INSIDE}{_WORD}{{4}}|{_SPELLED}{{{_LEAST_SPELLED}}}",
        ("\\", "%", "&", "\x1b"),
    ),
    _open,
)
NAMED = Decoder(
    Trigger(
        "cavra-boundary.escaped-names",
        f"{_NAME}{_AFTER_NAME}{_ANY}{_BEFORE_VALUE}{_VALUE}",
        tuple(word.decode() for word in _NAME_WORDS),
    ),
    _open_named,
)
MAIL = Decoder(Trigger("cavra-boundary.quoted-printable", _MAIL.pattern.decode(), (_MAIL_STEP,)), _open_mail)
