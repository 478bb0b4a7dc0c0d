"""What trees contain and commits add is what git says, and a few trees cannot name paths without end."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support import token

from cavra_boundary.errors import GitError
from cavra_boundary.git import listing, process, trees
from cavra_boundary.git.commits import list_changes, list_commits
from cavra_boundary.git.listing import Item
from cavra_boundary.git.objects import Objects
from cavra_boundary.git.trees import TooManyPathsError, kind_of, read_tree, tree_items

if TYPE_CHECKING:
    from support import Repo


def by_git(repo: Repo, commit: str) -> set[Item]:
    """What `git diff-tree` says that a commit adds or changes."""
    raw = ["diff-tree", "--root", "-c", "-r", "-z", "--raw", "--no-abbrev", "--no-commit-id", "--no-renames", commit]
    said = repo.git(*raw).split("\0")[:-1]
    found = set()
    for meta, path in zip(said[::2], said[1::2], strict=True):
        parts = meta.lstrip(":").split(" ")
        parents = len(meta) - len(meta.lstrip(":"))
        mode, oid = parts[parents], parts[2 * parents + 1]
        if mode != "000000":
            found.add(Item(kind_of(mode.encode()), oid, path))
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("at_a_time", [1, 3, 64])
def test_changes_are_those_that_git_says(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, seed: int, at_a_time: int
) -> None:
    """Files that become folders, links and modules, merges of two and three, and several roots."""
    monkeypatch.setattr(trees, "_AT_A_TIME", at_a_time)
    monkeypatch.setattr(trees, "_MOST_KEPT", 5)
    chosen = random.Random(seed)
    commits: list[str] = []
    stream = ""
    names = ["a", "b/a", "b/c", "b/c/d", "e/f/g", "e/f/h", "i"]
    for number in range(1, 25):
        stream += (
            f"commit refs/heads/x{number}\nmark :{number}\ncommitter a <a@example.com> {number} +0000\ndata 1\nx\n"
        )
        parents = chosen.sample(range(1, number), min(number - 1, chosen.choice([0, 1, 1, 1, 2, 3])))
        for place, parent in enumerate(parents):
            stream += f"{'merge' if place else 'from'} :{parent}\n"
        for path in chosen.sample(names, chosen.randint(1, 3)):
            if chosen.random() < 0.3 and parents:
                stream += f"D {path}\n"
            elif chosen.random() < 0.2:
                stream += f"M 160000 {'1' * 40} {path}\n"
            else:
                stream += f"M {chosen.choice([100644, 100755, 120000])} inline {path}\ndata 1\n{chosen.randint(0, 3)}\n"
    subprocess.run(["git", "-C", repo.folder, "fast-import", "--quiet"], input=stream.encode(), check=True)
    commits = list_commits(repo.folder, repo.git("rev-parse", "--branches").split())
    assert len(commits) == 24
    found: dict[str, set[Item]] = {commit: set() for commit in commits}
    for at, item in list_changes(repo.folder, commits):
        found[commits[at]].add(item)
    assert found == {commit: by_git(repo, commit) for commit in commits}
    for commit in commits:
        listed = repo.git("ls-tree", "-r", "-z", commit).split("\0")[:-1]
        whole = {
            Item(
                kind_of(entry.split(" ")[0].encode()), entry.partition("\t")[0].split(" ")[2], entry.partition("\t")[2]
            )
            for entry in listed
        }
        assert set(tree_items(repo.folder, repo.git("rev-parse", f"{commit}^{{tree}}").strip())) == whole


def bomb(repo: Repo, levels: int, width: int = 10, content: str = "boom") -> str:
    """A commit whose tree names `width` ** `levels` times one blob."""
    repo.write("blob", content)
    oid = repo.git("hash-object", "-w", "blob").strip()
    (repo.folder / "blob").unlink()
    kind = "100644 blob"
    for _ in range(levels):
        (repo.folder / "tree").write_text("".join(f"{kind} {oid}\td{number}\n" for number in range(width)))
        with (repo.folder / "tree").open("rb") as given:
            made = subprocess.run(["git", "-C", repo.folder, "mktree"], stdin=given, capture_output=True, check=True)
        oid, kind = made.stdout.decode().strip(), "040000 tree"
    (repo.folder / "tree").unlink()
    commit = repo.git("commit-tree", "-m", "x", oid).strip()
    repo.git("update-ref", "HEAD", commit)
    return oid


@pytest.mark.parametrize("source", [["--ref", "HEAD"], ["--history"], ["--range", "HEAD"]])
@pytest.mark.parametrize("levels", [4, 9])
def test_a_bomb_is_incomplete_by_name(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, source: list[str], levels: int
) -> None:
    monkeypatch.setattr(trees, "_PATHS_FOR_FREE", 1000)
    monkeypatch.setattr(trees, "_AT_A_TIME", 4)
    bomb(repo, levels, content=token("a"))
    said = repo.scan(*source)
    assert said.code == 1, "what was listed is scanned"
    (reason,) = (each for each in said.report["receipt"]["skipped"] if each["incomplete"])
    assert "name more than" in reason["reason"]
    assert said.report["receipt"]["files"] < 3000
    assert said.report["receipt"]["complete"] is False


def test_a_bomb_is_not_remembered_as_clean(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "_PATHS_FOR_FREE", 1000)
    bomb(repo, 4)
    for _ in range(2):
        assert repo.scan("--history").code == 3
        assert repo.scan("--ref", "HEAD").code == 3


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say how much memory a process takes")
def test_what_is_staged_against_a_bomb_is_scanned(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git would list every path of HEAD that the index does not have."""
    monkeypatch.setattr(process, "_TICK", 0.1)
    monkeypatch.setattr(listing, "_MEMORY", 60_000_000)
    bomb(repo, 9)
    repo.write("a.txt", token("a"))
    repo.git("add", "a.txt")
    assert len(repo.scan("--staged").findings()) == 1


def test_an_endless_list_stops_where_it_says(repo: Repo) -> None:
    oid = bomb(repo, 40)
    listed = 0
    with pytest.raises(TooManyPathsError, match=r"trees of \d+ entries name more than"):
        for _ in tree_items(repo.folder, oid):
            listed += 1
    assert listed < trees._PATHS_FOR_FREE + 400 * trees._PATHS_PER_ENTRY


def test_long_paths_count_for_more(repo: Repo) -> None:
    """A name as long as a tree can hold, in folders in folders."""
    oid = repo.git("hash-object", "-w", "-t", "tree", "/dev/null").strip()
    with Objects(repo.folder) as objects:
        for _ in range(200):
            body = b"40000 " + b"n" * 4000 + b"\0" + bytes.fromhex(oid) + b"40000 o\0" + bytes.fromhex(oid)
            (repo.folder / "tree").write_bytes(body)
            oid = repo.git("hash-object", "-w", "-t", "tree", "--literally", "tree").strip()
        with pytest.raises(TooManyPathsError):
            list(trees.Trees(objects).items(oid))


def test_a_large_tree_is_no_bomb(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every path is an entry of its own, whatever their number; vendored copies are fine too."""
    monkeypatch.setattr(trees, "_PATHS_FOR_FREE", 0)
    for number in range(300):
        repo.write(f"f{number % 20}/{number}.txt", "x")
    for number in range(5):
        repo.write(f"vendor{number}/lib/a.txt", "x")
    repo.commit()
    assert repo.scan("--ref", "HEAD").report["receipt"]["files"] == 305
    assert repo.scan("--history").code == 0


@pytest.mark.parametrize(
    "body",
    [b"x", b"100644 a", b"100644 a\0short", b"100644 \0" + bytes(20), b"100644 " + b"n" * 5000 + b"\0" + bytes(20)],
)
def test_a_malformed_tree_is_an_error(repo: Repo, body: bytes) -> None:
    (repo.folder / "tree").write_bytes(body)
    oid = repo.git("hash-object", "-w", "-t", "tree", "--literally", "tree").strip()
    with Objects(repo.folder) as objects, pytest.raises(GitError, match="malformed"):
        read_tree(objects, oid)
