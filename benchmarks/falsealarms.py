"""Counts what cavra-boundary and its peers find in the corpus, and lists the verdicts on our errors and warnings.

    python -m benchmarks.falsealarms [--corpus DIR] [--peers DIR] [--tools NAME ...] [--show]

The corpus is published code: a finding in it is a false alarm unless a person says otherwise. `verdicts.csv` has the
verdict on our errors and warnings, by rule and file, at the corpus's pinned versions:

true       what the rule is for, such as a complete private key (no scanner can know that only tests use it)
synthetic  has the real form but was made up for documentation or tests
false      not what the rule is for

What is not in that file counts as false, and is listed by rule and place. The limits are one false error in 50 MB and
one false warning in 5 MB.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.corpus import DEFAULT
from benchmarks.tools import NAMES, OURS, Hit, hits, load, run

VERDICTS = Path(__file__).with_name("verdicts.csv")
GRAVEST_FIRST = ("error", "warning", "note")
LIMITS = {"error": 50e6, "warning": 5e6}
"""Bytes in which at most one finding of a severity may be false."""
TOP = 12
SHOWN = 200
"""Characters of a line that is shown."""
UNJUDGED = "unjudged"


def verdicts() -> dict[tuple[str, str], str]:
    """The verdict on a rule's findings in a file, by rule and path."""
    with VERDICTS.open(newline="") as stream:
        return {(row["rule"], row["path"]): row["verdict"] for row in csv.DictReader(stream)}


def judged(found: set[Hit], known: dict[tuple[str, str], str], size: float, tree: Path | None = None) -> list[str]:
    """Our errors and warnings with their verdicts, the rate of false ones, and the places that nobody has judged.

    known: see `verdicts`. size: bytes of the corpus. tree: where it is, to show the lines of what is not judged, which
    counts as false.
    """
    lines = []
    for severity, limit in LIMITS.items():
        places = Counter((hit.rule, hit.path) for hit in found if hit.severity == severity)
        rows = sorted((known.get(place, UNJUDGED), *place, count) for place, count in places.items())
        counts = Counter[str]()
        for verdict, _, _, count in rows:
            counts[verdict] += count
        alarms = counts["false"] + counts[UNJUDGED]
        lines += [
            f"\n| {severity}s: verdict | rule | file | places |",
            "| --- | --- | --- | --: |",
            *(
                f"| {verdict} | {rule} | {path} | {count} |"
                for verdict, rule, path, count in rows
                if verdict != UNJUDGED
            ),
            f"\n{severity}s: {', '.join(f'{count} {verdict}' for verdict, count in sorted(counts.items())) or 'none'}; "
            f"{alarms * limit / size:.2f} false or unjudged in {limit / 1e6:.0f} MB",
        ]
    unjudged = sorted(
        (hit.rule, hit.severity, hit.path, hit.line)
        for hit in found
        if hit.severity in LIMITS and (hit.rule, hit.path) not in known
    )
    by_rule = Counter((rule, severity) for rule, severity, _, _ in unjudged)
    lines += [
        f"\nunjudged: {len(unjudged)}",
        *(f"{count:7,} {severity} {rule}" for (rule, severity), count in by_rule.most_common()),
    ]
    for rule, severity, path, line in unjudged:
        lines.append(f"  {severity} {rule} {path}:{line}")
        if tree:
            lines.append(f"      {_line(tree / path, line)}")
    return lines


def _line(file: Path, number: int) -> str:
    """The beginning of a file's line (1-based); nothing of what is in an archive."""
    try:
        return file.read_text(errors="replace").split("\n")[number - 1].strip()[:SHOWN]
    except (OSError, IndexError):
        return ""


def row(name: str, found: set[Hit], portions: float) -> str:
    """One line of the table: places, places per 5 MB, distinct rules, distinct files."""
    rules, files = {hit.rule for hit in found}, {hit.path for hit in found}
    return f"| {name} | {len(found):,} | {len(found) / portions:.2f} | {len(rules)} | {len(files):,} |"


def main() -> None:
    parser = argparse.ArgumentParser(description="Count the findings of cavra-boundary and its peers in the corpus.")
    parser.add_argument("--corpus", type=Path, default=DEFAULT, help="what corpus.py made (default: %(default)s)")
    parser.add_argument("--peers", type=Path, default=DEFAULT / "peers", help="virtual environments of the peers")
    parser.add_argument("--tools", nargs="+", choices=NAMES, default=list(NAMES), help="only these")
    parser.add_argument("--show", action="store_true", help="show the lines that are not judged yet")
    options = parser.parse_args()
    corpus = options.corpus.resolve()
    size = json.loads((corpus / "manifest.json").read_text())["bytes"]
    portions = size / 5e6
    rows, details = [], []
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        for tool in load(options.tools, options.peers.resolve()):
            run(tool, corpus / "tree", report)
            found = set(hits(tool, report))
            rows.append(row(f"{tool.name} {tool.version}", found, portions))
            if tool.name == OURS:
                for severity in GRAVEST_FIRST:
                    rows.append(row(f"… {severity}", {hit for hit in found if hit.severity == severity}, portions))
                details += judged(found, verdicts(), size, corpus / "tree" if options.show else None)
            details.append(f"\n{tool.name}'s most frequent rules:")
            details.extend(
                f"{number:7,} {rule}" for rule, number in Counter(hit.rule for hit in found).most_common(TOP)
            )
    print("| tool | findings | in 5 MB | rules | files |", "| --- | --: | --: | --: | --: |", *rows, sep="\n")
    print("\n".join(details))


if __name__ == "__main__":
    main()
