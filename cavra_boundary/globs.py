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
        expressions.append(str(regex).replace("(?P<ps_d>", "(?:"))
    return Globs(kept, "|".join(expressions))
