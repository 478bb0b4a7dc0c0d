"""Standard input as one file, named by `--stdin-name`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from cavra_boundary.model import Blob, Skip
from cavra_boundary.sources.base import Listing, Source, excluded
from cavra_boundary.sources.walk import Excludes
from cavra_boundary.sources.windows import windows

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class StdinSource(Source):
    """A stream that is read once. path: its path in findings. place: the same relative to the root, for `exclude`."""

    stream: BinaryIO
    path: str
    place: str = ""
    exclude: tuple[str, ...] = ()
    name: str = "stdin"

    def list(self) -> Listing:
        if self.place and Excludes(self.exclude).match(self.place):
            return excluded(self.path)
        return Listing((self.path,))

    def read(self, entry: str) -> Iterator[Blob | Skip]:
        try:
            yield from windows(entry, self.stream.read, self.name)
        except OSError as error:
            yield Skip(entry, f"unreadable: {error.strerror}", incomplete=True)
