"""What a source is: it lists entries cheaply, and opens one at a time, in whichever process has to read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cavra_boundary.model import Blob, Introduced, Skip


GIT = ".git/"
COMMITS, TAGS, REFS, NOTES, OBJECTS = (f"{GIT}{kind}/" for kind in ("commits", "tags", "refs", "notes", "objects"))
"""Where the paths begin of what is in a repository and has none: no tracked file can be below `.git`."""


def is_file(path: str) -> bool:
    """Whether content is counted as a file: notes are, messages and names of refs are not."""
    return not path.startswith((COMMITS, TAGS, REFS))


Known = Callable[[Sequence[str]], Set[int]]
"""Gives the places of those among some entries that are known to be clean; see `Past.whole`."""


class Past(Protocol):
    """Which commit brought in each entry of a listing, by the entry's place in it."""

    def rank(self, place: int) -> int:
        """Orders entries by their commits: parents come before children."""
        ...

    def introduced(self, groups: Sequence[Sequence[int]]) -> Sequence[Introduced | None]:
        """Of each group of entries with one path: their first commit, and whether a tip still holds any of them."""
        ...

    def whole(self, unclean: Iterable[int]) -> Iterator[str]:
        """What stands for each listed commit with all it brings in, if everything is clean but these places."""
        ...


class Listing(NamedTuple):
    """What a source holds.

    Entries name content to the source that listed them; in the working tree they are paths relative to the scan's
    root. commits: how many of them were looked at; settled: how many of those need no entries, see `Source.news`.
    past: of a source that knows commits.
    """

    entries: Sequence[str]
    skipped: tuple[Skip, ...] = ()
    excluded: int = 0
    commits: int = 0
    settled: int = 0
    past: Past | None = None


class Source(Protocol):
    """Where content comes from. Instances are small and can be sent to another process."""

    @property
    def name(self) -> str:
        """What the receipt calls it."""
        ...

    @property
    def lasting(self) -> str:
        """Of a source whose entries name the same content for ever: how it is read, in any words. "" for others."""
        return ""

    def list(self) -> Listing:
        """Everything there is to read, and what is left out and why."""
        ...

    def news(self, known: Known) -> Listing:
        """The same, where it saves time without the commits that are known to bring in nothing but what is clean."""
        return self.list()

    def path_of(self, entry: str) -> str:
        """An entry's path, relative to the scan's root."""
        return entry

    def expect(self, entries: Sequence[str]) -> None:
        """Told which entries are read next, in this order."""
        return

    def read(self, entry: str) -> Iterator[Blob | Skip]:
        """An entry's content as windows, or why there is none."""
        ...

    def close(self) -> None:
        """Let go of what reading needed."""
        return
