"""Patterns in .gitignore syntax as one regular expression.

`pathspec` knows the syntax; its translation is kept as text, so a cached pack runs without importing it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Globs(NamedTuple):
    """Patterns in .gitignore syntax, and one regular expression for all of them (see `translate`)."""

    patterns: tuple[str, ...] = ()
    regex: str = ""

    def match(self, path: str) -> bool:
        """Whether `path` (POSIX, relative to the root) matches one or is below a match; False without patterns."""
        return bool(self.patterns) and _compiled(self.regex).search(path) is not None


@cache
def _compiled(regex: str) -> re.Pattern[str]:
    # A name may contain line feeds, which `.` and `$` would treat specially.
    return re.compile(regex.replace("|$)", r"|\Z)"), re.DOTALL)


def translate(patterns: Iterable[str]) -> Globs:
    """The patterns as `Globs`. ValueError for a pattern that means nothing in .gitignore, or a negated one."""
    kept = tuple(patterns)
    if not kept:
        return Globs()
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    expressions = []
    for pattern in kept:
        regex, include = GitIgnoreSpecPattern.pattern_to_regex(pattern)
        if regex is None or not include:
            raise ValueError(f"{pattern!r} is not a pattern that includes files")
        expressions.append(linear(str(regex)).replace("(?P<ps_d>", "(?:"))
    return Globs(kept, "|".join(expressions))


_PIECE = re.compile(r"\\.|\[\^?\]?[^\]]*\]|.", re.DOTALL)
_ANY_FOLDERS = "(?:/.+)?/"
_END = re.compile(r"(?:\(\?:\(\?P<ps_d>/\)\|\$\)|\(\?P<ps_d>/\)|/)?\Z")


def linear(regex: str) -> str:
    """The translation of one pattern by `pathspec`, without its backtracking: `*a*a*b` takes hours for `aaa…` else.

    What is between two stars may match at the first place where it can, and need not be tried at others: its length is
    fixed, so a later place leaves less for the rest. The same goes for the folders between two `**`.
    """
    end = _END.search(regex)
    assert end is not None  # noqa: S101 - it may be empty
    *blocks, last = map(_linear_names, regex[: end.start()].split(_ANY_FOLDERS))
    if not blocks:
        return last + end[0]
    first, *others = blocks
    if first.startswith("^(?:.+/)?"):
        first = f"^(?>(?:[^/]+/)*?{first.removeprefix('^(?:.+/)?')}(?=/))"
    return "".join((first, *(f"(?>(?:/[^/]+)*?/{block}(?=/))" for block in others), _ANY_FOLDERS, last, end[0]))


def _linear_names(block: str) -> str:
    """Names of folders, separated by slashes, each without backtracking between its stars."""
    opening = "^(?:.+/)?" if block.startswith("^(?:.+/)?") else ""
    names = [[""]]
    at = len(opening)
    while at < len(block):
        if block.startswith("[^/]*", at):
            names[-1].append("")
            at += len("[^/]*")
            continue
        piece = _PIECE.match(block, at)
        assert piece is not None  # noqa: S101 - one of its alternatives takes anything
        at = piece.end()
        if piece[0] == "/":
            names.append([""])
        elif piece[0].startswith("[") and piece[0] != "[^/]":
            names[-1][-1] += f"(?!/){piece[0]}"  # git: no bracket expression matches a slash
        else:
            names[-1][-1] += piece[0]
    return opening + "/".join(map(_linear_name, names))


def _linear_name(pieces: list[str]) -> str:
    """What is before, between and after the stars of one name, as an expression."""
    if len(pieces) == 1:
        return pieces[0]
    between = (f"(?>[^/]*?{piece})" for piece in pieces[1:-1] if piece)
    return f"{pieces[0]}{''.join(between)}[^/]*{pieces[-1]}"
