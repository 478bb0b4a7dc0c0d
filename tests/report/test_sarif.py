from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Notice, Report, Severity, Skip, Span, Status
from cavra_boundary.report import sarif
from cavra_boundary.report.sarif import render

from .make import context, everything, finding, report
from .readers import SARIF, read_json

if TYPE_CHECKING:
    import pytest
    from syrupy.assertion import SnapshotAssertion


def run_of(of: Report, exit_code: ExitCode = ExitCode.FINDINGS) -> dict[str, Any]:
    (run,) = read_json(render(of, context(exit_code)), SARIF)["runs"]
    return run


def notifications(run: dict[str, Any]) -> list[tuple[str, str, str]]:
    said = run["invocations"][0]["toolExecutionNotifications"]
    return [(each["descriptor"]["id"], each["level"], each["message"]["text"]) for each in said]


def test_looks(snapshot: SnapshotAssertion) -> None:
    assert json.dumps(json.loads(render(everything(), context())), indent=2) == snapshot


def test_the_most_severe_come_first_and_allowed_ones_last() -> None:
    run = run_of(
        report(
            finding(1, status=Status.SUPPRESSED, reason="r"),
            finding(2, severity=Severity.NOTE),
            finding(3, severity=Severity.WARNING),
            finding(4),
        )
    )
    places = [each["locations"][0]["physicalLocation"]["region"]["startLine"] for each in run["results"]]
    assert places == [4, 3, 2, 1]


def test_a_rule_says_why_and_what_to_do_instead() -> None:
    (rule,) = run_of(report(finding()))["tool"]["driver"]["rules"]
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["properties"] == {"security-severity": "8.0", "tags": ["security", "registry-token"]}
    assert "Revoke it on npmjs.com" in rule["help"]["text"]
    assert (
        "**Crosses:** Tokens of package registries (registry-token), written in SECURITY.md" in rule["help"]["markdown"]
    )


def test_a_result_names_its_rule() -> None:
    run = run_of(everything())
    rules = run["tool"]["driver"]["rules"]
    assert {rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"]} == {True}


def test_an_address_is_percent_encoded_from_its_bytes() -> None:
    path = b"a b/caf\xe9 %/\xe8\xab\x8b.txt".decode("utf-8", "surrogateescape")
    (result,) = run_of(report(finding(path=path)))["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "a%20b/caf%E9%20%25/%E8%AB%8B.txt", "uriBaseId": "%SRCROOT%"}
    assert re.fullmatch(r"(?:[\w.~/-]|%[0-9A-F]{2})+", artifact["uri"])


def test_equal_values_in_a_file_are_told_apart_wherever_they_move() -> None:
    def hashes(*lines: int) -> list[str]:
        results = run_of(report(*(finding(line) for line in lines)))["results"]
        return [each["partialFingerprints"]["primaryLocationLineHash"] for each in results]

    assert hashes(1, 2) == hashes(5, 9) == ["3fa1-09bd2c:1", "3fa1-09bd2c:2"]


def test_what_is_allowed_is_suppressed_with_its_reason_and_place() -> None:
    results = run_of(
        report(
            finding(1, status=Status.SUPPRESSED, reason="made up", decided_at="deploy/.npmrc:1"),
            finding(2, status=Status.SUPPRESSED, reason="made up", decided_at=".cavra-boundary.toml:7"),
            finding(3, status=Status.BASELINED, decided_at="baseline.txt"),
            finding(4),
        )
    )["results"]
    reported, (inside,), (outside,), (baselined,) = (each["suppressions"] for each in results)
    assert reported == []
    assert (inside["kind"], inside["status"], inside["justification"]) == ("inSource", "accepted", "made up")
    assert (outside["kind"], outside["location"]["physicalLocation"]["region"]) == ("external", {"startLine": 7})
    assert (baselined["kind"], baselined["justification"]) == ("external", "baselined, without a reason")


def test_the_way_through_layers_is_a_code_flow() -> None:
    (result,) = run_of(report(finding(via=("utf-16", "base64"))))["results"]
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [(step["nestingLevel"], step["location"]["message"]["text"].split(":")[0]) for step in steps] == [
        (0, "inside this"),
        (1, "inside this"),
        (2, "npm access token"),
    ]
    assert "codeFlows" not in run_of(report(finding()))["results"][0]


def test_a_complete_run_is_successful_also_with_findings() -> None:
    (invocation,) = run_of(report(finding()))["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 1)
    assert (invocation["startTimeUtc"], invocation["endTimeUtc"]) == ("2026-01-05T12:29:59Z", "2026-01-05T12:30:00Z")


def test_an_incomplete_run_is_not_successful_and_names_everything_skipped() -> None:
    run = run_of(
        report(skipped=(Skip("logo.png", "binary"), Skip("dump.sql", "unreadable", incomplete=True))),
        ExitCode.INCOMPLETE,
    )
    assert run["invocations"][0]["executionSuccessful"] is False
    assert notifications(run) == [
        ("not-scanned", "error", "dump.sql: unreadable"),
        ("skipped", "note", "logo.png: binary"),
    ]


def test_a_thousand_skips_are_named_and_the_rest_counted() -> None:
    skips = (*(Skip(f"{n}.png", "binary") for n in range(1500)), Skip("a", "unreadable", incomplete=True))
    said = notifications(run_of(report(skipped=skips)))
    assert len(said) == 1001
    assert said[0] == ("not-scanned", "error", "a: unreadable")
    assert said[-1] == ("skipped", "note", "501 more: binary")


def test_a_notice_is_about_the_configuration() -> None:
    run = run_of(report(notices=(Notice("boundary.toml", 12, "expired"),)), ExitCode.CLEAN)
    (said,) = run["invocations"][0]["toolConfigurationNotifications"]
    assert said["locations"][0]["physicalLocation"]["region"] == {"startLine": 12}


def test_what_exceeds_the_limit_of_results_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "_MAX_RESULTS", 2)
    run = run_of(report(finding(1, severity=Severity.NOTE), finding(2), finding(3), finding(4)))
    assert [each["level"] for each in run["results"]] == ["error", "error"]
    assert notifications(run) == [
        ("cut", "warning", "2 findings left out, the least severe, to stay within GitHub's limits")
    ]


def test_what_exceeds_the_limit_of_size_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "_MAX_COMPRESSED", 2_000)
    every = report(*(finding(line) for line in range(1, 200)))
    run = run_of(every)
    assert 0 < len(run["results"]) < 199
    ((_, _, said),) = notifications(run)
    assert said.startswith(f"{199 - len(run['results'])} findings left out")


def test_a_message_is_no_template_and_no_link() -> None:
    (result,) = run_of(report(finding(message="{0} [x](https://example.com) {", remedy="")))["results"]
    assert result["message"]["text"] == r"{{0}} \[x\](https://example.com) {{ Instead: "
    (result,) = run_of(report(finding(message="as in ${NPM_TOKEN}.", remedy="[x]")))["results"]
    assert result["message"]["text"] == "as in ${NPM_TOKEN}. Instead: [x]"


def test_a_finding_of_a_whole_file_has_no_columns() -> None:
    (result,) = run_of(report(finding(snippet="", caret=Span(0, 0))))["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


def test_a_snippet_is_redacted_by_the_token_the_run_names() -> None:
    run = run_of(report(finding()))
    physical = run["results"][0]["locations"][0]["physicalLocation"]
    assert physical["region"]["snippet"] == {"text": "npm_********"}
    assert physical["contextRegion"]["snippet"]["text"].endswith("=npm_********")
    assert run["redactionTokens"] == ["********"]


def test_it_is_plain_ascii() -> None:
    text = render(everything(), context())
    assert text.isascii()
    assert json.loads(text)["version"] == "2.1.0"
