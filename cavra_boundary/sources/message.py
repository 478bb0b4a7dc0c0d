"""The message of a commit that is about to be made, as its author leaves it in a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cavra_boundary.model import Blob, Skip
from cavra_boundary.sources.base import Listing, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Git, git-commit: "everything from this line (inclusive)" is dropped; what stands there is its own words.
_SCISSORS = re.compile(rb"^# -{8,} >8 -{8,}\r?\n.*", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(rb"^#[^\n]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MessageSource(Source):
    """One file. path: what findings call it. comments: whether git keeps lines that begin with `#`."""

    file: Path
    label: str
    max_file_size: int
    comments: bool
    name: str = "message"

    def list(self) -> Listing:
        return Listing((self.label,))

    def read(self, entry: str) -> Iterator[Blob | Skip]:
        """The message. What git drops is blank, so that lines keep their numbers."""
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
