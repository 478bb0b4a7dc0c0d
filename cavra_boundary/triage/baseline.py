"""The baseline: findings that existed when the tool was adopted, recorded so that only new ones fail.

A text file in the repository, one entry per line, sorted, without dates, paths or line numbers: two branches that each
add an entry merge cleanly, and moved lines change nothing. An entry is a finding's fingerprint, its rule, and a
person's judgment, if any:

    p2-5e01a7c29b30d4f8 billing-records.invoice false-alarm
    v2-9f2c04d1a37be658 registry-tokens.npm-access-token

The first covers a place, whatever value is there; the second a value, wherever it is (see fingerprints.py). Entries of
version 1, such as `3fa1-09bd2c`, are read for one more release, so that `baseline update` can replace them.
"""

from __future__ import annotations

import os
import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.errors import ConfigError
from cavra_boundary.model import FINGERPRINT_PATTERN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from cavra_boundary.model import Finding

NAME = ".cavra-boundary-baseline"
"""The baseline's default path, relative to the scan's root."""

_MAX_BYTES = 16 << 20
_HEAD = """\
# Findings from when cavra-boundary was adopted; only new ones fail. One per line: fingerprint, rule, judgment.
# Written by `cavra-boundary baseline`; to review them: cavra-boundary baseline audit
"""


class Judgment(StrEnum):
    """A person's judgment of an entry. NONE: not judged yet."""

    NONE = ""
    LEAK = "leak"
    FALSE_ALARM = "false-alarm"


class Entry(NamedTuple):
    """One known finding."""

    fingerprint: str
    rule: str
    judgment: Judgment = Judgment.NONE


_ENTRY = re.compile(
    rf"(?P<fingerprint>{FINGERPRINT_PATTERN}) (?P<rule>[a-z0-9.-]{{1,200}})"
    rf"(?: (?P<judgment>{'|'.join(filter(None, Judgment))}))?"
)


def read(path: Path) -> dict[str, Entry]:
    """The entries of a baseline, by fingerprint. ConfigError, with the line, for an invalid one."""
    try:
        if not os.path.lexists(path):
            raise ConfigError("no such file", where=str(path), hint="write one: cavra-boundary baseline create")
        if path.is_symlink() or not path.is_file():
            raise ConfigError("is not a regular file; links are not followed", where=str(path))
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"is larger than {_MAX_BYTES >> 20} MiB", where=str(path))
    return parse(data, str(path))


def parse(data: bytes, where: str) -> dict[str, Entry]:
    """The entries in a baseline's bytes, like `read`."""
    entries: dict[str, Entry] = {}
    for number, line in enumerate(data.decode(errors="replace").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        found = _ENTRY.fullmatch(text)
        if not found:
            hint = "a line is: fingerprint, rule, judgment; fix this line or remove it"
            raise ConfigError("is not a baseline entry", where=f"{where}:{number}", hint=hint)
        entry = Entry(found["fingerprint"], found["rule"], Judgment(found["judgment"] or ""))
        # Merging two branches may duplicate an entry, once judged and once not.
        if entry.judgment or entry.fingerprint not in entries:
            entries[entry.fingerprint] = entry
    return entries


def render(entries: Mapping[str, Entry]) -> str:
    """The file's text; the same entries give the same text."""
    return _HEAD + "".join(" ".join(filter(None, entry)) + "\n" for entry in sorted(entries.values()))


def migrated(entries: Mapping[str, Entry], findings: Iterable[Finding]) -> dict[str, Entry]:
    """The entries, with those of version 1 that findings are known by replaced by all that they stand for now."""
    now = dict(entries)
    for finding in findings:
        old = entries.get(finding.renamed)
        if old and old.rule == finding.rule:
            now.pop(old.fingerprint, None)
            now.setdefault(finding.fingerprint, old._replace(fingerprint=finding.fingerprint))
    return now


def updated(entries: Mapping[str, Entry], found: Iterable[Entry], *, grow: bool) -> dict[str, Entry]:
    """The entries that are still found, with their judgments, plus the new ones if `grow` is set."""
    now = {entry.fingerprint: entry for entry in found}
    return {name: entries.get(name, entry) for name, entry in now.items() if grow or name in entries}
