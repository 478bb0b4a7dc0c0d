"""The configuration's allows, found by what they name, so that thousands of them cost no more than a few."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from cavra_boundary.globs import translate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cavra_boundary.globs import Globs
    from cavra_boundary.model import Allow

_PLAIN = re.compile(r"[\w .@+=,-]+\Z")
"""A part of a path's pattern that only matches itself."""


class Allows:
    """Allows by rule, by value, and by the longest plain part of their path, which a path that matches must have."""

    def __init__(self, allows: Sequence[Allow]) -> None:
        self._allows = allows
        self._by_name: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        for index, allow in enumerate(allows):
            parts = [part for part in allow.path.split("/") if _PLAIN.match(part)]
            part = "" if allow.value else max(parts, key=len, default="")
            self._by_name[allow.rule, allow.value, part].append(index)
        self._globs: dict[int, Globs] = {}

    def about(self, rule: str, path: str, values: Sequence[str]) -> Iterator[int]:
        """The positions of the allows for a rule's match with these fingerprints in a file, in their order."""
        found = {index for value in filter(None, values) for index in self._by_name.get((rule, value, ""), ())}
        for part in {"", *path.split("/")}:
            found.update(self._by_name.get((rule, "", part), ()))
        return (index for index in sorted(found) if self._covers(index, path))

    def _covers(self, index: int, path: str) -> bool:
        if not self._allows[index].path:
            return True
        if index not in self._globs:
            self._globs[index] = translate([self._allows[index].path])
        return self._globs[index].match(path)
