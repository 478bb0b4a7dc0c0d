"""Patterns in .gitignore syntax as one regular expression.

`pathspec` knows the syntax; its translation is kept as text, so that a cached pack runs without importing it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.model import Globs

if TYPE_CHECKING:
    from collections.abc import Iterable


def translate(patterns: Iterable[str]) -> Globs:
    """The patterns as `Globs`. ValueError for a pattern that .gitignore has no meaning for, or a negated one."""
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
