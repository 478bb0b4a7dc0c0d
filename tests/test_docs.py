"""README and docs/ match what the tool does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import click
import pytest
import yaml

from cavra_boundary.cli.init import command as init
from cavra_boundary.cli.main import COMMANDS, cli
from cavra_boundary.errors import ExitCode
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.policy.settings import load
from cavra_boundary.rules.files import pack_files, shipped_folder
from cavra_boundary.rules.read import read_pack

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")]
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    """The README's code blocks in one language."""
    return [found[2] for found in BLOCK.finditer(README) if found[1] == language]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(("argument", "code", "said"), [("--check", 0, ""), ("--wrong", 2, "usage:")])
def test_the_generated_pages_are_what_the_code_says(argument: str, code: int, said: str) -> None:
    command = [sys.executable, ROOT / "docs/generate.py", argument]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr[: len(said) or None]) == (code, said)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for name, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = page.parent / name if name else page
        assert target.exists(), name
        assert not anchor or anchor in anchors(target), anchor


def test_ci_runs_the_readmes_test_command(tmp_path: Path) -> None:
    (command,) = [block for block in blocks("sh") if "pytest" in block]
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    extraction = re.search(r"^readme_command=\$\((.*)\)$", script, re.MULTILINE)
    assert extraction
    done = subprocess.run(["bash", "-c", extraction[1]], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == command
    assert 'bash -euo pipefail -c "$readme_command"' in script
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_every_flag_that_the_readme_names_exists() -> None:
    context = click.Context(cli)
    commands = [cli.get_command(context, name) for name in COMMANDS]
    groups = [list(each.commands.values()) for each in commands if isinstance(each, click.Group)]
    known = (parameter for each in chain(commands, *groups) if each for parameter in each.params)
    flags = {flag for parameter in known for flag in parameter.opts} | {"--group"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README)) <= flags


def test_every_command_that_the_readme_names_exists() -> None:
    context = click.Context(cli)
    for line in re.findall(r"cavra-boundary ((?:rules )?[a-z]+)\b", "\n".join(re.findall(r"`(.+?)`", README))):
        name, *sub = line.split()
        assert name in COMMANDS
        command = cli.get_command(context, name)
        assert not sub or (isinstance(command, click.Group) and sub[0] in command.commands)


def test_every_rule_that_the_readme_names_exists() -> None:
    rules = {rule.id for file in pack_files([shipped_folder()]) for rule in read_pack(file, DEFAULT_MARKERS).rules}
    packs = "|".join({rule.partition(".")[0] for rule in rules})
    named = set(re.findall(rf"\b(?:{packs})\.(?!md\b)[a-z0-9-]+(?!\S*\.toml)", README))
    assert named
    assert named <= rules


def test_the_exit_codes_are_all_of_them() -> None:
    assert [int(code) for code in re.findall(r"^\| (\d) \|", README, re.MULTILINE)] == list(ExitCode)


def test_the_configuration_loads(tmp_path: Path) -> None:
    configuration, allow = blocks("toml")
    (tmp_path / "boundary").mkdir()
    path = tmp_path / ".cavra-boundary.toml"
    path.write_text(configuration + "\n" + allow, encoding="utf-8")
    loaded = load(tmp_path, path, {})
    assert loaded.packs == (tmp_path / "boundary/our-tenants.toml",)
    assert loaded.enterprise["packages"] == ("acme_enterprise",)
    assert [entry.owner for entry in loaded.allows] == ["release team"]


def test_the_readmes_workflow_is_what_init_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    init.main(["--yes"], standalone_mode=False)
    written = (tmp_path / ".github/workflows/cavra-boundary.yml").read_text(encoding="utf-8")
    shown = next(block for block in blocks("yaml") if "jobs:" in block)
    steps, ours = (
        [
            {key: value for key, value in step.items() if key != "name"}
            for step in each["jobs"]["cavra-boundary"]["steps"]
        ]
        for each in map(yaml.safe_load, (written, shown))
    )
    assert steps == ours
