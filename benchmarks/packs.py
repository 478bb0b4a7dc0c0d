"""Does the prefilter still pay off? Throughput with today's packs and with those of an earlier revision.

    python -m benchmarks.packs [REVISION] [--corpus DIR] [--runs N]

The code is today's for both, only the packs differ: this measures what rules cost, not what the code became. A kind of
rule that the earlier packs do not have costs them nothing, since a matcher without rules is not asked. Keys and
validators that today's code no longer has are left out of the earlier packs (`readable`): they only judge what a
pattern has matched. So the earlier packs report more, and that is the error of this measure.

Both are run by `compare` in `speed.py`: once unmeasured, then in turns. REVISION defaults to the commit that added the
first six packs.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from benchmarks.corpus import DEFAULT
from benchmarks.speed import compare
from benchmarks.tools import Tool, reported
from cavra_boundary.detect.kinds import TextRule
from cavra_boundary.detect.validators import VALIDATORS

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
    for file in (folder / "patterns").glob("*.toml"):
        file.write_text(readable(file.read_text()))
    return folder / "patterns"


JUDGES = ("entropy", "skip_paths", "allow")
"""Keys of text rules that only judge what the pattern has matched."""


def readable(pack: str) -> str:
    """An earlier pack without the keys and validators that today's code no longer has; see above."""
    for key in JUDGES:
        if not hasattr(TextRule, key):
            pack = re.sub(rf"(?ms)^{key} = (?:\[\n.*?^\]|[^\n]*)\n", "", pack)

    def known(validators: re.Match[str]) -> str:
        kept = [name for name in re.findall(r'"([^"]*)"', validators[1]) if name in VALIDATORS]
        return f"validators = {json.dumps(kept)}\n" if kept else ""

    return re.sub(r"(?ms)^validators = \[(.*?)\]\n", known, pack)


def generic_rules(folder: Path) -> frozenset[str]:
    """The ids of the rules in these packs that say only that there is a secret, not whose."""
    found = set()
    for file in folder.glob("*.toml"):
        pack = tomllib.loads(file.read_text())
        found |= {f"{pack['name']}.{rule['name']}" for rule in pack.get("rule", ()) if rule.get("generic")}
    return frozenset(found)


def with_packs(name: str, folder: Path) -> Tool:
    """Ours with the packs of a folder."""

    def run(target: Path, report: Path) -> list[str]:
        scan = ["scan", "--format=json", f"--output={report}", str(target)]
        return [sys.executable, "-c", SCAN, str(folder), *scan]

    return Tool(name, "", run, frozenset({0, 1}), reported)


def rules_in(folder: Path) -> int:
    """Rules in the packs of a folder, rows included."""
    packs = [tomllib.loads(file.read_text()) for file in folder.glob("*.toml")]
    tables = ("tokens", "providers")
    rows = (group["rows"] for pack in packs for table in tables for group in pack.get(table, ()))
    return sum(len(pack.get("rule", ())) for pack in packs) + sum(map(len, rows))


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
