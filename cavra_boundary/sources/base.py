"""What a source is: it lists entries cheaply, and opens one at a time, in whichever process has to read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.model import Blob, Skip


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source holds. Entries are paths relative to the scan's root, in the order they are reported."""

    entries: tuple[str, ...]
    skipped: tuple[Skip, ...] = ()
    excluded: int = 0


class Source(Protocol):
    """Where content comes from. Instances are small and can be sent to another process."""

    @property
    def name(self) -> str:
        """What the receipt calls it."""
        ...

    def list(self) -> Listing:
        """Everything there is to read, and what is left out and why."""
        ...

    def read(self, entry: str) -> Iterator[Blob | Skip]:
        """An entry's content as windows, or why there is none."""
        ...
