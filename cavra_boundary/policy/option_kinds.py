"""The kinds of value that an option can have: what a user may write, and what it is read as."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from cavra_boundary.model import FINGERPRINT_PATTERN, Severity
from cavra_boundary.report import FORMATS

_Read = Callable[[object], object]

MAX_JOBS = 256
_MAX_NUMBER = 10**9
# Compiling a pattern for hyperscan takes a second at 3000 characters.
_MAX_GLOB = 1000
_MAX_WILDCARDS = 4
_SEVERITIES = tuple(severity.label for severity in sorted(Severity, reverse=True))
# Also used in the JSON Schema, so it keeps to what ECMAScript supports.
_SIZE = "([0-9]{1,15})(?: ?(?:([kKmMgG])([iI]?))?[bB])?"


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What a value may be.

    metavar: its name in `--help`. expects: completes "must be …". read: converts a value to what `Settings` holds;
    None if it is not of this kind. schema: the kind in JSON Schema, if a configuration key has it. of_policy: whether
    it names files that a policy is made of, which are only read through `policy.files`.
    """

    metavar: str
    expects: str
    read: _Read
    schema: Mapping[str, object] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    of_policy: bool = False


def _read_text(value: object) -> str | None:
    # No name, text or revision has a NUL, and neither git nor the file system can take one.
    return value if isinstance(value, str) and value and "\0" not in value else None


def _read_remark(value: object) -> str | None:
    return value.strip() if isinstance(value, str) else None


def _read_switch(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _read_path(value: object) -> Path | None:
    return Path(value) if value and isinstance(value, str | Path) and "\0" not in str(value) else None


def _read_severity(value: object) -> Severity | None:
    return Severity.of(value) if isinstance(value, str) and value in _SEVERITIES else None


def _read_count(value: object) -> int | None:
    return value if type(value) is int and 1 <= value <= MAX_JOBS else None


def _read_number(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= _MAX_NUMBER else None


def _read_size(value: object) -> int | None:
    if isinstance(value, str) and (parts := re.fullmatch(_SIZE, value)):
        number, prefix, binary = parts.groups()
        power = "kmg".index(prefix.lower()) + 1 if prefix else 0
        value = int(number) * (1024 if binary else 1000) ** power
    return value if type(value) is int and value >= 1 else None


def _read_glob(value: object) -> str | None:
    """A pattern that can match. `pathspec` also takes blanks, comments, and sets that `re` reads differently."""
    if not isinstance(value, str) or len(value) > _MAX_GLOB or "\0" in value:
        return None
    # Matching tries every way to split a name among its wildcards, so many of them take seconds on a long name.
    if any(name.replace("**", "").count("*") > _MAX_WILDCARDS for name in value.split("/")):
        return None
    import warnings

    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pattern = GitIgnoreSpecPattern(value)
    except (ValueError, re.error, Warning):
        return None
    return value if pattern.include is not None else None


def _read_inclusive(value: object) -> str | None:
    glob = _read_glob(value)
    return None if glob is None or glob.startswith("!") else glob


def _read_fingerprint(value: object) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(FINGERPRINT_PATTERN, value) else None


def _read_date(value: object) -> date | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def one_of(expects: str, *names: str, read: _Read | None = None) -> Kind:
    def read_name(value: object) -> object:
        return value if value in names else None

    return Kind("|".join(names), expects, read or read_name, {"enum": list(names)}, names)


class Output(NamedTuple):
    """A format to write the report in, and the file to write it to; None is standard output."""

    format: str
    file: Path | None


def _read_output(value: object) -> Output | None:
    if not isinstance(value, str):
        return None
    format, equals, file = value.partition("=")
    return Output(format, Path(file) if equals else None) if format in FORMATS and bool(file) is bool(equals) else None


def _word(metavar: str, expects: str, pattern: str) -> Kind:
    def read(value: object) -> str | None:
        return value if isinstance(value, str) and re.fullmatch(pattern, value) else None

    return Kind(metavar, expects, read, {"type": "string", "pattern": f"^{pattern}$"})


_STRING = {"type": "string", "minLength": 1}
_PATTERN = {"type": "string", "minLength": 1, "maxLength": _MAX_GLOB}

SWITCH = Kind("", "true or false", _read_switch)
COUNT = Kind("N", f"a whole number from 1 to {MAX_JOBS}", _read_count)
SIZE = Kind(
    "SIZE",
    "a number of bytes, or a size such as 50MB or 1GiB",
    _read_size,
    {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": f"^{_SIZE}$"}]},
)
NUMBER = Kind("N", f"a whole number from 0 to {_MAX_NUMBER}", _read_number)
REVISION = Kind("REV", "a branch, tag or commit", _read_text)
RANGE = Kind("A..B", "a range of commits", _read_text)
NAME = Kind("NAME", "a non-empty string", _read_text, _STRING)
REMARK = Kind("TEXT", "a string", _read_remark, {"type": "string"})
LABEL = _word("LABEL", "a lowercase word", "[a-z0-9][a-z0-9+_-]{0,59}")
HOST = _word("HOST", "a host such as docs.example.com or .example", r"\.?[a-z0-9-]+(?:\.[a-z0-9-]+){0,8}")
RULE = Kind("RULE", "a rule's id", _read_text, _STRING)
CLAUSE = Kind("CLAUSE", "a clause's id", _read_text, _STRING)
SEVERITY = one_of("a severity", *_SEVERITIES, read=_read_severity)
FILE = Kind("FILE", "a path", _read_path)
FORMAT = Kind("FORMAT[=FILE]", "a format, or FORMAT=FILE", _read_output)
POLICY_FILE = Kind("FILE", "a path", _read_path, _STRING, of_policy=True)
PACK = Kind("PATH", "a path", _read_path, _STRING, of_policy=True)
GLOB = Kind(
    "GLOB",
    f"a pattern in .gitignore syntax that can match something, with at most {_MAX_WILDCARDS} * per name",
    _read_glob,
    _PATTERN,
)
INCLUSIVE_GLOB = Kind("GLOB", f"{GLOB.expects} and no ! at the start", _read_inclusive, _PATTERN | {"pattern": "^[^!]"})
FINGERPRINT = Kind(
    "FINGERPRINT",
    "a fingerprint such as v2-9f2c04d1a37be658",
    _read_fingerprint,
    {"type": "string", "pattern": f"^{FINGERPRINT_PATTERN}$"},
)
DATE = Kind("DATE", "a date such as 2026-12-31", _read_date, {"type": "string", "format": "date"})
