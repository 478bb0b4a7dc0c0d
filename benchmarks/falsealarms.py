"""Counts what cavra-boundary and its peers find in the corpus, and lists our findings for a person to judge.

    python -m benchmarks.falsealarms [--corpus DIR] [--peers DIR] [--tools NAME ...] [--judge findings.csv]

The corpus is published code: a finding in it is a false alarm unless a person says otherwise. `--judge` writes one row
for each of our findings, the gravest first, with a column `verdict` to fill in: `true` for a real secret or record,
`false` or nothing for a false alarm. Verdicts already in that file are kept, so it can be judged in several sittings
and after every change of a rule.
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

COLUMNS = ("verdict", "severity", "rule", "path", "line", "message", "snippet", "fingerprint")
GRAVEST_FIRST = ("error", "warning", "note")
TOP = 12


def judge(report: Path, sheet: Path) -> int:
    """Write the sheet for our report, keeping its verdicts. How many findings of severity error are not judged true."""
    findings = [found for found in json.loads(report.read_bytes())["findings"] if found["status"] == "reported"]
    findings.sort(key=lambda found: (GRAVEST_FIRST.index(found["severity"]), found["rule"], found["path"]))
    verdicts: dict[tuple[str, str], str] = {}
    if sheet.exists():
        with sheet.open(newline="") as stream:
            verdicts = {(row["path"], row["fingerprint"]): row["verdict"] for row in csv.DictReader(stream)}
    for found in findings:
        found["verdict"] = verdicts.get((found["path"], found["fingerprint"]), "")
    with sheet.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(findings)
    return sum(found["severity"] == "error" and found["verdict"].lower() != "true" for found in findings)


def row(name: str, found: set[Hit], portions: float) -> str:
    """One line of the table: places, places in 5 MB, different rules, different files."""
    rules, files = {hit.rule for hit in found}, {hit.path for hit in found}
    return f"| {name} | {len(found):,} | {len(found) / portions:.2f} | {len(rules)} | {len(files):,} |"


def main() -> None:
    parser = argparse.ArgumentParser(description="Count the findings of cavra-boundary and its peers in the corpus.")
    parser.add_argument("--corpus", type=Path, default=DEFAULT, help="what corpus.py made (default: %(default)s)")
    parser.add_argument("--peers", type=Path, default=DEFAULT / "peers", help="virtual environments of the peers")
    parser.add_argument("--tools", nargs="+", choices=NAMES, default=list(NAMES), help="only these")
    parser.add_argument("--judge", type=Path, metavar="CSV", help="the sheet of our findings to write or to update")
    options = parser.parse_args()
    corpus = options.corpus.resolve()
    portions = json.loads((corpus / "manifest.json").read_text())["bytes"] / 5e6
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
                if options.judge:
                    alarms = judge(report, options.judge)
                    details.append(f"\n{OURS}: {alarms} errors not judged true, {alarms / portions:.2f} in 5 MB")
            details.append(f"\n{tool.name}'s most frequent rules:")
            details.extend(
                f"{number:7,} {rule}" for rule, number in Counter(hit.rule for hit in found).most_common(TOP)
            )
    print("| tool | findings | in 5 MB | rules | files |", "| --- | --: | --: | --: | --: |", *rows, sep="\n")
    print("\n".join(details))


if __name__ == "__main__":
    main()
