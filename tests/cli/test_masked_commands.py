"""`explain` and `baseline audit` show a finding as reports do: nothing of its value, in snippet or path."""

from __future__ import annotations

import os
import sys

import pytest
from support import Tool, token


def test_explain_masks_the_path_and_the_rest_of_the_value(tool: Tool) -> None:
    tool.write(f"x-{token('a')}.txt", f"key {token('a')}$Q7X4Z9K2 and x{token('a')}y\n")
    for fingerprint in {finding["fingerprint"] for finding in tool.scan().findings()}:
        got = tool.run("explain", "--pack", str(tool.pack), fingerprint)
        assert got.code == 0
        assert "x-demotok_********.txt" in got.out or "x-demotok_********" in got.out
        assert token("a")[8:] not in got.out
        assert "Q7X4" not in got.out


def test_audit_masks_them_too(tool: Tool) -> None:
    pexpect = pytest.importorskip("pexpect")
    tool.write(f"x-{token('a')}.txt", f"key {token('a')}$Q7X4Z9K2 and x{token('a')}y\n")
    assert tool.run("baseline", "create", "--pack", str(tool.pack)).code == 0
    child = pexpect.spawn(
        sys.executable,
        ["-m", "cavra_boundary", "baseline", "audit", "--pack", str(tool.pack)],
        cwd=str(tool.folder),
        env={**os.environ, "TERM": "xterm"},
        dimensions=(40, 160),
        timeout=30,
    )
    child.expect_exact("[q]uit")
    child.sendline("q")
    said = child.before.decode() + child.read().decode()
    child.close()
    assert "demotok_********" in said
    assert token("a")[8:] not in said
    assert "Q7X4" not in said
    for file in tool.folder.rglob("*baseline*"):
        assert token("a")[8:] not in file.read_text(encoding="utf-8")
