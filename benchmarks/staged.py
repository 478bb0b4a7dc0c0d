"""Times what a contributor waits for at each commit, the check of five staged files, side by side with peers.

    python -m benchmarks.staged [--into DIR] [--peers DIR] [--tools NAME ...] [--repository NAME] [--runs N]

Before every round five ordinary source files get one more line each and are staged, so that no tool has seen what it
reads; the tools' own caches (compiled rules) and the system's page cache are warm. Every tool runs once per round.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.corpus import DEFAULT
from benchmarks.history import middle
from benchmarks.repositories import RELEASES, make
from benchmarks.speed import show
from benchmarks.tools import NAMES, Cost, Tool, load, run

if TYPE_CHECKING:
    from collections.abc import Callable

STAGED = 5
SIZES = range(4 * 1024, 16 * 1024)
"""File sizes in bytes."""

COMMANDS: dict[str, Callable[[str, Path], list[str]]] = {
    "cavra-boundary": lambda program, report: [program, "scan", "--staged", "--format=json", f"--output={report}"],
    "kingfisher": lambda program, report: [
        *(
            program,
            "scan",
            "--no-validate",
            "--no-update-check",
            "--staged",
            "--redact",
            "-f=json",
            f"-o={report}",
            ".",
        ),
    ],
    "gitleaks": lambda program, report: [
        *(program, "git", "--staged", "--no-banner", "--log-level=error", "--redact", "-f=json", f"-r={report}", "."),
    ],
    "betterleaks": lambda program, report: [
        *(program, "git", "--staged", "--silent", "--log-level=error", f"--output={report}", "."),
    ],
}


def of_index(tool: Tool) -> Tool:
    """The tool, set to check what is staged in its working directory."""
    program = tool.run(Path(), Path())[0]
    return replace(tool, run=lambda _, report: COMMANDS[tool.name](program, report))


def stage(clone: Path, number: int) -> None:
    """Change and stage five files, as nobody has before."""
    git = ["git", "-C", str(clone)]
    subprocess.run([*git, "reset", "--quiet", "--hard"], check=True)
    sources = (path for path in sorted(clone.glob("*/**/*.py")) if path.stat().st_size in SIZES)
    chosen = [path for path, _ in zip(sources, range(STAGED), strict=False)]
    for path in chosen:
        with path.open("a") as file:
            file.write(f"\n# changed {number} times\n")
    subprocess.run([*git, "add", "--", *map(str, chosen)], check=True)


def compare(tools: list[Tool], repository: Path, runs: int) -> dict[str, Cost]:
    """Each tool's median wall time, CPU time and peak memory, in a clone of the repository."""
    costs: dict[str, list[Cost]] = {tool.name: [] for tool in tools}
    with tempfile.TemporaryDirectory() as folder:
        clone, report = Path(folder, "clone"), Path(folder, "report.json")
        subprocess.run(["git", "clone", "--quiet", str(repository), str(clone)], check=True)
        for lap in range(1 + runs):
            stage(clone, lap)
            for tool in tools:
                report.unlink(missing_ok=True)
                cost = run(tool, clone, report, clone)
                if lap > 0:
                    costs[tool.name].append(cost)
    return {name: middle(measured) for name, measured in costs.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the check of five staged files side by side.")
    parser.add_argument("--into", type=Path, default=DEFAULT, help="folder of the repositories (default: %(default)s)")
    parser.add_argument("--peers", type=Path, default=DEFAULT / "peers", help="virtual environments of the peers")
    parser.add_argument("--tools", nargs="+", choices=NAMES, default=list(NAMES), help="only these")
    parser.add_argument(
        "--repository", choices=tuple(RELEASES), default="pip", help="repository (default: %(default)s)"
    )
    parser.add_argument("--runs", type=int, default=11, metavar="N", help="measured runs (default: %(default)s)")
    options = parser.parse_args()
    tools = [of_index(tool) for tool in load(options.tools, options.peers.resolve())]
    repository = make(options.into.resolve(), [options.repository])[options.repository]
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} at the start, median of {options.runs}")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CAVRA_BOUNDARY_CACHE"] = cache
        show(f"Five staged files ({repository.name})", tools, compare(tools, repository, options.runs))


if __name__ == "__main__":
    main()
