"""The error classes, and the exit codes that all commands use.

An error that a user can cause is a `BoundaryError`: it says what is wrong, where, and what to do, in one line,
and carries the exit code. `cli.main` is the only place that catches it.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExitCode(IntEnum):
    """What a run means to the shell. Findings win over incomplete: a run with both exits 1 and says both."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INCOMPLETE = 3


EXIT_CODES = (
    "Exit codes: 0 clean, 1 findings, 2 usage or configuration error, 3 incomplete: something could not be read, or "
    "the report not be delivered. 129, 130, 143: ended by SIGHUP, Ctrl-C, SIGTERM."
)
"""The same in words, for `--help`."""


class BoundaryError(Exception):
    """Something the user can fix.

    `where` is a place a person can open (`path`, `path:line`, `path:line:column`, a flag); `hint` says what to do.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.what}{advice}"


class UsageError(BoundaryError):
    """A command was called in a way that cannot work: no such path, contradictory flags."""


class ConfigError(BoundaryError):
    """A configuration file is broken or names something unknown."""


class PackError(BoundaryError):
    """A pattern pack is broken: its rules cannot be trusted, so nothing runs."""


class GitError(BoundaryError):
    """Git is missing, refused, or failed halfway: what was asked for was not read, so the run is incomplete."""

    exit_code = ExitCode.INCOMPLETE


class ScanError(BoundaryError):
    """The scan stopped early: what it did not read is unknown."""

    exit_code = ExitCode.INCOMPLETE


class OutputError(BoundaryError):
    """What was to be said did not arrive: standard output is closed, the disk is full."""

    exit_code = ExitCode.INCOMPLETE


class ReaderGoneError(OutputError):
    """Whoever read the output stopped (`… | head`). They know, so nothing is said, but it is not a clean end."""

    def __init__(self) -> None:
        super().__init__("nobody reads the output any more")


_LONGEST_NAME = 100
_MOST_COMPARED = 12


def _pairs(name: str) -> set[tuple[str, str]]:
    return set(pairwise(name))


def nearest(name: str, valid: Iterable[str]) -> str:
    """A hint for a name that is not valid: the closest valid one, or all of them if there are few."""
    from difflib import get_close_matches

    known = sorted(valid)
    name = name[:_LONGEST_NAME]
    likely = known
    if len(known) > _MOST_COMPARED:  # `difflib` takes a tenth of a second for a thousand names
        pairs = _pairs(name)
        likely = sorted(known, key=lambda each: len(pairs & _pairs(each)), reverse=True)[:_MOST_COMPARED]
    if close := get_close_matches(name, likely, 1, 0.5):
        return f"did you mean {close[0]!r}?"
    return f"one of {', '.join(known)}" if 0 < len(known) <= 12 else "no similar name is known"


class UnreadError(Exception):
    """Raised by a reader of structured text after its last record: something in the text is beyond its limits."""
