"""The baseline: findings that were there when the tool came, written down so that only new ones fail.

A text file for the repository, one entry a line, sorted, with no date, path or line number in it: two branches that
each add an entry merge cleanly, and neither a moved line nor a renamed file changes anything. An entry is a finding's
fingerprint, its rule, and what a person has judged it to be:

    3fa1-09bd2c registry-tokens.npm-access-token
    3fa1-5e01a7 registry-tokens.npm-access-token false-alarm

It binds to a value, wherever that stands. The file is public, and so gives nothing away: of the value a fingerprint has
24 bits only (see `model.fingerprint`), which a card or phone number shares with many others.
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

NAME = ".cavra-boundary-baseline"
"""Where the baseline is unless the configuration says otherwise: at the root of the scan."""

_MAX_BYTES = 16 << 20
_HEAD = """\
# Findings that were there when cavra-boundary came; only new ones fail. One entry a line: fingerprint, rule, judgement.
# Written by `cavra-boundary baseline`; to look through them: cavra-boundary baseline audit
"""


class Judgement(StrEnum):
    """What a person says of an entry. NONE: nobody has looked at it yet."""

    NONE = ""
    LEAK = "leak"
    FALSE_ALARM = "false-alarm"


class Entry(NamedTuple):
    """One finding that is known."""

    fingerprint: str
    rule: str
    judgement: Judgement = Judgement.NONE


_ENTRY = re.compile(
    rf"(?P<fingerprint>{FINGERPRINT_PATTERN}) (?P<rule>[a-z0-9.-]{{1,200}})"
    rf"(?: (?P<judgement>{'|'.join(filter(None, Judgement))}))?"
)


def read(path: Path) -> dict[str, Entry]:
    """The entries of a baseline, by fingerprint. ConfigError, with its line, for what is none."""
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
    """The entries in a baseline's bytes, as `read`."""
    entries: dict[str, Entry] = {}
    for number, line in enumerate(data.decode(errors="replace").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        found = _ENTRY.fullmatch(text)
        if not found:
            hint = "a line is: fingerprint, rule, judgement; mend this one or remove it"
            raise ConfigError("is no entry of a baseline", where=f"{where}:{number}", hint=hint)
        entry = Entry(found["fingerprint"], found["rule"], Judgement(found["judgement"] or ""))
        # A merge of two branches may leave an entry twice, once judged and once not.
        if entry.judgement or entry.fingerprint not in entries:
            entries[entry.fingerprint] = entry
    return entries


def render(entries: Mapping[str, Entry]) -> str:
    """The file's text: the same for the same entries."""
    return _HEAD + "".join(" ".join(filter(None, entry)) + "\n" for entry in sorted(entries.values()))


def updated(entries: Mapping[str, Entry], found: Iterable[Entry], *, grow: bool) -> dict[str, Entry]:
    """The entries that are still found, with their judgements, and, where it may `grow`, those that are new."""
    now = {entry.fingerprint: entry for entry in found}
    return {name: entries.get(name, entry) for name, entry in now.items() if grow or name in entries}
