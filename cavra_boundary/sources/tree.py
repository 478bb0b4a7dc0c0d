"""The tree of a revision, without checking it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.git.refs import resolve_revision
from cavra_boundary.git.trees import tree_items
from cavra_boundary.model import Skip
from cavra_boundary.sources.base import Listing
from cavra_boundary.sources.objects import ObjectSource, listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class TreeSource(ObjectSource):
    """All files in a revision's tree. GitError for an unknown revision, or one without a tree."""

    def __init__(self, repository: Path, revision: str, exclude: Sequence[str], max_file_size: int) -> None:
        super().__init__(repository, exclude, max_file_size, f"tree {revision}")
        self._tree = resolve_revision(repository, revision, type_="tree")

    def list(self) -> Listing:
        """Every file, sorted by name. GitError when git fails."""
        found = listing(tree_items(self.repository, self._tree), self.exclude)
        if found.entries or not found.excluded:
            return found
        nothing = Skip(
            self.name, f"no file to scan: the boundary's own exclude list has {found.excluded:,}", incomplete=True
        )
        return Listing((), (*found.skipped, nothing), found.excluded)
