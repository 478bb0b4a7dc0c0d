"""An object id is believed only if it is the hash of the bytes that git gives for it."""

from __future__ import annotations

import os
import shutil
import zlib
from typing import TYPE_CHECKING

import pytest
from support import Repo, token

from cavra_boundary.errors import GitError
from cavra_boundary.git.objects import Objects

if TYPE_CHECKING:
    from pathlib import Path

_LIE = "does not have the bytes that its id says"


def loose(repo: Repo, oid: str) -> Path:
    return repo.folder / ".git" / "objects" / oid[:2] / oid[2:]


def lie(repo: Repo, oid: str, type_: str, body: bytes) -> None:
    """Make a repository give these bytes under an id."""
    loose(repo, oid).chmod(0o644)
    loose(repo, oid).write_bytes(zlib.compress(b"%s %d\0" % (type_.encode(), len(body)) + body))


def body_of(repo: Repo, oid: str) -> bytes:
    return zlib.decompress(loose(repo, oid).read_bytes()).partition(b"\0")[2]


def copy(repo: Repo, folder: Path) -> Repo:
    shutil.copytree(repo.folder, folder)
    return Repo(folder, repo.pack)


@pytest.fixture
def leaky(repo: Repo) -> Repo:
    """Two commits, of which the second brings a token below a folder, and an annotated tag."""
    repo.write("a.txt", "nothing")
    repo.commit()
    repo.write("sub/config.env", token("a"))
    repo.commit()
    repo.git("tag", "--annotate", "--message", "a tag", "v1")
    return repo


def oid(repo: Repo, name: str) -> str:
    return repo.git("rev-parse", name).strip()


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 100_000])
@pytest.mark.parametrize("format_", ["sha1", "sha256"])
def test_what_is_read_is_what_the_id_says(tmp_path: Path, pack: Path, content: bytes, format_: str) -> None:
    repo = Repo(tmp_path, pack)
    repo.git("init", "--quiet", f"--object-format={format_}")
    repo.write("a", content)
    repo.commit()
    with Objects(repo.folder) as objects:
        for step in (1 << 20, 1000, 7777):
            assert objects.begin(oid(repo, "HEAD:a")) == ("blob", len(content))
            parts = [objects.read(step) for _ in range(len(content) // step + 1)]
            assert b"".join(parts) == content
        assert objects.whole(oid(repo, "HEAD"), "commit", 4) == b"tree"


@pytest.mark.parametrize("lied", [b"", b"another", b"x" * 9 + b"y", b"x" * 100_000])
@pytest.mark.parametrize("step", [1 << 20, 1, 1000])
def test_other_bytes_are_an_error_once_they_are_read(repo: Repo, lied: bytes, step: int) -> None:
    repo.write("a", b"x" * 10)
    repo.write("b", b"honest")
    repo.commit()
    lie(repo, oid(repo, "HEAD:a"), "blob", lied)
    with Objects(repo.folder) as objects:
        objects.begin(oid(repo, "HEAD:a"))
        with pytest.raises(GitError, match=_LIE):
            for _ in range(len(lied) // step + 1):
                objects.read(step)
        assert objects.begin(oid(repo, "HEAD:b"))
        assert objects.read(100) == b"honest"


@pytest.mark.parametrize("source", [["--history"], ["--ref", "HEAD"], ["--staged", "sub/config.env"]])
def test_a_lying_blob_is_incomplete_and_never_remembered(leaky: Repo, tmp_path: Path, source: list[str]) -> None:
    hostile = copy(leaky, tmp_path / "hostile")
    lie(hostile, oid(leaky, "HEAD:sub/config.env"), "blob", b"nothing")
    command = ["scan", "--pack", str(leaky.pack), "--format", "json"]
    arguments = ["--staged", "--", "sub/config.env"] if source[0] == "--staged" else source
    for _ in range(2):
        said = hostile.run(*command, *arguments)
        assert said.code == 3, said.err
        assert _LIE in said.skipped()["sub/config.env"]
    assert leaky.run(*command, *arguments).code == 1


def test_a_large_lying_blob_is_incomplete(repo: Repo, tmp_path: Path) -> None:
    """Of a blob that is read in windows, only the end tells that it is another one."""
    repo.write("big.txt", b"line\n" * 2_000_000)
    repo.commit()
    lie(repo, oid(repo, "HEAD:big.txt"), "blob", b"line\n" * 1_999_999 + b"lime\n")
    for _ in range(2):
        said = repo.scan("--ref", "HEAD")
        assert (said.code, said.report["receipt"]["reused"]) == (3, 0)
        assert _LIE in said.skipped()["big.txt"]


@pytest.mark.parametrize("name", ["HEAD^{tree}", "HEAD:sub"])
def test_a_tree_that_hides_a_leak_is_not_believed(leaky: Repo, tmp_path: Path, name: str) -> None:
    """What is known of a commit would hide its content in every repository that has it."""
    hostile = copy(leaky, tmp_path / "hostile")
    shown = body_of(leaky, oid(leaky, "HEAD~1^{tree}")) if name == "HEAD^{tree}" else b""
    lie(hostile, oid(leaky, name), "tree", shown)
    for source in (["--history"], ["--ref", "HEAD"], ["--range", "HEAD^!"]):
        said = hostile.scan(*source)
        assert said.code == 3, said.out
        assert _LIE in said.err or "hash mismatch" in said.err
    assert len(leaky.scan("--history").findings()) == 1


def test_a_parents_tree_that_already_has_the_leak_is_not_believed(leaky: Repo, tmp_path: Path) -> None:
    hostile = copy(leaky, tmp_path / "hostile")
    lie(hostile, oid(leaky, "HEAD~1^{tree}"), "tree", body_of(leaky, oid(leaky, "HEAD^{tree}")))
    assert _LIE in hostile.scan("--range", "HEAD^!").err
    assert len(leaky.scan("--range", "HEAD^!").findings()) == 1


def test_a_commit_with_another_tree_is_not_believed(leaky: Repo, tmp_path: Path) -> None:
    hostile = copy(leaky, tmp_path / "hostile")
    body = body_of(leaky, oid(leaky, "HEAD"))
    other = body.replace(oid(leaky, "HEAD^{tree}").encode(), oid(leaky, "HEAD~1^{tree}").encode())
    assert other != body
    lie(hostile, oid(leaky, "HEAD"), "commit", other)
    said = hostile.scan("--history")
    assert said.code == 3
    assert _LIE in said.err
    assert len(leaky.scan("--history").findings()) == 1


def test_a_tag_of_another_commit_is_not_believed(leaky: Repo) -> None:
    body = body_of(leaky, oid(leaky, "v1"))
    lie(leaky, oid(leaky, "v1"), "tag", body.replace(oid(leaky, "HEAD").encode(), oid(leaky, "HEAD~1").encode()))
    said = leaky.scan("--history")
    assert said.code == 3
    assert _LIE in said.err


def test_an_index_of_a_pack_that_lies_is_not_believed(leaky: Repo, tmp_path: Path) -> None:
    """It gives the clean blob's place for the leaking one's id."""
    hostile = copy(leaky, tmp_path / "hostile")
    hostile.git("repack", "-adq")
    (index,) = (hostile.folder / ".git" / "objects" / "pack").glob("*.idx")
    said = hostile.git("verify-pack", "-v", str(index)).splitlines()
    names = sorted(line[:40] for line in said if line[40:45] in (" blob", " tree", " comm", " tag "))
    content = bytearray(index.read_bytes())
    offsets = 8 + 1024 + len(names) * 24
    clean, leak = (offsets + 4 * names.index(oid(leaky, name)) for name in ("HEAD:a.txt", "HEAD:sub/config.env"))
    content[leak : leak + 4] = content[clean : clean + 4]
    index.chmod(0o644)
    index.write_bytes(content)
    assert hostile.scan("--history").code == 3
    assert len(leaky.scan("--history").findings()) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_was_announced_in_another_process_is_read_from_another_git(leaky: Repo) -> None:
    with Objects(leaky.folder) as objects:
        objects.ask([oid(leaky, "HEAD:a.txt"), oid(leaky, "HEAD:sub/config.env")])
        assert objects.begin(oid(leaky, "HEAD:a.txt"))
        if not (child := os.fork()):
            objects.begin(oid(leaky, "HEAD:sub/config.env"))
            os._exit(objects.read(100) != token("a").encode())
        assert os.waitpid(child, 0)[1] == 0
        assert objects.read(100) == b"nothing"
