"""The index: what the next commit will contain, whatever is in the working tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.git.listing import deleted_paths, index_items, staged_items
from cavra_boundary.model import Skip
from cavra_boundary.sources.base import Listing
from cavra_boundary.sources.objects import ObjectSource, listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cavra_boundary.git.listing import Item


class IndexSource(ObjectSource):
    """Staged content. paths: files or folders relative to the top, changed or not; if empty, everything changed."""

    def __init__(self, top: Path, paths: Sequence[str], exclude: Sequence[str], max_file_size: int) -> None:
        super().__init__(top, exclude, max_file_size, "index")
        self._paths = tuple(paths)

    def list(self) -> Listing:
        """Every requested file, sorted by name. GitError when git fails."""
        if not self._paths:
            return listing(staged_items(self.repository), self.exclude)
        items = index_items(self.repository, self._paths)
        found = listing(items, self.exclude)
        if missing := self._missing(items):
            gone = deleted_paths(self.repository, missing)
            lost = (Skip(path, "not in the index", incomplete=True) for path in missing if path not in gone)
            return Listing(found.entries, (*found.skipped, *lost), found.excluded)
        return found

    def _missing(self, items: Sequence[Item]) -> Sequence[str]:
        """The requested paths where the index has nothing, for example deleted files."""
        held = {item.path for item in items}
        held |= {path[:end] for path in held for end, char in enumerate(path) if char == "/"}
        return [path for path in self._paths if path not in held and path != "."]
