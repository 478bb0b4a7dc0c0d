"""The hook scripts, and how a push is read. tests/e2e/test_hooks.py tests that git runs the scripts."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavra_boundary.errors import BoundaryError, ExitCode
from cavra_boundary.git.hooks import STAGES, Push, is_ours, push_of_git, push_of_pre_commit, script

if TYPE_CHECKING:
    from collections.abc import Mapping

ZEROS = b"0" * 40
A, B = "a" * 40, "b" * 40


@pytest.mark.parametrize("stage", STAGES)
def test_a_script_gives_its_program_the_stage_and_the_arguments_of_git(tmp_path: Path, stage: str) -> None:
    program = tmp_path / "it's a `python` $HOME"
    program.write_text('#!/bin/sh\nprintf "%s|" "$@"\nexit 7\n')
    program.chmod(0o755)
    file = tmp_path / "hook"
    file.write_text(script(stage, program, tmp_path))
    done = subprocess.run(["sh", file, "an argument", "-x"], capture_output=True, text=True, check=False)
    assert done.stdout == f"-P|-m|cavra_boundary|hook|run|{stage}|--|an argument|-x|"
    assert done.returncode == 7


@pytest.mark.parametrize("gone", ["python", "package"])
def test_a_script_without_its_program_fails_and_says_so(tmp_path: Path, gone: str) -> None:
    there, missing = Path("/bin/true"), tmp_path / "gone"
    file = tmp_path / "hook"
    file.write_text(script("pre-push", missing if gone == "python" else there, missing if gone == "package" else there))
    done = subprocess.run(["sh", file], capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.INCOMPLETE
    assert "nothing was checked" in done.stderr
    assert str(file) in done.stderr


def test_our_scripts_are_known() -> None:
    assert is_ours(script("pre-commit", Path("/bin/true"), Path("/")).encode())
    for foreign in (
        b"",
        b"#!/bin/sh\n",
        b"\xff\x00",
        b"#!/bin/sh\nexec mine\n# Written by `cavra-boundary hook install`\n",
    ):
        assert not is_ours(foreign)


@pytest.mark.parametrize(
    ("lines", "push"),
    [
        (b"", Push((), (), ())),
        (
            b"refs/heads/main %b refs/heads/main %b\n" % (A.encode(), B.encode()),
            Push(("refs/heads/main",), (A,), (B,)),
        ),
        (b"refs/heads/x %b refs/heads/y %b\n" % (A.encode(), ZEROS), Push(("refs/heads/y",), (A,), ())),
        (b"(delete) %b refs/heads/x %b\n" % (ZEROS, B.encode()), Push((), (), (), deletes=True)),
        (
            b"HEAD@{1 day ago} %b refs/heads/x %b\n(delete) %b refs/heads/y %b\n" % (A.encode(), ZEROS, ZEROS, ZEROS),
            Push(("refs/heads/x",), (A,), (), deletes=True),
        ),
    ],
)
def test_what_git_says_of_a_push(lines: bytes, push: Push) -> None:
    assert push_of_git(lines) == push


@given(lines=st.binary(max_size=200) | st.text("0a \n\r\x1c", max_size=200).map(str.encode))
def test_what_git_does_not_say_is_never_clean(lines: bytes) -> None:
    """Every line is a ref to scan, a deletion or an error."""
    try:
        push = push_of_git(lines)
    except BoundaryError as error:
        assert error.exit_code is ExitCode.INCOMPLETE
    else:
        assert len(push.heads) == len(push.refs)
        assert push.heads or push.deletes or not lines.splitlines()


@pytest.mark.parametrize(
    ("environ", "push"),
    [
        ({}, Push((), ("HEAD",), ())),
        ({"PRE_COMMIT_FROM_REF": B, "PRE_COMMIT_TO_REF": A}, Push((), (A,), (B,))),
        (
            {"PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main", "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/new"},
            Push(("refs/heads/new",), ("refs/heads/main",), ()),
        ),
        (
            {
                "PRE_COMMIT_FROM_REF": B,
                "PRE_COMMIT_TO_REF": A,
                "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main",
                "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/main",
            },
            Push(("refs/heads/main",), (A,), (B,)),
        ),
    ],
)
def test_what_pre_commit_says_of_a_push(environ: Mapping[str, str], push: Push) -> None:
    assert push_of_pre_commit(environ) == push
