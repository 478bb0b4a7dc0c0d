"""The commands given to git, and how their output is read. Hostile repositories: tests/e2e."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from cavra_boundary.errors import ExitCode, GitError
from cavra_boundary.git.listing import work_tree
from cavra_boundary.git.repository import top_of

if TYPE_CHECKING:
    from pathlib import Path

    from support import Repo, Tool


def files(folder: Path, *exclude: str, ignore: bool = True) -> set[str]:
    return set(work_tree(folder, ignore=ignore, exclude=exclude).files)


def test_the_top_is_the_nearest_folder_with_a_git(repo: Repo, tmp_path: Path) -> None:
    (repo.folder / "a" / "b").mkdir(parents=True)
    assert top_of(repo.folder / "a" / "b") == repo.folder
    assert top_of(repo.folder) == repo.folder
    assert top_of(tmp_path) is None
    (repo.folder / "a" / ".git").write_text("gitdir: elsewhere")
    assert top_of(repo.folder / "a" / "b") == repo.folder / "a"


def test_tracked_untracked_and_ignored(repo: Repo) -> None:
    for path in ("tracked", "ignored", "untracked", "sub/tracked", "sub/ignored"):
        repo.write(path, "text")
    repo.write(".gitignore", "ignored\n")
    repo.git("add", "tracked", "sub/tracked", ".gitignore")
    repo.git("add", "--force", "sub/ignored")
    tracked = {".gitignore", "tracked", "sub/tracked", "sub/ignored"}
    assert files(repo.folder) == tracked | {"untracked"}
    assert files(repo.folder, ignore=False) == tracked | {"untracked", "ignored"}
    assert files(repo.folder / "sub") == {"tracked", "ignored"}
    assert files(repo.folder, "untracked", "tracked") == tracked, "tracked files are not affected"


def test_a_file_is_listed_once(repo: Repo) -> None:
    repo.write("a", "text")
    repo.git("add", "a")
    listed = work_tree(repo.folder, ignore=False, exclude=()).files
    assert len(listed) == len(set(listed))


def test_names_of_any_bytes(repo: Repo) -> None:
    names = [b"\xff", b"a\nb", b'"', b"\\", b"\t", "é".encode()]
    for name in names:
        (repo.folder / os.fsdecode(name)).write_text("text")
    assert files(repo.folder) == set(map(os.fsdecode, names))
    repo.git("add", "--all")
    assert files(repo.folder) == set(map(os.fsdecode, names))


def test_a_pattern_of_ours_is_no_option_of_gits(repo: Repo) -> None:
    repo.write("--stage", "text")
    repo.write("a", "text")
    assert files(repo.folder, "--stage") == {"a"}


def test_a_linked_work_tree(repo: Repo, tmp_path: Path) -> None:
    repo.write("a", "text")
    repo.commit()
    repo.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    assert files(tmp_path / "linked") == {"a"}


def test_a_failure_is_an_error_that_makes_the_run_incomplete(tool: Tool) -> None:
    with pytest.raises(GitError) as caught:
        work_tree(tool.folder, ignore=True, exclude=())
    assert caught.value.exit_code is ExitCode.INCOMPLETE
    assert "git ls-files failed" in caught.value.what


def test_a_refusal_for_another_owner_says_what_to_do(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(GitError) as caught:
        work_tree(repo.folder, ignore=True, exclude=())
    assert caught.value.hint.startswith("run: git config --global --add safe.directory")
