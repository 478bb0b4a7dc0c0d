"""The pipeline's own decisions: limits, the exit code, the contents of a report."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support import Tool, pin, token

from cavra_boundary.cache import Cache
from cavra_boundary.errors import ExitCode, GitError, ScanError
from cavra_boundary.model import Secret, Severity
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.rules.load import load_packs
from cavra_boundary.scan import pipeline, workers
from cavra_boundary.scan.scanner import Plan, Scanner
from cavra_boundary.sources.worktree import WorkTreeSource

if TYPE_CHECKING:
    from pathlib import Path

    from cavra_boundary.model import Report


@pytest.fixture
def plan(pack: Path) -> Plan:
    """Only the tests' rules."""
    rules = load_packs([pack], DEFAULT_MARKERS, Cache.of_user())
    own = [rule for rule in rules.rules if rule.id.startswith("demo.")]
    return Plan.of_rules(own, "of the tests", Cache(None))


def report(plan: Plan, folder: Path, jobs: int = 1) -> Report:
    return pipeline.scan(WorkTreeSource(folder, (".",), (), True, 1 << 20), plan, jobs=jobs)


def test_findings_come_in_the_order_of_their_places(plan: Plan, tool: Tool) -> None:
    for path in ("b.txt", "a/z.txt", "a.txt", "A.txt"):
        tool.write(path, f"x demopin {pin(path)} {token(path)}\n{token(path)}\n")
    found = [(each.path, each.position.line, each.position.column) for each in report(plan, tool.folder).findings]
    assert found == sorted(found)
    assert len(found) == 12


def test_the_receipt_counts_what_was_read(plan: Plan, tool: Tool) -> None:
    tool.write("a.txt", "12345")
    tool.write("b.txt", "")
    tool.write("c.bin", bytes(100))
    receipt = report(plan, tool.folder).receipt
    assert (receipt.files, receipt.bytes, receipt.rules) == (3, 105, 5)
    assert (receipt.complete, receipt.skipped, receipt.excluded) == (True, (), 0)
    assert receipt.seconds > 0


@pytest.mark.parametrize(
    ("text", "fail_on", "code"),
    [
        ("", Severity.NOTE, ExitCode.CLEAN),
        ("demohint abcdefghijkl", Severity.WARNING, ExitCode.CLEAN),
        ("demohint abcdefghijkl", Severity.NOTE, ExitCode.FINDINGS),
        ("demopin {pin}", Severity.WARNING, ExitCode.FINDINGS),
        ("demopin {pin}", Severity.ERROR, ExitCode.CLEAN),
        ("demopin {pin} # cavra-boundary: " + "allow[demo.pin] made up", Severity.NOTE, ExitCode.CLEAN),
    ],
)
def test_the_exit_code(plan: Plan, tool: Tool, text: str, fail_on: Severity, code: ExitCode) -> None:
    tool.write("a.txt", text.format(pin=pin("p")))
    assert pipeline.exit_code(report(plan, tool.folder), fail_on) is code
    tool.write("large.bin", bytes((1 << 20) + 1))
    incomplete = ExitCode.INCOMPLETE if code is ExitCode.CLEAN else code
    assert pipeline.exit_code(report(plan, tool.folder), fail_on) is incomplete


def test_too_many_matches_make_the_run_incomplete(plan: Plan, tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavra_boundary.detect.engine.MOST_MATCHES", 3)
    tool.write("a.txt", "\n".join(f"demopin {pin(str(number))}" for number in range(5)))
    got = report(plan, tool.folder)
    assert len(got.findings) == 3
    assert not got.receipt.complete
    assert [skip.path for skip in got.receipt.skipped] == ["a.txt"]


def test_a_pattern_that_takes_too_long_makes_the_run_incomplete(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavra_boundary.detect.engine.RULE_SECONDS", 0.2)
    pack = tool.pack.read_text(encoding="utf-8").replace(
        "demopin (?P<secret>[0-9]{9})", "demopin (?P<secret>(?:a|aa)+)!"
    )
    tool.write("rules/slow.toml", pack.replace('name = "demo"', 'name = "slow"'))
    tool.write("a.txt", "demopin " + "a" * 60 + f"\ndemopin a!\n{token('a')}")
    got = tool.run("scan", "--format", "json", "--pack", "rules", "--exclude", "rules", ".")
    assert got.skipped().keys() == {"a.txt"}
    assert "slow.pin" in got.skipped()["a.txt"]
    assert [finding["rule"] for finding in got.findings("slow.")] == ["slow.token"]


def test_a_worker_that_dies_breaks_the_scan_off(plan: Plan, tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    def die(*_: object) -> None:
        os._exit(9)

    for number in range(4):
        tool.write(f"{number}.txt", "text")
    monkeypatch.setattr(workers, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(workers, "CHUNK", 1)
    monkeypatch.setattr(Scanner, "entries", die)
    with pytest.raises(ScanError, match="a worker process died"):
        report(plan, tool.folder, jobs=2)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_find_what_one_finds(plan: Plan, tool: Tool, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    if method == "fork" and not hasattr(os, "fork"):
        pytest.skip("nothing forks here")
    for number in range(40):
        tool.write(f"{number}.txt", f"{token(str(number % 7))}\n" * (number % 5) + f"demopin {pin(str(number))}\n")
    alone = report(plan, tool.folder)
    monkeypatch.setattr(workers, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(workers, "CHUNK", 1)
    monkeypatch.setattr(workers, "_METHOD", method)
    # Few enough that parts wait for an earlier one, and workers for parts.
    monkeypatch.setattr(workers, "_AHEAD", 1)
    together = report(plan, tool.folder, jobs=3)
    assert together.findings == alone.findings
    assert together.receipt._replace(seconds=0) == alone.receipt._replace(seconds=0)


@pytest.mark.parametrize("failure", [GitError("gone", where="x", hint="y"), MemoryError(), KeyError("z")])
def test_what_stops_a_worker_stops_the_scan(
    plan: Plan, tool: Tool, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*_: object) -> None:
        raise failure

    for number in range(4):
        tool.write(f"{number}.txt", "text")
    monkeypatch.setattr(workers, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(Scanner, "entries", fail)
    monkeypatch.setattr(workers, "CHUNK", 1)
    with pytest.raises(type(failure)) as raised:
        report(plan, tool.folder, jobs=2)
    assert str(raised.value) == str(failure)


def test_what_cannot_be_told_stops_the_scan_too(plan: Plan, tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError(Secret(b"never leaves its process"))

    for number in range(4):
        tool.write(f"{number}.txt", "text")
    monkeypatch.setattr(workers, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(Scanner, "entries", fail)
    monkeypatch.setattr(workers, "CHUNK", 1)
    with pytest.raises(ScanError, match="internal error in a worker: ValueError"):
        report(plan, tool.folder, jobs=2)


def test_identical_files_are_all_named(plan: Plan, tool: Tool) -> None:
    for path in ("a.txt", "b.txt"):
        tool.write(path, token("same"))
    got = report(plan, tool.folder).findings
    assert [finding.path for finding in got] == ["a.txt", "b.txt"]
    assert len({finding.fingerprint for finding in got}) == 1
