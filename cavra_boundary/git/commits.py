"""Commits, and what each of them adds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cavra_boundary.git.objects import Objects
from cavra_boundary.git.process import fields, stream_git
from cavra_boundary.git.trees import Trees

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from cavra_boundary.git.listing import Item


def list_commits(folder: Path, wanted: Iterable[str]) -> list[str]:
    """The ids of the commits reachable from these revisions, parents first. `^id` excludes those reachable from it.

    GitError when any of these commits cannot be read.
    """
    asked = [f"{each}\n".encode() for each in wanted]
    command = ["rev-list", "--topo-order", "--reverse", "--stdin"]
    return [os.fsdecode(line) for line in fields(stream_git(folder, command, asked), b"\n")] if asked else []


def list_changes(folder: Path, wanted: Sequence[str], cut: Collection[str] = ()) -> Iterator[tuple[int, Item]]:
    """What each of these commits adds or changes: the commit's position in `wanted`, and an item, in no order.

    For a merge: what differs from every parent. cut: commits whose parents a shallow clone lacks. GitError when a
    commit or a tree cannot be read, TooManyPathsError for a bomb.
    """
    with Objects(folder) as objects:
        yield from Trees(objects).changes(wanted, cut)
