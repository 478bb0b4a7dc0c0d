"""`cavra-boundary init`: write the files that guard a repository."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from cavra_boundary import __version__
from cavra_boundary.cli.places import ALL, locate
from cavra_boundary.errors import ExitCode
from cavra_boundary.policy.config import NAME
from cavra_boundary.report.write import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

_HOOKS = ".pre-commit-config.yaml"
_WORKFLOW = ".github/workflows/cavra-boundary.yml"

_CONFIG = """\
# The public boundary of this project. All options: docs/options.md of cavra-boundary.

# Files that are not scanned, in .gitignore syntax. The receipt of every scan counts them.
# exclude = ["vendor/"]

# More packs of rules: files or folders below this one.
# packs = ["boundary/"]

# What this project's own private things are called. Anything not set here keeps CAVRA's names.
[enterprise]
# packages = ["acme_enterprise"]       # import and install names of private packages
# paths = ["acme_enterprise/"]         # folders of private source
# headers = ["Acme Enterprise"]        # words in the header of a private file
# license_ids = ["LicenseRef-Acme-Enterprise"]
# hooks = ["enterprise_hooks.py"]      # public files that may import private packages

# The severity of a rule, or of every rule of a clause: error, warning or note.
[severity]
# dashboard-url = "note"

# What a change may weaken without failing: see docs/policy.md of cavra-boundary.
# [weakening]
# allow-added = "warn"

# Exceptions. Each needs a reason; give it an owner and an expiry date.
# [[allow]]
# rule = "registry-tokens.npm-access-token"
# path = "docs/example.md"
# value = "v2-9f2c04d1a37be658"        # the fingerprint that a finding shows
# reason = "revoked, kept as an example"
# owner = "release team"
# expires = 2027-01-31
"""
_HOOKS_HEAD = """\
default_install_hook_types: [pre-commit, commit-msg, pre-push]
repos:
"""
# As in .pre-commit-hooks.yaml, but installed from the package index.
_HOOK_ENTRY = """\
  - repo: local
    hooks:
      - id: cavra-boundary
        name: public boundary
        entry: cavra-boundary scan --staged
        args: [--]
        language: python
        additional_dependencies: [cavra-boundary=={version}]
        types: []
        types_or: [file, symlink]
        stages: [pre-commit, pre-merge-commit, manual]
        require_serial: true
      - id: cavra-boundary-commit-msg
        name: public boundary (commit message)
        entry: cavra-boundary scan --message-file
        language: python
        additional_dependencies: [cavra-boundary=={version}]
        stages: [commit-msg]
      - id: cavra-boundary-push
        name: public boundary (push)
        entry: cavra-boundary hook run pre-push
        language: python
        additional_dependencies: [cavra-boundary=={version}]
        pass_filenames: false
        always_run: true
        stages: [pre-push]
"""
_WORKFLOW_TEXT = """\
name: public boundary
on:
  push:
  pull_request:
  merge_group:
permissions:
  contents: read
jobs:
  cavra-boundary:
    name: public boundary
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          fetch-depth: 0 # all history, to tell what is new
          persist-credentials: false
      - run: pipx run cavra-boundary=={version} ci
"""


@click.command("init")
@click.option("--yes", is_flag=True, help="Replace existing files without asking.")
def command(yes: bool) -> int:
    """Write a configuration, a pre-commit entry and a GitHub workflow into this repository.

    An existing file is only replaced if you confirm; for an existing pre-commit configuration, the entry is printed.
    """
    root, _ = locate([ALL])
    entry = _HOOK_ENTRY.format(version=__version__)
    _write(root, NAME, _CONFIG, yes)
    _write_hook(root, entry)
    _write(root, _WORKFLOW, _WORKFLOW_TEXT.format(version=__version__), yes)
    click.echo("Next: cavra-boundary scan .   and   pre-commit install -t pre-commit -t commit-msg -t pre-push")
    return ExitCode.CLEAN


def _write(root: Path, name: str, content: str, replace: bool) -> None:
    path = root / name
    shown = os.path.relpath(path)
    if os.path.lexists(path) and not replace and not click.confirm(f"{shown} exists. Replace it?", default=False):
        click.echo(f"kept      {shown}")
        return
    write_atomically(path, content.encode(), tree=root, folders=True)
    click.echo(f"wrote     {shown}")


def _write_hook(root: Path, entry: str) -> None:
    """Write the pre-commit configuration; if there is one already, only print what to add to it."""
    path = root / _HOOKS
    shown = os.path.relpath(path)
    present = path.read_text(encoding="utf-8") if path.is_file() else ""
    if "id: cavra-boundary" in present:
        click.echo(f"kept      {shown} (has the hook)")
    elif not present:
        write_atomically(path, (_HOOKS_HEAD + entry).encode(), tree=root)
        click.echo(f"wrote     {shown}")
    else:
        click.echo(f"kept      {shown}; add this to its `repos`:\n{entry}", nl=False)
