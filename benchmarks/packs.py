"""Does the prefilter still pay off? Throughput with today's packs and with those of an earlier revision.

    python -m benchmarks.packs [REVISION] [--corpus DIR] [--runs N]

The code is the same, only the packs differ. Both are run by `compare` in `speed.py`: once unmeasured, then in turns.
REVISION defaults to the commit that added the first six packs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from benchmarks.corpus import DEFAULT
from benchmarks.speed import compare
from benchmarks.tools import Tool

FIRST = "ab3c9d9"
ROOT = Path(__file__).parent.parent
SCAN = """
import sys
from pathlib import Path
from cavra_boundary.rules import load
folder = Path(sys.argv.pop(1))
load.shipped_folder = lambda: folder
from cavra_boundary.cli.main import main
main()
"""


def packs_of(revision: str, folder: Path) -> Path:
    """Write this repository's packs at a revision to a folder, and return where they are."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-tree", "-r", "--name-only", revision, "patterns/"],
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.splitlines():
        content = subprocess.run(["git", "-C", ROOT, "show", f"{revision}:{name}"], check=True, capture_output=True)
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.stdout)
    return folder / "patterns"


def with_packs(name: str, folder: Path) -> Tool:
    """Ours with the packs of a folder."""

    def run(target: Path, report: Path) -> list[str]:
        scan = ["scan", "--format=json", f"--output={report}", str(target)]
        return [sys.executable, "-c", SCAN, str(folder), *scan]

    return Tool(name, "", run, frozenset({0, 1}), lambda report: [])


def rules_in(folder: Path) -> int:
    return sum(len(tomllib.loads(file.read_text()).get("rule", ())) for file in folder.glob("*.toml"))


def main() -> None:
    parser = argparse.ArgumentParser(description="Time a scan with these packs and with those of an earlier revision.")
    parser.add_argument("revision", nargs="?", default=FIRST, help="revision to take packs from (default: %(default)s)")
    parser.add_argument("--corpus", type=Path, default=DEFAULT, help="what corpus.py made (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="measured runs (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folders = {"now": ROOT / "patterns", options.revision: packs_of(options.revision, Path(folder))}
        tools = [with_packs(name, place) for name, place in folders.items()]
        costs = compare(tools, options.corpus.resolve() / "tree", options.runs)
        print("| packs | rules | wall s | CPU s |", "| --- | --: | --: | --: |", sep="\n")
        for name, place in folders.items():
            print(f"| {name} | {rules_in(place)} | {costs[name].wall:.2f} | {costs[name].cpu:.2f} |")
        now, then = costs.values()
        print(f"\n{now.wall / then.wall:.2f} × the time, {now.cpu / then.cpu:.2f} × the work")


if __name__ == "__main__":
    main()
