"""The message of a commit in progress, from the file its author edits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cavra_boundary.model import Blob, Skip
from cavra_boundary.sources.base import Listing, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# git-commit: "everything from this line (inclusive)" is dropped; it is git's own text.
_SCISSORS = re.compile(rb"^# -{8,} >8 -{8,}\r?\n.*", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(rb"^#[^\n]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MessageSource(Source):
    """One file. label: its path in findings. comments: whether git keeps lines that begin with `#`."""

    file: Path
    label: str
    max_file_size: int
    comments: bool
    name: str = "message"

    def list(self) -> Listing:
        return Listing((self.label,))

    def read(self, entry: str) -> Iterator[Blob | Skip]:
        """The message. What git drops is blanked, so that line numbers stay the same."""
        try:
            with self.file.open("rb") as file:
                data = file.read(self.max_file_size + 1)
        except OSError as error:
            yield Skip(entry, f"unreadable: {error.strerror}", incomplete=True)
            return
        if len(data) > self.max_file_size:
            yield Skip(entry, "larger than --max-file-size", incomplete=True)
            return
        if not self.comments:
            data = _COMMENT.sub(b"", _SCISSORS.sub(b"", data))
        yield Blob.whole(entry, data, self.name)
