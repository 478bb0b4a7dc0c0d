"""How git treats the message of a commit in progress."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cavra_boundary.errors import GitError
from cavra_boundary.git.process import names_in, run_git

if TYPE_CHECKING:
    from pathlib import Path


def is_edited() -> bool:
    """Whether the commit whose hook is running uses an editor. If not, git sets the editor to `:` for its hooks."""
    return os.environ.get("GIT_EDITOR") != ":"


def drops_comments(folder: Path) -> bool:
    """Whether git is configured to drop lines that begin with `#` from an edited message (git-commit, --cleanup).

    The flag, which is stronger, cannot be known here.
    """
    try:
        said = run_git(folder, ["config", "-z", "--get-regexp", r"^(commit\.cleanup|core\.comment(char|string))$"])
    except GitError:
        return True  # none is configured
    settings = [setting.partition(b"\n")[2] for setting in names_in(said)]
    return all(value in (b"default", b"strip", b"#") for value in settings)
