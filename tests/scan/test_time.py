"""What takes too long is cut short and named, and everything else still counts."""

from __future__ import annotations

from base64 import b64encode
from random import Random

import pytest
from support import Tool, token

RULES = """
name = "slow"
title = "Rules of a stranger"

[[rule]]
name = "text"
kind = "text"
clause = "registry-token"
severity = "error"
title = "Slow"
why = "It is slow."
keywords = ["slowtoken"]
pattern = 'slowtoken (?P<secret>a+!)'
%s
examples = []
counterexamples = []
"""

RECORD = """
name = "slow"
title = "Rules of a stranger"

[[rule]]
name = "record"
kind = "record"
clause = "customer-record"
severity = "error"
title = "Slow"
why = "It is slow."
at_least = 1
kinds = 1
fields = [{ keys = ["demo_guest"], pattern = "(a|aa)+b" }]
examples = []
counterexamples = []
"""
GUEST = '{"demo_guest": "Ottilie Brandauer", "demo_email": "ottilie@brandauer-corp.net", "demo_room": "R-1207"}'


def scan(tool: Tool, pack: str) -> tuple[dict[str, str], set[str]]:
    """The reasons of what was skipped, and the rules that found something."""
    tool.write("rules/slow.toml", pack)
    got = tool.scan("--pack", "rules", "--exclude", "rules", ".")
    assert got.code in (1, 3)
    return got.skipped(), {finding["rule"] for finding in got.findings("")}


def slow_inputs() -> dict[str, bytes]:
    header = b"-----BEGIN RSA " + b"PRIVATE KEY-----\n"
    random = Random(1)
    lines = (
        bytes(random.choices(b"abcdefghiABCDEFGHI0123456789++++", k=width)) + b"\n" for width in (63, 48, 31, 54) * 2
    )
    cut = header + b"".join(lines)
    return {
        "cut-key.txt": cut,
        "cut-keys.txt": b"\n".join(b"base64 " + b64encode(cut + b"%d" % number) for number in range(4)),
        "jdbc.txt": b"jdbc:" * 52_000,
        "passwords.txt": b"password=" * 30_000,
        "customers.txt": b"customer a1@corp-real.net " * 10_000,
        "lists.yaml": b"kind: Secret\nx:\n" + b"- []\n" * 20_000,
        "attribute.xml": b"<card email='a' customer='b' " + b"a" * 200_000 + b">",
    }


@pytest.mark.parametrize("name", slow_inputs())
def test_the_shipped_rules_finish_on_what_was_slow(tool: Tool, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("cavra_boundary.detect.engine.RULE_SECONDS", 2.0)
    tool.write(name, slow_inputs()[name])
    got = tool.run("scan", "--format", "json", ".")
    assert got.skipped() == {}


@pytest.mark.parametrize(
    "more",
    [
        "allow = ['(a|aa)+b']",
        "near = { pattern = '(a|aa)+b', lines = 1 }",
        "near = { pattern = '(a|aa)+b', bytes = 100 }",
    ],
)
def test_each_pattern_of_a_text_rule_has_a_deadline(tool: Tool, monkeypatch: pytest.MonkeyPatch, more: str) -> None:
    monkeypatch.setattr("cavra_boundary.detect.engine.RULE_SECONDS", 0.2)
    tool.write("a.txt", f"slowtoken {'a' * 60}!\n{token('a')}\n")
    skipped, found = scan(tool, RULES % more)
    assert skipped == {"a.txt": "slow.text took longer than 0.2 s"}
    assert found == {"demo.token"}


def test_a_records_pattern_has_a_deadline_and_other_records_still_count(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cavra_boundary.detect.records._PATTERN_SECONDS", 0.2)
    monkeypatch.setattr("cavra_boundary.detect.fields._SECONDS", 0.2)
    tool.write("a.json", f'[{{"demo_guest": "{"a" * 60}!"}},\n{GUEST},\n{{"demo_guest": "ab"}}]\n')
    skipped, found = scan(tool, RECORD)
    assert skipped == {"a.json": "slow.record has a pattern that took too long"}
    assert found == {"demo.guest"}


def test_what_was_found_before_time_ran_out_stays(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavra_boundary.detect.engine.VIEW_SECONDS", 1.0)
    tool.write("a.txt", f"{token('a')}\nslowtoken {'a' * 60}!\n")
    skipped, found = scan(tool, RULES % "allow = ['(a|aa)+b']")
    assert "slow.text took longer than" in skipped["a.txt"]
    assert found == {"demo.token"}


def test_a_file_that_takes_too_long_is_incomplete_and_others_are_not(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cavra_boundary.scan.scanner.FILE_SECONDS", 0.0)
    tool.write("a.txt", f"{token('a')}\n")
    tool.write("b.txt", "nothing\n")
    got = tool.scan(".")
    assert got.code == 3
    assert got.skipped() == {"a.txt": "took so long that not all rules were tried"}


def test_encoded_content_shares_the_time_of_its_file(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavra_boundary.scan.scanner.VIEW_SECONDS", 0.0)
    inner = b64encode(f"some text around it, {token('b')}\n".encode()).decode()
    tool.write("a.txt", f"{token('a')}\nbase64 {inner}\n")
    got = tool.scan(".")
    assert got.skipped() == {"a.txt": "encoded content took longer than 0 s"}
    assert len(got.findings("demo.token")) == 1
