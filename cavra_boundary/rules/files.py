"""Where packs are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import cavra_boundary
from cavra_boundary.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Iterable

CLAUSES = "boundary.toml"
"""The shipped pack that holds the clauses."""


def shipped_folder() -> Path:
    """Where the tool's own packs are: inside the wheel, or the repository's folder for an editable install."""
    package = Path(cavra_boundary.__file__).parent
    installed = package / "patterns"
    return installed if installed.is_dir() else package.parent / "patterns"


def pack_files(places: Iterable[Path]) -> tuple[Path, ...]:
    """The pack files at these places, each a file or a folder of `*.toml`. PackError for a place that has none.

    A folder's content is untrusted: a link could lead anywhere, and a pipe would never end. The tool's own folder is
    trusted, however it was installed.
    """
    own = shipped_folder()
    found: dict[str, Path] = {}
    for place in places:
        files = sorted(place.glob("*.toml")) if place.is_dir() else [place] if place.is_file() else []
        if not files:
            raise PackError("no pack here", where=str(place), hint="name a .toml file or a folder of them")
        for file in files:
            if file != place and place != own and (file.is_symlink() or not file.is_file()):
                raise PackError("is not a regular file; links are not followed", where=str(file), hint="copy it here")
            # A flag and the configuration may name the same file in two ways.
            found.setdefault(os.path.realpath(file) if place != own else os.fspath(file), file)
    return tuple(found.values())
