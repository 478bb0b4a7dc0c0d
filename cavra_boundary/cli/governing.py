"""Which policy governs a scan: the tree's own, or with `--policy-from` the one that a revision had."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary import git, settings
from cavra_boundary.cache import Cache
from cavra_boundary.cli.parts import load_rules, make_plan
from cavra_boundary.errors import UsageError
from cavra_boundary.model import Blob, Finding, Position, Secret, Span, Status, fingerprint
from cavra_boundary.scan import Scanner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from cavra_boundary.model import Report
    from cavra_boundary.packs import RuleSet
    from cavra_boundary.policy import Policy, Tree
    from cavra_boundary.scan import Plan
    from cavra_boundary.settings import Settings
    from cavra_boundary.weakening import Weakness

PACK = "policy"
"""The pack whose rules the kinds of weakness are."""

_INLINE = "allow-added"


class Governing(NamedTuple):
    """Settings, rules and plan of a scan.

    weaker: how the tree's own policy is weaker than the one that governs. tree: where that one is from, if it is not
    the tree's own.
    """

    settings: Settings
    rules: RuleSet
    plan: Plan
    weaker: tuple[Weakness, ...] = ()
    tree: Tree | None = None

    def completed(self, report: Report, emit: Callable[[list[Finding]], None] | None = None) -> Report:
        """A report, with what weakens the policy as findings of their own. emit: told of these, if anybody is."""
        if self.tree is None:
            return report
        found = [*self.weaker, *self._inline_allows(report, self.tree)]
        findings = [finding for each in found if (finding := self._finding(each))]
        if emit:
            emit(findings)
        merged = sorted((*report.findings, *findings), key=lambda finding: finding.order)
        return report._replace(findings=tuple(merged))

    def _finding(self, weakness: Weakness) -> Finding | None:
        rule = self.plan.policy.rules[f"{PACK}.{weakness.kind}"]
        if rule.id not in self.plan.policy.selected:
            return None
        severity = self.plan.policy.severity
        return Finding(
            rule=rule.id,
            clause=rule.clause,
            severity=severity.get(rule.id, severity.get(rule.clause, rule.severity)),
            path=weakness.path,
            position=Position(weakness.line, 1, weakness.line, 1),
            message=f"{rule.title} ({weakness.what}): {rule.why}",
            remedy=rule.remedy,
            snippet="",
            caret=Span(0, 0),
            fingerprint=fingerprint(rule.id, Secret(weakness.what.encode(errors="surrogateescape"))),
            status=Status.REPORTED,
            reason="",
            origin="policy",
            via=(),
        )

    def _inline_allows(self, report: Report, tree: Tree) -> Iterator[Weakness]:
        """What inline allows let through that they did not let through in the same file before."""
        from cavra_boundary.weakening import Weakness

        scanner = Scanner(self.plan)
        before: dict[str, set[tuple[str, str]]] = {}
        for finding in report.findings:
            if finding.status is not Status.SUPPRESSED or not finding.decided_at.startswith(f"{finding.path}:"):
                continue
            if finding.path not in before:
                data = tree.read(finding.path)
                known = scanner.blob(Blob.whole(finding.path, data)).triaged.findings if data else []
                before[finding.path] = {
                    (each.rule, each.fingerprint) for each in known if each.status is Status.SUPPRESSED
                }
            if (finding.rule, finding.fingerprint) not in before[finding.path]:
                line = int(finding.decided_at.rpartition(":")[2])
                what = f"{finding.rule} {finding.fingerprint} is let through"
                yield Weakness(_INLINE, finding.path, line, what)


@contextmanager
def governing(root: Path, start: Path, config: Path | None, flags: Mapping[str, object]) -> Iterator[Governing]:
    """What governs a scan of `start`, which is below `root`, while the context lasts.

    GitError when `--policy-from` names no revision; ConfigError, PackError and UsageError as `settings.load`.
    """
    cache = Cache.of_user()
    own = settings.load(start, config, flags)
    if own.policy_from is None:
        rules = load_rules(own, cache)
        yield Governing(settings=own, rules=rules, plan=make_plan(own, rules, cache, root))
        return
    if config:
        raise UsageError("--config and --policy-from contradict each other", where="--policy-from")
    with compared(root, own.policy_from, flags, cache) as (tree, base, weaker):
        plan = make_plan(base.settings, base.rules, cache, root)
        yield Governing(settings=base.settings, rules=base.rules, plan=plan, weaker=weaker, tree=tree)


@contextmanager
def compared(
    root: Path, revision: str, flags: Mapping[str, object], cache: Cache
) -> Iterator[tuple[Tree, Policy, tuple[Weakness, ...]]]:
    """A revision, its policy, and how that of the files in the working tree is weaker."""
    from cavra_boundary import policy
    from cavra_boundary.weakening import weaknesses

    tree = policy.Tree(root, revision)
    try:
        with policy.at_revision(tree, flags, cache) as base:
            tracked = [item.path for item in git.index(root) if item.kind == "file"]
            now = policy.of_folder(root, flags, cache, tracked=tracked, markers=base.settings.enterprise)
            yield tree, base, tuple(weaknesses(base, now))
    finally:
        tree.close()
