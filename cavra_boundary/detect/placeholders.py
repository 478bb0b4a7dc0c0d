r"""Placeholders, which are not secrets but are written in their place: the only way to ask for them.

Many rules call `placeholder_reason`, so it runs its checks in order of cost, and looks only at a value's form:

1. too short, a template (`${X}`, `{{x}}`, `<your-key>`), or a phrase such as `changeme` or `EXAMPLE` anywhere in it;
2. a pointer to where the secret really is, or its ciphertext (`references.py`);
3. filler: repeated characters, alphabet and keyboard runs, a repeated unit;
4. words that mean a secret or nothing at all, however they are spelled (`dummies.py`); of a value that ought to be
   generated also any words: identifiers, paths, labels in any script, prose with the letter pairs of English.

If none of it applies, the same is asked of what the value encodes in base64, hex, `\uXXXX`, percent or HTML entities.

Random tokens must pass: nothing here may call more than one in a thousand random tokens of 20 or more characters
(hex, base32, base62, base64) a placeholder; tests/detect/test_placeholders.py measures it.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, a2b_hex
from typing import TYPE_CHECKING

from cavra_boundary.detect import references
from cavra_boundary.detect.dummies import DUMMY_WORDS, is_counted, is_dummy, names_a_secret, run_length

if TYPE_CHECKING:
    from collections.abc import Iterator

# Placeholders are short, so only this much of a value is checked, which bounds the cost.
_LOOKED_AT = 512
_SHORTEST_SECRET = 4

_PHRASE = rb"""(?x)
    example | change[-_ .]?(?:me|it|this|now) | placeholder | redacted | dummy | (?<![a-z])sample(?![a-z]) | sanitized
  | (?<![a-z0-9])(?:replace|insert|enter|put|paste|add|fill|use|set|provide|specify|type)[-_ ]
      (?:me|with|this|your|the|in|here|an?|real|own)(?![a-z0-9])
  | (?:replace|insert|enter|paste)(?:me|with|your|here)
  | (?<![a-z0-9])(?:your|my|our|some|any)[-_ ]
  | (?<![a-z])your(?:own|api|app|auth|pass|token|secret|key|domain|user|name|client|account)
  | [-_ .](?:goes[-_ ])?here\b | (?<![a-z0-9])(?:todo|fixme|tbd|xxx|n/a)(?![a-z0-9])
  | not[-_ ]?(?:an?[-_ ]?)?(?:real|secret|valid|used|needed|set|so[-_ ]?secret)
  | (?<![a-z0-9])fake(?![a-z0-9]) | ^fake | foobar
  | do[-_ ]?not[-_ ]?(?:use|commit|share) | (?<![a-z])masked(?![a-z]) | (?<![a-z])(?:invalid|bogus|mock|stub)(?:[-_ ]|$)
  | x{6} | \*{3} | (?:\xe2\x80\xa2){2} | \.\.\.
"""

# Words that say "a secret goes here" or "not a secret": a value of only these, digits and English is not a secret.
_HEX_WORDS = b"deadbeef cafebabe feedface badc0ffee c0ffee baadf00d 8badf00d cafed00d deadc0de".split()

# The most common pairs of letters in English, most frequent first (P. Norvig, "English Letter Frequency Counts: Mayzner
# Revisited", 2012, table of bigrams). Words consist of them; random letters do only by chance.
_BIGRAMS = frozenset(
    b"""
    th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne
    ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa
    ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp
    fe bl ab gh ty op wo sa ay ex ke fr oo av ag if ap gr od bo sp rd do uc bu ei ov by rm ep tt
    """.split()
)

_SEPARATORS = b" \t\n-_./\\:,;|"
_WORD = rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"
_WORDLIKE = rb"[A-Za-z0-9 \t\n_./\\:,;'!?()\[\]\"$>|-]+"
_COUNTED = rb"[-_. #]?(\d{3,})[!.]?"
_URL = rb"(?i)[a-z][a-z0-9+.-]{1,20}://([^/?#\s]*)(\S*)"
_TOKEN_RUN = rb"(?=[A-Za-z_-]{0,200}\d)(?=[\d_-]{0,200}[A-Za-z])[A-Za-z0-9_-]{20,}"


def is_template(value: bytes) -> bool:
    """Whether a value is filled in later: `${X}`, `{{ x }}`, `<x>`, `%X%`, `$(x)`, `%(x)s`, `#{x}`, `__X__`, `@X@`."""
    return references.is_template(value[:_LOOKED_AT].strip())


def placeholder_reason(value: bytes, *, password: bool = False) -> str:
    """Why a value in a secret's place is not a secret, in a few words; "" when it looks real.

    password: a person may have chosen it, so that words alone do not speak against it, only words that mean a secret or
    nothing: `correcthorse9battery` and `Winter2024!` may be passwords, `dbPassword1` and `changeme` are none.
    """
    value = value[:_LOOKED_AT].strip().strip(b"\"'`")
    if len(value) < _SHORTEST_SECRET:
        return "too short"
    if reason := _reason(value, password=password):
        return reason
    for text in _decoded(value):
        reason = _reason(text, password=password)
        for inner in () if reason else _decoded(text):
            reason = reason or _reason(inner, password=password)
        if reason:
            return reason
    return ""


def _reason(value: bytes, *, password: bool) -> str:
    if references.is_template(value):
        return "template reference"
    if where := references.leads_elsewhere(value, _are_words):
        return where
    if re.search(_PHRASE, value.lower()):
        return "placeholder phrase"
    if _is_filler(value):
        return "filler characters"
    if _is_plain_url(value):
        return "address without credentials"
    return "plain words" if _is_words(value, password=password) else ""


# --- what it encodes


def _decoded(value: bytes) -> Iterator[bytes]:
    """The texts that a value encodes, in every encoding that it can be in; none that is too short for a secret."""
    if b"\\" in value:
        yield from _other(value, re.sub(_ESCAPE, _unescape, value))
    if b"%" in value:
        yield from _other(value, re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: a2b_hex(match[1]), value))
    if b"&" in value and b";" in value:
        from html import unescape

        yield from _other(value, unescape(value.decode("utf-8", "replace")).encode())
    if re.fullmatch(rb"(?:0x)?(?:[0-9A-Fa-f]{2}){4,}", value):
        yield from _text(a2b_hex(value.removeprefix(b"0x")))
    if re.fullmatch(rb"[A-Za-z0-9+/_-]{6,}={0,2}", value):
        whole = value.translate(_PLAIN_ALPHABET).rstrip(b"=")
        try:
            yield from _text(a2b_base64(whole + b"=" * (-len(whole) % 4), strict_mode=True))
        except Base64Error:
            return


_PLAIN_ALPHABET = bytes.maketrans(b"-_", b"+/")
_ESCAPE = rb"(?:\\u[dD][89abAB][0-9A-Fa-f]{2}){2}|\\u\{?([0-9A-Fa-f]{4,6})\}?|\\x([0-9A-Fa-f]{2})|\\u[0-9A-Fa-f]{0,3}\Z"


def _unescape(match: re.Match[bytes]) -> bytes:
    """The character of an escape, in UTF-8; a sign for one of another plane; nothing for one that is cut off."""
    if match[2]:
        return a2b_hex(match[2])
    if not match[1]:
        return b""
    code = int(match[1], 16)
    return b"?" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code).encode()


def _other(value: bytes, decoded: bytes) -> Iterator[bytes]:
    if decoded != value and len(decoded.strip()) >= _SHORTEST_SECRET:
        yield decoded.strip()


def _text(decoded: bytes) -> Iterator[bytes]:
    """The decoded bytes if they are text; random ones are text only by chance."""
    decoded = decoded.strip()
    try:
        text = decoded.decode()
    except UnicodeDecodeError:
        return
    if len(decoded) >= _SHORTEST_SECRET and all(char.isprintable() or char in "\t\r\n" for char in text):
        yield decoded


# --- filler


def _is_filler(value: bytes) -> bool:
    """Whether at least two thirds are repeated characters, alphabet or keyboard runs, or one unit repeated."""
    bare = value.lower().translate(None, _SEPARATORS)
    if len(set(bare)) <= 2:
        return True
    period = (bare + bare).find(bare, 1)
    if len(bare) >= 8 and period <= len(bare) // 2:
        return True
    for word in _HEX_WORDS:
        bare = bare.replace(word, b"aaaaaaaa")
    return 3 * run_length(bare.decode("latin-1")) >= 2 * len(bare)


def _is_plain_url(value: bytes) -> bool:
    """Whether it is a URL without a password or anything like a token in it."""
    match = re.fullmatch(_URL, value)
    return match is not None and b":" not in match[1].rpartition(b"@")[0] and not re.search(_TOKEN_RUN, value)


# --- words


def _is_words(value: bytes, *, password: bool) -> bool:
    """Whether it is made of words: a dummy, an identifier, a path, prose, a label in any script."""
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        if error.start < len(value) - 3:
            return False
        text = value[: error.start].decode()  # cut within a character
    if is_dummy(text, password=password):
        return True
    if password and not names_a_secret(text) and not _is_foreign(text):
        return False
    return _are_words(value) if text.isascii() else _is_label(text)


def _are_words(value: bytes) -> bool:
    """Whether a value is made of English words: an identifier, a dotted expression, a call, a path, prose.

    Every word is one that stands for a secret, or made of letters; at most a third of the words are numbers
    (`oauth2_token`, `db-1`) but for a counted one at the end, and the letter pairs as a whole are those of English. One
    unknown word with digits or punctuation (`hunter2`, `Summer2024!`) is a weak password, not a placeholder.
    """
    if not re.fullmatch(_WORDLIKE, value):
        return False
    counted = re.search(_COUNTED + rb"\Z", value)
    if counted and is_counted(counted[1].decode()):
        value = value[: counted.start()] + b"-1"
    words = re.findall(_WORD, value)
    numbers = [word for word in words if word.isdigit()]
    letters = [word.lower() for word in words if not word.isdigit()]
    if not letters or 3 * len(numbers) > len(words) or any(len(number) > 4 for number in numbers):
        return False
    unknown = [word for word in letters if word.decode() not in DUMMY_WORDS]
    if not unknown:
        return True
    if numbers and len(letters) == 1:
        return False
    # camelCase cuts random letters into pieces of two on average, and words into pieces of six.
    if sum(map(len, unknown)) < 3.5 * len(unknown):
        return False
    pairs = [word[at : at + 2] for word in unknown for at in range(len(word) - 1)]
    return 5 * sum(pair in _BIGRAMS for pair in pairs) >= 3 * len(pairs)


def _is_foreign(text: str) -> bool:
    """Whether most letters are of a script other than the Latin one."""
    letters = [char for char in text if char.isalpha()]
    return 2 * sum(char >= "\u0370" for char in letters) > len(letters)


def _is_label(text: str) -> bool:
    """Whether a text with letters beyond ASCII is one that people read: words, and a number behind them at most."""
    if _is_foreign(text):
        return all(char.isprintable() or char.isspace() for char in text)
    return re.fullmatch(r"[^\W\d_]+(?:[\s'’.,:;!?()/-]+[^\W\d_]+)*\W{0,3}\d{0,2}\W{0,2}", text) is not None
