"""The tree of a revision, without checking it out."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from support import Repo, token

if TYPE_CHECKING:
    from pathlib import Path


def test_the_tree_of_a_revision_is_scanned_whatever_the_working_tree_has(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.write("sub/b.txt", token("b"))
    repo.commit()
    repo.git("tag", "--annotate", "v1", "--message", "x")
    repo.git("rm", "--quiet", "-r", ".")
    repo.commit()
    repo.write("c.txt", token("c"))
    for revision in ("v1", "HEAD^", "main~1", repo.git("rev-parse", "v1^{tree}").strip()):
        got = repo.scan("--ref", revision)
        assert got.places() == [("a.txt", 1, 1), ("sub/b.txt", 1, 1)]
        assert got.report["receipt"]["sources"] == [f"tree {revision}"]
        assert got.report["receipt"]["commits"] == 0
        assert {each["introduced"] for each in got.findings()} == {None}
    assert repo.scan("--ref", "HEAD").code == 0


def test_excludes_and_allows_count(repo: Repo) -> None:
    repo.write("a.txt", f"{token('a')} # cavra-boundary: allow[demo.token] made up\n")
    repo.write("vendor/b.txt", token("b"))
    repo.commit()
    got = repo.scan("--ref", "HEAD", "--exclude", "vendor/")
    assert (got.code, got.report["receipt"]["excluded"]) == (0, 1)
    assert [each["status"] for each in got.findings()] == ["suppressed"]


@pytest.mark.parametrize(
    "revision", ["nope", "HEAD:a.txt", "HEAD:nope", "1" * 40, "a b", "HEAD^9", "\n", "@{", "^HEAD", "A..B"]
)
def test_what_is_no_tree_makes_the_run_incomplete(repo: Repo, revision: str) -> None:
    repo.write("a.txt", token("a"))
    repo.commit()
    got = repo.scan(f"--ref={revision}")
    assert (got.code, got.out) == (3, "")
    assert "revision" in got.err


@pytest.mark.parametrize("revision", ["-x", "--all", "--output=stolen", ""])
def test_a_revision_is_no_option(repo: Repo, revision: str) -> None:
    repo.commit()
    for source in (f"--ref={revision}", f"--range={revision}"):
        got = repo.scan(source)
        assert (got.code, got.out) == (3 if revision else 2, "")
        assert "revision" in got.err or not revision
    assert not (repo.folder / "stolen").exists()


def test_a_bare_repository_is_read(repo: Repo, tmp_path: Path) -> None:
    repo.write("a.txt", token("a"))
    repo.commit()
    bare = Repo(tmp_path / "bare.git", repo.pack)
    subprocess.run(["git", "clone", "-q", "--bare", repo.folder, bare.folder], check=True)
    for source in (["--ref", "HEAD"], ["--history"], ["--range", "HEAD"]):
        assert bare.scan(*source).places() == [("a.txt", 1, 1)]
        assert repo.scan(*source, str(bare.folder)).places() == [("a.txt", 1, 1)]
        assert Repo(bare.folder / "objects", repo.pack).scan(*source).places() == [("a.txt", 1, 1)]
    assert bare.scan("--staged").code == 2


def test_a_tree_that_is_excluded_altogether_is_not_clean(repo: Repo) -> None:
    repo.write("a.txt", "text")
    repo.commit()
    got = repo.scan("--ref", "HEAD", "--exclude", "*")
    assert (got.code, list(got.skipped())) == (3, ["tree HEAD"])
