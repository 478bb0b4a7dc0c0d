"""Which policy governs a scan: the tree's own or, with `--policy-from`, that of a revision."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.cache import Cache
from cavra_boundary.cli.parts import load_rules, make_plan
from cavra_boundary.errors import UsageError
from cavra_boundary.git.repository import repository_of, top_of
from cavra_boundary.policy import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from cavra_boundary.model import Finding, Report
    from cavra_boundary.policy.effective import Policy, Tree
    from cavra_boundary.policy.settings import Settings
    from cavra_boundary.policy.weakening import Weakness
    from cavra_boundary.rules.model import RuleSet
    from cavra_boundary.scan.scanner import Plan


class Governing(NamedTuple):
    """Settings, rules and plan of a scan.

    weaker: how the tree's own policy is weaker than the governing one. tree: where the governing policy comes from, if
    not from the tree itself.
    """

    settings: Settings
    rules: RuleSet
    plan: Plan
    weaker: tuple[Weakness, ...] = ()
    tree: Tree | None = None

    def completed(self, report: Report, emit: Callable[[list[Finding]], None] | None = None) -> Report:
        """A report, plus a finding for everything that weakens the policy. emit: called with these, if given."""
        if self.tree is None:
            return report
        from cavra_boundary.policy.weakening import inline_allows, to_findings, without_renamed
        from cavra_boundary.scan.scanner import Scanner

        weaker = without_renamed(self.weaker, report, self.settings)
        found = to_findings([*weaker, *inline_allows(report, self.tree, self.plan)], self.plan.policy)
        found = Scanner(self.plan).concealed_findings(found)
        if emit:
            emit(found)
        return report._replace(findings=tuple(sorted([*report.findings, *found], key=lambda finding: finding.order)))


@contextmanager
def governing(root: Path, start: Path, config: Path | None, flags: Mapping[str, object]) -> Iterator[Governing]:
    """What governs a scan of `start`, which is below `root`, while the context lasts.

    GitError when `--policy-from` names no revision; ConfigError, PackError and UsageError as `settings.load`.
    """
    cache = Cache.of_user(root)
    revision = flags.get("policy_from")
    if revision is None:
        own = settings.load(start, config, flags)
        rules = load_rules(own, cache)
        yield Governing(settings=own, rules=rules, plan=make_plan(own, rules, cache, root))
        return
    if config:
        raise UsageError("--config and --policy-from cannot be combined", where="--policy-from")
    if repository_of(root) is None:
        raise UsageError(f"{root} is not in a git repository", where="--policy-from")
    with compared(root, str(revision), flags, cache) as (tree, base, weaker):
        plan = make_plan(base.settings, base.rules, cache, root)
        plan = plan._replace(policy=plan.policy._replace(baseline_file=f"{tree.revision}:{base.baseline_file}"))
        yield Governing(settings=base.settings, rules=base.rules, plan=plan, weaker=weaker, tree=tree)


@contextmanager
def compared(
    root: Path, revision: str, flags: Mapping[str, object], cache: Cache, *, now: str = ""
) -> Iterator[tuple[Tree, Policy, tuple[Weakness, ...]]]:
    """A revision, its policy, and how the policy of the working tree, or of the revision `now`, is weaker.

    A bare repository has no working tree, so HEAD is used instead.
    """
    from cavra_boundary.policy.effective import Tree, at_revision, of_work_tree
    from cavra_boundary.policy.weakening import weaknesses

    if not now and top_of(root) is None:
        now = "HEAD"
    with Tree(root, revision) as tree, at_revision(tree, flags, cache) as base:
        markers = base.settings.enterprise
        if now:
            with Tree(root, now) as other, at_revision(other, flags, cache, markers=markers) as changed:
                weaker = tuple(weaknesses(base, changed))
        else:
            changed = of_work_tree(root, flags, cache, markers=markers)
            weaker = tuple(weaknesses(base, changed))
        yield tree, base, weaker
