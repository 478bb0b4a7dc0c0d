"""Times scans of whole histories, side by side with peers and git itself, and measures their memory.

    python -m benchmarks.history [--into DIR] [--peers DIR] [--tools NAME ...] [--repositories NAME ...] [--runs N]

On each repository of `benchmarks.repositories` every tool runs once unmeasured, then in rounds, one run of every tool
per round. Ours runs twice in each: *first* it has its compiled rules but has never seen the repository; *again*, right
after that, it has. For comparison, git reads every object once, which nobody can beat by much. The two made-up
repositories are for memory, and only ours runs on them unless `--everywhere` is given.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.corpus import DEFAULT
from benchmarks.repositories import NAMES as REPOSITORIES
from benchmarks.repositories import RELEASES, make
from benchmarks.tools import NAMES, OURS, Cost, Tool, load, run
from cavra_boundary.scan.seen import NAME as MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST, AGAIN, GIT = f"{OURS}, first", f"{OURS}, again", "git cat-file"

COMMANDS: dict[str, Callable[[str, Path, Path], list[str]]] = {
    OURS: lambda program, target, report: [
        *(program, "scan", "--history", "--format=json", f"--output={report}", str(target))
    ],
    "kingfisher": lambda program, target, report: [
        *(program, "scan", "--no-validate", "--no-update-check", "--git-history=full", "--no-dedup", "--redact"),
        *("-f=json", f"-o={report}", str(target)),
    ],
    "gitleaks": lambda program, target, report: [
        *(program, "git", "--no-banner", "--log-level=error", "--redact", "-f=json", f"-r={report}", str(target))
    ],
    "betterleaks": lambda program, target, report: [
        *(program, "git", "--silent", "--log-level=error", f"--output={report}", str(target))
    ],
}


def of_history(tool: Tool, name: str) -> Tool:
    """The tool, set to scan all commits of a repository."""
    program = tool.run(Path(), Path())[0]
    return replace(tool, name=name, run=lambda target, report: COMMANDS[tool.name](program, target, report))


def git() -> Tool:
    """Git, set to read every object of a repository and discard it."""
    script = 'git -C "$1" cat-file --batch-all-objects --batch > /dev/null'
    version = subprocess.run(["git", "--version"], check=True, capture_output=True, text=True).stdout.split()[2]
    return Tool(GIT, version, lambda target, _: ["sh", "-c", script, "sh", str(target)], frozenset({0}), lambda _: [])


def contestants(tools: list[Tool]) -> list[Tool]:
    """What runs in a round, in this order."""
    found = [git()]
    for tool in tools:
        names = (FIRST, AGAIN) if tool.name == OURS else (tool.name,)
        found += (of_history(tool, name) for name in names)
    return found


def compare(taking_part: list[Tool], repository: Path, runs: int, cache: Path) -> dict[str, Cost]:
    """Medians over the runs, by the contestant's name."""
    costs: dict[str, list[Cost]] = {tool.name: [] for tool in taking_part}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        for lap in range(1 + runs):
            for tool in taking_part:
                if tool.name == FIRST:
                    (cache / MEMORY).unlink(missing_ok=True)
                report.unlink(missing_ok=True)
                cost = run(tool, repository, report)
                if lap > 0:
                    costs[tool.name].append(cost)
    return {name: middle(measured) for name, measured in costs.items()}


def middle(costs: list[Cost]) -> Cost:
    """The median of each number."""
    walls, cpus, memories = zip(*costs, strict=True)
    return Cost(median(walls), median(cpus), int(median(memories)))


def show(title: str, taking_part: list[Tool], costs: dict[str, Cost]) -> None:
    """Print one table in Markdown."""
    first = costs[FIRST].wall if FIRST in costs else 0.0
    print(f"\n### {title}\n\n| tool | wall s | × first | CPU s | peak MB |\n| --- | --: | --: | --: | --: |")
    for tool in taking_part:
        cost = costs[tool.name]
        ratio = f"{cost.wall / first:.2f}" if first else ""
        print(f"| {tool.name} {tool.version} | {cost.wall:.2f} | {ratio} | {cost.cpu:.2f} | {cost.memory / 1e6:.0f} |")


def describe(repository: Path) -> str:
    """How much there is to read."""
    count = ["git", "-C", str(repository), "rev-list", "--all", "--count"]
    commits = int(subprocess.run(count, check=True, capture_output=True, text=True).stdout)
    return f"{repository.name}: {commits:,} commits"


def main() -> None:
    parser = argparse.ArgumentParser(description="Time scans of whole histories side by side.")
    parser.add_argument("--into", type=Path, default=DEFAULT, help="folder of the repositories (default: %(default)s)")
    parser.add_argument("--peers", type=Path, default=DEFAULT / "peers", help="virtual environments of the peers")
    parser.add_argument("--tools", nargs="+", choices=NAMES, default=list(NAMES), help="only these")
    parser.add_argument(
        "--repositories", nargs="+", choices=REPOSITORIES, default=list(REPOSITORIES), help="only these"
    )
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="measured runs (default: %(default)s)")
    parser.add_argument("--everywhere", action="store_true", help="run peers on the made-up repositories too")
    options = parser.parse_args()
    tools = load(options.tools, options.peers.resolve())
    repositories = make(options.into.resolve(), options.repositories)
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} at the start, median of {options.runs}")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CAVRA_BOUNDARY_CACHE"] = cache
        for name, repository in repositories.items():
            real = name in RELEASES or options.everywhere
            taking_part = contestants([tool for tool in tools if real or tool.name == OURS])
            costs = compare(taking_part, repository, options.runs if real else 1, Path(cache))
            show(describe(repository), taking_part, costs)


if __name__ == "__main__":
    main()
