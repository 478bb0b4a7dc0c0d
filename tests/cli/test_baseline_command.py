"""A repository with old findings: adopt the tool, judge them, and fail only on new ones."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING

import pytest
from support import Repo, pin, token

from cavra_boundary.triage.baseline import NAME

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def old(repo: Repo) -> Repo:
    """A repository with old findings: tokens in many files, a pin."""
    repo.write(".cavra-boundary.toml", 'packs = ["demo.toml"]\n')
    repo.write("demo.toml", repo.pack.read_text())
    repo.write(".gitignore", "")
    for number in range(5):
        repo.write(f"src/{number}.txt", "".join(f"x = {token(f'{number}.{n}')}\n" for n in range(20)))
    repo.write("door.txt", f"demopin {pin('door')}\n")
    repo.commit()
    return repo


def names(repo: Repo) -> list[str]:
    return [line.split()[0] for line in (repo.folder / NAME).read_text().splitlines() if not line.startswith("#")]


def test_old_findings_no_longer_fail_and_new_ones_do(old: Repo) -> None:
    assert old.run("scan").code == 1
    created = old.run("baseline", "create")
    assert (created.code, len(names(old))) == (0, 101), created.err
    assert "101 findings recorded" in created.out
    assert old.run("scan").code == 0
    old.write("new.txt", token("new"))
    after = old.run("scan", "--format", "json")
    assert after.code == 1
    reported = [finding for finding in after.findings() if finding["status"] == "reported"]
    assert [finding["path"] for finding in reported] == ["new.txt"]
    assert sum(finding["status"] == "baselined" for finding in after.findings()) == 101


def test_an_unguessable_value_is_known_wherever_it_is(old: Repo) -> None:
    old.run("baseline", "create")
    (old.folder / "src/0.txt").rename(old.folder / "moved.txt")
    text = (old.folder / "moved.txt").read_text()
    old.write("moved.txt", "\n\n\n" + text)
    assert old.run("scan").code == 0
    assert old.run("baseline", "check").code == 0


def test_the_file_holds_no_value_path_line_or_date(old: Repo) -> None:
    old.run("baseline", "create")
    entries = [line for line in (old.folder / NAME).read_text().splitlines() if not line.startswith("#")]
    assert entries == sorted(entries)
    assert all(re.fullmatch(r"v2-[0-9a-f]{16} demo\.token|p2-[0-9a-f]{16} demo\.pin", entry) for entry in entries)


def test_stale_entries_are_listed_and_removed(old: Repo) -> None:
    old.run("baseline", "create")
    old.write("src/0.txt", "")
    old.write("other.txt", token("other"))
    checked = old.run("baseline", "check")
    assert checked.code == 1
    assert checked.out.count("gone from the repository") == 20
    updated = old.run("baseline", "update", "--no-new")
    assert (updated.code, len(names(old))) == (0, 81)
    assert old.run("baseline", "check").code == 0
    assert old.run("scan").code == 1, "the new one is none of the known"
    assert "0 gone, 1 new, 82 entries" in old.run("baseline", "update").out
    assert old.run("scan").code == 0


def test_what_cannot_be_written_or_read_is_said(old: Repo) -> None:
    nothing = old.run("baseline", "check")
    assert (nothing.code, "there is no baseline" in nothing.err) == (2, True)
    old.run("baseline", "create")
    twice = old.run("baseline", "create")
    assert (twice.code, "already exists" in twice.err) == (2, True)
    (old.folder / NAME).write_text("what?\n")
    broken = old.run("scan")
    assert (broken.code, f"{NAME}:1: is not a baseline entry" in broken.err) == (2, True)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_leaves_the_baseline_as_it_was(old: Repo) -> None:
    old.run("baseline", "create")
    before = (old.folder / NAME).read_text()
    (old.folder / "src/0.txt").chmod(0)
    result = old.run("baseline", "update")
    assert (result.code, (old.folder / NAME).read_text()) == (3, before)


def test_a_file_too_large_leaves_the_baseline_as_it_was(old: Repo) -> None:
    old.run("baseline", "create")
    before = (old.folder / NAME).read_text()
    result = old.run("baseline", "update", "--max-file-size", "100")
    assert (result.code, (old.folder / NAME).read_text()) == (3, before)
    assert "the baseline was not changed" in result.err


def test_an_audit_needs_a_terminal(old: Repo) -> None:
    old.run("baseline", "create")
    assert old.run("baseline", "audit").code == 2


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
def test_an_audit_can_be_left_and_taken_up_again(old: Repo) -> None:
    import pexpect

    for number in range(1, 5):
        (old.folder / f"src/{number}.txt").unlink()
    old.write("src/0.txt", f"{token('a')}\n{token('b')}\n")
    old.run("baseline", "create")
    assert len(names(old)) == 3

    def audit(*answers: str) -> str:
        child = pexpect.spawn(
            sys.executable, ["-m", "cavra_boundary", "baseline", "audit"], cwd=old.folder, encoding="utf-8", timeout=60
        )
        for answer in answers:
            child.expect([r"\[q\]uit:", r"public\?:", r"for it\?:", r"when\?.*:"])
            child.sendline(answer)
        child.expect(pexpect.EOF)
        child.close()
        return str(child.before)

    assert "2 entries left to judge" in audit("l", "q")
    assert "1 entry left to judge" in audit("f", "q")
    audit("a", 'it is "public"', "release team", "2099-01-31")
    lines = (old.folder / NAME).read_text().splitlines()
    assert sorted(line.split()[-1] for line in lines if not line.startswith("#")) == ["false-alarm", "leak"]
    listed = json.loads(old.run("allows", "--format", "json").out)
    assert [(entry["reason"], entry["owner"], entry["expires"]) for entry in listed] == [
        ('it is "public"', "release team", "2099-01-31")
    ]
    assert len(listed[0]["hides"]) == 1
    assert old.run("scan").code == 0


def test_another_file_can_be_named(old: Repo, tmp_path: Path) -> None:
    elsewhere = tmp_path / "known"
    assert old.run("baseline", "create", "--baseline", str(elsewhere)).code == 0
    assert old.run("scan").code == 1
    assert old.run("scan", "--baseline", str(elsewhere)).code == 0
