"""Names and values in any text: which words speak of a value, whatever the syntax.

`named` finds the names that speak of one value: the identifier that it is assigned to, an element, attribute, header,
flag or call; the name in a pair such as `name: X`, `value: Y`; words before it on the line. It looks at a bounded piece
of text around the value, so many values on one line cost no more than many lines.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

from cavra_boundary.model import Span

REACH = 160
"""How far before a value its name may be, in bytes."""

_LONGEST_VALUE = 4096


class Relation(IntEnum):
    """How a name is related to its value, the closest first."""

    ASSIGNED = 0
    """It is the value's own name, by the syntax."""
    PAIRED = 1
    """It is the name in a pair of a name and a value."""
    TOLD = 2
    """It is the value's own name in a sentence: `the token is X`."""
    AHEAD = 3
    """It is on the same line, or the line before, and something else is in between."""


class Named(NamedTuple):
    """A value and the names that speak of it, closest first.

    span: of the value. own: the name that the syntax gives it, "" if none. names: the names that have one of the words,
    each with its relation. quoted: whether quotes delimit it. called: whether it is the name of what follows, such as a
    call's. in_address: whether it is a part of a URL or path. block: the name with one of the words of the
    closest block that the value is in with a key of its own, "" if none.
    """

    span: Span
    own: str
    names: tuple[tuple[str, Relation], ...]
    quoted: bool = False
    called: bool = False
    in_address: bool = False
    block: str = ""


_VALUE = re.compile(rb"[A-Za-z0-9_+/.~-]+={0,2}")
_ESCAPE = re.compile(rb"%(?:25){0,3}[0-9A-Fa-f]{2}|\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[nrt])")
_QUOTED = re.compile(rb"[^\s\"'`<>\\]+")
_QUOTES = b"\"'`"
_NAME = re.compile(rb"[A-Za-z_$\x80-\xff][\w$\x80-\xff-]*(?:\.[\w$\x80-\xff-]+)*")
_GLUE = re.compile(rb"(?:[^\w;]|\[\d{1,5}\])*")
_PHRASE = re.compile(rb"(?:[A-Za-z][A-Za-z0-9]*[ ]){1,3}\Z")
_NAME_AFTER = re.compile(
    rb"[\"'\s,;})/]{1,40}(?:name|key|id|label|variable)[\"']?\s{0,4}[:=]{1,2}\s{0,4}[\"']?(?P<name>[\w.:/-]{1,100})",
    re.I,
)
_RESULT = re.compile(rb"[\"'`]\s{0,4}\)\s{0,4}(?:=>|->|==)\s{0,4}[\"'`]?\Z")
"""What is between the last string that a call is given and its result."""

_PARTS = re.compile(rb"\}|\)\s*(?:=>|->|==)")
"""What ends an object, or a call whose result follows: the value behind it is another's."""

_NEXT_ITEM = re.compile(rb",\s*\n|\A[\"'`]?\s*\n\s*[\"'`]?\Z")
"""What is between two items of a list, or between two lines."""

_ASSIGNS = re.compile(rb"[^\w\s.-]|-[>=]")
_FLAG = re.compile(rb"(?:^|[\s\"'(\[,])--?\Z|(?i:\b(?:env|setx|setenv|set[ ]-g?x)[ ]{1,8}\Z)")
_STRING_PREFIXES = frozenset(b"b B r R u U f F L N $ rb rB Rb RB br bR Br BR u8 fr rf e E x X".split())
"""Before the quotes of a string: how they are to be read."""

_MARK = re.compile(rb"(?:(?<=[:-] )(?:[&!][\w!/.-]{1,40}\s{1,8}){1,2}|<<[-~]?[\"']?\w{1,20}[\"']?\r?\n\s{0,40})\Z")
"""Between a name and its value: YAML's anchors and tags, the beginning of a here document."""

_TRANSPARENT = frozenset(
    b"""
    value values val default string str text data content body bytes byte char wchar_t u8 varchar nvarchar nstring
    std object any mixed optional option some just const let var static final private public protected readonly internal
    export def dim as is was to be are with new set of raw bearer basic token_type array vec list
    sprintf securestring secretstr literal cdata std::string nsstring cstr lpcwstr lpcstr lpstr tstring
    defaultvalue current_value currentvalue secretstring plaintext string_value stringvalue valuefrom _text equals eq
    from_str to_string tostring encode decode b64decode b64encode base64 unhexlify fromhex frombase64string
    getbytes buffer from_hex hex utf8 utf-8 ascii required type sensitive true false sh echo printf parse format
    or binary parametervalue stringvalue
    """.split()
)
"""Words between a name and its value that are neither: types, keywords, calls around the value, `value` in a pair."""

_PROPERTY = re.compile(rb"\{[\s\w;]{3,40}\}\s*=\s*")
_TAG = re.compile(rb"<(?P<element>[\w:.-]+)(?P<attributes>\s[^<>]*)?>\s*(?:<!\[CDATA\[)?\s*\Z")
_NAMED_BY = re.compile(rb"(?:name|key|id)\s*=\s*[\"'](?P<name>[\w.:-]+)")

_MOST_NAMES = 12


def value_at(data: bytes, start: int) -> Named | None:
    """The value that begins at `start`, or right after an escape there, without its names; None if there is none."""
    if data[start - 1 : start] in (b"%", b"\\") and (escape := _ESCAPE.match(data, start - 1)):
        start = escape.end()
    quoted = start > 0 and data[start - 1] in _QUOTES
    found = (_QUOTED if quoted else _VALUE).match(data, start, start + _LONGEST_VALUE)
    if not found:
        return None
    end = found.end()
    if quoted and data[end : end + 1] not in (b"\\", data[start - 1 : start]):
        found = _VALUE.match(data, start, start + _LONGEST_VALUE)  # what has blanks in it is not one value
        if not found:
            return None
        end, quoted = found.end(), False
    called = data[end : end + 1] == b"(" or _is_key(data, Span(start, end), quoted=quoted)
    return Named(Span(start, end), "", (), quoted or _is_delimited(data, start, end), called)


_LITERAL = re.compile(rb"(?:(?<![\w)\]])%[qQ]?|(?<![\w$@%&.>:-])qq?)[({\[<|!]\Z")
"""Before a string in Ruby or Perl that no quotes delimit: `%q(`, `q{`."""

_CLOSING = dict(zip(b"({[<|!", b")}]>|!", strict=True))


def _is_delimited(data: bytes, start: int, end: int) -> bool:
    """Whether a value is a whole string without quotes, as in `q{value}`."""
    opened = _LITERAL.search(data[max(0, start - 5) : start])
    return bool(opened) and data[end : end + 1] == bytes((_CLOSING[data[start - 1]],))


_AFTER_KEY = re.compile(rb"\\{0,7}[\"']\s{0,4}(?::(?!:)|=>)")
_COMPARED = re.compile(rb"(?:[=!]==?|<>|[=!]~|(?<![\w$.-])(?:eq|ne|is|is[ ]not))\s{0,8}[bBrRuULN@$]{0,2}\\{0,7}[\"']\Z")
"""A comparison before a quoted value: what follows it, such as a colon, does not make it a key."""


def _is_key(data: bytes, value: Span, *, quoted: bool) -> bool:
    """Whether a value is a key itself, of what follows."""
    return (
        quoted
        and _AFTER_KEY.match(data, value.end) is not None
        and not _COMPARED.search(data[max(0, value.start - 30) : value.start])
    )


_BEFORE_WORD = re.compile(rb"[^\x00-\x20\x7f\"'`<>()\[\]{},;=&|\\]*\Z")
_AFTER_WORD = re.compile(rb"[^\x00-\x20\x7f\"'`<>()\[\]{},;&|\\]*")
_LONGEST_WORD = 512


def word_around(data: bytes, value: Span) -> Span:
    """The whole word that a value is a part of, as in `user:token` or `42$token`."""
    before = _BEFORE_WORD.search(data[max(0, value.start - _LONGEST_WORD) : value.start])
    after = _AFTER_WORD.match(data, value.end, value.end + _LONGEST_WORD)
    return Span(value.start - len(before[0] if before else b""), after.end() if after else value.end)


def named(data: bytes, value: Named, words: re.Pattern[bytes]) -> Named:
    """The value with its names. words: what a name must have to be one that is listed."""
    start = max(0, value.span.start - REACH)
    ahead = data[max(start, data.rfind(b"\0", start, value.span.start) + 1) : value.span.start]  # of this string
    if not ahead.isascii():
        ahead = _WIDE.sub(lambda mark: _NARROW[mark[0]], ahead)
    if _RESULT.search(ahead, max(0, len(ahead) - 16)):
        return value
    own, at, is_pair = _element(ahead) or _own_name(ahead)
    if is_pair and not words.search(own.encode()):
        own = _name_of_pair(data, value.span) or own
    is_given = False
    if not words.search(own.encode()) and (given := _name_of_call(ahead)) and words.search(given[0].encode()):
        (own, at), is_pair, is_given = given, False, True
    names: list[tuple[str, Relation]] = []
    if own:
        after = at + len(own.rpartition(" ")[2].encode())
        is_told = is_given or (not _ASSIGNS.search(ahead, after) and not _FLAG.search(ahead[:at]))
        names.append((own, Relation.PAIRED if is_pair else Relation.TOLD if is_told else Relation.ASSIGNED))
    line = ahead.rfind(b"\n") + 1
    if at < line:
        line = ahead.rfind(b"\n", 0, at) + 1
    for found in _NAME.finditer(ahead, line):
        if found.start() != at and words.search(found[0]):
            names.append((_with_phrase(ahead, found.start(), found.end()), Relation.AHEAD))
    piece = ahead[max(ahead.rfind(mark) for mark in (b" ", b'"', b"'", b"\n", b"`", b"(")) + 1 :]
    return value._replace(
        own=own,
        names=tuple(names[:1] + names[:0:-1] if own else names[::-1])[:_MOST_NAMES],
        in_address=b"/" in piece,
        block="" if is_given or _SEALED.search(own.encode()) else _block(data, value.span.start, words),
    )


_CALL = re.compile(
    rb"""(?x)
    (?<= [=:(,\s&] ) (?P<callee> [A-Za-z_$][\w$]{0,40} (?: (?:\(\))? (?:\.|::|->) [A-Za-z_$][\w$]{0,40} ){0,4} )
    !? (?: <[\w:]{1,20}> )? \( \s{0,40} (?: &? [bBrRuULN@$]{0,2} \#? \\{0,7} ["'`] )? \Z
    """
)
_ASSIGNED_TO = re.compile(rb"(?:=|(?<!:):|=>)\s{0,40}(?:(?:new|await|try|\*|&)\s{0,4})?\Z")
_LOOKS_UP = re.compile(
    rb"(?i)get|find|fetch|load|look|read|query|select|resolve|require|env|hash|sha\d|md5|digest|sign|verify|compare"
    rb"|enc(?:$|_|rypt)|decrypt|(?:de)?cipher|(?:un)?seal|(?:un)?protect|kms|vault"
)
"""What a function's name begins with that looks its result up, computes it, or unseals it."""


def _name_of_call(ahead: bytes) -> tuple[str, int] | None:
    """The name that the result of a call is assigned to which is given what follows, and where it begins."""
    rest = ahead
    for _ in range(_MOST_CALLS):
        call = _CALL.search(rest, max(0, len(rest) - _LONGEST_CALL))
        if not call or _LOOKS_UP.match(re.split(rb"\W+", call["callee"])[-1]):
            return None
        rest = rest[: call.start()]
        if _ASSIGNED_TO.search(rest):
            name, at, is_pair = _own_name(_AND_ERROR.sub(b"", _NEW.sub(b"", rest)))
            return (name, at) if name and not is_pair else None
    return None


_SEALED = re.compile(rb"(?i)secure|(?<![a-z])enc(?![a-z])|encrypted|sealed|cipher|kms")
"""In the key of a value that is encrypted."""

_NEW = re.compile(rb"(?:new|await|try)\s{0,4}\Z")
_AND_ERROR = re.compile(rb",\s{0,4}(?:_|ok|err\w{0,10})\s{0,4}(?=:?=\s{0,40}\Z)")
_MOST_CALLS = 3
_LONGEST_CALL = 140
_LEVELS = 3
_BLOCK_REACH = 800
_BLOCK_LINES = 20
_OPENED = re.compile(
    rb"""(?x)
    (?: (?<![\w.-]) (?P<name>[A-Za-z_\x80-\xff][\w\x80-\xff.-]{0,60})
        \\{0,7} ["']? [)\]]? \s{0,4} (?: := | =>? | : ) \s{0,4}
    | \n [ \t]{0,20} (?P<bare>[A-Za-z_][\w-]{0,60}) [ ]{0,4} ) \{ \Z
    """
)
_HEADER = re.compile(rb"\[{1,2}[ ]?[\"']?(?P<name>[\w.:/ -]{1,60}?)[\"']?[ ]?\]{1,2}")
_HEAD = re.compile(rb"(?:-[ ]{1,4})?[\"']?(?P<name>[\w\x80-\xff.-]{1,60})[\"']?[ ]?:")
_KEYED = re.compile(rb"(?:-[ ]{1,4})?[\"']?[\w\x80-\xff. -]{1,60}[\"']?\s{0,20}(?::|=>?)\s{0,20}[\"']?")


def _block(data: bytes, start: int, words: re.Pattern[bytes]) -> str:
    """The name with one of the words of the closest of the blocks that a value with a key of its own is in."""
    before = data[max(0, start - _BLOCK_REACH) : start]
    if name := _in_braces(before, words):
        return name
    lines = before.split(b"\n")[-_BLOCK_LINES:]
    line = lines.pop()
    if not _KEYED.fullmatch(line.strip(b" \t")):
        return ""
    indent, levels = _indent(line), 0
    for above in reversed(lines):
        text = above.strip()
        if header := _HEADER.fullmatch(text):
            return _text(header["name"]) if _is_of_many(header["name"], words) else ""
        if not text or _indent(above) >= indent or text.startswith(b"#"):
            continue
        indent, levels = _indent(above), levels + 1
        head = _HEAD.fullmatch(text)
        if head and _is_of_many(head["name"], words):
            return _text(head["name"])
        if levels == _LEVELS:
            break
    return ""


def _in_braces(before: bytes, words: re.Pattern[bytes]) -> str:
    """The name with one of the words of the closest object that is open at the end of a text."""
    at, closed, levels = len(before), 0, 0
    for _ in range(_MOST_BRACES):
        at = max(before.rfind(b"{", 0, at), before.rfind(b"}", 0, at))
        if at < 0 or levels == _LEVELS:
            break
        if before[at : at + 1] == b"}":
            closed += 1
        elif closed:
            closed -= 1
        else:
            levels += 1
            opened = _OPENED.search(before[max(0, at - 90) : at + 1])
            if opened and _is_of_many(name := opened["name"] or opened["bare"], words):
                return _text(name)
    return ""


_MOST_BRACES = 40


def _is_of_many(name: bytes, words: re.Pattern[bytes]) -> bool:
    """Whether the name of a block has one of the words in the plural: each value in it is such a thing."""
    return name[-1:] in b"sS" and words.search(name) is not None


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" \t"))


_NARROW = {
    wide.encode(): narrow.encode().rjust(3)
    for wide, narrow in zip("：＝；，（）“”「」『』", ":=;,()" + 6 * '"', strict=True)
}
_WIDE = re.compile(b"|".join(_NARROW))
"""Signs of other scripts that mean the same as these, as many bytes long."""


def _name_of_pair(data: bytes, value: Span) -> str:
    """The name beside a value that is only called `value` or `default`, in the same object or block."""
    before = data[max(0, value.start - _PAIR_REACH) : value.start]
    names = [*_NAME_BEFORE.finditer(before, before.rfind(b"}") + 1)]
    found = names[-1] if names else _NAME_AFTER.match(data, value.end, value.end + REACH)
    return _text(found["name"]) if found else ""


_IN_PAIRS = frozenset(b"value values val default defaultvalue parametervalue stringvalue content string".split())
"""What a value is called in a pair."""

_PAIR_REACH = 400
_NAME_BEFORE = re.compile(
    rb"\b(?:name|key|id|variable|param|parameter|parametername|label)[\"']?\s{0,4}[:=]{0,2}\s{0,4}[\"'](?P<name>[\w.:/-]{2,100})",
    re.I,
)
_AFTER_NAME = re.compile(
    rb"""(?x)
    (?P<rest>[\w\x80-\xff.-]{0,32})
    (?: \\{0,3}["'`] | [\])*] ){0,4} (?:\[\d{0,4}\])?
    \s{0,4}
    (?: :[ ]?[&*]?(?:'static[ ])?[A-Za-z][\w<>&\[\]]{1,20} (?=[ ]?=) | [Aa]s[ ]String | string(?=[ ]=) )?
    [ \t]{0,4}
    (?: => | := | \?= | <- | \|\|= | =(?!=) | ={2,3}(?=[ ]?\\{0,3}["'`])
        | : | ,(?=[ ]?[bBrRuU]?\\{0,3}["'`]) | > | [ \t](?=\\{0,3}["'`]) )
    (?: \s{0,40} (?=[bBrRuUfFLN@$]{0,2}\\{0,3}["'`]) | [ \t]{0,4} )
    (?: (?: [\w.]{1,20}\( | ConvertTo-SecureString[ ](?:-String[ ])? ) (?=[bBrRuUfFLN@$]{0,2}\\{0,3}["'`]) )?
    (?: [bBrRuUfFLN@$]{0,2} (?P<quote>\\{0,3}["'`]) )?
    """
)
_BEFORE_PASSWORD = re.compile(rb"[\w\x80-\xff.$-]+\Z")
_UNQUOTED = re.compile(rb"[^\s\"'`<>{}()\[\],;&|\\]+")
_IN_QUOTES = re.compile(rb"[^\s\"'`\\<>]+")
_LONGEST_PASSWORD = 257


_ASKS = re.compile(rb"\{[A-Za-z_]\w{0,56}:[?+]\Z")
_CALL_ON_VALUE = re.compile(
    rb"[\w)\]]\.(?:encode|decode|sub|gsub|replace|replaceAll|r?split|[lr]?strip|trim|startsWith|startswith|endsWith|endswith"
    rb"|r?find|indexOf|search|matches|match|join|format|includes|contains|pop)\(\W*\Z"
)
"""The end of a call of a method that takes something else than the value: `password.encode("utf-8")`."""
_IN_LIST = re.compile(rb",\s{0,4}\\{0,3}[\"'`]\Z")
_NEXT_IN_LIST = re.compile(rb",[ ]?\\{0,3}[\"'`]\Z")
"""Before a string in a list, and between it and the next one."""

_NEXT_STRING = re.compile(rb"[\w.-]{0,32}\\{0,3}[\"'`]\s{0,4},")


def password_at(data: bytes, end: int) -> Named | None:
    """What is assigned to the name with a word for a password that ends at `end`; None if nothing is."""
    after = _AFTER_NAME.match(data, end, end + REACH)
    if not after:
        return None
    quote = after["quote"] or b""
    found = (_IN_QUOTES if quote else _UNQUOTED).match(data, after.end(), after.end() + _LONGEST_PASSWORD)
    if not found or (quote and data[found.end() : found.end() + len(quote)] != quote):
        return None
    if _ASKS.search(data, max(0, found.start() - 60), found.start() + 1) or (_CALL_ON_VALUE.search(after[0]) and quote):
        return None  # `${X:?message}`, and what a method is told
    before = _BEFORE_PASSWORD.search(data[max(0, end - 60) : end])
    start = end - len(before[0] if before else b"")
    if not quote and data[start : start + 1] == b"$":
        return None  # an expression, or a command: PHP, PowerShell
    if _NEXT_IN_LIST.search(after[0]) and _IN_LIST.search(data[max(0, start - 8) : start]):
        return None
    if _NEXT_STRING.match(after[0]) and data[start - 1 : start] not in (b'"', b"'", b"`"):
        return None  # the last word of one string, and another string
    name = _text(data[start:end] + after["rest"])
    span = Span(*found.span())
    called = data[span.end : span.end + 1] in (b"(", b"[") or _is_key(data, span, quoted=bool(quote))
    return Named(span, name, ((name, Relation.ASSIGNED),), bool(quote), called)


def _element(ahead: bytes) -> tuple[str, int, bool] | None:
    """The name of the element that has attributes and begins right before, as `_own_name` gives it."""
    tag = _TAG.search(ahead, max(0, ahead.rfind(b"<", 0, ahead.rfind(b">") + 1)))
    if not tag or not tag["attributes"]:
        return None
    found = _NAMED_BY.search(tag["attributes"])
    name = found["name"] if found else tag["element"].rpartition(b":")[2]
    return (_text(name), tag.start("element"), False) if name.lower() not in _TRANSPARENT else None


def _own_name(ahead: bytes) -> tuple[str, int, bool]:
    """The name that the syntax gives what follows, where it begins, and whether it is the name in a pair."""
    if mark := _MARK.search(ahead):
        ahead = ahead[: mark.start()]
    is_pair = False
    ahead = _PROPERTY.sub(lambda accessors: b" " * (len(accessors[0]) - 2) + b"= ", ahead)
    end = len(ahead)
    for found in reversed([*_NAME.finditer(ahead)]):
        glue = ahead[found.end() : end]
        if not _GLUE.fullmatch(glue) or glue.count(b"\n") > 2 or _PARTS.search(glue):
            return "", len(ahead), is_pair
        if not is_pair and _NEXT_ITEM.search(glue):
            return "", len(ahead), is_pair
        if end == len(ahead) and (
            (found[0] in _STRING_PREFIXES and glue.lstrip(b"\\#") in (b'"', b"'", b"`"))
            or (glue == ahead[-1:] and _LITERAL.search(ahead, max(0, end - 5)))
        ):
            end = found.start()
            continue
        word = found[0].lower()
        is_call = ahead[found.end() : found.end() + 1] == b"("
        receiver, _, method = word.rpartition(b".")
        if is_call and receiver and method in _COMPARISONS:
            return _text(found[0][: len(receiver)]), found.start(), is_pair
        if (method if is_call else word) not in _TRANSPARENT and not _is_closing(ahead, found.start()):
            return _with_phrase(ahead, found.start(), found.end()), found.start(), is_pair
        is_pair = is_pair or word in _IN_PAIRS
        end = found.start()
    return "", len(ahead), is_pair


_COMPARISONS = frozenset(b"equals equalsignorecase eq compareto contentequals eql".split())
"""Methods that compare what they are called on."""


def _is_closing(ahead: bytes, at: int) -> bool:
    """Whether the word is the name of a closing tag."""
    return ahead[max(0, at - 2) : at] == b"</"


def _with_phrase(ahead: bytes, start: int, end: int) -> str:
    """A name with the words right before it: `client secret`."""
    phrase = _PHRASE.search(ahead[max(0, start - 40) : start])
    before = phrase[0].split() if phrase else []
    while before and before[0].lower() in _TRANSPARENT:
        before.pop(0)
    if any(word.lower() in _TRANSPARENT for word in before):
        before = []
    return _text(b" ".join((*before, ahead[start:end])))


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
