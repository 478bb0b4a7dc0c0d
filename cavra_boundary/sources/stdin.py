"""Standard input as one file, named by `--stdin-name`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from cavra_boundary.model import Blob, Skip
from cavra_boundary.sources.base import Listing, Source
from cavra_boundary.sources.windows import windows

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class StdinSource(Source):
    """A stream that is read once. path: its path in findings."""

    stream: BinaryIO
    path: str
    name: str = "stdin"

    def list(self) -> Listing:
        return Listing((self.path,))

    def read(self, entry: str) -> Iterator[Blob | Skip]:
        try:
            yield from windows(entry, self.stream.read, self.name)
        except OSError as error:
            yield Skip(entry, f"unreadable: {error.strerror}", incomplete=True)
