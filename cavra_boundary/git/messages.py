"""How git treats the message of a commit in progress."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cavra_boundary.errors import GitError
from cavra_boundary.git.process import names_in, run_git

if TYPE_CHECKING:
    from pathlib import Path


def drops_comments(folder: Path) -> bool:
    """Whether git drops lines that begin with `#` from the message of the commit whose hook is running.

    It does if the message went through an editor, unless configured otherwise (git-commit, --cleanup). If the commit
    uses no editor, git sets the editor to `:` for its hooks.
    """
    if os.environ.get("GIT_EDITOR") == ":":
        return False
    try:
        said = run_git(folder, ["config", "-z", "--get-regexp", r"^(commit\.cleanup|core\.commentchar)$"])
    except GitError:
        return True  # neither is configured
    settings = [setting.partition(b"\n")[2] for setting in names_in(said)]
    return all(value in (b"default", b"strip", b"#") for value in settings)
