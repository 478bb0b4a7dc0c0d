"""Go's patterns (RE2) in the syntax that packs use, with the group that holds the secret named `secret`.

RE2's syntax: github.com/google/re2/wiki/Syntax. Packs use what `re` and PCRE read the same way.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"\\Q(?P<quoted>.*?)(?:\\E|\Z)"
    r"|\\x\{(?P<hex>[0-9A-Fa-f]{1,6})\}"
    r"|\\(?P<escape>.)"
    r"|\[(?P<set>\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*)\]"
    r"|\(\?(?P<flags>[imsU]*(?:-[imsU]+)?)\)"
    r"|\((?P<opening>\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?:))?"
    r"|(?P<other>.)",
    re.DOTALL,
)
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_END = r"(?![\s\S])"


class TranslationError(ValueError):
    """What a pattern has that packs do not support, in words."""


def translate(pattern: str, secret: int = 0) -> str:
    """The pattern, with its capturing group of this number named `secret`; with 0, all of it.

    TranslationError when it has something that packs do not support, or no such group.
    """
    leading = re.match(r"\(\?([ims]+)\)", pattern)
    body = pattern[leading.end() :] if leading else pattern
    translated, groups = _Translation(body, secret).run()
    if secret > groups:
        raise TranslationError(f"has no group {secret}")
    named = translated if secret else f"(?P<secret>{translated})"
    return f"(?{leading[1]}){named}" if leading else named


def groups_of(pattern: str) -> int:
    """How many capturing groups it has. TranslationError as for `translate`."""
    return _Translation(pattern, 0).run()[1]


class _Translation:
    """One pass over the tokens of a pattern."""

    def __init__(self, pattern: str, secret: int) -> None:
        self._pattern = pattern
        self._secret = secret
        self._groups = 0
        # For each open group: how many groups written for flags alone are in it, which end with it.
        self._open = [0]

    def run(self) -> tuple[str, int]:
        written = "".join(map(self._token, _TOKEN.finditer(self._pattern)))
        if len(self._open) != 1:
            raise TranslationError("has a group that is not closed")
        return written + ")" * self._open[0], self._groups

    def _token(self, token: re.Match[str]) -> str:
        if token["quoted"] is not None:
            return re.escape(token["quoted"])
        if token["hex"]:
            if int(token["hex"], 16) > 0x7F:
                raise TranslationError("has characters that are not ASCII")
            return f"\\x{int(token['hex'], 16):02x}"
        if token["escape"]:
            return _escape(token["escape"])
        if token["set"] is not None:
            return f"[{_set(token['set'])}]"
        if token["flags"] is not None:
            return self._flags(token["flags"])
        if token["other"]:
            return self._other(token["other"])
        return self._opening(token["opening"] or "")

    def _opening(self, opening: str) -> str:
        self._open.append(0)
        if opening.endswith(":"):
            if "U" in opening:
                raise TranslationError("has the flag U")
            return f"({opening}"
        self._groups += 1
        return "(?P<secret>" if self._groups == self._secret else "(?:"

    def _flags(self, flags: str) -> str:
        """Flags that hold to the end of the enclosing group, which packs write as a group of their own."""
        if "U" in flags:
            raise TranslationError("has the flag U")
        self._open[-1] += 1
        return f"(?{flags}:"

    def _other(self, character: str) -> str:
        if character == ")":
            if len(self._open) == 1:
                raise TranslationError("closes a group that is not open")
            return ")" * (self._open.pop() + 1)
        if character == "|" and self._open[-1]:
            # The group written for the flags would become one of the alternatives.
            raise TranslationError("has alternatives after flags in the middle")
        return character


def _escape(letter: str) -> str:
    if letter == "z":
        return _END
    if letter in "pPCQE":
        raise TranslationError(f"has \\{letter}")
    return f"\\{letter}"


def _set(body: str) -> str:
    def expand(name: re.Match[str]) -> str:
        if name[1] not in _POSIX:
            raise TranslationError(f"has {name[0]}")
        return _POSIX[name[1]]

    if re.search(r"\\[pP]", body):
        raise TranslationError("has \\p in a set")
    expanded = re.sub(r"\[:(\^?\w+):\]", expand, body)
    # `re` warns about a bracket in a set, which may mean a nested set in the future.
    return re.sub(r"(?<!\\)\[", r"\\[", expanded)
