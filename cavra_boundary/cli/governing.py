"""Which policy governs a scan: the tree's own or, with `--policy-from`, that of a revision."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.cache import Cache
from cavra_boundary.cli.parts import load_rules, make_plan
from cavra_boundary.errors import BoundaryError, UsageError
from cavra_boundary.git.repository import repository_of, top_of
from cavra_boundary.policy import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from cavra_boundary.model import Finding, Report
    from cavra_boundary.policy.effective import Policy
    from cavra_boundary.policy.files import Tree
    from cavra_boundary.policy.settings import Settings
    from cavra_boundary.policy.weakening import Weakness
    from cavra_boundary.rules.model import RuleSet
    from cavra_boundary.scan.scanner import Plan


class Governing(NamedTuple):
    """Settings, rules and plan of a scan.

    weaker: how the tree's own policy is weaker than the one that judges it. standard: that one, if it is not the tree's
    own. approved: the commit whose weaker policy was approved. choices: for the receipt, who judged and what was
    missing.
    """

    settings: Settings
    rules: RuleSet
    plan: Plan
    weaker: tuple[Weakness, ...] = ()
    standard: Standard | None = None
    approved: str = ""
    choices: tuple[str, ...] = ()

    def completed(self, report: Report, emit: Callable[[list[Finding]], None] | None = None) -> Report:
        """A report, plus a finding for everything that weakens the policy. emit: called with these, if given."""
        if self.standard is None:
            return report
        from cavra_boundary.policy.weakening import inline_allows, to_findings, without_renamed
        from cavra_boundary.scan.scanner import Scanner

        plan = self.standard.plan
        weaker = [
            *without_renamed(self.weaker, report, plan.policy.allows),
            *inline_allows(report, self.standard.tree, plan),
        ]
        found = to_findings(weaker, plan.policy, self.standard.warned, approved=self.approved)
        found = Scanner(self.plan).concealed_findings(found)
        if emit:
            emit(found)
        return report._replace(findings=tuple(sorted([*report.findings, *found], key=lambda finding: finding.order)))


class Standard(NamedTuple):
    """The policy that a proposal is judged by. warned: the kinds of weakness that only warn."""

    tree: Tree
    plan: Plan
    warned: frozenset[str]


class Judge(NamedTuple):
    """Whose policy judges, if that is not simply a flag's or the tree's own.

    revision: whose policy it is; empty for the tree's own. adopts: whether the tree's own judges if that revision has
    no policy at all. approved: the commit whose weaker policy was approved. refused: why an approval does not count.
    said: for the receipt, why it is so.
    """

    revision: str = ""
    adopts: bool = False
    approved: str = ""
    refused: str = ""
    said: tuple[str, ...] = ()

    @property
    def choices(self) -> tuple[str, ...]:
        """What the receipt says about it."""
        return (*self.said, *filter(None, (self.refused,)))


@contextmanager
def governing(
    root: Path, start: Path, config: Path | None, flags: Mapping[str, object], judge: Judge | None = None
) -> Iterator[Governing]:
    """What governs a scan of `start`, which is below `root`, while the context lasts.

    judge: decides instead of `--policy-from`. GitError when a revision does not exist; ConfigError, PackError and
    UsageError as `settings.load`.
    """
    cache = Cache.of_user(root)
    judge = judge or Judge(str(flags.get("policy_from") or ""))
    if not judge.revision:
        yield _own(root, start, config, flags, cache, judge.choices)
        return
    if repository_of(root) is None:
        raise UsageError(f"{root} is not in a git repository", where="--policy-from")
    from cavra_boundary.policy.effective import adopts
    from cavra_boundary.policy.files import Tree

    with Tree(root, judge.revision) as tree:
        if judge.adopts and adopts(root, tree, config, flags):
            adopted = "own policy: the target has none yet, so this first adoption is judged by its own"
            yield _own(root, start, config, flags, cache, (*judge.choices, adopted))
            return
        with compared(root, tree, flags, cache, config=config) as found:
            yield _judged(found, judge, root, start, config, flags, cache)


def _judged(
    found: Compared,
    judge: Judge,
    root: Path,
    start: Path,
    config: Path | None,
    flags: Mapping[str, object],
    cache: Cache,
) -> Governing:
    """A scan judged by a revision's policy: governed by it, or by the tree's own if that is weaker with permission."""
    base = found.base
    plan = make_plan(base.settings, base.rules, cache, root)
    plan = plan._replace(policy=plan.policy._replace(baseline_file=f"{found.tree.revision}:{base.baseline_file}"))
    said = (*judge.choices, *found.said)
    if judge.approved:
        said = (*said, f"--approved-policy: whatever weakens the policy was approved for {judge.approved[:12]}")
    accepts = Standard(found.tree, plan, base.settings.warned)
    # Where the tree's own policy governs, everything in it counts, even what is only behind.
    stopped = [each for each in found.weaker if each.kind not in accepts.warned]
    if found.since and (judge.approved or not stopped):
        why = "approved" if judge.approved else "weaker only where the target's [weakening] permits"
        own = _own(root, start, config, flags, cache, (*said, f"own policy: {why}"))
        return own._replace(weaker=found.weaker, standard=accepts, approved=judge.approved)
    return Governing(base.settings, base.rules, plan, found.since, accepts, judge.approved, said)


def _own(
    root: Path, start: Path, config: Path | None, flags: Mapping[str, object], cache: Cache, said: tuple[str, ...]
) -> Governing:
    """A scan governed by the tree's own policy."""
    own = settings.load(start, config, flags)
    rules = load_rules(own, cache)
    return Governing(own, rules, make_plan(own, rules, cache, root), choices=said)


class Compared(NamedTuple):
    """A revision, its policy, and how another is weaker.

    since: those of `weaker` that the other one has brought in itself, not being merely behind. said: what to say of
    files that the revision lacks.
    """

    tree: Tree
    base: Policy
    weaker: tuple[Weakness, ...]
    since: tuple[Weakness, ...]
    said: tuple[str, ...]


@contextmanager
def compared(
    root: Path,
    tree: Tree,
    flags: Mapping[str, object],
    cache: Cache,
    *,
    config: Path | None = None,
    now: str = "",
) -> Iterator[Compared]:
    """How the policy of the working tree, or of the revision `now`, is weaker than that of a tree.

    A bare repository has no working tree, so HEAD is used instead.
    """
    from cavra_boundary.git.refs import merge_base
    from cavra_boundary.policy.effective import at_revision, of_work_tree
    from cavra_boundary.policy.files import Tree
    from cavra_boundary.policy.weakening import weaknesses

    if not now and top_of(root) is None:
        now = "HEAD"
    with at_revision(tree, flags, cache, config=config) as (base, said):
        markers = base.settings.enterprise

        def weaker_at(commit: str) -> tuple[Weakness, ...]:
            with (
                Tree(root, commit) as other,
                at_revision(other, flags, cache, config=config, markers=markers, proposal=True) as (changed, _),
            ):
                return tuple(weaknesses(base, changed))

        if now:
            weaker = weaker_at(now)
        else:
            changed = of_work_tree(root, flags, cache, config=config, markers=markers, proposal=True)
            weaker = tuple(weaknesses(base, changed))
        since = weaker
        if weaker and (fork := merge_base(root, tree.commit, now or "HEAD")) not in ("", tree.commit):
            with suppress(BoundaryError):  # an old policy that is broken excuses nothing
                behind = {each.identity for each in weaker_at(fork)}
                since = tuple(each for each in weaker if each.identity not in behind)
        yield Compared(tree, base, weaker, since, tuple(said))
