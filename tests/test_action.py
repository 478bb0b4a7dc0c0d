"""action.yml, the hooks' manifest, and what `init` writes: linted, and the action's steps run as GitHub does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import Repo, token

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
MANIFEST: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
INSTALL, SCAN = (step for step in ACTION["runs"]["steps"])

USES_THE_ACTION = """\
name: boundary
on:
  pull_request:
permissions:
  contents: read
jobs:
  boundary:
    name: boundary
    runs-on: ubuntu-latest
    steps:
      - uses: ./
        with:
          range: main..HEAD
          config: boundary.toml
          packs: a.toml
          fail-on: note
          sarif: out.sarif
          python: python3.12
"""


def lint(*command: str | Path, folder: Path) -> None:
    """Run a linter from this environment. It must not report anything."""
    program = shutil.which(command[0], path=os.fspath(Path(sys.executable).parent))
    assert program, f"{command[0]} is missing: it is among the development dependencies"
    done = subprocess.run([program, *command[1:]], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def project(repo: Repo) -> Repo:
    """A project set up by `init`, with the action as one of its own."""
    assert repo.run("init").code == 0
    shutil.copy(ROOT / "action.yml", repo.folder)
    return repo


def test_the_action_and_the_workflow_of_init_are_safe(project: Repo) -> None:
    lint("zizmor", "--offline", "--no-progress", "--persona=pedantic", "action.yml", folder=project.folder)
    # The pedantic persona wants a concurrency limit, which would cancel runs whose commits no other run scans.
    lint("zizmor", "--offline", "--no-progress", ".", folder=project.folder)


def test_the_action_and_the_workflow_of_init_are_well_formed(project: Repo) -> None:
    schema = ("check-jsonschema", "--builtin-schema")
    lint(*schema, "vendor.github-actions", "action.yml", folder=project.folder)
    (workflow,) = (project.folder / ".github" / "workflows").iterdir()
    lint(*schema, "vendor.github-workflows", workflow, folder=project.folder)


def test_workflows_that_use_the_action_are_right(project: Repo) -> None:
    project.write(".github/workflows/uses.yml", USES_THE_ACTION)
    lint("actionlint", folder=project.folder)


def test_the_hooks_are_well_formed(project: Repo) -> None:
    lint("pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml", folder=project.folder)
    lint("pre-commit", "validate-config", ".pre-commit-config.yaml", folder=project.folder)


def test_init_sets_the_hooks_up_as_the_manifest_does(project: Repo) -> None:
    written = yaml.safe_load((project.folder / ".pre-commit-config.yaml").read_text())
    described = {hook["id"]: hook for hook in MANIFEST}
    for hook in written["repos"][0]["hooks"]:
        assert hook.pop("additional_dependencies")[0].startswith("cavra-boundary==")
        assert hook.items() <= described[hook["id"]].items()


def test_every_stage_of_the_hooks_is_installed(project: Repo) -> None:
    written = yaml.safe_load((project.folder / ".pre-commit-config.yaml").read_text())
    stages = {hook["stages"][0] for hook in written["repos"][0]["hooks"]}
    assert stages == set(written["default_install_hook_types"])


def test_no_input_is_written_into_a_script() -> None:
    """GitHub pastes `${{ }}` into the text of a script, where an untrusted value would be code."""
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"]
    given = {value for step in ACTION["runs"]["steps"] for value in step["env"].values()}
    assert given == {f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}


def test_the_action_uses_no_other() -> None:
    assert not any("uses" in step for step in ACTION["runs"]["steps"])


def run_step(step: dict[str, Any], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step of the action as GitHub does with `shell: bash`."""
    bash = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
    return subprocess.run(
        [*bash, step["run"]],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


INPUTS = {"PYTHON": sys.executable, "RANGE": "", "CONFIG": "", "PACKS": "", "FAIL_ON": "", "SARIF": ""}


def test_the_action_scans_what_it_is_told_to(repo: Repo, tmp_path: Path) -> None:
    repo.write("a.txt", "text")
    repo.commit()
    repo.write("b c.txt", token("b"))
    repo.commit()
    shutil.copy(repo.pack, repo.folder / "a pack.toml")
    environment = INPUTS | {
        "RUNNER_TEMP": os.fspath(tmp_path),
        "RANGE": "HEAD~1..HEAD",
        "PACKS": "a pack.toml\n",
        "SARIF": "out put.sarif",
        "GITHUB_ACTIONS": "",
        "GITHUB_STEP_SUMMARY": "",
    }
    # A module of the workspace must not take the place of Python's own.
    repo.write("json.py", "raise SystemExit(0)")
    repo.write("cavra_boundary/__main__.py", "raise SystemExit(0)")
    got = run_step(SCAN, repo.folder, **environment)
    assert got.returncode == 1, got.stderr
    assert "b c.txt:1:1" in got.stdout
    assert "demo.token" in (repo.folder / "out put.sarif").read_text()
    failed = run_step(SCAN, repo.folder, **environment | {"RANGE": "HEAD..HEAD", "FAIL_ON": "nonsense"})
    assert failed.returncode == 2, "the input fail-on is read"


def test_the_action_is_never_clean_without_the_program(repo: Repo, tmp_path: Path) -> None:
    got = run_step(SCAN, repo.folder, **INPUTS | {"RUNNER_TEMP": os.fspath(tmp_path), "PYTHON": "/nonexistent"})
    assert got.returncode not in (0, None)


@pytest.mark.slow
def test_the_action_installs_its_own_checkout(repo: Repo, tmp_path: Path) -> None:
    repo.write("pip.py", "raise SystemExit(0)")
    environment = {"RUNNER_TEMP": os.fspath(tmp_path), "GITHUB_ACTION_PATH": os.fspath(ROOT)}
    got = run_step(INSTALL, repo.folder, **INPUTS | environment)
    assert got.returncode == 0, got.stderr
    assert (tmp_path / "cavra-boundary" / "cavra_boundary" / "patterns" / "boundary.toml").is_file()
