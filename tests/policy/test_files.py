"""The one way to a file of a policy, with paths of every form."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Repo

import cavra_boundary
from cavra_boundary.errors import BoundaryError
from cavra_boundary.policy.files import Files, Tree, files_at

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEP = st.sampled_from(["a", "b", "link", "loop", "out", "new", "..", ".", "x.toml", "ours.toml", ".git", "config"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, pack: Path) -> Iterator[Repo]:
    """A repository whose working tree has other content, and links in all directions, than its first commit."""
    outer = tmp_path_factory.mktemp("outer")
    (outer / "repo").mkdir()
    (outer / "x.toml").write_text("outside")
    repo = Repo(outer / "repo", pack)
    repo.git("init", "--quiet")
    for name in ("ours.toml", "a/x.toml", "a/b/x.toml", "b/ours.toml"):
        repo.write(name, "target")
    repo.commit()
    repo.git("tag", "target")
    for name in ("ours.toml", "a/x.toml", "a/b/x.toml", "b/ours.toml", "new/x.toml", "x.toml"):
        repo.write(name, "proposal")
    (repo.folder / "link").symlink_to(repo.folder / "a")
    (repo.folder / "loop").symlink_to(repo.folder / "loop")
    (repo.folder / "out").symlink_to(outer)
    (outer / "link").symlink_to(repo.folder)
    yield repo


@given(steps=st.lists(_STEP, max_size=5), absolute=st.sampled_from(["", "repo", "outer", "alias"]))
def test_nothing_of_the_proposal_is_ever_read(made: Repo, steps: list[str], absolute: str) -> None:
    start = {"repo": made.folder, "outer": made.folder.parent, "alias": made.folder.parent / "link"}.get(absolute, "")
    named = Path(start, *steps)
    with pytest.MonkeyPatch.context() as patch, Tree(made.folder, "target") as tree, files_at(tree) as files:
        patch.chdir(made.folder)
        try:
            found = files.named("--pack", named)
        except BoundaryError as error:
            assert str(error).count("\n") == 0
            return
        assert found is not None
        if found.is_relative_to(files.folder):
            contents = {file.read_text() for file in (found, *found.glob("*.toml")) if file.is_file()}
            assert contents == {"target"}
        else:
            real = Path(os.path.realpath(found))
            assert real.is_relative_to(made.folder / ".git") or not real.is_relative_to(made.folder)


def test_the_working_folders_own_files_are_read_where_they_are(made: Repo) -> None:
    files = Files(made.folder)
    assert files.named("--pack", made.folder / "a") == made.folder / "a"
    assert files.named("--pack", Path("missing")) == Path("missing"), "whoever reads it says so"
    assert Files(made.folder, proposal=True).named("--pack", made.folder / "missing") is None


def test_no_other_module_looks_for_a_configuration() -> None:
    """Or else it could find a proposal's."""
    package = Path(cavra_boundary.__file__).parent
    looking = {
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        if re.search(r"\bconfiguration\.(?:find|read)\(", file.read_text())
    }
    assert looking == {"policy/files.py"}
