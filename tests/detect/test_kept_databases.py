"""Cached databases belong to the rules that run, not just to the packs they come from."""

from __future__ import annotations

from support import Tool, token


def test_a_skipped_rule_does_not_shift_the_others(tool: Tool) -> None:
    tool.write("a.txt", f"{token('a')}\n")
    assert tool.scan().places() == [("a.txt", 1, 1)]
    assert tool.scan("--skip-rule", "demo.guest", "--skip-rule", "demo.hint").places() == [("a.txt", 1, 1)]
    assert tool.scan("--skip-rule", "demo.token").places() == []
