"""action.yml, the hooks' manifest, and what `init` writes: linted, and the action's steps run as GitHub does."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import Repo, token

ROOT = Path(__file__).parents[1]
POLICY_PAGE = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
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
          approved-policy: ${{ github.event.pull_request.head.sha }}
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


GITHUB_FLOW, GITLAB_FLOW = re.findall(r"^```yaml\n(.*?)^```$", POLICY_PAGE, re.MULTILINE | re.DOTALL)


def test_the_workflow_for_approvals_is_safe_and_right(repo: Repo) -> None:
    file = repo.write(".github/workflows/boundary.yml", GITHUB_FLOW)
    lint("zizmor", "--offline", "--no-progress", ".", folder=repo.folder)
    lint("actionlint", folder=repo.folder)
    lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", file, folder=repo.folder)


def test_the_pipeline_for_approvals_is_right(repo: Repo) -> None:
    file = repo.write(".gitlab-ci.yml", GITLAB_FLOW)
    lint(
        "check-jsonschema",
        "--builtin-schema",
        "vendor.gitlab-ci",
        "--data-transform=gitlab-ci",
        file,
        folder=repo.folder,
    )


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


INPUTS = {"PYTHON": sys.executable} | dict.fromkeys(
    ("RANGE", "CONFIG", "PACKS", "APPROVED_POLICY", "FAIL_ON", "SARIF"), ""
)


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


def test_the_actions_inputs_are_read_from_the_target(repo: Repo, tmp_path: Path) -> None:
    """The pull request rewrites the files that the workflow names."""
    (tmp_path / "cavra-boundary").symlink_to(ROOT)
    repo.write("ours.toml", "")
    repo.write("packs/demo.toml", repo.pack.read_bytes())
    repo.commit()
    target = repo.git("rev-parse", "HEAD").strip()
    repo.write("ours.toml", 'exclude = ["*.txt"]\n')
    repo.write("packs/demo.toml", 'name = "demo"\ntitle = "Nothing"\n')
    repo.write("leak.txt", token("leak"))
    repo.commit()
    head = repo.git("rev-parse", "HEAD").strip()
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"base": {"sha": target}, "head": {"sha": head}}}))
    environment = INPUTS | {
        "RUNNER_TEMP": os.fspath(tmp_path),
        "CONFIG": "ours.toml",
        "PACKS": "packs",
        "RANGE": "HEAD~1..HEAD",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": os.fspath(event),
        "GITHUB_STEP_SUMMARY": "",
    }
    got = run_step(SCAN, repo.folder, **environment)
    assert got.returncode == 1, got.stderr
    assert "leak.txt:1:1" in got.stdout
    assert "policy.exclude-added" in got.stdout
    approved = run_step(SCAN, repo.folder, **environment | {"APPROVED_POLICY": head})
    assert approved.returncode == 0, approved.stdout + approved.stderr


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
