"""The configuration's allows, severities, and which rules are reported."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from support import Tool, pin, token

from cavra_boundary.model import Secret
from cavra_boundary.triage import fingerprints

if TYPE_CHECKING:
    from support import Result

CONFIG = ".cavra-boundary.toml"


def print_of(value: str, rule: str = "demo.token") -> str:
    return fingerprints.of_value(rule, Secret(value.encode()))


def allow(tool: Tool, **keys: str) -> None:
    written = {"rule": "demo.token", "reason": "made up"} | keys
    lines = [
        f'{key} = "{value}"' if key != "expires" else f"{key} = {value}" for key, value in written.items() if value
    ]
    tool.write(CONFIG, "# first line\n[[allow]]\n" + "\n".join(lines) + "\n")


def reported(got: Result) -> list[str]:
    return [finding["path"] for finding in got.findings() if finding["status"] == "reported"]


def notices(got: Result) -> list[tuple[str, int, str]]:
    return [(each["path"], each["line"], each["message"]) for each in got.report["notices"]]


@pytest.fixture
def two(tool: Tool) -> Tool:
    tool.write("docs/a.txt", token("a"))
    tool.write("src/b.txt", token("b"))
    return tool


def test_by_path(two: Tool) -> None:
    allow(two, path="docs/")
    got = two.scan()
    assert reported(got) == ["src/b.txt"]
    assert notices(got) == []
    assert [finding["reason"] for finding in got.findings()] == ["made up", ""]


def test_by_value(two: Tool) -> None:
    allow(two, value=print_of(token("b")))
    assert reported(two.scan()) == ["docs/a.txt"]


def test_by_path_and_value(two: Tool) -> None:
    two.write("src/a.txt", token("a"))
    allow(two, path="docs/", value=print_of(token("a")))
    assert reported(two.scan()) == ["src/a.txt", "src/b.txt"]
    allow(two, path="docs/", value=print_of(token("b")))
    assert len(reported(two.scan())) == 3


def test_only_for_its_own_rule(two: Tool) -> None:
    two.write("docs/c.txt", f"demopin {pin('p')} {token('c')}")
    allow(two, path="docs/")
    got = two.scan()
    assert {finding["rule"]: finding["status"] for finding in got.findings() if finding["path"] == "docs/c.txt"} == {
        "demo.pin": "reported",
        "demo.token": "suppressed",
    }


def test_one_without_a_reason_does_not_count_and_says_so(two: Tool) -> None:
    allow(two, path="docs/", reason="")
    got = two.scan()
    assert reported(got) == ["docs/a.txt", "src/b.txt"]
    why = "has no reason, so it does not count"
    assert notices(got) == [(CONFIG, 2, f"the allow for demo.token {why}")]
    assert got.findings()[0]["reason"] == f"the allow at {CONFIG}:2 {why}"


def test_one_that_has_expired_does_not_count_and_says_so(two: Tool) -> None:
    allow(two, path="docs/", expires="2020-02-29")
    got = two.scan()
    assert reported(got) == ["docs/a.txt", "src/b.txt"]
    assert notices(got) == [(CONFIG, 2, "the allow for demo.token expired on 2020-02-29")]
    allow(two, path="docs/", expires="9999-12-31")
    assert reported(two.scan()) == ["src/b.txt"]


def test_one_counts_on_its_last_day(two: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2026, 5, 31, 23, 59, tzinfo=UTC)

    monkeypatch.setattr("cavra_boundary.cli.parts.datetime", Clock)
    for last, count in (("2026-05-31", 1), ("2026-05-30", 2)):
        allow(two, path="docs/", expires=last)
        assert len(reported(two.scan())) == count


def test_an_unused_one_is_reported_by_a_scan_of_everything_only(two: Tool) -> None:
    allow(two, path="nowhere/")
    assert notices(two.scan()) == [(CONFIG, 2, "the allow for demo.token has no effect: remove it")]
    assert notices(two.scan("docs")) == []
    assert notices(two.scan("--only-rule", "demo.pin")) == []


def test_another_one_may_count_where_one_does_not(two: Tool) -> None:
    two.write(
        CONFIG,
        f"""
[[allow]]
rule = "demo.token"
path = "docs/"

[[allow]]
rule = "demo.token"
value = "{print_of(token("a"))}"
reason = "made up"
""",
    )
    assert reported(two.scan()) == ["src/b.txt"]


def test_a_broken_allow_is_an_error_with_its_line(two: Tool) -> None:
    allow(two, path="docs/", rule="demo.tokem")
    got = two.scan()
    assert got.code == 2
    assert got.err == (f"cavra-boundary: {CONFIG}:3: unknown rule 'demo.tokem' (did you mean 'demo.token'?)\n")
    allow(two)
    got = two.scan()
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert f"{CONFIG}:2: an allow needs a path, a value or both" in got.err


def severities(got: Result) -> dict[str, str]:
    return {finding["rule"]: finding["severity"] for finding in got.findings()}


def test_severity_by_rule_and_by_clause(tool: Tool) -> None:
    tool.write("a.txt", f"{token('a')} demopin {pin('p')}\n")
    assert severities(tool.scan()) == {"demo.token": "error", "demo.pin": "warning"}
    tool.write(CONFIG, '[severity]\ntenant-secret = "note"\nregistry-token = "note"\n"demo.token" = "warning"\n')
    got = tool.scan()
    assert severities(got) == {"demo.token": "warning", "demo.pin": "note"}
    assert got.code == 1
    tool.write(CONFIG, '[severity]\ntenant-secret = "note"\nregistry-token = "note"\n')
    assert tool.scan().code == 0
    assert tool.scan("--fail-on", "note").code == 1


def test_a_match_that_is_known_to_be_made_up_stays_a_note(tool: Tool) -> None:
    tool.write("a.json", '{"demo_guest": "Ada Byron", "demo_email": "ada@example.com", "demo_room": "R-4711"}')
    tool.write(CONFIG, '[severity]\n"demo.guest" = "error"\n')
    (finding,) = tool.scan().findings()
    assert finding["severity"] == "note"
    assert finding["reason"].startswith("only a note: ")


@pytest.mark.parametrize(
    ("arguments", "rules"),
    [
        (["--only-rule", "demo.pin"], {"demo.pin"}),
        (["--only-rule", "demo.pin", "--only-rule", "demo.hint"], {"demo.pin", "demo.hint"}),
        (["--skip-rule", "demo.pin"], {"demo.token", "demo.hint"}),
        (["--only-clause", "registry-token"], {"demo.token"}),
        (["--only-clause", "registry-token", "--only-clause", "dashboard-url"], {"demo.token", "demo.hint"}),
        (["--only-clause", "registry-token", "--skip-rule", "demo.pin"], {"demo.token"}),
    ],
)
def test_which_rules_run(tool: Tool, arguments: list[str], rules: set[str]) -> None:
    tool.write("a.txt", f"{token('a')}\ndemopin {pin('p')}\ndemohint abcdefghijkl\n")
    got = tool.scan(*arguments)
    assert {finding["rule"] for finding in got.findings()} == rules
    if "--skip-rule" not in arguments:
        assert {finding["rule"] for finding in got.report["findings"]} == rules


def test_skipped_rules_of_the_configuration(tool: Tool) -> None:
    tool.write("a.txt", f"{token('a')}\ndemopin {pin('p')}\n")
    tool.write(CONFIG, 'skip-rules = ["demo.token"]\n')
    assert {finding["rule"] for finding in tool.scan().findings()} == {"demo.pin"}
    assert {finding["rule"] for finding in tool.scan("--skip-rule", "demo.pin").findings()} == set()


def test_choices_that_leave_no_rule_are_refused(tool: Tool) -> None:
    got = tool.scan("--only-rule", "demo.pin", "--skip-rule", "demo.pin")
    assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)
    assert "no rule is left to run" in got.err


def test_many_allows_decide_in_their_order_and_cost_little(two: Tool) -> None:
    """Each finding asks only for those that can be about it."""
    several = [{"path": f"other/{number}/*.txt"} for number in range(1000)]
    several += [{"value": fingerprints.of_value("demo.token", Secret(b"%d" % number))} for number in range(1000)]
    several += [{"path": "doc*/"}, {"path": "docs/a.txt"}, {"path": "**/src/?.txt"}, {"path": "b.txt"}]
    tables = "".join(
        f'[[allow]]\nrule = "demo.token"\nreason = "{number}"\n{key} = "{value}"\n'
        for number, each in enumerate(several)
        for key, value in each.items()
    )
    two.write(CONFIG, tables)
    began = time.process_time()
    got = two.scan()
    first = time.process_time() - began
    assert {each["path"]: each["reason"] for each in got.findings()} == {"docs/a.txt": "2000", "src/b.txt": "2002"}
    two.write("c.txt", "".join(f"{token(str(number))}\n" for number in range(1000)))
    began = time.process_time()
    assert len(reported(two.scan())) == 1000
    assert time.process_time() - began < first + 4
