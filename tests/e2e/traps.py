"""A program that no scan may start, and a repository that names it wherever git can start programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from support import Repo

_CONFIGURATION = """
[core]
    fsmonitor = {trap}
    hooksPath = {hooks}
    pager = {trap}
    editor = {trap}
    sshCommand = {trap}
    gitProxy = {trap}
    askPass = {trap}
    alternateRefsCommand = {trap}
    attributesFile = {attributes}
[pager]
    ls-files = {trap}
    rev-list = {trap}
    diff-tree = {trap}
    cat-file = {trap}
    ls-tree = {trap}
    for-each-ref = {trap}
[alias]
    ls-files = !{trap}
    cat-file = !{trap}
    rev-list = !{trap}
    diff-tree = !{trap}
[diff]
    external = {trap}
    noprefix = true
    relative = true
    renames = copies
    orderFile = {attributes}
    ignoreSubmodules = all
[diff "evil"]
    textconv = {trap}
    command = {trap}
    binary = true
[filter "evil"]
    clean = {trap}
    smudge = {trap}
    process = {trap}
    required = true
[log]
    showSignature = true
    follow = true
    excludeDecoration = *
[gpg]
    program = {trap}
[credential]
    helper = !{trap}
[trace2]
    normalTarget = {traced}
[transfer]
    hideRefs = refs
[uploadpack]
    packObjectsHook = {trap}
[remote "origin"]
    url = ext::{trap}
    promisor = true
    partialCloneFilter = blob:none
    uploadpack = {trap}
[extensions]
    partialClone = origin
[protocol "ext"]
    allow = always
[submodule]
    recurse = true
"""
_HOOKS = (
    "post-index-change",
    "reference-transaction",
    "post-checkout",
    "pre-auto-gc",
    "fsmonitor-watchman",
    "query-watchman",
)


class Trap(NamedTuple):
    """The program, which leaves a mark next to itself when it is run."""

    program: Path

    @classmethod
    def made_in(cls, folder: Path) -> Trap:
        program = folder / "trap.sh"
        program.write_text(f"#!/bin/sh\ntouch '{folder}/sprung'\n")
        program.chmod(0o755)
        return cls(program)

    @property
    def sprung(self) -> bool:
        return self.program.with_name("sprung").exists()

    def set_in(self, repo: Repo) -> None:
        """Let the repository's configuration, attributes and hooks name the program."""
        folder = self.program.parent
        hooks, attributes = folder / "hooks", folder / "attributes"
        hooks.mkdir()
        for name in _HOOKS:
            (hooks / name).symlink_to(self.program)
        attributes.write_text("* filter=evil diff=evil binary -diff\n")
        repo.write(
            ".gitattributes", "* filter=evil diff=evil binary -diff -text working-tree-encoding=UTF-16 export-ignore\n"
        )
        with (repo.folder / ".git" / "config").open("a") as file:
            file.write(
                _CONFIGURATION.format(trap=self.program, hooks=hooks, attributes=attributes, traced=folder / "traced")
            )
