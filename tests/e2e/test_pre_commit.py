"""The hooks as pre-commit users have them: the real program, real repositories, hooks from this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from support import Repo, copy_checkout, token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

CONFIG = """\
repos:
  - repo: {source}
    rev: {revision}
    hooks:
      - id: cavra-boundary
      - id: cavra-boundary-commit-msg
      - id: cavra-boundary-push
      - id: cavra-boundary-evidence
"""


@dataclass(frozen=True)
class Ran:
    """A program's output on both streams, and its exit code."""

    code: int
    said: str


def run(folder: Path, *command: str) -> Ran:
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return Ran(done.returncode, done.stdout)


def pre_commit(folder: Path, *arguments: str) -> Ran:
    return run(folder, sys.executable, "-m", "pre_commit", *arguments)


def git(repo: Repo, *arguments: str) -> Ran:
    """Run git where a hook may stop it."""
    return run(repo.folder, "git", *arguments)


def commit(repo: Repo) -> None:
    """Commit everything without running the hooks."""
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--no-verify", "--message", "test")


def leak_and_remove(repo: Repo) -> None:
    """Two commits: what the first adds, the second removes again."""
    leak = repo.write("leak.txt", token("leak"))
    commit(repo)
    leak.unlink()
    commit(repo)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, pack: Path) -> Repo:
    """The checkout, with everything committed."""
    made = Repo(tmp_path_factory.mktemp("source"), pack)
    copy_checkout(made.folder)
    made.git("init", "--quiet")
    made.commit()
    return made


@pytest.fixture(scope="module", autouse=True)
def environment(source: Repo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One pre-commit home for all tests, so that the hooks are installed once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRE_COMMIT_HOME", os.fspath(tmp_path_factory.mktemp("pre-commit")))
        first = Repo(tmp_path_factory.mktemp("first"), source.pack)
        first.git("init", "--quiet")
        configure(first, source)
        installed = pre_commit(first.folder, "install-hooks")
        assert installed.code == 0, installed.said
        yield


def configure(repo: Repo, source: Repo) -> None:
    revision = source.git("rev-parse", "HEAD").strip()
    repo.write(".pre-commit-config.yaml", CONFIG.format(source=source.folder, revision=revision))
    repo.write("pack.toml", source.pack.read_bytes())
    repo.write(".cavra-boundary.toml", 'packs = ["pack.toml"]\nexclude = ["pack.toml"]\n')


def install(repo: Repo, stage: str) -> None:
    """Only the stage under test, since each takes a while."""
    got = pre_commit(repo.folder, "install", "--hook-type", stage)
    assert got.code == 0, got.said


@pytest.fixture
def project(repo: Repo, source: Repo) -> Repo:
    """A repository with a commit, and the hook for commits."""
    configure(repo, source)
    repo.commit()
    install(repo, "pre-commit")
    return repo


def test_try_repo(repo: Repo, source: Repo) -> None:
    configure(repo, source)
    repo.write("notes.txt", f"it is {token('a')}\n")
    repo.git("add", "--all")
    got = pre_commit(repo.folder, "try-repo", os.fspath(source.folder), "cavra-boundary", "--all-files")
    assert got.code == 1
    assert "notes.txt:1:7" in got.said


# A commit


def test_a_leak_is_stopped_and_what_mends_it_passes(project: Repo) -> None:
    project.write("notes.txt", f"first\nit is {token('a')}\n")
    project.git("add", "notes.txt")
    got = git(project, "commit", "-m", "notes")
    assert got.code == 1
    assert "public boundary" in got.said
    assert "error: Demo token: It opens the demo." in got.said
    assert "notes.txt:2:7" in got.said
    assert "2 | it is " in got.said
    assert token("a") not in got.said
    assert project.git("log", "--format=%s").split() == ["test"]
    project.write("notes.txt", "first\nit is in the environment\n")
    project.git("add", "notes.txt")
    assert git(project, "commit", "-m", "notes").code == 0


def test_a_partially_staged_file_is_judged_by_its_staged_part(project: Repo) -> None:
    project.write("a.txt", "staged\n")
    project.git("add", "a.txt")
    project.write("a.txt", f"staged\n{token('a')}\n")
    assert git(project, "commit", "-m", "x").code == 0
    project.git("add", "a.txt")
    project.write("a.txt", "mended on the disk only\n")
    got = git(project, "commit", "-m", "x")
    assert (got.code, "a.txt:2:1" in got.said) == (1, True)


def test_renames_deletions_links_and_names_like_options(project: Repo) -> None:
    project.write("old.txt", f"{token('a')}\nmore\nand more\n")
    commit(project)
    project.git("mv", "old.txt", "new.txt")
    renamed = git(project, "commit", "-m", "rename")
    assert (renamed.code, "new.txt:1:1" in renamed.said) == (1, True)
    project.git("rm", "--quiet", "--force", "new.txt")
    assert git(project, "commit", "-m", "delete").code == 0
    (project.folder / "link").symlink_to(token("l"))
    project.git("add", "link")
    linked = git(project, "commit", "-m", "link")
    assert (linked.code, "link" in linked.said, token("l") in linked.said) == (1, True, False)
    project.git("rm", "--quiet", "--force", "link")
    project.write("--staged", "text")
    project.write("-q", token("q"))
    project.git("add", "--all")
    assert git(project, "commit", "-m", "option").code == 1
    project.write("-q", "text")
    project.git("add", "--all")
    assert git(project, "commit", "-m", "option").code == 0


def test_the_first_commit(repo: Repo, source: Repo) -> None:
    configure(repo, source)
    install(repo, "pre-commit")
    repo.write("a.txt", token("a"))
    repo.git("add", "--all")
    assert git(repo, "commit", "-m", "first").code == 1
    repo.git("rm", "--quiet", "--force", "a.txt")
    assert git(repo, "commit", "-m", "first").code == 0


def test_a_merge_commits_own_content(project: Repo) -> None:
    project.write("a.txt", "base\n")
    commit(project)
    project.git("checkout", "--quiet", "-b", "other")
    project.write("a.txt", "theirs\n")
    commit(project)
    project.git("checkout", "--quiet", "main")
    project.write("a.txt", "ours\n")
    commit(project)
    assert git(project, "merge", "other").code == 1, "a conflict"
    project.write("a.txt", f"both {token('m')}\n")
    project.git("add", "a.txt")
    got = git(project, "commit", "-m", "merge")
    assert (got.code, "a.txt:1:6" in got.said) == (1, True)
    project.write("a.txt", "both\n")
    project.git("add", "a.txt")
    assert git(project, "commit", "-m", "merge").code == 0


def test_a_commit_of_so_many_files_that_their_names_fill_several_command_lines(project: Repo) -> None:
    folder = "a folder with a long name/" * 3
    for number in range(1800):
        project.write(f"{folder}{number:04}.txt", "text\n")
    project.write(f"{folder}0900.txt", token("a"))
    project.git("add", "--all")
    got = git(project, "commit", "-m", "many")
    assert got.code == 1
    assert got.said.count("0900.txt:1:1") == 1
    assert got.said.count("Boundary holds.") >= 1, "the other command lines"


def test_all_files(project: Repo) -> None:
    """Committed files too, as CI needs."""
    assert pre_commit(project.folder, "run", "--all-files").code == 0
    project.write("a.txt", token("a"))
    commit(project)
    got = pre_commit(project.folder, "run", "--all-files")
    assert (got.code, "a.txt:1:1" in got.said) == (1, True)


def test_evidence(project: Repo) -> None:
    packet = '{{"schema_version": "cavra.release.handoff.v1", "evidence_mode": "live", "approval_ref": "{}"}}'
    project.write("docs/evidence/handoff.json", packet.format("the plan itself"))
    project.write("docs/other.json", '{"approval_ref": "of no packet"}')
    project.git("add", "docs")
    stopped = pre_commit(project.folder, "run", "cavra-boundary-evidence")
    assert (stopped.code, "docs/evidence/handoff.json:1:" in stopped.said) == (1, True)
    assert "other.json" not in stopped.said
    project.write("docs/evidence/handoff.json", packet.format("ticket://rel-1"))
    project.git("add", "docs")
    assert pre_commit(project.folder, "run", "cavra-boundary-evidence").code == 0


def test_a_message(project: Repo) -> None:
    install(project, "commit-msg")
    project.write("a.txt", "text\n")
    project.git("add", "a.txt")
    got = git(project, "commit", "-m", f"use {token('m')}")
    assert got.code == 1
    assert "public boundary (commit message)" in got.said
    assert token("m") not in got.said
    assert git(project, "commit", "-m", "use the environment").code == 0


# A push


@pytest.fixture
def remote(project: Repo, tmp_path: Path) -> Repo:
    """The project's bare `origin`; the project has the pre-push hook."""
    install(project, "pre-push")
    bare = Repo(tmp_path / "remote.git", project.pack)
    bare.folder.mkdir()
    bare.git("init", "--quiet", "--bare", "--initial-branch", "main")
    project.git("remote", "add", "origin", os.fspath(bare.folder))
    return bare


def test_pushes_of_a_branch(project: Repo, remote: Repo) -> None:
    """The first, a later one, a forced one, and a deletion; a later commit always removes the leak."""
    leak_and_remove(project)
    first = git(project, "push", "origin", "main")
    assert (first.code != 0, "leak.txt:1:1" in first.said, token("leak") in first.said) == (True, True, False)
    project.git("reset", "--quiet", "--hard", "HEAD~2")
    assert git(project, "push", "origin", "main").code == 0
    leak_and_remove(project)
    later = git(project, "push", "origin", "main")
    assert (later.code != 0, "leak.txt:1:1" in later.said) == (True, True)
    project.git("push", "--quiet", "--no-verify", "origin", "main")
    project.git("reset", "--quiet", "--hard", "HEAD~2")
    project.write("b.txt", "text")
    commit(project)
    assert git(project, "push", "--force", "origin", "main").code == 0
    leak_and_remove(project)
    assert git(project, "push", "--force", "origin", "main").code != 0
    project.git("push", "--quiet", "--no-verify", "origin", "main:gone")
    assert git(project, "push", "origin", "--delete", "gone").code == 0


def test_the_push_of_a_tag(project: Repo, remote: Repo) -> None:
    project.git("push", "--quiet", "--no-verify", "origin", "main")
    leak_and_remove(project)
    project.git("tag", "v1")
    got = git(project, "push", "origin", "v1")
    assert (got.code != 0, "leak.txt:1:1" in got.said) == (True, True)
    project.git("reset", "--quiet", "--hard", "origin/main")
    project.write("b.txt", "text")
    commit(project)
    project.git("tag", "v2", "--annotate", "--message", "second")
    assert git(project, "push", "origin", "v2").code == 0
