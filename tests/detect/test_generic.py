"""Generic rules give way where another rule says more about the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support import token

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


def test_what_gives_way_hides_no_more_than_the_better_rule(tool: Tool) -> None:
    """A token's beginning, which says what it is, stays visible; what another rule hides besides does not."""
    value = token("way")
    tool.write("a.py", f'api_token = "{value}"\n')
    tool.write("b.py", f'api_token = "{value}0123456789abcdefXYZ"\n')
    shown = {each["path"]: each["snippet"] for each in tool.scan().report["findings"]}
    assert shown["a.py"] == 'api_token = "demotok_********"'
    assert value[8:] not in shown.get("b.py", "")
