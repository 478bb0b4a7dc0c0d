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

# wt_status_add_cut_line in git's wt-status.c, then git's own words and, with --verbose, the diff. Git drops all of it.
_CUT = re.compile(
    rb"^# -{24} >8 -{24}\r?\n"
    rb"(?:#[^\n]*+(?:\n|\Z))*+"
    rb"(?:(?:diff --|index |--- |\+\+\+ |@@|[ +\-\\#]|(?:old|new|deleted file|new file) mode |similarity index "
    rb"|dissimilarity index |(?:rename|copy) (?:from|to) |Binary files |Submodule )[^\n]*+(?:\n|\Z)|\n)*+\Z",
    re.MULTILINE,
)
_COMMENT = re.compile(rb"^#[^\n]*", re.MULTILINE)
# What git says in the editor of lines that begin with `#` (builtin/commit.c); otherwise it says that they are kept.
_IGNORED = re.compile(rb"^# with '#' will be ignored", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MessageSource(Source):
    """One file. label: its path in findings.

    edited: whether it went through an editor, so that git drops its own diff below the line with the scissors.
    comments: whether git keeps lines that begin with `#` for all that is known without the message.
    """

    file: Path
    label: str
    max_file_size: int
    comments: bool
    edited: bool = False
    name: str = "message"

    def list(self) -> Listing:
        return Listing((self.label,))

    def read(self, entry: str) -> Iterator[Blob | Skip]:
        """The message. What git drops is blanked, so that line numbers stay the same.

        A hook cannot see `--cleanup`, which decides about comments. Git's own words in the editor depend on it.
        """
        try:
            with self.file.open("rb") as file:
                data = file.read(self.max_file_size + 1)
        except OSError as error:
            yield Skip(entry, f"unreadable: {error.strerror}", incomplete=True)
            return
        if len(data) > self.max_file_size:
            yield Skip(entry, "larger than --max-file-size", incomplete=True)
            return
        if self.edited:
            data = _CUT.sub(b"", data)
        if not self.comments and _IGNORED.search(data):
            data = _COMMENT.sub(b"", data)
        yield Blob.whole(entry, data, self.name)
