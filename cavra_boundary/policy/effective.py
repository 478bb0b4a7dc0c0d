"""The policy of a tree, in a folder or at a revision: configuration, packs, baseline and attributes.

A change can be judged by the policy that was in force before it: `at_revision` extracts the policy's files from a
commit into a temporary folder, without a checkout.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from cavra_boundary.errors import BoundaryError, GitError
from cavra_boundary.git.listing import index_items
from cavra_boundary.git.objects import Objects
from cavra_boundary.git.refs import resolve_revision
from cavra_boundary.git.repository import top_of
from cavra_boundary.git.trees import tree_items
from cavra_boundary.policy import config as configuration
from cavra_boundary.policy import settings
from cavra_boundary.rules.load import load_packs
from cavra_boundary.triage import baseline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from cavra_boundary.cache import Cache
    from cavra_boundary.model import Rule, Severity
    from cavra_boundary.policy.settings import Settings
    from cavra_boundary.rules.model import Markers, RuleSet
    from cavra_boundary.triage.baseline import Entry

_ATTRIBUTES = ".gitattributes"
_MOST_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The policy of a tree.

    config: the configuration's path in the tree, or the one it would have. line: the line of a key path in it.
    by_id: the rules. baseline: by fingerprint. baseline_file: its path in the tree. attributes: the lines of every
    `.gitattributes`, by path.
    """

    settings: Settings
    rules: RuleSet
    config: str
    line: Callable[..., int]
    by_id: Mapping[str, Rule]
    baseline: Mapping[str, Entry]
    baseline_file: str
    attributes: Mapping[str, Sequence[str]]

    def severity_of(self, rule: str) -> Severity | None:
        """A rule's severity under this policy; None if it does not run."""
        known = self.by_id.get(rule)
        if known is None or rule in self.rules.off or rule in self.settings.skip_rules:
            return None
        return known.severity_under(self.settings.severity)


class Tree:
    """The files of a commit, read without a checkout."""

    def __init__(self, root: Path, revision: str) -> None:
        """GitError when there is no such commit in the repository at `root`, or its tree cannot be read or written."""
        commit = resolve_revision(root, revision, type_="commit")
        self.revision = revision
        self.files = {item.path: item.oid for item in tree_items(root, commit) if item.kind == "file"}
        for path in self.files:
            # Git checks this when it writes a working tree, not when it fetches.
            if _leads_astray(path):
                raise GitError(f"{path!r} is not a valid path in a tree", where=revision, hint="see git fsck")
        self._objects = Objects(root)

    def read(self, path: str) -> bytes | None:
        """A file's content; None if the commit does not have the file. GitError when it cannot be read."""
        oid = self.files.get(path)
        if oid is None:
            return None
        found = self._objects.begin(oid)
        if found is None:
            raise GitError("its content is missing", where=f"{self.revision}:{path}", hint="fetch the full history")
        if found[1] > _MOST_BYTES:
            raise GitError(f"is larger than {_MOST_BYTES >> 20} MiB", where=f"{self.revision}:{path}")
        return self._objects.read(found[1])

    def __enter__(self) -> Tree:
        return self

    def __exit__(self, *_: object) -> None:
        self._objects.close()


def of_folder(
    root: Path, flags: Mapping[str, object], cache: Cache, *, tracked: Iterable[str], markers: Markers | None = None
) -> Policy:
    """The policy of the files in a folder.

    tracked: paths of its files. markers: used instead of its own, so that two policies' rules can be compared.
    ConfigError or PackError when it is broken.
    """
    chosen = settings.load(root, None, flags)
    document = configuration.find(root)
    rules = load_packs(chosen.packs, markers or chosen.enterprise, cache)
    settings.check_names(chosen, {rule.id for rule in rules.rules}, rules.clauses)
    return Policy(
        settings=chosen,
        rules=rules,
        config=document.path.name if document else configuration.NAME,
        line=document.line if document else lambda *_: 1,
        by_id={rule.id: rule for rule in rules.rules},
        baseline=baseline.read(chosen.baseline) if chosen.baseline else {},
        baseline_file=Path(os.path.relpath(chosen.baseline, root)).as_posix() if chosen.baseline else baseline.NAME,
        attributes={
            path: (root / path).read_text(encoding="utf-8", errors="replace").splitlines()
            for path in tracked
            if PurePosixPath(path).name == _ATTRIBUTES and (root / path).is_file() and not (root / path).is_symlink()
        },
    )


def of_work_tree(root: Path, flags: Mapping[str, object], cache: Cache, *, markers: Markers | None = None) -> Policy:
    """The policy of a working tree, or of a folder outside a repository, see `of_folder`. GitError when git fails."""
    tracked = [item.path for item in index_items(root) if item.kind == "file"] if top_of(root) else []
    return of_folder(root, flags, cache, tracked=tracked, markers=markers)


@contextmanager
def at_revision(
    tree: Tree, flags: Mapping[str, object], cache: Cache, *, markers: Markers | None = None
) -> Iterator[Policy]:
    """The policy of a commit, see `of_folder`. Its files exist while the context lasts."""
    with TemporaryDirectory(prefix="cavra-boundary-") as folder:
        root = Path(os.path.realpath(folder))
        _take(tree, root, (configuration.NAME, configuration.PROJECT, baseline.NAME))
        attributes = [path for path in tree.files if PurePosixPath(path).name == _ATTRIBUTES]
        _take(tree, root, attributes)
        try:
            document = configuration.find(root)
            table = document.table if document else {}
            _take(tree, root, [*_names(table.get("packs")), *_names([table.get("baseline")])])
            found = of_folder(root, flags, cache, tracked=attributes, markers=markers)
        except BoundaryError as error:
            # Name the commit: the folder is about to be removed.
            error.where = error.where.replace(f"{root}{os.sep}", f"{tree.revision}:")
            raise
        source = Path(f"{tree.revision}:{found.config}") if found.settings.source else None
        yield replace(found, settings=found.settings._replace(source=source))


def _leads_astray(path: str) -> bool:
    """Whether a path in a commit could name something outside the folder that the commit's files are written to."""
    steps = path.replace(os.sep, "/").split("/")
    return any(step in ("", ".", "..") for step in steps) or (os.name == "nt" and ":" in path)


def _take(tree: Tree, root: Path, names: Iterable[str]) -> None:
    """Write these files of a commit, and everything below these folders, into a folder."""
    for name in names:
        for path in tree.files:
            if path == name or path.startswith(f"{name}/"):
                target = root / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(tree.read(path) or b"")


def _names(values: Any) -> list[str]:
    """The paths in a configuration key, as git writes them, without those that lead out of the tree."""
    paths = [PurePosixPath(value) for value in values if isinstance(value, str)] if isinstance(values, list) else []
    return [path.as_posix() for path in paths if not path.is_absolute() and ".." not in path.parts]
