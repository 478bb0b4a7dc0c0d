"""Each doubt about a match takes one step of its severity, after the configuration, and the report says which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cavra_boundary.model import Severity
from cavra_boundary.rules.samples import expand

if TYPE_CHECKING:
    from support import Result, Tool

CONFIG = ".cavra-boundary.toml"
RULE = "credentials.named-secret"
VALUE = expand("«base62:32»", "doubts")
IN_TESTS = "in a test, a sample or documentation"
VAGUE = "the name may mean something else"


@pytest.mark.parametrize(
    ("severity", "steps", "less"),
    [
        (Severity.ERROR, 0, Severity.ERROR),
        (Severity.ERROR, 1, Severity.WARNING),
        (Severity.ERROR, 2, Severity.NOTE),
        (Severity.ERROR, 9, Severity.NOTE),
        (Severity.WARNING, 1, Severity.NOTE),
        (Severity.NOTE, 1, Severity.NOTE),
    ],
)
def test_steps(severity: Severity, steps: int, less: Severity) -> None:
    assert severity.less(steps) is less


def found(got: Result) -> list[tuple[str, str, str]]:
    return [(each["path"], each["severity"], each["reason"]) for each in got.findings(RULE)]


@pytest.fixture
def three(tool: Tool) -> Tool:
    tool.write("src/a.py", f'client_secret = "{VALUE}"\n')
    tool.write("src/tests/b.py", f'client_secret = "{VALUE}"\n')
    tool.write("src/tests/c.py", f'twist_key = "{VALUE}"\n')
    return tool


@pytest.mark.parametrize(
    ("override", "severities"),
    [
        ("", ["error", "warning", "note"]),
        (f'"{RULE}" = "error"', ["error", "warning", "note"]),
        (f'"{RULE}" = "warning"', ["warning", "note", "note"]),
        (f'"{RULE}" = "note"', ["note", "note", "note"]),
        ('tenant-secret = "warning"', ["warning", "note", "note"]),
        (f'tenant-secret = "note"\n"{RULE}" = "error"', ["error", "warning", "note"]),
    ],
)
def test_after_the_configurations_severity(three: Tool, override: str, severities: list[str]) -> None:
    three.write(CONFIG, f"[severity]\n{override}\n")
    got = found(three.scan())
    assert [path for path, _, _ in got] == ["src/a.py", "src/tests/b.py", "src/tests/c.py"]
    assert [severity for _, severity, _ in got] == severities
    assert [reason for _, _, reason in got] == [
        "",
        f"only a {severities[1]}: {IN_TESTS}",
        f"only a {severities[2]}: {VAGUE}, {IN_TESTS}",
    ]


def test_the_severity_decides_the_exit_code(three: Tool) -> None:
    assert three.scan("src/tests/c.py").code == 0
    assert three.scan("src/tests/c.py", "--fail-on", "note").code == 1
    assert three.scan("src/tests/b.py").code == 1
    assert three.scan("src/tests/b.py", "--fail-on", "error").code == 0
    assert three.scan("src/a.py", "--fail-on", "error").code == 1


def test_a_pack_may_make_the_rule_less(three: Tool) -> None:
    override = f'[[override]]\nrule = "{RULE}"\nseverity = "warning"\nreason = "a sandbox"\n'
    three.write("ours.toml", 'name = "ours"\ntitle = "Ours"\n' + override)
    got = found(three.scan("--pack", "ours.toml", "src"))
    assert [severity for _, severity, _ in got] == ["warning", "note", "note"]


def test_an_allows_reason_is_the_one_that_is_shown(three: Tool) -> None:
    three.write(
        "src/tests/b.py", f'client_secret = "{VALUE}"  # cavra-boundary: allow[{RULE}] revoked; for the tests\n'
    )
    got = {each["path"]: each for each in three.scan().findings(RULE)}["src/tests/b.py"]
    assert (got["severity"], got["status"], got["reason"]) == ("warning", "suppressed", "revoked; for the tests")


def test_text_rules_and_records_keep_their_weight_in_tests(tool: Tool) -> None:
    token = expand("«github-token»", "doubts")
    tool.write("tests/a.py", f'header = "{token}"\n')
    assert [each["severity"] for each in tool.scan().findings("registry-tokens.")] == ["error"]


def test_the_text_report_says_why(three: Tool) -> None:
    got = three.run("scan", "src/tests/b.py")
    assert "warning: Secret (client_secret): " in got.out
    assert IN_TESTS in " ".join(got.out.split())
    assert VALUE not in got.out
