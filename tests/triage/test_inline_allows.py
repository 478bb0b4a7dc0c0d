"""Inline allows cover only what they name, on their line, and only with a reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Tool, pin, token

from cavra_boundary.model import Secret, Span
from cavra_boundary.triage import fingerprints, inline
from cavra_boundary.triage.redaction import Redaction

if TYPE_CHECKING:
    from support import Result

ALLOW = "cavra-boundary: " + "allow"  # split, so that this file holds none
TOKEN = f"{ALLOW}[demo.token]"


def statuses(got: Result, rule: str = "demo.") -> list[tuple[int, str]]:
    return [(finding["line"], finding["status"]) for finding in got.findings(rule)]


def messages(got: Result) -> list[str]:
    return [notice["message"] for notice in got.report["notices"]]


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("x = '{secret}'  # {allow} made up for a test", "made up for a test"),
        ("const x = '{secret}'; // {allow} revoked", "revoked"),
        ("x: {secret} # {allow} - revoked", "revoked"),
        ("x: {secret} # {allow}: revoked", "revoked"),
        ("int x; /* {secret} {allow} revoked in May */", "revoked in May"),
        ("<!-- {secret} {allow} revoked -->", "revoked"),
        ("{{# {secret} {allow} revoked #}}", "revoked"),
        ("<%-- {secret} {allow} revoked --%>", "revoked"),
        ("(* {secret} {allow} revoked *)", "revoked"),
        ("select '{secret}' -- {allow} revoked", "revoked"),
        ("{secret} ; {allow} revoked", "revoked"),
        ("% {secret} {allow} revoked", "revoked"),
        ("| {secret} | {allow} revoked |", "revoked"),
        ('{{"x": "{secret}", "comment": "{allow} revoked"}},', "revoked"),
        ("{secret} # {allow} it's «quoted» (really)!", "it's «quoted» (really)!"),
    ],
)
def test_on_the_same_line_in_any_comment(tool: Tool, template: str, reason: str) -> None:
    tool.write("a.txt", template.format(secret=token("a"), allow=TOKEN) + f"\n{token('b')}\n")
    got = tool.scan()
    assert statuses(got) == [(1, "suppressed"), (2, "reported")]
    assert got.findings()[0]["reason"].rstrip(")") == reason.rstrip(")")


@pytest.mark.parametrize(
    "comment",
    [
        "# {}",
        "    # {}",
        "// {}",
        "/* {} */",
        " * {}",
        "<!-- {} -->",
        "-- {}",
        "; {}",
        "% {}",
        "{{# {} #}}",
        "(* {} *)",
        "REM {}",
        "rem {}",
        "' {}",
        '" {}',
        "dnl {}",
        "#| {} |#",
        '"""{}"""',
        "\t// {}",
        "\ufeff# {}",
    ],
)
def test_on_the_line_above_in_any_comment(tool: Tool, comment: str) -> None:
    text = comment.format(f"{TOKEN} made up for a test")
    tool.write("a.txt", f"{text}\n{token('a')}\n{token('b')}\n")
    got = tool.scan()
    assert statuses(got) == [(2, "suppressed"), (3, "reported")]
    assert got.findings()[0]["reason"] == "made up for a test"


def test_after_code_it_speaks_of_its_own_line_only(tool: Tool) -> None:
    tool.write("a.txt", f"x = 1  # {TOKEN} because\n{token('a')}\n")
    got = tool.scan()
    assert statuses(got) == [(2, "reported")]
    assert messages(got) == ["the allow for demo.token has no effect: remove it"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_without_a_reason_it_does_not_count_and_says_so(tool: Tool, newline: str) -> None:
    for number, ending in enumerate(("", " ", " -->", ": ", " */", " —")):
        tool.write(f"{number}.txt", f"x{newline}{token('a')} # {TOKEN}{ending}{newline}")
    got = tool.scan()
    assert got.code == 1
    assert {finding["reason"] for finding in got.findings()} == {
        "the allow on line 2 has no reason, so it does not count"
    }
    assert {status for _, status in statuses(got)} == {"reported"}


def test_an_unknown_rule_lets_nothing_through_and_says_so(tool: Tool) -> None:
    tool.write("a.txt", f"{token('a')} # {ALLOW}[demo.tokem] because\n")
    got = tool.scan()
    assert statuses(got) == [(1, "reported")]
    assert [notice["line"] for notice in got.report["notices"]] == [1]
    assert "did you mean 'demo.token'?" in messages(got)[0]


@pytest.mark.parametrize(
    "names", ["*", "demo.*", "demo", "", " ", "all", "demo.token.", "DEMO.TOKEN", "registry-token"]
)
def test_nothing_less_than_a_rules_id_lets_anything_through(tool: Tool, names: str) -> None:
    tool.write("a.txt", f"{token('a')} # {ALLOW}[{names}] because\n")
    assert statuses(tool.scan()) == [(1, "reported")]


def test_one_that_lets_nothing_through_says_so(tool: Tool) -> None:
    tool.write("a.txt", f"# {TOKEN} because\nnothing here\n")
    got = tool.scan()
    assert (got.code, messages(got)) == (0, ["the allow for demo.token has no effect: remove it"])
    assert tool.scan("--only-rule", "demo.pin").report["notices"] == [], "the rule was not asked for"


def test_it_never_hides_another_rules_secret_on_its_line(tool: Tool) -> None:
    tool.write("a.txt", f"{token('a')} demopin {pin('a')} # {TOKEN} because\n")
    got = tool.scan()
    assert got.code == 1
    assert statuses(got, "demo.token") == [(1, "suppressed")]
    assert statuses(got, "demo.pin") == [(1, "reported")]


def test_several_rules_in_one(tool: Tool) -> None:
    tool.write("a.txt", f"{token('a')} demopin {pin('a')} # {ALLOW}[demo.token, demo.pin] because\n")
    assert statuses(tool.scan()) == [(1, "suppressed")] * 2


def test_two_values_on_a_line_have_to_be_told_apart(tool: Tool) -> None:
    one, other = token("a"), token("b")
    tool.write("a.txt", f"{one} {other} # {TOKEN} because\n")
    got = tool.scan()
    assert statuses(got) == [(1, "reported")] * 2
    prints = [finding["fingerprint"] for finding in got.findings()]
    assert prints == [fingerprints.of_value("demo.token", Secret(value.encode())) for value in (one, other)]
    assert prints[0] in got.findings()[0]["reason"], "the reason says what to write"
    tool.write("a.txt", f"{one} {other} # {ALLOW}[demo.token@{prints[1]}] because\n")
    assert [finding["status"] for finding in tool.scan().findings()] == ["reported", "suppressed"]
    tool.write("a.txt", f"# {ALLOW}[demo.token@{prints[0]}, demo.pin] because\n{one} {other}\n")
    assert [finding["status"] for finding in tool.scan().findings()] == ["suppressed", "reported"]


def test_the_same_value_twice_on_a_line_is_one_value(tool: Tool) -> None:
    tool.write("a.txt", f"{token('a')} {token('a')} # {TOKEN} because\n")
    assert statuses(tool.scan()) == [(1, "suppressed")] * 2


def test_a_fingerprint_binds_to_its_value(tool: Tool) -> None:
    old = fingerprints.of_value("demo.token", Secret(token("old").encode()))
    tool.write("a.txt", f"{token('new')} # {ALLOW}[demo.token@{old}] because\n")
    got = tool.scan()
    assert statuses(got) == [(1, "reported")]


def test_two_allows_for_one_line(tool: Tool) -> None:
    tool.write("a.txt", f"# {ALLOW}[demo.pin] one\n{token('a')} demopin {pin('a')} # {TOKEN} two\n")
    got = tool.scan()
    assert {finding["rule"]: finding["reason"] for finding in got.findings()} == {
        "demo.pin": "one",
        "demo.token": "two",
    }


def test_a_secret_in_a_reason_is_redacted_wherever_the_reason_is_shown(tool: Tool) -> None:
    secret = f"demopin {pin('p')}"
    tool.write("a.txt", f"{token('a')} # {TOKEN} as {secret} is\n")
    tool.write("b.txt", f"# {TOKEN} {secret}\n{token('a')}\n")
    tool.write("c.txt", f"# {ALLOW}[{secret}] because\n")
    for got in (tool.scan(), tool.scan_text("--verbose"), tool.scan("--only-rule", "demo.token")):
        assert pin("p") not in got.out
    reasons = {finding["path"]: finding["reason"] for finding in tool.scan().findings("demo.token")}
    assert reasons == {"a.txt": "as demopin ******** is", "b.txt": "demopin ********"}


def test_a_reason_inside_a_record_is_kept(tool: Tool) -> None:
    """JSON has no comments, so an allow is in a value, and all values of a record are redacted."""
    guest = {"_": f"{ALLOW}[demo.guest] a made-up guest", "demo_guest": "Ada Byron", "demo_email": "a.b@byron.io"}
    tool.write("a.json", json.dumps(guest | {"demo_room": "R-4711"}, indent=1))
    (finding,) = tool.scan().findings()
    assert (finding["status"], finding["reason"]) == ("suppressed", "a made-up guest")
    assert "Byron" not in finding["snippet"]


def test_suppressed_findings_stay_in_the_report_and_do_not_fail_the_run(tool: Tool) -> None:
    tool.write("a.txt", f"{token('a')} # {TOKEN} because\n")
    got = tool.scan()
    assert (got.code, got.report["verdict"], len(got.findings())) == (0, "clean", 1)
    assert token("a")[8:] not in got.out


def test_many_unknown_rules_get_few_hints(tool: Tool) -> None:
    """Finding the nearest name takes time, and a file can hold thousands of unknown ones."""
    tool.write("a.txt", "".join(f"# {ALLOW}[demo.tokem{number}] because\n" for number in range(20)))
    hinted = [each for each in messages(tool.scan()) if "did you mean 'demo.token'" in each]
    assert len(messages(tool.scan())) == 20
    assert 1 <= len(hinted) <= 3


def test_in_wide_text(tool: Tool) -> None:
    tool.write("a.txt", f"{token('a')} # {TOKEN} because\n".encode("utf-16"))
    assert statuses(tool.scan()) == [(1, "suppressed")]


@given(before=st.binary(max_size=30), names=st.binary(min_size=1, max_size=30), rest=st.binary(max_size=30))
def test_any_bytes_around_one(before: bytes, names: bytes, rest: bytes) -> None:
    names = bytes(byte for byte in names if byte not in b"]\r\n") or b"x"
    rest = rest.replace(b"\n", b"").replace(b"\r", b"")
    text = ALLOW.encode() + b"[" + names + b"]" + rest
    data, span = before + text + b"\nnext", Span(len(before), len(before) + len(text))
    found = inline.parse(data, span, 5, Redaction(data, ()).within)
    assert found.line == 5
    assert found.covers in (5, 6)
    assert found.names
