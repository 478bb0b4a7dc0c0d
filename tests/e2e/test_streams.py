"""Real processes whose standard streams are closed, full, or read by nobody: a documented code, and one clear line."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import token

if TYPE_CHECKING:
    from support import Tool

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a shell's redirections")

_TIMEOUT = 60
_needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux")


def _shell(tool: Tool, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of bash; `$TOOL` is ours and `$SCAN` a scan of what has a finding."""
    start = [sys.executable, "-P", "-m", "cavra_boundary"]
    scan = [*start, "scan", "--pack", os.fspath(tool.pack)]
    known = f"TOOL={shlex.quote(shlex.join(start))} SCAN={shlex.quote(shlex.join(scan))}"
    script = f'{known}; tool() {{ eval "$TOOL" \'"$@"\'; }}; scan() {{ eval "$SCAN" \'"$@"\'; }}; {command}'
    env = {**os.environ, **environment}
    return subprocess.run(
        ["bash", "-c", script], cwd=tool.folder, env=env, capture_output=True, text=True, check=False, timeout=_TIMEOUT
    )


@pytest.fixture
def leak(tool: Tool) -> Tool:
    tool.write("a.txt", f"{token('streams')}\n")
    return tool


@pytest.mark.parametrize("format_", ["text", "json", "jsonl", "github", "html"])
@pytest.mark.parametrize(
    ("where", "said"),
    [
        pytest.param(">/dev/full", "standard output: cannot be written: No space left on device", marks=_needs_full),
        (">&-", "standard output: is closed, so the output is lost"),
    ],
)
def test_a_report_that_does_not_arrive_is_incomplete(leak: Tool, where: str, said: str, format_: str) -> None:
    got = _shell(leak, f"scan --format {format_} . {where}")
    assert (got.returncode, got.stderr) == (3, f"cavra-boundary: {said}\n")


@pytest.mark.parametrize("arguments", ["--version", "--help", "rules list", "policy show", "contract describe"])
@pytest.mark.parametrize("where", [pytest.param(">/dev/full", marks=_needs_full), ">&-"])
def test_no_command_hides_that_its_output_is_lost(leak: Tool, arguments: str, where: str) -> None:
    got = _shell(leak, f"tool {arguments} {where}")
    assert got.returncode == 3
    assert got.stderr.startswith("cavra-boundary: standard output: ")


@pytest.mark.parametrize("where", [pytest.param("2>/dev/full", marks=_needs_full), "2>&-"])
def test_without_standard_error_the_report_is_the_same(leak: Tool, where: str) -> None:
    got = _shell(leak, f"scan . {where}")
    assert (got.returncode, "registry-token" in got.stdout, got.stderr) == (1, True, "")
    assert _shell(leak, f"scan no-such-file {where}").returncode == 2


def test_a_closed_output_that_nothing_goes_to_is_no_trouble(leak: Tool) -> None:
    got = _shell(leak, "scan --format json=out.json . >&- 2>&- <&-")
    assert got.returncode == 1
    # No file that was opened has taken the number of a closed stream.
    assert (leak.folder / "out.json").read_text().startswith("{")
    assert _shell(leak, "scan --format json=/dev/stdout . >&-").returncode == 3


@pytest.mark.parametrize("command", ["scan -", "tool report convert -", "tool contract validate -"])
def test_a_closed_input_is_wrong_use(leak: Tool, command: str) -> None:
    got = _shell(leak, f"{command} <&-")
    said = "cavra-boundary: standard input: is closed, so there is nothing to read (redirect it from a file)\n"
    assert (got.returncode, got.stderr) == (2, said)


def test_an_input_that_ends_is_no_answer(leak: Tool) -> None:
    leak.write(".cavra-boundary.toml", "")
    got = _shell(leak, "git init -q; tool init </dev/null")
    assert (got.returncode, got.stderr.splitlines()[-1]) == (
        2,
        "cavra-boundary: standard input ended where an answer was needed",
    )


@pytest.mark.parametrize("format_", ["text", "json", "jsonl", "html", "json=/dev/stdout"])
def test_a_reader_that_goes_away_ends_the_run_quietly(leak: Tool, format_: str) -> None:
    got = _shell(leak, f"scan --format {format_} . | true; exit ${{PIPESTATUS[0]}}")
    assert (got.returncode, got.stderr) == (3, "")


def test_a_folder_that_is_gone(leak: Tool) -> None:
    got = _shell(leak, 'mkdir gone; cd gone; rmdir ../gone; scan .; a=$?; tool --version >/dev/null; echo "$a $?"')
    assert got.stdout == "2 0\n"
    assert got.stderr == "cavra-boundary: the current folder is gone (change to one that exists)\n"


def test_without_a_home(leak: Tool) -> None:
    got = _shell(leak, "unset HOME XDG_CACHE_HOME CAVRA_BOUNDARY_CACHE; scan .", CAVRA_BOUNDARY_CACHE="")
    assert (got.returncode, got.stderr) == (1, "")


def test_an_argument_that_is_no_text(leak: Tool) -> None:
    for arguments in ("scan $'\\xff'", "scan --pack $'\\xff' .", "scan --fail-on $'\\xff'", "tool $'\\e[31m\\xff'"):
        got = _shell(leak, arguments)
        assert got.returncode == 2
        assert "xff" in got.stderr or "udcff" in got.stderr
        assert "\x1b" not in got.stderr
        assert "internal" not in got.stderr
    got = leak.run("scan", "a\0b")
    assert (got.code, "argument 2 has characters" in got.err) == (2, True)


def test_a_pipe_that_does_not_block_gets_everything(leak: Tool) -> None:
    for number in range(100):
        leak.write(f"{number}.txt", f"{token(str(number))}\n" * 50)
    receiving, sending = os.pipe()
    os.set_blocking(sending, False)
    received = bytearray()

    def read_slowly() -> None:
        time.sleep(0.2)  # until the pipe is full
        while data := os.read(receiving, 65536):
            received.extend(data)

    reader = threading.Thread(target=read_slowly)
    reader.start()
    command = [sys.executable, "-P", "-m", "cavra_boundary", "scan", "--pack", os.fspath(leak.pack), "--format", "json"]
    done = subprocess.run([*command, "."], cwd=leak.folder, stdout=sending, check=False, timeout=_TIMEOUT)
    os.close(sending)
    reader.join(_TIMEOUT)
    os.close(receiving)
    assert done.returncode == 1
    assert received.endswith(b"}\n")
    assert received.count(b'"fingerprint"') > 5000
