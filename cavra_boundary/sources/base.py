"""The source interface: it lists entries cheaply and opens one at a time, in whichever process reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cavra_boundary.git.places import COMMITS, REFS, TAGS
from cavra_boundary.model import Skip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cavra_boundary.model import Blob, Introduced


def is_file(path: str) -> bool:
    """Whether content counts as a file: notes do, messages and ref names do not."""
    return not path.startswith((COMMITS, TAGS, REFS))


Known = Callable[[Sequence[str]], Set[int]]
"""Returns the positions of the entries that are known to be clean; see `Past.whole`."""


class Past(Protocol):
    """Which commit introduced each entry of a listing, by the entry's position in it."""

    def rank(self, place: int) -> int:
        """A sort key for entries by commit, parents before children."""
        ...

    def introduced(self, groups: Sequence[Sequence[int]]) -> Sequence[Introduced | None]:
        """For each group of entries with one path: their first commit, and whether a tip still has any of them."""
        ...

    def whole(self, unclean: Iterable[int]) -> Iterator[str]:
        """The whole-commit entries of the listed commits that introduce none of these unclean positions."""
        ...


class Listing(NamedTuple):
    """What a source contains.

    Entries identify content to the source that listed them; in the working tree they are paths relative to the scan's
    root. commits: how many were looked at. settled: how many of those need no entries, see `Source.news`. past: set if
    the source has commits.
    """

    entries: Sequence[str]
    skipped: tuple[Skip, ...] = ()
    excluded: int = 0
    commits: int = 0
    settled: int = 0
    past: Past | None = None


def excluded(path: str) -> Listing:
    """The listing for one file that was asked for and that the boundary excludes."""
    return Listing((), (Skip(path, "the boundary excludes it"),), 1)


class Source(Protocol):
    """Where content comes from. Instances are small and can be sent to another process."""

    @property
    def name(self) -> str:
        """Its name in the receipt."""
        ...

    @property
    def lasting(self) -> str:
        """How content is read, in any words, if an entry always means the same content; "" otherwise."""
        return ""

    def list(self) -> Listing:
        """Everything to read, and what is left out and why."""
        ...

    def news(self, known: Known) -> Listing:
        """The same, but may leave out commits that are known to introduce only clean content, to save time."""
        return self.list()

    def path_of(self, entry: str) -> str:
        """An entry's path, relative to the scan's root."""
        return entry

    def expect(self, entries: Sequence[str]) -> None:
        """Announces which entries are read next, in this order."""
        return

    def read(self, entry: str) -> Iterator[Blob | Skip]:
        """An entry's content as windows, or the reason there is none."""
        ...

    def close(self) -> None:
        """Release what reading needed."""
        return
