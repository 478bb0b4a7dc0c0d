"""Times cavra-boundary and its peers side by side: the corpus, one small file, and the corpus ten times over.

    python -m benchmarks.speed [--corpus DIR] [--peers DIR] [--tools NAME ...] [--runs N] [--scaled DIR]

Each tool runs once unmeasured (its own caches and the system's page cache get warm), then in rounds, one run of every
tool per round, so that other load on the machine affects all of them equally. The table gives medians.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.corpus import DEFAULT
from benchmarks.tools import NAMES, OURS, Cost, Tool, load, run


def small_file(tree: Path) -> Path:
    """One ordinary file: the first Python file of 4 to 8 KiB, by path."""
    return next(path for path in sorted(tree.glob("pypi/*/**/*.py")) if 4096 <= path.stat().st_size < 8192)


def compare(tools: list[Tool], target: Path, runs: int) -> dict[str, Cost]:
    """Each tool's median wall time, CPU time and peak memory on a target."""
    costs: dict[str, list[Cost]] = {tool.name: [] for tool in tools}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        for lap in range(1 + runs):
            for tool in tools:
                report.unlink(missing_ok=True)
                cost = run(tool, target, report)
                if lap > 0:
                    costs[tool.name].append(cost)
    return {
        name: Cost(
            median(cost.wall for cost in measured),
            median(cost.cpu for cost in measured),
            int(median(cost.memory for cost in measured)),
        )
        for name, measured in costs.items()
    }


def show(title: str, tools: list[Tool], costs: dict[str, Cost]) -> None:
    """Print one table in Markdown."""
    ours = costs.get(OURS)
    print(f"\n### {title}\n\n| tool | wall s | × ours | CPU s | peak MB |\n| --- | --: | --: | --: | --: |")
    for tool in tools:
        cost = costs[tool.name]
        ratio = f"{cost.wall / ours.wall:.1f}" if ours else ""
        print(f"| {tool.name} {tool.version} | {cost.wall:.2f} | {ratio} | {cost.cpu:.2f} | {cost.memory / 1e6:.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description="Time cavra-boundary and its peers side by side.")
    parser.add_argument("--corpus", type=Path, default=DEFAULT, help="what corpus.py made (default: %(default)s)")
    parser.add_argument("--peers", type=Path, default=DEFAULT / "peers", help="virtual environments of the peers")
    parser.add_argument("--tools", nargs="+", choices=NAMES, default=list(NAMES), help="only these")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="measured runs (default: %(default)s)")
    parser.add_argument("--scaled", type=Path, metavar="DIR", help="also this larger tree, once")
    options = parser.parse_args()
    tools = load(options.tools, options.peers.resolve())
    tree = options.corpus.resolve() / "tree"
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} at the start, median of {options.runs}")
    one = small_file(tree)
    show(f"One file of {one.stat().st_size:,} bytes", tools, compare(tools, one, options.runs))
    show("The corpus", tools, compare(tools, tree, options.runs))
    if options.scaled:
        show(options.scaled.name, tools, compare(tools, options.scaled.resolve(), 1))


if __name__ == "__main__":
    main()
