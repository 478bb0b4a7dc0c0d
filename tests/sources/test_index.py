"""The index: what the next commit will contain, whatever is in the working tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support import Repo, Tool, token

if TYPE_CHECKING:
    from pathlib import Path


def paths(tool: Tool, *arguments: str) -> set[str]:
    return {path for path, _, _ in tool.scan("--staged", *arguments).places()}


def test_a_partly_staged_file_is_judged_by_its_staged_part(repo: Repo) -> None:
    repo.write("leaks.txt", token("a"))
    repo.write("mended.txt", token("b"))
    repo.git("add", "mended.txt")
    repo.write("mended.txt", "harmless")
    repo.write("leaks.txt", "harmless")
    repo.git("add", "leaks.txt")
    repo.write("leaks.txt", token("a"))
    got = repo.scan("--staged")
    assert got.code == 1
    assert got.places() == [("mended.txt", 1, 1)]
    assert got.findings()[0]["origin"] == "index"
    assert got.report["receipt"]["sources"] == ["index"]


def test_only_what_differs_from_head_is_scanned(repo: Repo) -> None:
    repo.write("old.txt", token("a"))
    repo.write("changed.txt", "text")
    repo.commit()
    assert repo.scan("--staged").report["receipt"]["files"] == 0
    repo.write("changed.txt", token("b"))
    repo.write("new.txt", token("c"))
    repo.write("untracked.txt", token("d"))
    repo.git("add", "changed.txt", "new.txt")
    assert paths(repo) == {"changed.txt", "new.txt"}


def test_before_the_first_commit_everything_is_new(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.git("add", "a.txt")
    assert paths(repo) == {"a.txt"}


def test_an_empty_repository_has_nothing_staged(repo: Repo) -> None:
    got = repo.scan("--staged")
    assert (got.code, got.report["receipt"]["files"]) == (0, 0)


def test_a_detached_head_is_compared_with(repo: Repo) -> None:
    repo.write("old.txt", token("a"))
    repo.commit()
    repo.git("checkout", "--quiet", "--detach")
    repo.write("new.txt", token("b"))
    repo.git("add", "new.txt")
    assert paths(repo) == {"new.txt"}


def test_deletion_rename_and_change_of_type(repo: Repo) -> None:
    for name in ("deleted.txt", "renamed.txt", "file.txt"):
        repo.write(name, token(name))
    repo.commit()
    repo.git("rm", "--quiet", "deleted.txt")
    repo.git("mv", "renamed.txt", "other.txt")
    (repo.folder / "file.txt").unlink()
    (repo.folder / "file.txt").symlink_to(token("target"))
    repo.git("add", "file.txt")
    got = repo.scan("--staged")
    assert {path for path, _, _ in got.places()} == {"other.txt", "file.txt"}
    assert [each["origin"] for each in got.findings() if each["path"] == "file.txt"] == ["symlink"]


def test_all_versions_of_an_unmerged_file_are_scanned(repo: Repo) -> None:
    repo.write("a.txt", "one\n")
    repo.commit()
    repo.git("checkout", "--quiet", "-b", "other")
    repo.write("a.txt", f"{token('theirs')}\n")
    repo.commit()
    repo.git("checkout", "--quiet", "main")
    repo.write("a.txt", f"\n{token('ours')}\n")
    repo.commit()
    with pytest.raises(subprocess.CalledProcessError):
        repo.git("merge", "other")
    assert repo.scan("--staged").places() == [("a.txt", 1, 1), ("a.txt", 2, 1)]


def test_what_is_only_intended_to_be_added_is_not_staged(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.git("add", "--intent-to-add", "a.txt")
    assert paths(repo) == set()


def test_a_submodule_is_named_not_read(repo: Repo) -> None:
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    got = repo.scan("--staged")
    assert (got.code, got.skipped()) == (0, {"module": "another repository"})


def test_named_paths_are_scanned_changed_or_not(repo: Repo) -> None:
    for name in ("a.txt", "sub/b.txt", "sub/c.txt"):
        repo.write(name, token(name))
    repo.commit()
    repo.write("sub/b.txt", "harmless")
    assert paths(repo, "sub/b.txt") == {"sub/b.txt"}
    assert paths(repo, "sub") == {"sub/b.txt", "sub/c.txt"}
    assert paths(repo, ".") == {"a.txt", "sub/b.txt", "sub/c.txt"}
    assert paths(Tool(repo.folder / "sub", repo.pack), "b.txt", "../a.txt") == {"sub/b.txt", "a.txt"}
    (repo.folder / "sub" / "b.txt").unlink()
    assert paths(repo, "sub/b.txt") == {"sub/b.txt"}, "it need not be on the disk"


def test_named_paths_that_are_deleted_are_nothing_to_scan_others_are_missing(repo: Repo) -> None:
    repo.write("deleted.txt", token("a"))
    repo.write("folder/deleted.txt", token("a"))
    repo.commit()
    repo.git("rm", "--quiet", "-r", "deleted.txt", "folder")
    assert repo.scan("--staged", "deleted.txt", "folder").code == 0
    repo.write("untracked.txt", token("b"))
    got = repo.scan("--staged", "untracked.txt", "nowhere.txt")
    assert got.code == 3
    assert got.skipped() == {"untracked.txt": "not in the index", "nowhere.txt": "not in the index"}


def test_a_named_path_is_no_pattern(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.write("*.txt", "harmless")
    repo.git("add", "--all")
    assert paths(repo, "*.txt") == set()


def test_an_excluded_file_is_counted_not_read(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.git("add", "a.txt")
    got = repo.scan("--staged", "--exclude", "*.txt")
    assert (got.code, got.report["receipt"]["excluded"]) == (0, 1)


def test_a_large_file_is_read_in_windows_and_a_larger_one_makes_the_run_incomplete(repo: Repo) -> None:
    repo.write("large.txt", b"x\n" * 3_000_000 + token("a").encode())
    repo.git("add", "large.txt")
    assert repo.scan("--staged").places() == [("large.txt", 3_000_001, 1)]
    got = repo.scan("--staged", "--max-file-size", "5MB")
    assert (got.code, got.skipped()) == (3, {"large.txt": "larger than --max-file-size"})


def test_what_follows_a_file_that_is_not_read_to_its_end_is_read(repo: Repo) -> None:
    for name in ("a", "b"):
        repo.write(f"{name}1.txt", os.urandom(9_000_000 if name == "b" else 1_000_000))
        repo.write(f"{name}2.txt", token(name))
    repo.git("add", "--all")
    got = repo.scan("--staged", "--max-file-size", "100kB")
    assert {path for path, _, _ in got.places()} == {"a2.txt", "b2.txt"}
    assert set(got.skipped()) == {"a1.txt", "b1.txt"}


def test_files_of_the_same_content_are_all_reported(repo: Repo) -> None:
    for name in ("a", "b", "c"):
        repo.write(f"{name}.txt", token("same"))
    repo.git("add", "--all")
    assert paths(repo) == {"a.txt", "b.txt", "c.txt"}


def test_a_missing_blob_makes_the_run_incomplete_and_the_others_are_read(repo: Repo) -> None:
    for name in ("a", "b", "c"):
        repo.write(f"{name}.txt", token(name))
    repo.git("add", "--all")
    oid = repo.git("rev-parse", ":b.txt").strip()
    (repo.folder / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    got = repo.scan("--staged")
    assert {path for path, _, _ in got.places()} == {"a.txt", "c.txt"}
    assert list(got.skipped()) == ["b.txt"]
    assert got.report["receipt"]["complete"] is False


HOOK = '#!/bin/sh\nexec "{python}" -m cavra_boundary scan --staged --quiet --pack "{pack}"\n'


@pytest.fixture
def guarded(repo: Repo) -> Repo:
    """A repository whose commits are checked by the tool, with two harmless files committed."""
    repo.write("a.txt", "text\n")
    repo.write("b.txt", "text\n")
    repo.commit()
    hook = repo.folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK.format(python=sys.executable, pack=repo.pack))
    hook.chmod(0o755)
    return repo


def commit(folder: Path, *arguments: str) -> int:
    return subprocess.run(
        ["git", "-C", os.fspath(folder), "commit", "--quiet", "-m", "test", *arguments],
        check=False,
        capture_output=True,
    ).returncode


def test_a_hook_judges_the_index_that_git_is_about_to_commit(guarded: Repo, tmp_path: Path) -> None:
    """`commit --all` and `commit FILE` keep it in a file that GIT_INDEX_FILE names."""
    linked = tmp_path / "linked"
    guarded.git("worktree", "add", "--quiet", str(linked), "-b", "linked")
    for folder in (guarded.folder, linked):
        (folder / "a.txt").write_text(token("a"))
        (folder / "b.txt").write_text("more\n")
        assert commit(folder, "--all") == 1
        assert commit(folder, "a.txt") == 1
        assert commit(folder, "b.txt") == 0, "the other file's change is not a part of it"
    (guarded.folder / "b.txt").write_text("still more\n")
    guarded.git("add", "a.txt")
    assert commit(guarded.folder) == 1
    assert commit(guarded.folder, "--only", "b.txt") == 0, "not even if it is staged"


def test_another_repositorys_index_is_not_taken_for_the_hooks(
    guarded: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repo(tmp_path / "other", guarded.pack)
    other.folder.mkdir()
    other.git("init", "--quiet")
    other.write("c.txt", token("c"))
    other.git("add", "c.txt")
    # As in a hook of `guarded` that scans another repository.
    monkeypatch.setenv("GIT_DIR", str(guarded.folder / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(guarded.folder / ".git" / "index"))
    assert paths(other) == {"c.txt"}
    monkeypatch.delenv("GIT_DIR")
    assert paths(guarded, str(other.folder / "c.txt")) == {"c.txt"}


def test_an_index_that_is_not_there_is_not_an_empty_one(guarded: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_INDEX_FILE", str(guarded.folder / ".git" / "nowhere"))
    got = guarded.scan("--staged")
    assert (got.code, got.out) == (3, "")
    assert "GIT_INDEX_FILE" in got.err


def test_an_unreadable_index_makes_the_run_incomplete(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.git("add", "a.txt")
    (repo.folder / ".git" / "index").write_bytes(b"nonsense")
    assert repo.scan("--staged").code == 3


def test_outside_a_repository_nothing_can_be_staged(tool: Tool) -> None:
    got = tool.scan("--staged")
    assert (got.code, got.out) == (2, "")
    assert "not in a git repository" in got.err


@pytest.mark.parametrize("inside", ["other", "another-repository"])
def test_a_path_of_the_index_is_not_looked_up_on_disk(repo: Repo, inside: str) -> None:
    """Where a staged folder was, there is a link now; pre-commit passes the names that git has."""
    repo.write("dir/config", token("a"))
    repo.write(f"{inside}/config", "text")
    repo.git("add", "dir/config")
    if inside == "another-repository":
        subprocess.run(["git", "init", "--quiet", str(repo.folder / inside)], check=True)
    shutil.rmtree(repo.folder / "dir")
    (repo.folder / "dir").symlink_to(inside)
    for path in ("dir/config", "./dir/config", "dir", "dir/../dir/config", str(repo.folder / "dir/config")):
        got = repo.scan("--staged", "--", path)
        assert [place for place, _, _ in got.places()] == ["dir/config"], path
