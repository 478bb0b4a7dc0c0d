"""The message of a commit in progress: everything is scanned except what git will drop."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from support import Repo, Tool, token

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SCISSORS = "# ------------------------ >8 ------------------------"
HINT = "# Please enter the commit message for your changes. Lines starting\n# with '#' will be ignored, and an empty"
MESSAGE = f"""subject {token("subject")}

# {token("comment")}
  # {token("indented")}
body
{SCISSORS}
# Do not modify or remove the line above.
diff --git a/a b/a
-{token("removed")}
"""


def lines(got: object) -> set[int]:
    assert isinstance(got, list)
    return {each["line"] for each in got}


def test_what_git_drops_is_not_judged(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIT_EDITOR", raising=False)
    file = repo.write(".git/COMMIT_EDITMSG", MESSAGE.replace("body", HINT))
    got = repo.scan("--message-file", str(file))
    assert got.code == 1
    assert {each["path"] for each in got.findings()} == {".git/COMMIT_EDITMSG"}
    assert lines(got.findings()) == {1, 4}
    assert got.report["receipt"]["sources"] == ["message"]
    assert got.report["receipt"]["files"] == 1


def test_comments_are_judged_unless_git_says_that_it_drops_them(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook cannot see --cleanup."""
    monkeypatch.setenv("GIT_EDITOR", "vi")
    file = repo.write(".git/COMMIT_EDITMSG", MESSAGE)
    assert lines(repo.scan("--message-file", str(file)).findings()) == {1, 3, 4}
    kept = HINT.replace("ignored, and", "kept; you")
    file = repo.write(".git/COMMIT_EDITMSG", MESSAGE.replace("body", kept))
    assert lines(repo.scan("--message-file", str(file)).findings()) == {1, 3, 4}


def test_what_git_keeps_is_judged(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git drops nothing without an editor, or if configured not to; but always its own diff in the editor."""
    file = repo.write(".git/COMMIT_EDITMSG", MESSAGE.replace("body", HINT))
    monkeypatch.setenv("GIT_EDITOR", ":")
    assert lines(repo.scan("--message-file", str(file)).findings()) == {1, 3, 4, 10}
    monkeypatch.setenv("GIT_EDITOR", "vi")
    for setting in (("commit.cleanup", "verbatim"), ("commit.cleanup", "whitespace"), ("core.commentChar", ";")):
        repo.git("config", *setting)
        assert lines(repo.scan("--message-file", str(file)).findings()) == {1, 3, 4}
        repo.git("config", "--unset", setting[0])
    repo.git("config", "commit.cleanup", "strip")
    assert lines(repo.scan("--message-file", str(file)).findings()) == {1, 4}


def test_text_below_scissors_that_is_no_diff_is_judged(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_EDITOR", "vi")
    file = repo.write(".git/COMMIT_EDITMSG", f"subject\n{SCISSORS}\n# Do not modify\n{token('a')}\n")
    assert lines(repo.scan("--message-file", str(file)).findings()) == {4}


def test_a_message_outside_a_repository_is_judged_whole(tool: Tool) -> None:
    tool.write("message.txt", MESSAGE)
    got = tool.scan("--message-file", "message.txt")
    assert lines(got.findings()) == {1, 3, 4, 9}
    assert {each["path"] for each in got.findings()} == {"message.txt"}


def test_a_message_that_cannot_be_read(tool: Tool, tmp_path: Path) -> None:
    assert tool.scan("--message-file", "nowhere").code == 2
    assert tool.scan("--message-file", str(tmp_path)).code == 2
    tool.write("large.txt", "x" * 2000)
    got = tool.scan("--message-file", "large.txt", "--max-file-size", "1000")
    assert (got.code, got.skipped()) == (3, {"large.txt": "larger than --max-file-size"})
    assert tool.scan("--message-file", "large.txt", "large.txt").code == 2


def test_an_installed_hook_judges_what_git_will_keep(repo: Repo) -> None:
    hook = repo.folder / ".git" / "hooks" / "commit-msg"
    hook.parent.mkdir(exist_ok=True)
    scan = f'"{sys.executable}" -m cavra_boundary scan --quiet --pack "{repo.pack}" --message-file "$1"'
    hook.write_text(f"#!/bin/sh\nexec {scan}\n")
    hook.chmod(0o755)
    repo.write("a.txt", "text")
    repo.git("add", "a.txt")

    def commit(*arguments: str, message: str) -> int:
        file = repo.write("../message", message)
        environment = os.environ | {"GIT_EDITOR": f"cp '{file}'"}
        command = ["git", "-C", os.fspath(repo.folder), "commit", "--quiet", "--allow-empty", *arguments]
        return subprocess.run(command, check=False, capture_output=True, env=environment).returncode

    assert commit(message=f"subject\n# {token('a')}\n{HINT}\n") == 0
    for how in ("whitespace", "verbatim", "scissors"):
        assert commit(f"--cleanup={how}", message=f"subject\n# {token('a')}\n") == 1
    assert commit(message=f"subject {token('a')}\n") == 1
    assert commit("--message", f"subject\n\n# {token('a')}", message="") == 1
    assert commit("--verbose", message=f"subject\n{SCISSORS}\ndiff --git a/a b/a\n-{token('a')}\n") == 0
