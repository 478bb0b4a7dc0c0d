"""Builds the parts of a scan from settings: what to read, which rules to run, what policy to apply."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cavra_boundary import baseline, git, packs, settings
from cavra_boundary.cli.terminal import width
from cavra_boundary.detect import check_names
from cavra_boundary.errors import UsageError
from cavra_boundary.evidence.fixtures import Scope
from cavra_boundary.report.progress import Progress, is_welcome
from cavra_boundary.scan import Plan, scan
from cavra_boundary.triage import Policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cavra_boundary.cache import Cache
    from cavra_boundary.model import Report
    from cavra_boundary.packs import RuleSet
    from cavra_boundary.settings import Settings
    from cavra_boundary.sources.base import Source

STDIN = "-"
ALL = "."


def locate(paths: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
    """The scan's root, and the paths relative to it: the repository's top, or the current folder, or what was named.

    UsageError for a path that does not exist, and for paths that no single root holds.
    """
    if STDIN in paths:
        if len(paths) > 1:
            raise UsageError("standard input cannot be scanned together with paths", where=STDIN, hint="scan it alone")
        return _root_of(Path.cwd()), (STDIN,)
    full = [_existing(path) for path in paths]
    root, *others = dict.fromkeys(_root_of(path) for path in full)
    if others:
        raise UsageError(f"{root} and {others[0]} are scanned apart", where=paths[0], hint="one scan for each")
    return root, tuple(path.relative_to(root).as_posix() for path in full)


def _existing(path: str) -> Path:
    """The path made absolute. A link to a folder is followed, since it was named; a link to a file is content."""
    if not os.path.lexists(path):
        raise UsageError("no such file or folder", where=path, hint="check the path")
    here = Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute() keeps `..`
    return Path(os.path.realpath(here)) if here.is_dir() else Path(os.path.realpath(here.parent)) / here.name


def _root_of(path: Path) -> Path:
    folder = path if path.is_dir() and not path.is_symlink() else path.parent
    top = git.top_of(folder)
    if top:
        return top
    cwd = Path(os.path.realpath(Path.cwd()))
    return cwd if folder.is_relative_to(cwd) else folder


def load_rules(chosen: Settings, cache: Cache) -> RuleSet:
    """The rules that the settings ask for. PackError, ConfigError or UsageError when they cannot be had."""
    rules = packs.load(chosen.packs, chosen.enterprise, cache, check_names)
    settings.check_names(chosen, {rule.id for rule in rules.rules}, rules.clauses)
    return rules


def make_plan(chosen: Settings, rules: RuleSet, cache: Cache, root: Path) -> Plan:
    """How the settings want content judged. UsageError when they leave no rule to run.

    root: of the working tree, in which evidence may name files.
    """
    run = tuple(rule for rule in rules.rules if rule.id not in rules.off.union(chosen.skip_rules))
    selected = frozenset(
        rule.id
        for rule in run
        if (not chosen.only_rules or rule.id in chosen.only_rules)
        and (not chosen.only_clauses or rule.clause in chosen.only_clauses)
    )
    if not selected:
        raise UsageError("no rule is left to run", where="--only-rule, --only-clause, --skip-rule", hint="widen them")
    policy = Policy(
        rules={rule.id: rule for rule in rules.rules},
        selected=selected,
        severity=chosen.severity,
        allows=chosen.allows,
        config=str(chosen.source or ""),
        today=chosen.as_of or datetime.now(UTC).date(),
        baseline=baseline.read(chosen.baseline) if chosen.baseline else {},
        baseline_file=str(chosen.baseline or ""),
        show_secrets=chosen.show_secrets,
    )
    return Plan(
        rules=run,
        digest=rules.digest,
        policy=policy,
        cache=cache,
        prefilter=not chosen.no_prefilter,
        remember=not chosen.no_cache,
        evidence=Scope(chosen.evidence, **chosen.vocabulary, root=str(root)),
    )


def make_source(chosen: Settings, root: Path, asked: tuple[str, ...]) -> Source:
    """What `locate` found."""
    if asked == (STDIN,):
        from cavra_boundary.sources.stdin import StdinSource

        return StdinSource(sys.stdin.buffer, chosen.stdin_name)
    from cavra_boundary.sources.worktree import WorkTreeSource

    return WorkTreeSource(root, asked, chosen.exclude, not chosen.no_ignore, chosen.max_file_size)


def scan_all(chosen: Settings, root: Path, rules: RuleSet, cache: Cache) -> Report:
    """Scan all of a working tree for a command that is about something else than its findings."""
    welcome = is_welcome(sys.stderr, os.environ)
    with Progress(sys.stderr, enabled=welcome, width=width(sys.stderr)) as progress:
        plan = make_plan(chosen, rules, cache, root)
        return scan(make_source(chosen, root, (ALL,)), plan, jobs=chosen.jobs, progress=progress)
