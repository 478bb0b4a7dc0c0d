"""Scans of git content, as a person or a script runs them: flags, exit codes, the receipt."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support import Repo, Tool, token

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "arguments",
    [
        ["--staged", "--history"],
        ["--staged", "--range", "HEAD"],
        ["--range", "HEAD", "--history"],
        ["--range", "HEAD", "--ref", "HEAD"],
        ["--message-file", "a.txt", "--staged"],
        ["--ref", "HEAD", "--ref", "main"],
        ["--staged", "-"],
        ["--history", "-"],
        ["--history", "a.txt"],
        ["--history", "sub"],
        ["--range", "HEAD", "a.txt"],
        ["--ref", "HEAD", ".", "sub"],
        ["--range", ""],
        ["--range", "^HEAD"],
        ["--allow-shallow"],
        ["--allow-shallow", "--staged"],
        ["--expect-commits", "1", "--staged"],
        ["--expect-files", "-1", "--staged"],
        ["--expect-files", "-1", "--staged"],
        ["--staged", "../elsewhere"],
    ],
)
def test_what_means_nothing_is_wrong_use(repo: Repo, arguments: list[str]) -> None:
    repo.write("a.txt", token("a"))
    repo.write("sub/b.txt", token("b"))
    repo.commit()
    got = repo.scan(*arguments)
    assert (got.code, got.out) == (2, "")
    assert got.err
    assert "defect" not in got.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--history"], 1),
        (["--history", "."], 1),
        (["--history", "--ref", "clean"], 0),
        (["--range", "main"], 1),
        (["--range", "clean"], 0),
        (["--ref", "main"], 0),
        (["--ref", "main^"], 1),
        (["--staged"], 0),
        (["--staged", "leak.txt"], 3),
        (["--history", "--fail-on", "note"], 1),
        (["--history", "--only-rule", "demo.pin"], 0),
        (["--history", "--expect-commits", "4"], 1),
        (["--ref", "main", "--expect-files", "1"], 0),
        (["--ref", "main", "--expect-files", "2"], 3),
        (["--range", "clean", "--expect-commits", "2"], 3),
        (["--range", "clean", "--expect-commits", "1"], 0),
        ([".", "--expect-files", "2"], 3),
        (["--range", "nope..main"], 3),
        (["--range", "main..nope"], 3),
        (["--history", "--ref", "nope"], 3),
    ],
)
def test_exit_codes(repo: Repo, arguments: list[str], code: int) -> None:
    repo.write("a.txt", "text")
    repo.commit()
    repo.git("branch", "clean")
    repo.write("leak.txt", token("a"))
    repo.commit()
    repo.git("rm", "--quiet", "leak.txt")
    repo.commit()
    got = repo.scan_text(*arguments)
    assert got.code == code
    assert "Traceback" not in got.err
    assert "defect" not in got.err


def test_what_was_expected_and_not_covered_is_named(repo: Repo) -> None:
    repo.write("a.txt", "text")
    repo.commit()
    got = repo.scan("--history", "--expect-files", "5", "--expect-commits", "6")
    assert got.code == 3
    assert got.skipped() == {
        "--expect-files": "1 files where 5 were expected",
        "--expect-commits": "1 commits where 6 were expected",
    }


def test_a_subfolder_is_no_boundary_for_commits(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.write("sub/b.txt", token("b"))
    repo.commit()
    below = Tool(repo.folder / "sub", repo.pack)
    for source in (["--history"], ["--range", "HEAD"], ["--ref", "HEAD"]):
        assert below.scan(*source).places() == [("a.txt", 1, 1), ("sub/b.txt", 1, 1)]


def test_the_configuration_is_the_working_trees(repo: Repo, tmp_path: Path) -> None:
    repo.write("a.txt", token("a"))
    repo.commit()
    repo.write(".cavra-boundary.toml", 'skip-rules = ["demo.token"]\n')
    outside = Tool(tmp_path, repo.pack)
    for source in (["--history"], ["--range", "HEAD"], ["--ref", "HEAD"]):
        assert repo.scan(*source).code == 0
        assert outside.scan(*source, str(repo.folder)).code == 0
    assert outside.scan("--staged", str(repo.folder / "a.txt")).code == 0


def test_the_report_for_people_says_since_when_and_whether_it_is_still_there(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.commit()
    commit = repo.git("rev-parse", "HEAD").strip()
    repo.git("rm", "--quiet", "a.txt")
    repo.commit()
    got = repo.scan_text("--history")
    assert f"a.txt:1:1 (since commit {commit[:10]} of " in got.out
    assert "gone from the tip" in got.out
    assert "Scanned history: 2 commits, 1 file" in got.out
    repo.write("a.txt", token("a"))
    repo.commit()
    assert "gone from the tip" not in repo.scan_text("--history").out


def test_outside_a_repository_there_is_nothing_to_ask(tool: Tool) -> None:
    for source in (["--history"], ["--range", "HEAD"], ["--ref", "HEAD"]):
        got = tool.scan(*source)
        assert (got.code, got.out) == (2, "")
        assert "not in a git repository" in got.err


def test_without_git_nothing_is_clean(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("a.txt", token("a"))
    repo.commit()
    monkeypatch.setenv("PATH", str(tmp_path))
    for source in (["--staged"], ["--history"], ["--range", "HEAD"], ["--ref", "HEAD"], []):
        got = repo.scan(*source)
        assert (got.code, got.out) == (3, "")
        assert "git is not installed" in got.err


REAL = "exec '{git}' \"$@\""
FAILURES = {
    # Which git command fails, and how.
    "rev-list": "'{git}' \"$@\" | head -c 20; exit 0",
    "for-each-ref": "exit 1",
    "cat-file": "head -n 1 | '{git}' \"$@\"",
    "cat-file breaks off": "head -n 1 | '{git}' \"$@\" | head -c 60",
    "cat-file says nothing": "exit 0",
    "cat-file tells of others": "head -n 1 | '{git}' \"$@\" | tr 0123456789 1234567890",
    "ls-files": "exit 1",
    "ls-files breaks off": "'{git}' \"$@\" | head -c 60",
    "diff-index": "exit 1",
}


@pytest.mark.parametrize("failing", FAILURES)
def test_a_git_that_fails_half_way_is_never_clean(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    for count in range(3):
        repo.write(f"{count}.txt", f"{count} text " * 20)
        repo.commit()
    git = subprocess.run(["which", "git"], check=True, capture_output=True, text=True).stdout.strip()
    script = tmp_path / "bin" / "git"
    script.parent.mkdir()
    command = failing.split()[0]
    fails, real = FAILURES[failing].format(git=git), REAL.format(git=git)
    script.write_text(f'#!/bin/sh\ncase " $* " in *" {command} "*) {fails};; *) {real};; esac\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
    source = {"ls-files": ["."], "diff-index": ["--staged"]}.get(command, ["--history"])
    got = repo.scan(*source)
    assert "defect" not in got.err + got.out
    if failing == "diff-index":
        assert got.code == 0
        assert got.report["receipt"]["files"] + got.report["receipt"]["reused"] == 3, (
            "nothing can be compared: all of it"
        )
    else:
        assert got.code == 3


def test_a_staged_scan_starts_fast(repo: Repo) -> None:
    """Far above what it takes, and far below what an accidental import of everything history needs would add."""
    modules = "cavra_boundary.sources.history", "tempfile", "concurrent.futures.process"
    code = f"import sys; from cavra_boundary.cli import scan; sys.exit(any(m in sys.modules for m in {modules!r}))"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=repo.folder).returncode == 0


def test_a_bare_repository_has_no_files(repo: Repo, tmp_path: Path) -> None:
    repo.write("a.txt", token("a"))
    repo.commit()
    repo.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    bare = Tool(tmp_path / "bare.git", repo.pack)
    result = bare.scan()
    assert (result.code, "a bare repository has no files" in result.err) == (2, True), "what it holds is packed"
    assert bare.scan("--history").code == 1
    assert bare.scan("-", stdin=token("b").encode()).code == 1


def test_an_unknown_revision_is_told_alike(repo: Repo) -> None:
    repo.commit()
    for asked in (["--ref", "nope"], ["--history", "--ref", "nope"], ["--range", "nope"]):
        result = repo.scan(*asked)
        assert result.code == 3
        assert result.err.endswith(": unknown revision 'nope' (check the spelling, or fetch it)\n")
