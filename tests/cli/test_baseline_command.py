"""A repository with old findings: adopt the tool, judge them, and fail only on new ones."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING

import pytest
from support import Repo, pin, token

from cavra_boundary.model import Secret
from cavra_boundary.triage import fingerprints
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
    assert all(re.fullmatch(r"[pv]2-[0-9a-f]{16} demo\.token|p2-[0-9a-f]{16} demo\.pin", entry) for entry in entries)


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


@pytest.fixture
def doors(repo: Repo) -> Repo:
    """A repository with pins, which anybody could guess, under different keys and twice under one."""
    repo.write(".cavra-boundary.toml", 'packs = ["demo.toml"]\n')
    repo.write("demo.toml", PIN_BY_KEY)
    repo.write("doors.ini", f"front = {pin('a')}\nback = {pin('b')}\nback = {pin('c')}\n")
    return repo


PIN_BY_KEY = """
name = "demo"
title = "Rules of this test"

[[rule]]
name = "door"
kind = "text"
clause = "tenant-secret"
severity = "error"
title = "Door pin"
why = "It opens the door."
keywords = ["front", "back", "side"]
pattern = '(?:front|back|side) = (?P<secret>[0-9]{9})'
examples = ["front = «digits:9»", "back = «digits:9»"]
counterexamples = ["front", "back = 1"]
"""


def test_a_guessable_value_is_known_by_its_place(doors: Repo) -> None:
    doors.run("baseline", "create")
    assert len(set(names(doors))) == 3, "two keys, and one of them twice"
    assert all(name.startswith("p2-") for name in names(doors))
    text = (doors.folder / "doors.ini").read_text()
    doors.write("doors.ini", "; moved\r\n\n   " + text.replace("\n", "\r\n"))
    assert (doors.run("scan").code, doors.run("baseline", "check").code) == (0, 0)
    doors.write("doors.ini", text + f"side = {pin('d')}\n")
    assert doors.run("scan").code == 1, "another key"
    doors.write("doors.ini", f"back = {pin('d')}\n" + text)
    assert doors.run("scan").code == 1, "once more under the same key"
    doors.write("doors.ini", "")
    doors.write("gates.ini", text)
    assert doors.run("scan").code == 1, "another file"


def test_a_value_that_cannot_be_guessed_is_new_where_a_guessable_one_was(repo: Repo) -> None:
    repo.write(".cavra-boundary.toml", 'packs = ["demo.toml"]\n')
    repo.write("demo.toml", PIN_BY_KEY.replace("[0-9]{9}", "[A-Za-z0-9_]{9,99}"))
    repo.write("doors.ini", f"front = {pin('a')}\n")
    repo.run("baseline", "create")
    assert repo.run("scan").code == 0
    repo.write("doors.ini", f"front = {token('a')}\n")
    assert repo.run("scan").code == 1


def version_one(repo: Repo, *values: tuple[str, str, str]) -> list[str]:
    """Write a baseline as version 1 did: rule, value and judgment of each entry."""
    found = [(fingerprints.first_version(rule, Secret(value.encode())), rule, said) for rule, value, said in values]
    repo.write(NAME, "# written long ago\n" + "".join(f"{' '.join(filter(None, each))}\n" for each in sorted(found)))
    return [each[0] for each in found]


def test_a_baseline_of_version_1_stays_green_and_is_replaced(doors: Repo) -> None:
    doors.write("other.ini", f"side = {pin('a')}\n")
    old = version_one(
        doors,
        ("demo.door", pin("a"), "leak"),
        ("demo.door", pin("b"), "false-alarm"),
        ("demo.door", pin("c"), ""),
        ("demo.door", pin("gone"), "leak"),
    )
    scanned = doors.run("scan", "--format", "json")
    assert scanned.code == 0
    assert {finding["status"] for finding in scanned.findings()} == {"baselined"}
    (notice,) = scanned.report["notices"]
    assert "baseline update" in notice["message"]
    assert not any(name in scanned.out for name in old), "no report has a fingerprint of version 1"
    checked = doors.run("baseline", "check")
    assert checked.code == 1
    assert checked.out.count("gone from the repository") == 1
    assert "3 of version 1, to be replaced: cavra-boundary baseline update" in checked.out
    updated = doors.run("baseline", "update", "--no-new")
    assert "3 of version 1 replaced, 1 gone, 0 new, 4 entries now" in updated.out
    lines = [line.split() for line in (doors.folder / NAME).read_text().splitlines() if line[0] != "#"]
    assert all(line[0].startswith("p2-") for line in lines)
    assert sorted(line[2] for line in lines if line[2:]) == ["false-alarm", "leak", "leak"]
    scanned = doors.run("scan", "--format", "json")
    assert (scanned.code, scanned.report["notices"]) == (0, [])
    assert "4 entries (2 leaks, 1 false alarms, 1 not judged), 0 gone" in doors.run("baseline", "check").out
    assert "0 gone, 0 new, 4 entries now" in doors.run("baseline", "update").out


def test_an_old_entry_of_a_value_that_cannot_be_guessed_becomes_one_of_the_value(old: Repo) -> None:
    version_one(old, ("demo.token", token("0.0"), "leak"))
    assert "1 of version 1 replaced, 0 gone, 0 new, 1 entry now" in old.run("baseline", "update", "--no-new").out
    assert names(old) == [fingerprints.of_value("demo.token", Secret(token("0.0").encode()))]


def test_allows_of_version_1_still_count_and_say_what_to_write(doors: Repo) -> None:
    first = fingerprints.first_version("demo.door", Secret(pin("a").encode()))
    text = f"front = {pin('a')}\n"
    config = (doors.folder / ".cavra-boundary.toml").read_text()
    allow = f'\n[[allow]]\nrule = "demo.door"\nvalue = "{first}"\nreason = "made up"\n'
    comment = "# cavra-boundary: " + f"allow[demo.door@{first}] made up\n"
    for where, content, with_allow in (
        (".cavra-boundary.toml", text, config + allow),
        ("doors.ini", comment + text, config),
    ):
        doors.write("doors.ini", content)
        doors.write(".cavra-boundary.toml", with_allow)
        scanned = doors.run("scan", "--format", "json")
        (finding,) = scanned.findings()
        (notice,) = scanned.report["notices"]
        assert (scanned.code, finding["status"], notice["path"]) == (0, "suppressed", where)
        assert notice["message"].endswith(f": write {finding['fingerprint']}")
        assert (doors.run("explain", first).code, doors.run("explain", finding["fingerprint"]).code) == (0, 0)
        (doors.folder / where).write_text((doors.folder / where).read_text().replace(first, finding["fingerprint"]))
        scanned = doors.run("scan", "--format", "json")
        assert (scanned.code, scanned.report["notices"]) == (0, [])


def test_replacing_entries_of_version_1_is_no_weaker_policy(doors: Repo) -> None:
    first = version_one(doors, ("demo.door", pin("a"), ""), ("demo.door", pin("b"), ""), ("demo.door", pin("c"), ""))
    config = (doors.folder / ".cavra-boundary.toml").read_text()
    allow = f'\n[[allow]]\nrule = "demo.door"\nvalue = "{first[2]}"\nreason = "made up"\nexpires = 2099-01-31\n'
    doors.write(".cavra-boundary.toml", config + allow)
    doors.commit()
    doors.git("tag", "base")
    (allowed,) = (
        each["fingerprint"]
        for each in doors.run("scan", "--format", "json").findings()
        if each["status"] == "suppressed"
    )
    doors.run("baseline", "update")
    doors.write(".cavra-boundary.toml", config + allow.replace(first[2], allowed))
    judged = doors.run("scan", "--policy-from", "base", "--format", "json")
    assert (judged.code, judged.findings("policy.")) == (0, []), judged.out
    doors.write(".cavra-boundary.toml", config + allow.replace(first[2], allowed).replace("2099", "2100"))
    judged = doors.run("scan", "--policy-from", "base", "--format", "json")
    assert [finding["rule"] for finding in judged.findings("policy.")] == ["policy.allow-added"], "it lasts longer"
    doors.write(".cavra-boundary.toml", config + allow.replace(first[2], allowed))
    doors.write("new.ini", f"front = {pin('new')}\n")
    doors.run("baseline", "update")
    judged = doors.run("scan", "--policy-from", "base", "--format", "json")
    assert {finding["rule"] for finding in judged.findings("") if finding["status"] == "reported"} == {
        "policy.baseline-grown",
        "demo.door",
    }
    (grown,) = judged.findings("policy.")
    assert grown["message"].count("p2-") == 1, "only the new one"
    doors.write("new.ini", "")
    doors.write("doors.ini", (doors.folder / "doors.ini").read_text().replace(pin("b"), pin("another")))
    doors.run("baseline", "update")
    assert doors.run("scan", "--policy-from", "base").code == 1, "another value where the base knows one"


def test_another_guessable_value_at_an_allowed_place_is_a_new_exception(doors: Repo) -> None:
    allow = "  # cavra-boundary: " + "allow[demo.door] made up"
    doors.write("doors.ini", f"front = {pin('a')}{allow}\n")
    doors.commit()
    doors.git("tag", "base")
    assert doors.run("scan", "--policy-from", "base").code == 0
    doors.write("doors.ini", f"\nfront = {pin('a')}{allow} still\n")
    assert doors.run("scan", "--policy-from", "base").code == 0
    doors.write("doors.ini", f"front = {pin('b')}{allow}\n")
    judged = doors.run("scan", "--policy-from", "base", "--format", "json")
    assert [finding["rule"] for finding in judged.findings("policy.")] == ["policy.allow-added"]


def test_every_guessable_value_that_a_history_had_in_one_place_is_reported(doors: Repo) -> None:
    doors.write("doors.ini", f"front = {pin('a')}\n")
    doors.commit()
    doors.write("doors.ini", f"front = {pin('b')}\n")
    doors.commit()
    doors.write("doors.ini", f"\n\nfront = {pin('b')}\n")
    doors.commit()
    found = doors.run("scan", "--history", "--format", "json").findings()
    assert [finding["path"] for finding in found] == ["doors.ini"] * 2
    assert len({finding["introduced"]["commit"] for finding in found}) == 2
    assert len({finding["fingerprint"] for finding in found}) == 1


def test_places_are_counted_through_the_windows_of_a_large_file(repo: Repo) -> None:
    repo.write(".cavra-boundary.toml", 'packs = ["demo.toml"]\n')
    repo.write("demo.toml", PIN_BY_KEY)
    filling = "x" * 79 + "\n"
    repo.write("doors.ini", f"front = {pin('a')}\n" + filling * 60_000 + f"front = {pin('b')}\n")
    repo.write("later.ini", f"front = {pin('a')}\n")
    found = repo.run("scan", "--format", "json").findings()
    assert len({finding["fingerprint"] for finding in found}) == len(found) == 3
    repo.write("doors.ini", f"front = {pin('a')}\nfront = {pin('b')}\n")
    again = repo.run("scan", "--format", "json").findings()
    assert [finding["fingerprint"] for finding in again] == [finding["fingerprint"] for finding in found]


@pytest.mark.parametrize("name", [".git/hooks/post-commit", ".GIT/x", "sub/.git/x", "../outside", "a/../../outside"])
@pytest.mark.parametrize("command", ["create", "update"])
def test_a_configuration_cannot_have_it_written_elsewhere(repo: Repo, name: str, command: str) -> None:
    repo.write("a.txt", token("a"))
    repo.write(".cavra-boundary.toml", f'baseline = "{name}"\n')
    repo.commit()
    before = {str(each): each.is_file() and each.read_bytes() for each in repo.folder.parent.rglob("*")}
    got = repo.run("baseline", command, f"--pack={repo.pack}")
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert {str(each): each.is_file() and each.read_bytes() for each in repo.folder.parent.rglob("*")} == before


def test_a_flag_may_name_a_place_outside_but_not_in_git(repo: Repo, tmp_path: Path) -> None:
    repo.write("a.txt", token("a"))
    assert repo.run("baseline", "create", f"--pack={repo.pack}", "--baseline=.git/hooks/post-commit").code == 2
    assert repo.run("baseline", "create", f"--pack={repo.pack}", f"--baseline={tmp_path / 'known'}").code == 0
