"""No command writes through a link that a repository brings along."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from support import token

if TYPE_CHECKING:
    from pathlib import Path

    from support import Repo, Tool

pytestmark = pytest.mark.skipif(os.name == "nt", reason="symbolic links")

_REFUSED = "a symbolic link, so nothing is written through it"


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the user's, with a file that must not change."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "victim").write_text("precious")
    return folder


def _untouched(outside: Path) -> bool:
    return [(each.name, each.read_text()) for each in outside.iterdir()] == [("victim", "precious")]


@pytest.mark.parametrize("links_to", ["victim", "born"])
@pytest.mark.parametrize(
    ("link", "arguments"),
    [
        ("out.sarif", ["scan", "--format", "sarif=out.sarif", "."]),
        ("out.sarif", ["scan", "--format", "sarif", "--output", "out.sarif", "."]),
        (".cavra-boundary.toml", ["init", "--yes"]),
        (".pre-commit-config.yaml", ["init", "--yes"]),
        (".github/workflows/cavra-boundary.yml", ["init", "--yes"]),
        (".cavra-boundary-baseline", ["baseline", "create", "--baseline", ".cavra-boundary-baseline"]),
        ("packs.toml", ["packs", "import", "leaks.toml", "--output", "packs.toml"]),
        ("packet.json", ["evidence", "new", "trial-conversion-activation", "--output", "packet.json"]),
    ],
)
def test_a_file_that_is_a_link_is_refused(
    repo: Repo, outside: Path, link: str, arguments: list[str], links_to: str
) -> None:
    repo.write("leaks.toml", "[[rules]]\nid = 'a'\nregex = 'abcdefgh[0-9]{9}'\nkeywords = ['abcdefgh']\n")
    (repo.folder / link).parent.mkdir(parents=True, exist_ok=True)
    (repo.folder / link).symlink_to(outside / links_to)
    got = repo.run(*arguments)
    assert _untouched(outside)
    assert (repo.folder / link).is_symlink()
    if link != ".pre-commit-config.yaml" or links_to != "victim":  # an existing one is never replaced
        assert (got.code, _REFUSED in got.err or "already exists" in got.err) == (2, True), got.err


@pytest.mark.parametrize(
    ("link", "arguments"),
    [
        ("build", ["scan", "--format", "json=build/report.json", "."]),
        (".github", ["init", "--yes"]),
        ("build", ["baseline", "create", "--baseline", "build/base"]),
        ("build", ["packs", "import", "leaks.toml", "--output", "build/packs.toml"]),
        ("build", ["evidence", "new", "trial-conversion-activation", "--output", "build/packet.json"]),
        (".git/hooks", ["hook", "install"]),
    ],
)
def test_a_folder_that_is_a_link_is_refused(repo: Repo, outside: Path, link: str, arguments: list[str]) -> None:
    repo.write("leaks.toml", "[[rules]]\nid = 'a'\nregex = 'abcdefgh[0-9]{9}'\nkeywords = ['abcdefgh']\n")
    if link == ".git/hooks":
        (repo.folder / link).rename(repo.folder / ".git/old")
    (repo.folder / link).symlink_to(outside, target_is_directory=True)
    got = repo.run(*arguments)
    assert _untouched(outside)
    assert (got.code, _REFUSED in got.err) == (2, True), got.err


def test_outside_of_git_too(tool: Tool, outside: Path) -> None:
    (tool.folder / ".github").symlink_to(outside, target_is_directory=True)
    got = tool.run("init", "--yes")
    assert (got.code, _REFUSED in got.err) == (2, True)
    assert _untouched(outside)


def test_a_pull_request_cannot_point_the_report_of_ci_elsewhere(repo: Repo, outside: Path) -> None:
    repo.write(f"alias x={token('ci')}", "hostile name")
    (repo.folder / "out.sarif").symlink_to(outside / "victim")
    repo.commit()
    got = repo.run("ci", "--format", "sarif=out.sarif")
    assert _untouched(outside)
    assert (got.code, _REFUSED in got.err) == (2, True)


def test_a_configuration_cannot_put_the_baseline_outside(repo: Repo, outside: Path) -> None:
    place = os.path.relpath(outside / "born", repo.folder)
    for named in (place, os.fspath(outside / "born")):
        repo.write(".cavra-boundary.toml", f"baseline = {json.dumps(named)}\n")
        got = repo.run("baseline", "create")
        assert (got.code, "outside the configuration's folder" in got.err) == (2, True), got.err
        assert _untouched(outside)
