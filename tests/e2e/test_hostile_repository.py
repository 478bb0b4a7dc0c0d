"""A repository with malicious configuration, attributes and hooks: nothing in it runs, and nothing hides a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support import Repo, Tool, token

if TYPE_CHECKING:
    from pathlib import Path

    from traps import Trap


def test_the_trap_works(repo: Repo, trap: Trap) -> None:
    repo.git("config", "core.fsmonitor", str(trap.program))
    repo.git("status")
    assert trap.sprung, "otherwise the other tests here say nothing"


def test_nothing_in_a_repository_runs(repo: Repo, trap: Trap) -> None:
    repo.write("a.txt", token("a"))
    repo.write("new.txt", token("b"))
    repo.git("add", "a.txt")
    trap.set_in(repo)
    before = (repo.folder / ".git" / "index").read_bytes()
    got = repo.scan()
    assert not trap.sprung
    assert {path for path, _, _ in got.places()} == {"a.txt", "new.txt"}
    assert (repo.folder / ".git" / "index").read_bytes() == before, "a scan changes nothing"


@pytest.mark.parametrize("elsewhere", ["other", "..", "/"])
def test_a_work_tree_set_elsewhere_is_never_clean(repo: Repo, tmp_path: Path, elsewhere: str) -> None:
    """The requested folder must be scanned, or the run is not clean."""
    repo.write(".gitignore", "*\n")
    repo.write("a.txt", token("a"))
    repo.git("add", "--force", "a.txt")
    (tmp_path / "other").mkdir()
    repo.git("config", "core.worktree", os.fspath(tmp_path / elsewhere))
    assert [path for path, _, _ in repo.scan().places()] == ["a.txt"]


def test_a_bare_flag_in_the_configuration_is_never_clean(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.git("add", "a.txt")
    repo.git("config", "core.bare", "true")
    assert [path for path, _, _ in repo.scan().places()] == ["a.txt"]


@pytest.mark.parametrize(
    "setting",
    [
        ("core.ignoreCase", "true"),
        ("core.sparseCheckout", "true"),
        ("core.untrackedCache", "true"),
        ("core.excludesFile", "{tmp}/everything"),
        ("core.quotePath", "true"),
        ("core.checkStat", "minimal"),
        ("feature.manyFiles", "true"),
        ("index.sparse", "true"),
        ("status.showUntrackedFiles", "no"),
    ],
)
def test_no_setting_hides_a_tracked_file(repo: Repo, tmp_path: Path, setting: tuple[str, str]) -> None:
    (tmp_path / "everything").write_text("*\n")
    repo.write("dir/ä a.txt", token("a"))
    repo.commit()
    repo.git("config", setting[0], setting[1].format(tmp=tmp_path))
    assert [line for _, line, _ in repo.scan().places()] == [1]


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_no_index_flag_hides_a_file_that_is_there(repo: Repo, flag: str) -> None:
    repo.write("a.txt", "text")
    repo.commit()
    repo.git("update-index", flag, "a.txt")
    repo.write("a.txt", token("a"))
    assert repo.scan().places() == [("a.txt", 1, 1)]


def test_a_sparse_index_hides_no_file_that_is_there(repo: Repo) -> None:
    repo.write("in/a.txt", "text")
    repo.write("out/deep/b.txt", token("b"))
    repo.commit()
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "in")
    repo.write("out/deep/b.txt", token("b"))
    got = repo.scan()
    assert [path for path, _, _ in got.places()] == ["out/deep/b.txt"]


def test_environment_variables_do_not_lead_git_elsewhere(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook runs with GIT_DIR and GIT_INDEX_FILE set, which are about one repository only."""
    other = Repo(tmp_path / "other", repo.pack)
    other.folder.mkdir()
    other.git("init", "--quiet")
    other.write("b.txt", token("b"))
    other.commit()
    repo.write("a.txt", token("a"))
    repo.commit()
    monkeypatch.setenv("GIT_DIR", str(repo.folder / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(repo.folder))
    monkeypatch.setenv("GIT_INDEX_FILE", str(repo.folder / ".git" / "index"))
    got = other.scan()
    assert got.code != 0
    assert [path for path, _, _ in got.places()] == ["b.txt"]


def test_a_git_file_that_leads_elsewhere_is_never_clean(tool: Tool, repo: Repo) -> None:
    repo.write("a.txt", "text")
    repo.commit()
    tool.write(".git", f"gitdir: {repo.folder / '.git'}\n")
    tool.write("b.txt", token("b"))
    assert [path for path, _, _ in tool.scan().places()] == ["b.txt"]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"gitdir: /nonexistent\n", b"\xff\xfe"])
def test_a_broken_git_file_is_never_clean(tool: Tool, content: bytes) -> None:
    tool.write(".git", content)
    tool.write("b.txt", token("b"))
    assert tool.scan().code in (1, 3)


def test_a_git_folder_that_is_none_is_never_clean(repo: Repo) -> None:
    """Git skips it and uses the repository around it, which ignores this folder."""
    repo.write(".gitignore", "sub/\n")
    repo.write("sub/b.txt", token("b"))
    (repo.folder / "sub" / ".git").mkdir()
    assert repo.scan("sub").code in (1, 3)
