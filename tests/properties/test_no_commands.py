"""Nothing that a stranger has written becomes a command of a CI service, on either stream and in any format."""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavra_boundary.cli.streams import Stream, print_commands
from cavra_boundary.errors import ConfigError
from cavra_boundary.report import FORMATS
from cavra_boundary.report.escape import commands_broken

if TYPE_CHECKING:
    from support import Repo

# As the services read a log: lines end at any of these characters, blanks and colors before a command are dropped.
_LINE = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_AROUND = re.compile(r"^(?:\x1b\[[0-9;]*m|[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2060\ufeff])*")
_ANYWHERE = re.compile(r"##(?:\[|vso\[|teamcity\[)", re.IGNORECASE)
_OURS = re.compile(r"::(?:error|warning|notice) [^\n]*")

_pieces = st.sampled_from(
    ["##vso[a]", "##VSO[", "##[error]", "##teamcity[", "::error::x", "::", ":", "#", "[", "vso", "a", "é"]
) | st.sampled_from(["\n", "\r", " ", "\t", "\x1b[31m", "\x1b", "\x85", "\u2028", "\u200b", "\x00"])
_texts = st.lists(_pieces, max_size=12).map("".join)


def _is_obeyed(text: str) -> bool:
    return bool(_ANYWHERE.search(text)) or any(_AROUND.sub("", line).startswith("::") for line in _LINE.split(text))


def test_the_judge_of_these_tests_knows_commands() -> None:
    for command in ("##vso[a]", "a ##[error]", "::error::", "a\n \x1b[1m::x", "a\r::x", "##VSO[task]"):
        assert _is_obeyed(command)
    assert not _is_obeyed("a::b # [x] #[ : :")


@given(_texts)
def test_no_text_keeps_a_command(text: str) -> None:
    safe = commands_broken(text)
    assert not _is_obeyed(safe)
    assert commands_broken(safe) == safe


@given(st.lists(_texts, max_size=6))
def test_nor_does_a_stream_that_gets_it_in_parts(parts: list[str]) -> None:
    out = io.StringIO(newline="")
    stream = Stream(out, "")
    for part in parts:
        stream.write(part)
    assert not _is_obeyed(out.getvalue())


def test_commands_that_are_meant_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", Stream(out, ""))
    print_commands("::error file=a::b\n")
    sys.stdout.write("::warning::c\n")
    assert out.getvalue() == "::error file=a::b\n\\x3a:warning::c\n"


_HOSTILE = ["##vso[task.setvariable variable=x]y ##[group]g", " ::set-output name=x::y"]


@pytest.mark.parametrize("hostile", _HOSTILE)
def test_no_format_and_no_message_has_any(repo: Repo, hostile: str) -> None:
    from support import token

    repo.write(f"{hostile}.txt", f"{hostile} {token('cmd')} {hostile}\n")
    repo.write("b.txt", f"{hostile}\n{token('x')} # cavra-boundary: allow[demo.token] {hostile}\n")
    repo.write("c.bin", b"\0" * 100)
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--message", f"{hostile}\n\n{hostile} {token('message')}")
    for format_ in FORMATS:
        for arguments in (["."], ["--history"]):
            got = repo.run("scan", "--pack", str(repo.pack), "-v", "--format", format_, *arguments)
            assert not _is_obeyed("".join(line for line in got.out.splitlines(True) if not _OURS.match(line)))
            assert not _ANYWHERE.search(got.out)
            assert not _is_obeyed(got.err)
            assert got.code in (1, 3)
    quoted = hostile.replace('"', "")
    files = {
        ".cavra-boundary.toml": [f'"{quoted}" = 1', f'only-rules = ["{quoted}"]', f'packs = ["{quoted}"]'],
        "pack.toml": [f'"{quoted}" = 1', f'name = "{quoted}"\ntitle = "{quoted}"', f'x = "{quoted}'],
    }
    for name, contents in files.items():
        for content in contents:
            repo.write(name, content)
            for command in (["scan", "."], ["rules", "check", "pack.toml"], ["packs", "import", "pack.toml"]):
                got = repo.run(*command)
                assert not _is_obeyed(got.out)
                assert not _is_obeyed(got.err)
        (repo.folder / name).unlink()
    for command in (
        ["scan", hostile],
        [hostile],
        ["scan", f"--{hostile}"],
        ["explain", hostile],
        ["rules", "show", hostile],
    ):
        got = repo.run(*command)
        assert got.code == 2
        assert not _is_obeyed(got.out)
        assert not _is_obeyed(got.err)


def test_an_error_of_several_lines_is_one(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ConfigError("a\n::error::b\r##[error]c\x1b[2J", where="##vso[x]", hint="\u2028::d")

    monkeypatch.setattr("cavra_boundary.cli.scan.governing", fail)
    got = repo.run("scan", ".")
    assert got.code == 2
    assert not _is_obeyed(got.err)
    assert got.err.count("\n") == 1
    assert "\x1b" not in got.err
