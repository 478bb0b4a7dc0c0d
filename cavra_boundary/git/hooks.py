"""Git's own hooks: the script that stands in `.git/hooks`, where that folder is, and what a push says of itself.

The script is for `sh` wherever git runs. It calls the program that installed it by its whole path, since a hook's PATH
is whatever the editor or desktop that started git has, and fails if that program is gone: a check that does not run is
no check that passed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.errors import ScanError
from cavra_boundary.git.process import run_git

if TYPE_CHECKING:
    from collections.abc import Mapping

_PUSHED = re.compile(r".+ ([0-9a-f]{40,64}) (\S+) ([0-9a-f]{40,64})", re.DOTALL)
"""What is pushed, its id, where to, and what is there now; zeros stand for nothing."""

STAGES = ("pre-commit", "commit-msg", "pre-push")

_MARK = "# Written by `cavra-boundary hook install`; `cavra-boundary hook uninstall` removes it."
_SCRIPT = """\
#!/bin/sh
{mark}
python={python}
package={package}
if ! [ -x "$python" ] || ! [ -e "$package" ]; then
    echo "cavra-boundary: nothing was checked: what installed the hook {stage} is gone from $package" >&2
    echo "cavra-boundary: run 'cavra-boundary hook install' again, or remove $0" >&2
    exit 3
fi
exec "$python" -P -m cavra_boundary hook run {stage} -- "$@"
"""


def script(stage: str, python: Path, package: Path) -> str:
    """The hook for a stage, run with this interpreter as long as the package is where it was."""
    # -P: the hook runs in the repository, from which Python must import nothing.
    return _SCRIPT.format(mark=_MARK, python=quote(python.as_posix()), package=quote(package.as_posix()), stage=stage)


def is_ours(content: bytes) -> bool:
    """Whether this is a hook that `script` made, by this version or another."""
    return _MARK.encode() in content.splitlines()[1:2]


class Push(NamedTuple):
    """What a push is about to make public.

    refs: the full names that it creates or moves. heads: what they will point to. bases: what the remote has there
    now. deletes: whether it removes something.
    """

    refs: tuple[str, ...]
    heads: tuple[str, ...]
    bases: tuple[str, ...]
    deletes: bool = False


def push_of_git(lines: bytes) -> Push:
    """What git tells its hook pre-push on standard input: a line for each ref (githooks(5)). ScanError for others."""
    refs, heads, bases, deletes = [], [], [], False
    for line in lines.splitlines():
        said = _PUSHED.fullmatch(line.decode(errors="surrogateescape"))
        if not said:
            raise ScanError("git does not say what it pushes", where="pre-push", hint="let git run the hook")
        head, ref, base = said.groups()
        if not head.strip("0"):
            deletes = True
            continue
        refs.append(ref)
        heads.append(head)
        if base.strip("0"):
            bases.append(base)
    return Push(tuple(refs), tuple(heads), tuple(bases), deletes)


def push_of_pre_commit(environ: Mapping[str, str]) -> Push:
    """What pre-commit tells a hook of the stage pre-push (pre-commit.com, "pre-push").

    It tells of one ref only. Where all of its history is new, it names the local branch and no range; where a person
    runs the stage by hand, nothing, so that HEAD stands for the push.
    """
    head = environ.get("PRE_COMMIT_TO_REF") or environ.get("PRE_COMMIT_LOCAL_BRANCH") or "HEAD"
    refs = filter(None, [environ.get("PRE_COMMIT_REMOTE_BRANCH")])
    bases = filter(None, [environ.get("PRE_COMMIT_FROM_REF")])
    return Push(tuple(refs), (head,), tuple(bases))


def hooks_folder(folder: Path) -> Path:
    """Where a repository and its linked work trees have their own hooks, whether or not the folder is there."""
    return (
        Path(os.fsdecode(run_git(folder, ["rev-parse", "--path-format=absolute", "--git-common-dir"])[:-1])) / "hooks"
    )


def configured_hooks(folder: Path) -> str:
    """The folder that `core.hooksPath` sets in place of the repository's own; "" where it is not set."""
    listed = run_git(folder, ["config", "--null", "--show-scope", "--get-all", "core.hooksPath"]).split(b"\0")
    # What is set on a command line is our own, which keeps hooks from running under us.
    values = [value for scope, value in zip(listed[::2], listed[1::2], strict=False) if scope != b"command"]
    return os.fsdecode(values[-1]) if values else ""
