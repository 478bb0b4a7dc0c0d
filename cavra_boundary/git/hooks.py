"""Git's own hooks: the script in `.git/hooks`, the location of that folder, and what a push says about itself.

The script runs in `sh` wherever git runs. It calls the program that installed it by its full path, since a hook's PATH
is whatever the editor or desktop that started git has. It fails if that program is gone: a check that did not run did
not pass.
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
"""What is pushed, its id, the remote ref, and that ref's current id; zeros mean none."""

STAGES = ("pre-commit", "commit-msg", "pre-push")

_MARK = "# Written by `cavra-boundary hook install`; `cavra-boundary hook uninstall` removes it."
_SCRIPT = """\
#!/bin/sh
{mark}
python={python}
package={package}
if ! [ -x "$python" ] || ! [ -e "$package" ]; then
    echo "cavra-boundary: nothing was checked: the {stage} hook needs $package, which is gone" >&2
    echo "cavra-boundary: run 'cavra-boundary hook install' again, or remove $0" >&2
    exit 3
fi
exec "$python" -P -m cavra_boundary hook run {stage} -- "$@"
"""


def script(stage: str, python: Path, package: Path) -> str:
    """The hook for a stage; it runs with this interpreter and fails if the package has moved."""
    # -P: the hook runs in the repository, and Python must not import anything from there.
    return _SCRIPT.format(mark=_MARK, python=quote(python.as_posix()), package=quote(package.as_posix()), stage=stage)


def is_ours(content: bytes) -> bool:
    """Whether this is a hook made by `script`, in this or another version."""
    return _MARK.encode() in content.splitlines()[1:2]


class Push(NamedTuple):
    """What a push is about to make public.

    refs: the full names that it creates or moves. heads: what they will point to. bases: what they point to on the
    remote now. deletes: whether it deletes a ref.
    """

    refs: tuple[str, ...]
    heads: tuple[str, ...]
    bases: tuple[str, ...]
    deletes: bool = False


def push_of_git(lines: bytes) -> Push:
    """What git gives a pre-push hook on standard input: one line per ref (githooks(5)). ScanError for anything else."""
    refs, heads, bases, deletes = [], [], [], False
    for line in lines.splitlines():
        said = _PUSHED.fullmatch(line.decode(errors="surrogateescape"))
        if not said:
            raise ScanError("git did not say what it is pushing", where="pre-push", hint="let git run the hook")
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
    """What pre-commit tells a hook at the pre-push stage (pre-commit.com, "pre-push").

    It only covers one ref. If all of its history is new, it gives the local branch but no range; if a person runs the
    stage by hand, it gives nothing, so HEAD is used.
    """
    head = environ.get("PRE_COMMIT_TO_REF") or environ.get("PRE_COMMIT_LOCAL_BRANCH") or "HEAD"
    refs = filter(None, [environ.get("PRE_COMMIT_REMOTE_BRANCH")])
    bases = filter(None, [environ.get("PRE_COMMIT_FROM_REF")])
    return Push(tuple(refs), (head,), tuple(bases))


def hooks_folder(folder: Path) -> Path:
    """The hooks folder of a repository and its linked work trees, whether or not it exists."""
    return (
        Path(os.fsdecode(run_git(folder, ["rev-parse", "--path-format=absolute", "--git-common-dir"])[:-1])) / "hooks"
    )


def configured_hooks(folder: Path) -> str:
    """The folder that `core.hooksPath` uses instead of the repository's own; "" if it is not set."""
    listed = run_git(folder, ["config", "--null", "--show-scope", "--get-all", "core.hooksPath"]).split(b"\0")
    # The command-line setting is ours: it keeps hooks from running under us.
    values = [value for scope, value in zip(listed[::2], listed[1::2], strict=False) if scope != b"command"]
    return os.fsdecode(values[-1]) if values else ""
