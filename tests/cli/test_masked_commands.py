"""`explain` and `baseline audit` show a finding as reports do: nothing of its value, in snippet or path."""

from __future__ import annotations

import os
import sys

import pytest
from support import Tool, token

from cavra_boundary.rules.samples import expand


def test_explain_masks_the_path_and_the_rest_of_the_value(tool: Tool) -> None:
    tool.write(f"x-{token('a')}.txt", f"key {token('a')}$Q7X4Z9K2 and x{token('a')}y\n")
    for fingerprint in {finding["fingerprint"] for finding in tool.scan().findings()}:
        got = tool.run("explain", "--pack", str(tool.pack), fingerprint)
        assert got.code == 0
        assert "x-demotok_********.txt" in got.out or "x-demotok_********" in got.out
        assert token("a")[8:] not in got.out
        assert "Q7X4" not in got.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan", "--{}"],
        ["scan", "--{}=x"],
        ["{}"],
        ["scan", "--fail-on", "{}"],
        ["scan", "--jobs", "{}"],
        ["scan", "--format", "{}"],
        ["rules", "show", "{}"],
    ],
)
def test_a_mistake_on_the_command_line_is_not_echoed_with_its_secret(tool: Tool, arguments: list[str]) -> None:
    secret = expand("«github-token»", "a")
    got = tool.run(*(each.format(secret) for each in arguments))
    assert got.code == 2
    assert secret[8:] not in got.out + got.err


def test_an_unknown_key_of_the_configuration_is_not_echoed_with_its_secret(tool: Tool) -> None:
    secret = expand("«github-token»", "a")
    for text in (f"{secret} = 1\n", f"[{secret}]\na = 1\n", f'[severity]\n"{secret}" = "note"\n'):
        tool.write(".cavra-boundary.toml", text)
        got = tool.scan()
        assert (got.code, got.err.count("\n")) == (2, 1)
        assert secret[8:] not in got.out + got.err


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
