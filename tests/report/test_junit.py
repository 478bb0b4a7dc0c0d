from __future__ import annotations

from typing import TYPE_CHECKING

import junitparser

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Report, Severity, Skip, Status
from cavra_boundary.report.junit import render

from .make import context, everything, finding, report
from .readers import read_junit

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


def outcomes(of: Report, exit_code: ExitCode = ExitCode.FINDINGS) -> dict[str, list[list[type]]]:
    """The kinds of result of every test, by suite."""
    suites = read_junit(render(of, context(exit_code)))
    return {suite.name: [[type(result) for result in case.result] for case in suite] for suite in suites}


def test_looks(snapshot: SnapshotAssertion) -> None:
    assert render(everything(), context()) == snapshot


def test_a_clean_run_passes_a_test_for_every_clause() -> None:
    assert outcomes(report(), ExitCode.CLEAN) == {"registry-token": [[]], "billing-record": [[]], "coverage": [[]]}


def test_a_finding_is_a_failure_of_its_clause() -> None:
    got = outcomes(report(finding(), finding(2, clause="unheard-of")))
    assert got["registry-token"] == got["unheard-of"] == [[junitparser.Failure]]
    assert got["billing-record"] == [[]]


def test_what_is_allowed_or_weighs_little_is_skipped() -> None:
    of = report(finding(status=Status.SUPPRESSED), finding(2, severity=Severity.NOTE))
    assert outcomes(of, ExitCode.CLEAN)["registry-token"] == [[junitparser.Skipped], [junitparser.Skipped]]


def test_an_incomplete_run_is_an_error() -> None:
    skips = (Skip("a", "unreadable", incomplete=True), Skip("b", "binary"))
    assert outcomes(report(skipped=skips), ExitCode.INCOMPLETE)["coverage"] == [[junitparser.Error]]
    assert outcomes(report(), ExitCode.INCOMPLETE)["coverage"] == [[junitparser.Error]]


def test_the_counts_are_those_of_the_tests() -> None:
    suites = read_junit(render(everything(), context()))
    written = (suites.tests, suites.failures, suites.errors, suites.skipped)
    suites.update_statistics()
    assert (suites.tests, suites.failures, suites.errors, suites.skipped) == written


def test_a_failure_says_where_and_what_to_do() -> None:
    (case,) = next(iter(read_junit(render(report(finding(7)), context()))))
    assert case.name == "deploy/.npmrc:7:34 registry-tokens.npm-access-token"
    assert case.result[0].text.startswith("Instead: Revoke it on npmjs.com")
