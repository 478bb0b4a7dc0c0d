"""Every way in which one policy is weaker than another: what a change to a repository's own rules lets through.

`weaknesses` compares two policies; each difference that lets more through is a `Weakness`. A stricter policy is not
reported. The kinds of weakness are rules like any other (patterns/policy.toml), so that they have a severity, a remedy
and an explanation.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.detect.kinds import RecordRule, TextRule
from cavra_boundary.errors import GitError
from cavra_boundary.model import POLICY, Blob, Finding, Position, Severity, Span, Status
from cavra_boundary.scan.scanner import Scanner
from cavra_boundary.triage import fingerprints

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from cavra_boundary import triage
    from cavra_boundary.model import Allow, Report, Rule
    from cavra_boundary.policy.effective import Policy
    from cavra_boundary.policy.files import Tree
    from cavra_boundary.scan.scanner import Plan
    from cavra_boundary.triage.baseline import Entry

PACK = "policy"
"""The pack that defines the kinds of weakness as rules."""

_MOST_NAMED = 5


class Weakness(NamedTuple):
    """One thing that lets more through.

    kind: the name of its rule in the pack `policy`. line: 1-based. what: in words. subject: what it is about, complete
    and independent of the words: the pattern, the rule and its severity, the allow and its last day. allow, entries:
    the allow, or the entries of the baseline, that are new.
    """

    kind: str
    path: str
    line: int
    what: str
    subject: str
    allow: Allow | None = None
    entries: tuple[Entry, ...] = ()

    @property
    def rule(self) -> str:
        """The id of its rule."""
        return f"{PACK}.{self.kind}"

    @property
    def identity(self) -> tuple[str, str, str]:
        """What it is, wherever in the file it is and however it is put."""
        return self.kind, self.path, self.subject


def weaknesses(base: Policy, now: Policy) -> Iterator[Weakness]:
    """How `now` is weaker than `base`, in the order in which the configuration is documented."""
    yield from _excludes(base, now)
    yield from _rules(base, now)
    if now.settings.fail_on > base.settings.fail_on:
        what = f"findings fail from {now.settings.fail_on.label} up, no longer from {base.settings.fail_on.label} up"
        yield Weakness("fail-on-raised", now.config, now.line("fail-on"), what, now.settings.fail_on.label)
    for kind in sorted(now.settings.warned - base.settings.warned):
        what = f"{kind} only warns"
        yield Weakness("weakening-loosened", now.config, now.line("weakening", kind), what, kind)
    yield from _markers(base, now)
    yield from _evidence(base, now)
    yield from _allows(base, now)
    yield from _baseline(base, now)
    yield from _attributes(base, now)


def _excludes(base: Policy, now: Policy) -> Iterator[Weakness]:
    before, after = base.settings.exclude, now.settings.exclude
    for index, pattern in enumerate(after):
        if pattern not in before and not pattern.startswith("!"):
            what = f"{pattern} is no longer scanned"
            yield Weakness("exclude-added", now.config, now.line("exclude", index), what, pattern)
    for pattern in before:
        if pattern not in after and pattern.startswith("!"):
            what = f"{pattern[1:]} is no longer exempt from the other patterns"
            yield Weakness("exclude-added", now.config, now.line("exclude"), what, f"without {pattern}")
    kept_before = [pattern for pattern in before if pattern in after]
    kept_after = [pattern for pattern in after if pattern in before]
    # Of two patterns that contradict each other the later one wins.
    if kept_before != kept_after and any(pattern.startswith("!") for pattern in kept_after):
        what = "its patterns are in a different order"
        yield Weakness("exclude-added", now.config, now.line("exclude"), what, "\n".join(kept_after))


def _rules(base: Policy, now: Policy) -> Iterator[Weakness]:
    for id_, rule in base.by_id.items():
        before, after = base.severity_of(id_), now.severity_of(id_)
        if before is None:
            continue
        if after is None:
            if id_ in now.settings.skip_rules:
                line = now.line("skip-rules", now.settings.skip_rules.index(id_))
                yield Weakness("rule-weakened", now.config, line, f"{id_} is turned off", f"{id_} off")
            else:
                what = f"{id_} is {'turned off by a pack' if id_ in now.rules.off else 'no longer in the packs'}"
                yield Weakness("rule-weakened", now.config, now.line("packs"), what, f"{id_} off")
            continue
        if after < before:
            at = next((key for key in (id_, rule.clause) if key in now.settings.severity), None)
            line = now.line("severity", at) if at else now.line("packs")
            what = f"{id_} has severity {after.label}, no longer {before.label}"
            yield Weakness("severity-lowered", now.config, line, what, f"{id_} {after.label}")
        if (sought := _sought(now.by_id[id_])) != _sought(rule):
            what = f"{id_} looks for something else"
            yield Weakness("rule-weakened", now.config, now.line("packs"), what, f"{id_} {sought!r}")
    yield from _shadowing(base, now)


def _sought(rule: Rule) -> tuple[object, ...]:
    """What a rule looks for, and where."""
    return rule.clause, rule.sought


def _shadowing(base: Policy, now: Policy) -> Iterator[Weakness]:
    """New rules that more severe ones give way to: see `Rule`'s `generic`."""
    highest = max((base.severity_of(id_) or 0 for id_, rule in base.by_id.items() if rule.generic), default=0)
    for id_, rule in now.by_id.items():
        severity = now.severity_of(id_)
        if id_ in base.by_id or severity is None or rule.generic or not isinstance(rule, TextRule | RecordRule):
            continue
        if severity < highest:
            what = f"{id_} is new, has severity {severity.label}, and generic rules give way to its matches"
            subject = f"{id_} {severity.label} {_sought(rule)!r}"
            yield Weakness("rule-weakened", now.config, now.line("packs"), what, subject)


def _markers(base: Policy, now: Policy) -> Iterator[Weakness]:
    for table, names in base.settings.enterprise.items():
        for name in names:
            # `hooks` is the one list that lets more through: public files that may import private packages.
            if table != "hooks" and name not in now.settings.enterprise[table]:
                what = f"{name} is no longer a private name"
                yield Weakness("marker-removed", now.config, now.line("enterprise", table), what, f"{table} {name}")
    for name in now.settings.enterprise["hooks"]:
        if name not in base.settings.enterprise["hooks"]:
            what = f"{name} may import private packages"
            yield Weakness("marker-removed", now.config, now.line("enterprise", "hooks"), what, f"hooks {name}")


def _evidence(base: Policy, now: Policy) -> Iterator[Weakness]:
    for pattern in base.settings.evidence:
        if pattern not in now.settings.evidence:
            what = f"{pattern} is no longer evidence"
            yield Weakness("evidence-loosened", now.config, now.line("evidence", "globs"), what, pattern)
    for key, names in now.settings.vocabulary.items():
        for index, name in enumerate(names):
            if name not in base.settings.vocabulary[key]:
                what = f"{name} was added to the {key} that evidence may use"
                yield Weakness("evidence-loosened", now.config, now.line("evidence", key, index), what, f"{key} {name}")


def _allows(base: Policy, now: Policy) -> Iterator[Weakness]:
    ends: dict[tuple[str, str, str], list[date | None]] = {}
    for allow in base.settings.allows:
        if allow.reason:
            ends.setdefault(_named(allow), []).append(allow.expires)
    for allow in now.settings.allows:
        if not allow.reason:
            continue  # it does not count
        before = ends.get(_named(allow))
        value = " ".join(filter(None, (allow.path and f"in {allow.path}", allow.value)))
        subject = "\n".join((*_named(allow), str(allow.expires or "")))
        if before is None:
            what = f"{allow.rule} {value} is allowed"
            yield Weakness("allow-added", now.config, allow.line, what, subject, allow)
        elif None not in before and (allow.expires is None or allow.expires > max(filter(None, before))):
            until = f"until {allow.expires}" if allow.expires else "forever"
            what = f"{allow.rule} {value} is allowed {until}"
            yield Weakness("allow-added", now.config, allow.line, what, subject)


def _named(allow: Allow) -> tuple[str, str, str]:
    return allow.rule, allow.path, allow.value


def _baseline(base: Policy, now: Policy) -> Iterator[Weakness]:
    added = [entry for name, entry in now.baseline.items() if name not in base.baseline]
    if added:
        yield _grown(now.baseline_file, added)


def _grown(file: str, added: Sequence[Entry]) -> Weakness:
    named = [f"{entry.fingerprint} ({entry.rule})" for entry in added]
    more = f" and {len(added) - _MOST_NAMED:,} more" if len(added) > _MOST_NAMED else ""
    what = f"new in the baseline: {', '.join(named[:_MOST_NAMED])}{more}"
    return Weakness("baseline-grown", file, 1, what, "\n".join(sorted(named)), entries=tuple(added))


def without_renamed(found: Iterable[Weakness], report: Report, allows: Sequence[Allow]) -> Iterator[Weakness]:
    """The weaknesses but for new names of what the base lets through under fingerprints of version 1.

    report: by the base's policy. allows: the base's.
    """
    known: dict[tuple[str, str], set[str]] = {}
    for finding in report.findings:
        if finding.renamed:
            known.setdefault((finding.rule, finding.fingerprint), set()).add(finding.renamed)
    for weakness in found:
        if weakness.entries:
            added = [entry for entry in weakness.entries if (entry.rule, entry.fingerprint) not in known]
            if added:
                yield _grown(weakness.path, added)
        elif not (weakness.allow and _is_renamed(weakness.allow, known, allows)):
            yield weakness


def _is_renamed(allow: Allow, known: Mapping[tuple[str, str], Collection[str]], allows: Sequence[Allow]) -> bool:
    """Whether an allow of the base lets the same through, for as long, under a fingerprint of version 1."""
    names = known.get((allow.rule, allow.value), ())
    return any(
        (old.rule, old.path) == (allow.rule, allow.path)
        and old.value in names
        and old.reason
        and (old.expires is None or (allow.expires is not None and allow.expires <= old.expires))
        for old in allows
    )


_HIDING = re.compile(
    r"\s(?:-diff|binary|linguist-generated(?!=false)|linguist-vendored(?!=false)|gitlab-generated(?!=false)|-text|export-ignore"
    r"|(?:diff|filter|merge|working-tree-encoding)=\S+)(?=\s|$)"
)
"""Attributes that hide a change from review, or make git show something other than the content.

git-scm.com/docs/gitattributes; docs.github.com, "Customizing how changed files appear on GitHub"; docs.gitlab.com,
"Collapse generated files".
"""


_SHOWING = re.compile(
    r"\s(?:diff|[-!](?:linguist-generated|linguist-vendored|gitlab-generated|export-ignore)"
    r"|(?:linguist-generated|linguist-vendored|gitlab-generated)=false)(?=\s|$)"
)
"""Attributes that override, for some files, attributes that hide more of them."""


def _attributes(base: Policy, now: Policy) -> Iterator[Weakness]:
    for path, lines in now.attributes.items():
        for number, pattern, attribute in _new_lines(lines, base.attributes.get(path, ()), _HIDING):
            what = f"{pattern} has {attribute}, which hides its changes from review"
            yield Weakness("attributes-hide", path, number, what, lines[number - 1])
    if not any(_HIDING.search(line) for lines in now.attributes.values() for line in lines):
        return
    for path, lines in base.attributes.items():
        for number, pattern, attribute in _new_lines(lines, now.attributes.get(path, ()), _SHOWING):
            what = f"{pattern} no longer has {attribute}, which overrides lines that hide changes"
            yield Weakness("attributes-hide", path, 1, what, f"without {lines[number - 1]}")


def _new_lines(lines: Sequence[str], known: Collection[str], sought: re.Pattern[str]) -> Iterator[tuple[int, str, str]]:
    """Number, pattern and first matching attribute of the lines that are not known and have such an attribute."""
    known = set(known)
    for number, line in enumerate(lines, start=1):
        if line not in known and not line.lstrip().startswith("#") and (found := sought.search(line)):
            yield number, line.split()[0], found[0].strip()


def inline_allows(report: Report, tree: Tree, plan: Plan) -> Iterator[Weakness]:
    """What inline allows hide in a report that they did not hide in the same file of a tree."""
    scanner = Scanner(plan)
    before: dict[str, set[tuple[str, str]]] = {}
    for finding in report.findings:
        if finding.status is not Status.SUPPRESSED or not finding.decided_at.startswith(f"{finding.path}:"):
            continue
        if finding.path not in before:
            before[finding.path] = _let_through(scanner, tree, finding.path)
        if (finding.rule, finding.identity) not in before[finding.path]:
            line = int(finding.decided_at.rpartition(":")[2])
            what = f"{finding.rule} {finding.fingerprint} is allowed"
            yield Weakness("allow-added", finding.path, line, what, f"{finding.rule} {finding.fingerprint}")


def _let_through(scanner: Scanner, tree: Tree, path: str) -> set[tuple[str, str]]:
    """Rules and identities of what is allowed in a tree's file; none if the file is too large to scan."""
    data = None
    with suppress(GitError):
        data = tree.read(path)
    found = scanner.blob(Blob.whole(path, data)).triaged.findings if data else []
    return {(each.rule, each.identity) for each in found if each.status is Status.SUPPRESSED}


def to_findings(
    found: Iterable[Weakness], policy: triage.Policy, warned: Collection[str] = (), *, approved: str = ""
) -> list[Finding]:
    """The weaknesses that this policy selects, as findings. No allow or baseline applies: whoever merges decides.

    warned: the kinds that become notes, which never fail. approved: the commit for which all of them were approved.
    """
    return [_finding(each, policy, warned, approved) for each in found if each.rule in policy.selected]


def _finding(weakness: Weakness, policy: triage.Policy, warned: Collection[str], approved: str) -> Finding:
    rule = policy.rules[weakness.rule]
    return Finding(
        rule=rule.id,
        clause=rule.clause,
        severity=Severity.NOTE if weakness.kind in warned else rule.severity_under(policy.severity),
        path=weakness.path,
        position=Position(weakness.line, 1, weakness.line, 1),
        message=f"{rule.title} ({weakness.what}): {rule.why}",
        remedy=rule.remedy,
        snippet="",
        caret=Span(0, 0),
        fingerprint=fingerprints.of_place(rule.id, weakness.path, (weakness.subject,)),
        status=Status.SUPPRESSED if approved else Status.REPORTED,
        reason=f"approved for {approved[:12]}" if approved else "",
        origin=POLICY,
        via=(),
        decided_at="--approved-policy" if approved else "",
    )
