"""The self-test of packs: every example and counterexample of every rule, through the real pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cavra_boundary.cache import Cache
from cavra_boundary.detect.kinds import RecordRule, TextRule
from cavra_boundary.detect.prefilter import is_everywhere
from cavra_boundary.errors import PackError
from cavra_boundary.model import Blob, Rule, Severity
from cavra_boundary.policy.config import NAME
from cavra_boundary.policy.effective import of_folder
from cavra_boundary.policy.weakening import weaknesses
from cavra_boundary.rules.attacks import slow_patterns
from cavra_boundary.rules.kinds import PolicyRule
from cavra_boundary.rules.load import check_names
from cavra_boundary.rules.read import EXAMPLE_PATH
from cavra_boundary.rules.samples import expand
from cavra_boundary.scan.scanner import Plan, Scanner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cavra_boundary.rules.model import Example, Pack, RuleSet

LEAST = 2
"""How many examples, and how many counterexamples, a rule needs."""

_SHORTEST = 3

_ATTACKS, _FEWEST_ATTACKS, _MOST_ATTACKS = 20_000, 30, 300
"""How many attacks are tried in all, and on each pattern."""

_Finder = Callable[[Blob, str], Severity | None]
"""The severity of a rule's most severe finding in a blob; None if it finds nothing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a rule, and where the rule is (`file:line`)."""

    rule: str
    where: str
    message: str


def check(packs: Sequence[Pack], rules: RuleSet) -> Iterator[Problem]:
    """What is wrong with these packs' rules. `rules` are all that run together, these packs' included."""
    for rule in rules.rules:
        check_names(rule)
    scanning = [partial(_severity, _scanner(rules, prefilter)) for prefilter in (True, False)]
    for pack in packs:
        for rule in pack.rules:
            finders = [_weakness] if isinstance(rule, PolicyRule) else scanning
            for message in (*_slow(rule), *_problems(pack, rule.id, finders)):
                yield Problem(rule.id, pack.where(rule.id), message)


def attack(packs: Sequence[Pack]) -> Iterator[Problem]:
    """Which patterns of these packs take far too long for some bytes. The more rules, the fewer attacks on each."""
    most = max(_FEWEST_ATTACKS, min(_MOST_ATTACKS, _ATTACKS // max(1, sum(len(pack.rules) for pack in packs))))
    for pack in packs:
        for rule in pack.rules:
            for message in slow_patterns(rule, most):
                yield Problem(rule.id, pack.where(rule.id), message)


def _slow(rule: Rule) -> Iterator[str]:
    """Why a rule would be tried on far more files than it should be."""
    if isinstance(rule, TextRule):
        for keyword in rule.keywords:
            if len(keyword) < _SHORTEST:
                yield f"keyword {keyword!r} is in most files: use a longer one that every match contains"
    elif isinstance(rule, RecordRule) and is_everywhere(rule):
        yield "would be tried on most files: require a field with a rarer key"


def _problems(pack: Pack, rule: str, finders: Sequence[_Finder]) -> Iterator[str]:
    for what, examples in (("example", pack.examples[rule]), ("counterexample", pack.counterexamples[rule])):
        if len(examples) < LEAST:
            yield f"has {len(examples)} {what}s, needs {LEAST}"
        for number, example in enumerate(examples, 1):
            try:
                blob = made(example, f"{rule} {what} {number}")
            except PackError as error:
                yield f"{what} {number}: {error}"
                continue
            found, *others = (find(blob, rule) for find in finders)
            if any(other != found for other in others):
                yield f"{what} {number}: the prefilter changes what is found; see the common subset in docs/packs.md"
            if what == "counterexample":
                if found:
                    yield f"{what} {number} is found"
            elif not found:
                yield f"{what} {number} is not found"
            elif example.severity and found is not example.severity:
                yield f"{what} {number} is found as {found.label}, not as {example.severity.label}"


def _severity(scanner: Scanner, blob: Blob, rule: str) -> Severity | None:
    """The severity of the rule's most severe finding in a blob; None if it finds nothing."""
    findings = scanner.blob(blob).triaged.findings
    return max((finding.severity for finding in findings if finding.rule == rule), default=None)


def _weakness(blob: Blob, rule: str) -> Severity | None:
    """The severity of a policy rule that a tree with only this file breaks, compared with an empty tree; else None."""
    cache = Cache.of_user()
    with TemporaryDirectory(prefix="cavra-boundary-") as folder:
        root = Path(folder)
        before = of_folder(root, {}, cache, tracked=())
        file = root / (NAME if blob.path == EXAMPLE_PATH else blob.path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(blob.data)
        now = of_folder(root, {}, cache, tracked=[blob.path], markers=before.settings.enterprise)
        kinds = {weakness.kind for weakness in weaknesses(before, now)}
    return before.by_id[rule].severity if rule.partition(".")[2] in kinds else None


def made(example: Example, seed: str) -> Blob:
    """The example as a file, its samples filled in; PackError for an unknown mark."""
    try:
        data = expand(example.data.decode(), seed).encode()
    except UnicodeDecodeError:
        data = example.data
    return Blob.whole(example.path, data)


def _scanner(rules: RuleSet, prefilter: bool) -> Scanner:
    return Scanner(Plan.of_rules(rules.rules, rules.digest, Cache(None), prefilter=prefilter))
