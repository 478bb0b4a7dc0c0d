"""JUnit XML, as Jenkins, GitLab and others read it: a suite for each clause, a failed test for each finding.

A clause without findings has one test, which passes. A finding that policy allows, or that is less severe than
`--fail-on`, is a skipped test. Anything that could not be scanned is an error in the suite `coverage`, so that an
incomplete run never passes.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Finding, Report, Skip, Status
from cavra_boundary.report import words
from cavra_boundary.report.base import TOOL_NAME, RenderContext, unscanned
from cavra_boundary.report.escape import commands_broken, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

_COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def render(report: Report, context: RenderContext) -> str:
    by_clause: dict[str, list[Finding]] = {clause: [] for clause in context.clauses}
    for finding in report.findings:
        by_clause.setdefault(finding.clause, []).append(finding)
    seconds = f"{report.receipt.seconds:.3f}"
    when = context.finished.strftime("%Y-%m-%dT%H:%M:%S")
    root = ET.Element("testsuites", {"name": TOOL_NAME, "time": seconds})
    for clause, findings in by_clause.items():
        cases = [_case(finding, context) for finding in findings] or [_passed(clause, "no findings")]
        root.append(_suite(clause, when, cases))
    coverage = _suite("coverage", when, _coverage(report, context))
    coverage.set("time", seconds)
    properties = ET.Element("properties")
    for name, value in (("scanned", words.covered(report.receipt)), *_choices(report)):
        ET.SubElement(properties, "property", {"name": name, "value": printable(value)})
    coverage.insert(0, properties)
    root.append(coverage)
    for counter in ("tests", *_COUNTED.values()):
        root.set(counter, str(sum(int(suite.get(counter, "0")) for suite in root)))
    ET.indent(root)
    text = ET.tostring(root, encoding="us-ascii", xml_declaration=True).decode("ascii")
    return commands_broken(text, "&#35;", "&#58;") + "\n"


def _choices(report: Report) -> Iterable[tuple[str, str]]:
    return (("chosen", choice) for choice in report.receipt.choices)


def _suite(name: str, when: str, cases: list[ET.Element]) -> ET.Element:
    suite = ET.Element("testsuite", {"name": printable(name), "timestamp": when, "tests": str(len(cases))})
    for outcome, counter in _COUNTED.items():
        suite.set(counter, str(sum(case.find(outcome) is not None for case in cases)))
    suite.extend(cases)
    return suite


def _passed(suite: str, name: str) -> ET.Element:
    return ET.Element("testcase", {"classname": printable(suite), "name": name, "time": "0"})


def _case(finding: Finding, context: RenderContext) -> ET.Element:
    position = finding.position
    path, rule = printable(finding.path), printable(finding.rule)
    case = _passed(finding.clause, f"{path}:{position.line}:{position.column} {rule}")
    case.set("file", path)
    case.set("line", str(position.line))
    message = printable(finding.message)
    if finding.status is not Status.REPORTED:
        message = printable(f"{finding.status}: {finding.reason}")
    elif finding.severity < context.fail_on:
        message = f"{finding.severity.label}, below the failing severity {context.fail_on.label}: {message}"
    fails = finding.fails(context.fail_on)
    outcome = ET.SubElement(case, "failure" if fails else "skipped", {"message": message})
    if fails:
        outcome.set("type", rule)
        outcome.text = "\n".join(_details(finding))
    return case


def _details(finding: Finding) -> Iterable[str]:
    details = {
        "Instead": finding.remedy,
        "Because": finding.reason,
        "Line": finding.snippet,
        "Inside": " > ".join(finding.via),
        "History": words.introduced(finding),
        "Fingerprint": finding.fingerprint,
        "Details": f"{TOOL_NAME} explain {finding.fingerprint}",
    }
    return (f"{label}: {printable(text)}" for label, text in details.items() if text)


def _coverage(report: Report, context: RenderContext) -> list[ET.Element]:
    skips = unscanned(report.receipt)
    if context.exit_code is ExitCode.INCOMPLETE and not skips:
        skips = [Skip("", "the run is incomplete", incomplete=True)]
    cases = []
    for path, of_path in groupby(skips, key=lambda skip: skip.path):
        case = _passed("coverage", printable(path) or "everything requested was scanned")
        reasons = "; ".join(printable(skip.reason) for skip in of_path)
        ET.SubElement(case, "error", {"message": reasons, "type": "not-scanned"})
        cases.append(case)
    return cases or [_passed("coverage", "everything requested was scanned")]
