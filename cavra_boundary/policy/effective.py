"""The policy of a tree, in a folder or at a revision: configuration, packs, baseline and attributes.

A change can be judged by the policy that was in force before it: `at_revision` reads the policy's files from a commit,
without a checkout.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from cavra_boundary.errors import BoundaryError
from cavra_boundary.git.listing import index_items
from cavra_boundary.git.repository import top_of
from cavra_boundary.policy import config as configuration
from cavra_boundary.policy import settings
from cavra_boundary.policy.files import Files, Tree, files_at
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
_RUNS = re.compile(
    r"pyproject\.toml|\.github/(?:workflows|actions)/.+|\.(?:gitea|forgejo)/workflows/.+|\.gitlab-ci\.ya?ml|\.gitlab/.+"
    r"|\.pre-commit-config\.yaml|bitbucket-pipelines\.yml|azure-pipelines\.ya?ml|\.azure-pipelines/.+|Jenkinsfile"
    r"|\.circleci/.+|\.buildkite/.+|\.husky/.+|lefthook\.ya?ml|\.woodpecker/.+|\.woodpecker\.ya?ml|Makefile|tox\.ini|noxfile\.py"
)
"""The files in which a repository says that it runs this tool, or configures it."""


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


def of_files(
    files: Files,
    config: Path | None,
    flags: Mapping[str, object],
    cache: Cache,
    *,
    attributes: Mapping[str, Sequence[str]],
    markers: Markers | None = None,
) -> Policy:
    """The policy that these files make.

    config: the configuration that `--config` names. markers: used instead of its own, so that two policies' rules can
    be compared. ConfigError, PackError or UsageError when it is broken.
    """
    chosen = settings.load(files.folder, config, flags, files=files)
    document = files.configuration(config)
    rules = load_packs(chosen.packs, markers or chosen.enterprise, cache)
    settings.check_names(chosen, {rule.id for rule in rules.rules}, rules.clauses)
    return Policy(
        settings=chosen,
        rules=rules,
        config=_named(document.path, files.folder) if document else configuration.NAME,
        line=document.line if document else lambda *_: 1,
        by_id={rule.id: rule for rule in rules.rules},
        baseline=baseline.read(chosen.baseline) if chosen.baseline else {},
        baseline_file=_named(chosen.baseline, files.folder) if chosen.baseline else baseline.NAME,
        attributes=attributes,
    )


def of_folder(
    root: Path,
    flags: Mapping[str, object],
    cache: Cache,
    *,
    tracked: Iterable[str],
    config: Path | None = None,
    markers: Markers | None = None,
    proposal: bool = False,
) -> Policy:
    """The policy of the files in a folder, see `of_files`.

    tracked: paths of its files. proposal: see `Files`.
    """
    attributes = {
        path: (root / path).read_text(encoding="utf-8", errors="replace").splitlines()
        for path in tracked
        if PurePosixPath(path).name == _ATTRIBUTES and (root / path).is_file() and not (root / path).is_symlink()
    }
    files = Files(root, proposal=proposal)
    return of_files(files, config, flags, cache, attributes=attributes, markers=markers)


def of_work_tree(
    root: Path,
    flags: Mapping[str, object],
    cache: Cache,
    *,
    config: Path | None = None,
    markers: Markers | None = None,
    proposal: bool = False,
) -> Policy:
    """The policy of a working tree, or of a folder outside a repository, see `of_folder`. GitError when git fails."""
    tracked = [item.path for item in index_items(root) if item.kind == "file"] if top_of(root) else []
    return of_folder(root, flags, cache, tracked=tracked, config=config, markers=markers, proposal=proposal)


@contextmanager
def at_revision(
    tree: Tree,
    flags: Mapping[str, object],
    cache: Cache,
    *,
    config: Path | None = None,
    markers: Markers | None = None,
    proposal: bool = False,
) -> Iterator[tuple[Policy, Sequence[str]]]:
    """The policy of a commit, see `of_files`, and what to say of files that it lacks. Its files last as the context."""
    with files_at(tree, proposal=proposal) as files:
        attributes = {
            path: (tree.read(path) or b"").decode(errors="replace").splitlines()
            for path in tree.files
            if PurePosixPath(path).name == _ATTRIBUTES
        }
        try:
            found = of_files(files, config, flags, cache, attributes=attributes, markers=markers)
        except BoundaryError as error:
            # Name the commit: the folder is about to be removed.
            error.where = error.where.replace(f"{files.folder}{os.sep}", f"{tree.revision}:")
            raise
        source = Path(f"{tree.revision}:{found.config}") if found.settings.source else None
        yield replace(found, settings=found.settings._replace(source=source)), tuple(dict.fromkeys(files.said))


def adopts(root: Path, base: Tree, config: Path | None, flags: Mapping[str, object]) -> bool:
    """Whether HEAD has a policy and the commit that it would be judged by has none at all.

    A configuration outside of the repository is a policy that was there before.
    """
    if has_policy(base, config, flags) or (config and base.inside(config) is None):
        return False
    with Tree(root, "HEAD") as head:
        return has_policy(head, config, flags)


def has_policy(tree: Tree, config: Path | None, flags: Mapping[str, object]) -> bool:
    """Whether a commit has a configuration, packs or a baseline, or a file that runs this tool with its defaults."""
    named = [config, flags.get("baseline"), *_many(flags.get("packs"))]
    inside = [tree.inside(path) for path in named if isinstance(path, Path)]
    present = [*tree.files, *tree.links]
    if any(path == name or path.startswith(f"{name}/") for name in inside if name for path in present):
        return True
    if configuration.NAME in present or baseline.NAME in present:
        return True
    running = [path for path in tree.files if _RUNS.fullmatch(path)]
    return any(word in (tree.read(path) or b"") for path in running for word in (b"cavra-boundary", b"cavra_boundary"))


def _many(value: object) -> Sequence[object]:
    return value if isinstance(value, tuple) else ()


def _named(path: Path, folder: Path) -> str:
    """A policy file's path in the tree; as it is if it is elsewhere."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute() keeps `..`
    return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else str(path)
