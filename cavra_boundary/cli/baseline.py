"""`cavra-boundary baseline`: record existing findings, so that only new ones fail, and work through them."""

from __future__ import annotations

import os
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from cavra_boundary.cache import Cache
from cavra_boundary.cli.judge import scan_all
from cavra_boundary.cli.parts import load_rules
from cavra_boundary.cli.places import ALL, locate
from cavra_boundary.cli.terminal import say
from cavra_boundary.errors import ExitCode, ScanError, UsageError
from cavra_boundary.model import Allow, Status
from cavra_boundary.policy import config as configuration
from cavra_boundary.policy import options, settings
from cavra_boundary.policy.config import shown
from cavra_boundary.report.words import count
from cavra_boundary.report.write import write_atomically
from cavra_boundary.triage import baseline
from cavra_boundary.triage.baseline import NAME, Entry, Judgment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cavra_boundary.model import Finding
    from cavra_boundary.policy.settings import Settings

_OF_GIT = (".git", "git~1")
"""Names of git's folder where case does not count; the second is the short one of Windows."""

_SUGGESTED_TIME = timedelta(days=180)


@click.group("baseline")
def command() -> None:
    """Adopt the tool in a repository with existing findings: known ones no longer fail, new ones do.

    \b
    Examples:
      cavra-boundary baseline create      record existing findings, then commit the file
      cavra-boundary baseline audit       review the entries one by one
      cavra-boundary baseline check       list entries whose finding is gone
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines


class _Known(NamedTuple):
    """A repository, its baseline and what is found in it.

    entries: those of version 1 are replaced if they are still found. migrated: how many.
    findings: those that fail, or would without the baseline.
    """

    root: Path
    chosen: Settings
    file: Path
    entries: Mapping[str, Entry]
    migrated: int
    findings: tuple[Finding, ...]

    def found(self) -> list[Entry]:
        return [Entry(finding.fingerprint, finding.rule) for finding in self.findings]

    def places(self, fingerprint: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.fingerprint == fingerprint]


_options = options.scan_options("config", "packs", "exclude", "fail_on", "baseline", "jobs", "max_file_size")


@command.command("create")
@_options
def create(config: Path | None, **flags: object) -> int:
    """Record everything that fails today in a baseline file. Commit the file."""
    known = _look(config, flags, must_exist=False)
    if known.chosen.baseline and os.path.lexists(known.file):
        raise UsageError("already exists", where=str(known.file), hint="to update it: cavra-boundary baseline update")
    entries = baseline.updated({}, known.found(), grow=True)
    write_atomically(known.file, baseline.render(entries).encode(), tree=known.root)
    _say(f"{shown(known.file)}: {count(len(entries), 'finding')} recorded. Commit it; from now on, only new ones fail.")
    return ExitCode.CLEAN


@command.command("update")
@_options
@click.option("--no-new", is_flag=True, help="Only remove entries that are gone; add none.")
def update(no_new: bool, config: Path | None, **flags: object) -> int:
    """Remove entries that are gone and add new findings. Judgments are kept.

    Entries that an older version of the tool wrote are replaced, since a weak value can be found from them.
    """
    known = _look(config, flags)
    entries = baseline.updated(known.entries, known.found(), grow=not no_new)
    write_atomically(known.file, baseline.render(entries).encode(), tree=known.root)
    gone, new = len(known.entries.keys() - entries), len(entries.keys() - known.entries.keys())
    renewed = f"{known.migrated} of version 1 replaced, " if known.migrated else ""
    _say(f"{shown(known.file)}: {renewed}{gone} gone, {new} new, {count(len(entries), 'entry', 'entries')} now.")
    return ExitCode.CLEAN


@command.command("check")
@_options
def check(config: Path | None, **flags: object) -> int:
    """List entries that are gone from the repository; `update --no-new` removes them. Exits 1 if there are any."""
    known = _look(config, flags)
    stale = sorted(known.entries.keys() - {finding.fingerprint for finding in known.findings})
    for fingerprint in stale:
        _say(f"{shown(known.file)}: {fingerprint} {known.entries[fingerprint].rule}: gone from the repository")
    judged = Counter(entry.judgment for entry in known.entries.values())
    words = {Judgment.LEAK: "leaks", Judgment.FALSE_ALARM: "false alarms", Judgment.NONE: "not judged"}
    if known.migrated:
        _say(f"{shown(known.file)}: {known.migrated} of version 1, to be replaced: cavra-boundary baseline update")
    split = ", ".join(f"{judged[judgment]} {word}" for judgment, word in words.items() if judged[judgment])
    _say(f"{count(len(known.entries), 'entry', 'entries')}{f' ({split})' if split else ''}, {len(stale)} gone.")
    return ExitCode.FINDINGS if stale else ExitCode.CLEAN


@command.command("audit")
@_options
def audit(config: Path | None, **flags: object) -> int:
    """Review the entries that nobody has judged yet. Every answer is saved immediately, so you can stop any time.

    An entry is a leak (it stays known until the value is gone), a false alarm, or is moved to the configuration as an
    allow with a reason and an expiry date.
    """
    if not sys.stdin.isatty():
        raise UsageError("asks questions, so it needs a terminal", where="baseline audit")
    known = _look(config, flags)
    entries = dict(known.entries)
    waiting = [entry for entry in sorted(entries.values()) if not entry.judgment and known.places(entry.fingerprint)]
    for number, entry in enumerate(waiting, start=1):
        _say(f"\n{number} of {len(waiting)}: {entry.rule} {entry.fingerprint}")
        for finding in known.places(entry.fingerprint)[:5]:
            _say(f"  {finding.place}\n    {finding.snippet.strip()}")
        _say(f"  {known.places(entry.fingerprint)[0].message}")
        answer = click.prompt(
            "  [l]eak, [f]alse alarm, [a]llow, [s]kip, [q]uit",
            type=click.Choice(["l", "f", "a", "s", "q"]),
            show_choices=False,
        )
        if answer == "q":
            break
        if answer == "a":
            _allow(known, entry)
            del entries[entry.fingerprint]
        elif answer != "s":
            judgment = Judgment.LEAK if answer == "l" else Judgment.FALSE_ALARM
            entries[entry.fingerprint] = entry._replace(judgment=judgment)
        write_atomically(known.file, baseline.render(entries).encode(), tree=known.root)
    left = sum(not entry.judgment for entry in entries.values())
    _say(f"\n{count(left, 'entry', 'entries')} left to judge.")
    return ExitCode.CLEAN


def _allow(known: _Known, entry: Entry) -> None:
    """Ask for what an allow needs, and add it to the configuration."""
    reason = click.prompt("  Why may it be public?").strip()
    owner = click.prompt("  Who is responsible for it?").strip()
    suggested = datetime.now(UTC).date() + _SUGGESTED_TIME
    expires = click.prompt("  Until when?", default=suggested.isoformat(), value_proc=_date)
    file = known.chosen.source or known.root / configuration.NAME
    allow = Allow(entry.rule, "", entry.fingerprint, reason, owner, expires, line=0)
    write_atomically(file, configuration.with_allow(file, allow).encode(), tree=known.root)
    _say(f"  Added to {shown(file)}.")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise click.UsageError("write the date as 2026-12-31") from None


def _look(config: Path | None, flags: Mapping[str, object], *, must_exist: bool = True) -> _Known:
    """Scan the whole repository. ScanError if any of it could not be read."""
    root, _ = locate([ALL])
    chosen = settings.load(root, config, flags)
    file = chosen.baseline or root / NAME
    if must_exist and not chosen.baseline:
        raise UsageError(
            "there is no baseline", where=str(shown(file)), hint="create one: cavra-boundary baseline create"
        )
    _check_place(file, root, by_flag=flags.get("baseline") is not None)
    entries = baseline.read(file) if must_exist else {}
    cache = Cache.of_user(root)
    known = chosen if must_exist else chosen._replace(baseline=None)
    report = scan_all(known, root, load_rules(chosen, cache), cache)
    for skip in report.receipt.skipped:
        if skip.incomplete:
            # An entry whose file was not read would look gone.
            raise ScanError(f"not scanned: {skip.reason}", where=skip.path, hint="the baseline was not changed")
    everything = (
        finding._replace(status=Status.REPORTED) if finding.status is Status.BASELINED else finding
        for finding in report.findings
    )
    findings = tuple(finding for finding in everything if finding.fails(chosen.fail_on))
    now = baseline.migrated(entries, findings)
    return _Known(root, chosen, file, now, len(entries.keys() - now), findings)


def _check_place(file: Path, root: Path, *, by_flag: bool) -> None:
    """UsageError for a baseline that must not be written: git's own files, or what a stranger's configuration names."""
    whole = Path(os.path.abspath(file))  # noqa: PTH100 - Path.absolute() keeps `..`
    if any(part.lower() in _OF_GIT for part in whole.parts):
        raise UsageError("is inside git's own folder", where=str(file), hint="name a file that can be committed")
    if not by_flag and not whole.is_relative_to(root):
        raise UsageError("is outside of the repository", where=str(file), hint="to use it, name it with --baseline")


def _say(text: str) -> None:
    say(text.split("\n"))
