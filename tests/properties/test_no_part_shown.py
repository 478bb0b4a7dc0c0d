"""No report shows four characters in a row of what a rule found: for every rule's examples, however they are changed.

The value is lengthened, doubled, embedded, encoded, and put on one line with other fields. Its public prefix may be
shown, and words that the rule's own text has.
"""

from __future__ import annotations

import base64
import random
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from cavra_boundary.cache import Cache
from cavra_boundary.decode import Budget
from cavra_boundary.detect.kinds import CredentialRule, RecordRule, TextRule
from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Blob, Match, Receipt, Report, Rule, Severity, Span, View
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.policy.pack_check import made
from cavra_boundary.report import FORMATS, renderer
from cavra_boundary.report.base import RenderContext
from cavra_boundary.rules.files import pack_files, shipped_folder
from cavra_boundary.rules.load import load_packs
from cavra_boundary.rules.read import read_pack
from cavra_boundary.scan.scanner import Plan, Scanner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cavra_boundary.rules.model import RuleSet

LETTERS, DIGITS = "JKQVWXZ", "23456789"
"""In turn: four characters like these are in no word, number or digest of a report."""

STOPS = "$%[#!*|&@;,^~+.:/?=({<\\"
"""What patterns stop at. A bracket that closes one before the value may end it."""

ENCODINGS: tuple[Callable[[bytes], bytes], ...] = (
    lambda value: b"x" + value + b"y",
    lambda value: b"".join(b"%%%02X" % each for each in value),
    lambda value: b"".join(b"\\u%04x" % each for each in value),
    lambda value: b"".join(b"&#%d;" % each for each in value),
    lambda value: base64.b64encode(b"user:" + value),
    lambda value: value.hex().encode(),
)


class Found(NamedTuple):
    """An example of a text rule, and what the rule finds in it."""

    rule: Rule
    blob: Blob
    match: Match

    @property
    def secret(self) -> bytes:
        return self.blob.data[self.match.span.start + self.match.public : self.match.span.end]


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_packs((), DEFAULT_MARKERS, Cache.of_user())


@pytest.fixture(scope="module")
def scanner(rules: RuleSet) -> Scanner:
    return Scanner(Plan.of_rules(rules.rules, rules.digest, Cache.of_user()))


@pytest.fixture(scope="module")
def examples(rules: RuleSet) -> list[tuple[Rule, Blob]]:
    packs = [read_pack(file, DEFAULT_MARKERS, lint=False) for file in pack_files([shipped_folder()])]
    by_id = {rule.id: rule for rule in rules.rules}
    return [
        (by_id[rule], made(example, f"{rule} {number}"))
        for pack in packs
        for rule, several in pack.examples.items()
        for number, example in enumerate(several)
        if rule in by_id
    ]


def found_in(scanner: Scanner, rule: Rule, blob: Blob) -> Found | None:
    """What a text rule finds in one of its examples, unless that is in a decoded layer."""
    detection = scanner._in_view(View(blob, blob.data), Budget())
    matches = detection.matches if detection else ()
    return next((Found(rule, blob, each) for each in matches if each.rule == rule.id and not each.via), None)


def reports(scanner: Scanner, rules: RuleSet, blob: Blob, formats: tuple[str, ...]) -> str:
    """What the reports on a blob show, in some formats; without any, every field of its findings."""
    part = scanner.blob(blob)
    if not formats:
        findings = part.triaged.findings
        return "\n".join("\n".join((each.path, each.snippet, each.reason, each.decided_at)) for each in findings)
    receipt = Receipt(("worktree",), 1, 1, 1, "", 0, tuple(part.skipped), 0.0)
    report = Report(tuple(part.triaged.findings), tuple(part.triaged.notices), receipt)
    context = RenderContext(
        "1", rules.clauses, {}, ExitCode.FINDINGS, Severity.NOTE, datetime(2026, 1, 1, tzinfo=UTC), Path("/"), Path("/")
    )
    return "\n".join(renderer(format_)(report, context) for format_ in formats)


def shown_part(secret: bytes, shown: str, least: int) -> str:
    text = secret.decode("latin-1")
    return next((text[at : at + least] for at in range(len(text) - least + 1) if text[at : at + least] in shown), "")


def made_up(dice: random.Random, length: int) -> bytes:
    return "".join(dice.choice(DIGITS if place % 2 else LETTERS) for place in range(length)).encode()


def with_data(blob: Blob, data: bytes) -> Blob:
    return blob._replace(data=data, core=Span(0, len(data)))


def lengthened(found: Found, dice: random.Random) -> Iterator[tuple[bytes, bytes]]:
    """The example with a longer value, and what was added to it."""
    data, end = found.blob.data, found.match.span.end
    for stop in ("", *dice.sample(STOPS, 5)):
        rest = made_up(dice, 200)
        while shown_part(rest, data.decode("latin-1"), 4):  # a public prefix may have four such characters
            rest = made_up(dice, 200)
        yield data[:end] + stop.encode() + rest + data[end:], rest


def repeated(found: Found) -> Iterator[tuple[bytes, bytes]]:
    """The example with its value a second time on the line, and how it stands there."""
    data, span = found.blob.data, found.match.span
    if b"\n" in found.secret or len(found.secret) < 8 or found.secret.startswith(b"-----"):
        return  # several lines, or a key with its public header
    end = data.find(b"\n", span.end)
    end = len(data) if end < 0 else end
    for encode in ENCODINGS:
        again = encode(found.secret)
        for before, after in ((b" ", b""), (b' , "other": "', b'"')):
            yield data[:end] + before + again + after + data[end:], again


def check_lengthened(
    scanner: Scanner, rules: RuleSet, examples: list[tuple[Rule, Blob]], formats: tuple[str, ...]
) -> None:
    dice = random.Random(16)
    checked = 0
    for rule, blob in examples:
        found = found_in(scanner, rule, blob) if isinstance(rule, TextRule | CredentialRule) else None
        for data, rest in lengthened(found, dice) if found else ():
            longer = found_in(scanner, rule, with_data(blob, data))
            if not found or not longer or longer.match.span.end < found.match.span.end:
                continue
            shown = reports(scanner, rules, with_data(blob, data), formats)
            assert not (part := shown_part(rest, shown, 4)), (rule.id, data.replace(rest, b"<rest>"), part)
            checked += 1
    assert checked > len(examples)


def check_repeated(
    scanner: Scanner, rules: RuleSet, examples: list[tuple[Rule, Blob]], formats: tuple[str, ...]
) -> None:
    checked = 0
    for rule, blob in examples:
        found = found_in(scanner, rule, blob) if isinstance(rule, TextRule | CredentialRule) else None
        words = f"{rule.title}{rule.why}{rule.remedy}"
        for data, again in repeated(found) if found and found.secret.decode("latin-1") not in words else ():
            shown = reports(scanner, rules, with_data(blob, data), formats)
            # What is not encoded has parts that are no secret, such as a host's name.
            least = len(again) if found and found.secret in again else 12
            assert not (part := shown_part(again, shown, least)), (rule.id, data, part)
            checked += 1
    assert checked > len(examples)


def check_records(
    scanner: Scanner, rules: RuleSet, examples: list[tuple[Rule, Blob]], formats: tuple[str, ...]
) -> None:
    """Whatever else is on a record's line is hidden: list items, keys that are values, comments, cells."""
    dice = random.Random(16)
    checked = 0
    for rule, blob in examples:
        if not isinstance(rule, RecordRule):
            continue
        other = made_up(dice, 16)
        for opening, added in (
            (rb"[{,]", b'"cc": ["O@corp.net", "SSN O"], '),
            (rb"[{,]", b'"O@corp.net": 1, '),
            (rb"[{,]", b"/* call O, O */ "),
            (rb"(?=\n)", b" # for O: O"),
            (rb"(?=\n)", b",O"),
            (rb"(?=\n)", b"\tO"),
        ):
            for place in [found.end() for found in re.finditer(opening, blob.data)][:6]:
                data = blob.data[:place] + added.replace(b"O", other) + blob.data[place:]
                shown = reports(scanner, rules, with_data(blob, data), formats)
                assert not (part := shown_part(other, shown, 4)), (rule.id, data, part)
                checked += bool(shown)
    assert checked > len(examples) / 4


CHECKS = {"lengthened": check_lengthened, "repeated": check_repeated, "records": check_records}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_some_rules(
    scanner: Scanner, rules: RuleSet, examples: list[tuple[Rule, Blob]], check: Callable[..., None]
) -> None:
    check(scanner, rules, examples[::31], ())


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_every_rule(
    scanner: Scanner, rules: RuleSet, examples: list[tuple[Rule, Blob]], check: Callable[..., None]
) -> None:
    check(scanner, rules, examples, ())


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_every_format(
    scanner: Scanner, rules: RuleSet, examples: list[tuple[Rule, Blob]], check: Callable[..., None]
) -> None:
    check(scanner, rules, examples[::40], tuple(FORMATS))
