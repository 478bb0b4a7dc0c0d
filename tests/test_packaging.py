"""What people install: the wheel and the editable checkout. Building needs a package index."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support import token

ROOT = Path(__file__).parents[1]
PACKS = {file.name for file in (ROOT / "patterns").glob("*.toml")}
WHERE = "from cavra_boundary.rules.files import shipped_folder; print(shipped_folder().resolve())"

pytestmark = pytest.mark.slow


def run(*command: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program to its end in a folder where no checkout can be imported by accident."""
    return subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, folder=folder)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path) -> Path:
    """The wheel installed in a folder of its own."""
    folder = wheel.parent / "site"
    done = run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder, wheel),
        folder=wheel.parent,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_the_wheel_holds_the_packs_and_nothing_that_is_not_ours(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    folders = {name.partition("/")[0] for name in names}
    (metadata,) = folders - {"cavra_boundary"}
    shipped = {name.removeprefix("cavra_boundary/") for name in names if name.startswith("cavra_boundary/patterns/")}
    assert shipped == {file.relative_to(ROOT).as_posix() for file in (ROOT / "patterns").rglob("*") if file.is_file()}
    assert {"cavra_boundary/py.typed", f"{metadata}/licenses/LICENSE", f"{metadata}/entry_points.txt"} <= names
    assert {file.relative_to(ROOT).as_posix() for file in (ROOT / "cavra_boundary").rglob("*.py")} <= names


def test_the_installed_wheel_works_with_its_own_packs(site: Path, tmp_path: Path, pack: Path) -> None:
    where = run(sys.executable, "-c", WHERE, folder=tmp_path, PYTHONPATH=str(site))
    assert where.stdout.strip() == str((site / "cavra_boundary/patterns").resolve())
    script = site / "bin/cavra-boundary"
    smallest = min(PACKS - {"boundary.toml"}, key=lambda name: (ROOT / "patterns" / name).stat().st_size)
    checked = run(
        script, "rules", "check", site / "cavra_boundary/patterns" / smallest, folder=tmp_path, PYTHONPATH=str(site)
    )
    assert checked.returncode == 0, checked.stdout
    (tmp_path / "leak.txt").write_text(token("wheel"), encoding="utf-8")
    found = run(script, "scan", "--pack", pack, folder=tmp_path, PYTHONPATH=str(site))
    assert found.returncode == 1, found.stderr
    assert "leak.txt:1:1" in found.stdout


def test_an_editable_install_uses_the_checkouts_packs(tmp_path: Path) -> None:
    where = run(sys.executable, "-c", WHERE, folder=tmp_path)
    assert where.stdout.strip() == str(ROOT / "patterns")
