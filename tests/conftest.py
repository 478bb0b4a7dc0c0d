"""Every test runs hermetically: without the user's git configuration, cache or configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings
from support import PACK, Repo, Tool

from cavra_boundary.cache import Cache
from cavra_boundary.scan import seen

if TYPE_CHECKING:
    from collections.abc import Iterator

# A failing test must finish in time: in CI, examples are not shrunk.
_PHASES = set(Phase) - {Phase.shrink, Phase.explain} if os.environ.get("CI") else set(Phase)
settings.register_profile("suite", deadline=None, max_examples=50, phases=_PHASES)
settings.load_profile("suite")

_UNSET = (
    "NO_COLOR",
    "FORCE_COLOR",
    "CAVRA_BOUNDARY_DEBUG",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    # Otherwise every process that a test starts would compile all its modules.
    "PYTHONDONTWRITEBYTECODE",
    # A test that is about a CI service names it.
    *("CI", "GITHUB_ACTIONS", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITLAB_CI"),
)


@pytest.fixture(scope="session", autouse=True)
def hermetic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One cache per test process, so that databases are compiled once, and a git that knows only the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAVRA_BOUNDARY_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        # Packages installed for a test need not be downloaded each time.
        patch.setenv("PIP_CACHE_DIR", str(Path("~/.cache/pip").expanduser()))
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        patch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Test")
            patch.setenv(f"GIT_{who}_EMAIL", "test@example.com")
        for name in _UNSET:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True)
def forgetful() -> None:
    """Rescan what an earlier test found clean: the cache knows content and names, not repositories."""
    if folder := Cache.of_user().folder:
        (folder / seen.NAME).unlink(missing_ok=True)


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests' pack, as a file."""
    file = tmp_path_factory.mktemp("packs") / "demo.toml"
    file.write_text(PACK, encoding="utf-8")
    return file


@pytest.fixture
def tool(tmp_path: Path, pack: Path) -> Tool:
    """The tool in an empty folder outside any repository."""
    folder = tmp_path / "tree"
    folder.mkdir()
    return Tool(folder, pack)


@pytest.fixture
def repo(tmp_path: Path, pack: Path) -> Repo:
    """The tool in an empty git repository."""
    folder = tmp_path / "repo"
    folder.mkdir()
    made = Repo(folder, pack)
    made.git("init", "--quiet", "--initial-branch", "main")
    return made
