"""Git's own hooks, installed by `cavra-boundary hook install` and started by a real git."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from support import Repo, token

if TYPE_CHECKING:
    from pathlib import Path

STAGES = ["pre-commit", "commit-msg", "pre-push"]


def attempt(repo: Repo, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git where a hook may stop it."""
    return subprocess.run(
        ["git", "-C", os.fspath(repo.folder), *arguments], capture_output=True, text=True, check=False
    )


def is_stopped(got: subprocess.CompletedProcess[str]) -> bool:
    """Whether the boundary stopped it, not something else."""
    return got.returncode != 0 and "Boundary crossed" in got.stdout + got.stderr


def hook(repo: Repo, stage: str) -> Path:
    return repo.folder / ".git" / "hooks" / stage


@pytest.fixture
def guarded(repo: Repo) -> Repo:
    """A repository with the hooks, and the tests' pack in its configuration."""
    repo.write("pack.toml", repo.pack.read_bytes())
    repo.write(".cavra-boundary.toml", 'packs = ["pack.toml"]\nexclude = ["pack.toml"]\n')
    repo.commit()
    assert repo.run("hook", "install").code == 0
    return repo


@pytest.fixture
def remote(guarded: Repo, tmp_path: Path) -> Repo:
    """The bare `origin` of the guarded repository, which keeps only the pre-push hook."""
    guarded.run("hook", "uninstall", "--stage", "pre-commit", "--stage", "commit-msg")
    bare = Repo(tmp_path / "remote.git", guarded.pack)
    bare.folder.mkdir()
    bare.git("init", "--quiet", "--bare", "--initial-branch", "main")
    guarded.git("remote", "add", "origin", os.fspath(bare.folder))
    return bare


# Installing


def test_install_writes_every_stage_and_uninstall_removes_it(repo: Repo) -> None:
    got = repo.run("hook", "install")
    assert (got.code, got.err) == (0, "")
    for stage in STAGES:
        assert os.access(hook(repo, stage), os.X_OK)
        assert f"wrote     .git/hooks/{stage}" in got.out
    assert repo.run("hook", "uninstall").code == 0
    assert not any(hook(repo, stage).exists() for stage in STAGES)
    assert repo.run("hook", "uninstall").out == ""


def test_install_again_changes_nothing(repo: Repo) -> None:
    repo.run("hook", "install")
    before = hook(repo, "pre-push").read_bytes()
    assert repo.run("hook", "install").code == 0
    assert hook(repo, "pre-push").read_bytes() == before


def test_install_of_one_stage(repo: Repo) -> None:
    assert repo.run("hook", "install", "--stage", "commit-msg").code == 0
    assert [stage for stage in STAGES if hook(repo, stage).exists()] == ["commit-msg"]


@pytest.mark.parametrize("link", [False, True])
def test_a_foreign_hook_is_kept(repo: Repo, tmp_path: Path, link: bool) -> None:
    hook(repo, "x").parent.mkdir(exist_ok=True)
    foreign = hook(repo, "pre-push")
    if link:
        foreign.symlink_to(tmp_path / "elsewhere")
    else:
        foreign.write_text("#!/bin/sh\nexit 0\n")
    got = repo.run("hook", "install")
    assert (got.code, got.out) == (2, "")
    assert ".git/hooks/pre-push" in got.err
    assert 'cavra-boundary hook run pre-push -- "$@"' in got.err
    assert not hook(repo, "pre-commit").exists(), "all or nothing"
    assert not (tmp_path / "elsewhere").exists()
    assert repo.run("hook", "install", "--stage", "pre-commit", "--stage", "commit-msg").code == 0
    assert "kept      .git/hooks/pre-push" in repo.run("hook", "uninstall").out
    assert os.path.lexists(foreign)


def test_hooks_that_git_would_not_run_are_not_installed(repo: Repo) -> None:
    repo.git("config", "core.hooksPath", "my hooks")
    got = repo.run("hook", "install")
    assert (got.code, got.out) == (2, "")
    assert "core.hooksPath: set to 'my hooks'" in got.err
    assert not (repo.folder / "my hooks").exists()
    assert not any(hook(repo, stage).exists() for stage in STAGES)


def test_a_setting_that_names_the_repositorys_own_hooks_is_none(repo: Repo) -> None:
    repo.git("config", "core.hooksPath", ".git/hooks")
    assert repo.run("hook", "install").code == 0
    assert hook(repo, "pre-push").exists()


def test_install_outside_a_repository(tmp_path: Path, pack: Path) -> None:
    folder = Repo(tmp_path, pack)
    got = folder.run("hook", "install")
    assert got.code == 2
    assert got.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_installed_into_a_bare_repository(repo: Repo, tmp_path: Path) -> None:
    bare = Repo(tmp_path / "bare.git", repo.pack)
    repo.git("init", "--quiet", "--bare", str(bare.folder))
    got = bare.run("hook", "install")
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert not (bare.folder / "hooks" / "pre-push").exists()


def test_a_worktree_shares_the_hooks(guarded: Repo, tmp_path: Path) -> None:
    guarded.git("worktree", "add", "--quiet", os.fspath(tmp_path / "tree"), "-b", "tree")
    tree = Repo(tmp_path / "tree", guarded.pack)
    assert tree.run("hook", "uninstall").code == 0
    assert not hook(guarded, "pre-commit").exists()
    assert tree.run("hook", "install").code == 0
    tree.write("a.txt", token("a"))
    tree.git("add", "a.txt")
    assert is_stopped(attempt(tree, "commit", "-m", "x"))


def test_a_hook_whose_program_is_gone_stops(guarded: Repo) -> None:
    for stage in STAGES:
        file = hook(guarded, stage)
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join("python='/gone/it is'\n" if line.startswith("python=") else line for line in lines))
    guarded.write("a.txt", "text")
    guarded.git("add", "a.txt")
    got = attempt(guarded, "commit", "-m", "x")
    assert got.returncode != 0
    assert "nothing was checked" in got.stderr
    assert "hook install" in got.stderr


# Committing


def test_a_leak_is_stopped_and_what_mends_it_passes(guarded: Repo) -> None:
    guarded.write("a.txt", f"key = {token('a')}\n")
    guarded.git("add", "a.txt")
    got = attempt(guarded, "commit", "-m", "x")
    assert is_stopped(got)
    assert "a.txt:1:7" in got.stdout + got.stderr
    assert token("a") not in got.stdout + got.stderr
    guarded.write("a.txt", "key = read from the environment\n")
    guarded.git("add", "a.txt")
    assert attempt(guarded, "commit", "-m", "x").returncode == 0


def test_what_is_committed_counts_and_not_what_is_on_disk(guarded: Repo) -> None:
    guarded.write("a.txt", token("a"))
    guarded.git("add", "a.txt")
    guarded.write("a.txt", "harmless")
    assert is_stopped(attempt(guarded, "commit", "-m", "x"))
    guarded.git("add", "a.txt")
    guarded.write("a.txt", token("a"))
    assert attempt(guarded, "commit", "-m", "x").returncode == 0


@pytest.mark.parametrize("how", [["--all"], ["a.txt"]])
def test_a_commit_that_uses_another_index_is_judged_by_that(guarded: Repo, how: list[str]) -> None:
    guarded.write("a.txt", "text")
    guarded.write("b.txt", "text")
    guarded.git("add", "--all")
    guarded.git("commit", "--quiet", "--no-verify", "--message", "x")
    guarded.write("a.txt", token("a"))
    got = attempt(guarded, "commit", "-m", "x", *how)
    assert is_stopped(got)
    assert "a.txt:1:1" in got.stdout + got.stderr


def test_a_partial_commit_leaves_out_what_stays_staged(guarded: Repo) -> None:
    guarded.write("a.txt", "text")
    guarded.write("b.txt", "text")
    guarded.git("add", "--all")
    guarded.git("commit", "--quiet", "--no-verify", "--message", "x")
    guarded.write("a.txt", token("a"))
    guarded.git("add", "a.txt")
    guarded.write("b.txt", "more text")
    assert attempt(guarded, "commit", "-m", "x", "--only", "b.txt").returncode == 0
    assert is_stopped(attempt(guarded, "commit", "-m", "x"))


def test_a_message_with_a_leak_is_stopped(guarded: Repo) -> None:
    guarded.write("a.txt", "text")
    guarded.git("add", "a.txt")
    got = attempt(guarded, "commit", "-m", f"use {token('m')}")
    assert is_stopped(got)
    assert token("m") not in got.stdout + got.stderr
    assert attempt(guarded, "commit", "-m", "use the environment").returncode == 0


def test_code_in_the_repository_does_not_take_the_programs_place(guarded: Repo) -> None:
    for name in ("json.py", "re.py", "click.py", "cavra_boundary/__init__.py", "cavra_boundary/__main__.py"):
        guarded.write(name, "raise SystemExit(0)\n")
    guarded.write("a.txt", token("a"))
    guarded.git("add", "--all")
    assert is_stopped(attempt(guarded, "commit", "-m", "x"))


# Pushing


def leak_and_remove(repo: Repo) -> None:
    """Two commits: what the first adds, the second removes again."""
    leak = repo.write("leak.txt", token("leak"))
    repo.commit()
    leak.unlink()
    repo.commit()


def test_a_push_of_a_leak_that_was_removed_again_is_stopped(guarded: Repo, remote: Repo) -> None:
    assert attempt(guarded, "push", "origin", "main").returncode == 0
    leak_and_remove(guarded)
    got = attempt(guarded, "push", "origin", "main")
    assert is_stopped(got)
    assert "leak.txt:1:1" in got.stdout + got.stderr
    guarded.git("reset", "--quiet", "--hard", "origin/main")
    guarded.write("b.txt", "text")
    guarded.commit()
    assert attempt(guarded, "push", "origin", "main").returncode == 0


def test_the_first_push_is_judged_whole(guarded: Repo, remote: Repo) -> None:
    leak_and_remove(guarded)
    got = attempt(guarded, "push", "origin", "main")
    assert is_stopped(got)
    assert "leak.txt" in got.stdout + got.stderr


def test_what_the_remote_has_is_not_judged_again(guarded: Repo, remote: Repo) -> None:
    leak_and_remove(guarded)
    guarded.git("push", "--quiet", "--no-verify", "origin", "main")
    guarded.git("checkout", "--quiet", "-b", "feature")
    guarded.write("b.txt", "text")
    guarded.commit()
    assert attempt(guarded, "push", "origin", "feature").returncode == 0


def test_each_ref_of_a_push_is_judged(guarded: Repo, remote: Repo) -> None:
    guarded.git("push", "--quiet", "--no-verify", "origin", "main")
    guarded.git("branch", "a-clean-one")
    guarded.git("checkout", "--quiet", "-b", "leaky")
    leak_and_remove(guarded)
    got = attempt(guarded, "push", "origin", "--all")
    assert is_stopped(got)
    assert "leak.txt" in got.stdout + got.stderr


def test_a_forced_push_is_judged(guarded: Repo, remote: Repo) -> None:
    guarded.write("b.txt", "text")
    guarded.commit()
    guarded.git("push", "--quiet", "--no-verify", "origin", "main")
    guarded.git("reset", "--quiet", "--hard", "HEAD~1")
    leak_and_remove(guarded)
    assert is_stopped(attempt(guarded, "push", "--force", "origin", "main"))
    guarded.git("reset", "--quiet", "--hard", "HEAD~2")
    assert attempt(guarded, "push", "--force", "origin", "main").returncode == 0


def test_a_forced_push_over_what_this_clone_never_had(guarded: Repo, remote: Repo, tmp_path: Path) -> None:
    """The remote's state is unknown here, so it does not say what is public."""
    guarded.git("push", "--quiet", "--no-verify", "origin", "main")
    other = Repo(tmp_path / "other", guarded.pack)
    guarded.git("clone", "--quiet", os.fspath(remote.folder), os.fspath(other.folder))
    other.write("c.txt", "text")
    other.commit()
    other.git("push", "--quiet", "origin", "main")
    leak_and_remove(guarded)
    assert is_stopped(attempt(guarded, "push", "--force", "origin", "main"))


def test_a_tag_is_judged_with_its_message(guarded: Repo, remote: Repo) -> None:
    guarded.git("push", "--quiet", "--no-verify", "origin", "main")
    guarded.git("tag", "--annotate", "v1", "--message", f"use {token('t')}")
    got = attempt(guarded, "push", "origin", "v1")
    assert is_stopped(got)
    assert token("t") not in got.stdout + got.stderr
    guarded.git("tag", "--annotate", "--force", "v1", "--message", "first")
    assert attempt(guarded, "push", "origin", "v1").returncode == 0


def test_a_name_of_a_branch_is_judged(guarded: Repo, remote: Repo) -> None:
    guarded.git("push", "--quiet", "--no-verify", "origin", "main")
    assert is_stopped(attempt(guarded, "push", "origin", f"main:refs/heads/fix-{token('n')}"))


def test_a_deletion_scans_nothing_and_says_so(guarded: Repo, remote: Repo) -> None:
    guarded.git("push", "--quiet", "--no-verify", "origin", "main", "main:gone")
    got = attempt(guarded, "push", "origin", "--delete", "gone")
    assert got.returncode == 0
    assert "nothing to scan" in got.stdout + got.stderr
