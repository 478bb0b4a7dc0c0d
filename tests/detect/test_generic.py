"""Generic rules give way where another rule says more about the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from support import Tool

RULE = """
[[rule]]
name = "{name}"
kind = "text"
clause = "tenant-secret"
severity = "{severity}"
title = "Demo"
why = "It is a demo."
keywords = {keywords}
generic = {generic}
pattern = '{pattern}'
examples = []
counterexamples = []
"""

RULES = {
    "specific": ("warning", '["demo"]', "false", "demo=(?P<secret>[0-9]+)x"),
    "grave": ("error", '["demo", "other"]', "true", "demo=(?P<secret>[0-9]+)"),
    "narrow": ("warning", '["demo"]', "true", "(?P<secret>demo=[0-9]+)"),
    "broad": ("warning", '["demo", "other"]', "true", "(?P<secret>demo=[0-9]+y?)"),
}


@pytest.mark.parametrize(
    ("rules", "text", "found"),
    [
        (["specific", "grave", "narrow", "broad"], "demo=123x", ["specific"]),
        (["specific", "grave", "narrow", "broad"], "demo=123", ["grave"]),
        (["specific", "narrow", "broad"], "demo=123y", ["narrow"]),
        (["broad"], "demo=123y", ["broad"]),
        (["narrow", "broad"], "demo=123 demo=456", ["narrow", "narrow"]),
    ],
)
def test_one_rule_speaks_for_the_same_bytes(
    tool: Tool, tmp_path: Path, rules: list[str], text: str, found: list[str]
) -> None:
    pack = tmp_path / "ways.toml"
    written = (
        RULE.format(name=name, severity=severity, keywords=keywords, generic=generic, pattern=pattern)
        for name, (severity, keywords, generic, pattern) in RULES.items()
        if name in rules
    )
    pack.write_text('name = "ways"\ntitle = "Ways"\n' + "".join(written))
    tool.write("a.txt", f"{text}\n")
    got = tool.scan("--pack", str(pack))
    assert [finding["rule"] for finding in got.findings("ways.")] == [f"ways.{name}" for name in found]
