"""Secrets in the names of files, folders, branches and tags, and in a policy's own words: found, and never printed."""

from __future__ import annotations

import json

import pytest
from support import Repo, Result, Tool, pin, token

from cavra_boundary.report import FORMATS
from cavra_boundary.rules.samples import expand


def shows(got: Result, *values: str) -> bool:
    """Whether any four characters of a token's secret part are in the output."""
    text = got.out + got.err
    secret = [value.removeprefix("demotok_") for value in values]
    return any(part[at : at + 4] in text for part in secret for at in range(len(part) - 3))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("{}", "demotok_********"),
        ("a-{}.txt", "a-demotok_********"),
        ("keys/{}/a.txt", "keys/demotok_********/a.txt"),
        ("a {} b/c/d.txt", "a demotok_********/c/d.txt"),
    ],
)
def test_a_secret_in_a_path_is_found_and_masked(tool: Tool, name: str, shown: str) -> None:
    tool.write(name.format(token("a")), "nothing\n")
    got = tool.scan()
    assert got.code == 1
    (finding,) = got.findings()
    assert (finding["path"], finding["line"], finding["column"]) == (shown, 1, 1)
    assert finding["via"] == ["path"]
    assert finding["snippet"] == shown
    assert not shows(got, token("a"))
    for format_ in FORMATS:
        assert not shows(tool.scan("--format", format_), token("a")), format_


def test_a_file_of_many_windows_has_one_finding_in_its_name(tool: Tool) -> None:
    tool.write(f"{token('a')}.txt", "line of text\n" * 1_500_000)
    assert len(tool.scan().findings()) == 1


def test_a_value_found_in_a_file_is_masked_in_its_path(tool: Tool) -> None:
    tool.write(f"door-{pin('p')}.txt", f"demopin {pin('p')}\n")
    got = tool.scan()
    (finding,) = got.findings()
    assert finding["path"] == "door-********.txt"
    assert not shows(got, pin("p"))


def test_a_path_that_is_not_read_is_masked(tool: Tool) -> None:
    file = tool.write(f"{token('a')}.txt", "x" * 2_000_000)
    for arguments in (["--max-file-size", "1MB"], ["--expect-files", "9"]):
        for got in (tool.scan(*arguments), tool.scan_text("--verbose", *arguments)):
            assert not shows(got, token("a"))
    file.unlink()
    for got in (tool.scan(f"{token('a')}.txt"), tool.scan("--pack", f"{token('a')}.toml")):
        assert got.code == 2


def test_an_error_masks_what_the_shipped_rules_find(tool: Tool) -> None:
    secret = expand("«npm-token»", "a")
    tool.write(".cavra-boundary.toml", f"{secret} = 1\n")
    for got in (tool.scan(), tool.run("scan", f"no-{secret}"), tool.run("explain", secret), tool.run("allows")):
        assert got.code == 2
        assert secret[4:] not in got.err
        assert "npm_********" in got.err


def test_an_unknown_rule_in_an_allow_is_masked(tool: Tool) -> None:
    tool.write("a.txt", "x # cavra-boundary: " + f"allow[{token('a')}] reason\n")
    got = tool.scan()
    assert "unknown rule in an allow" in got.out
    assert not shows(got, token("a"))


def test_names_in_git_are_found_and_masked(repo: Repo) -> None:
    repo.write(f"{token('file')}/a.txt", "nothing\n")
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--message", f"use {token('subject')}")
    repo.git("branch", f"feature/{token('branch')}")
    repo.git("tag", f"v-{token('tag')}")
    every = [token(name) for name in ("file", "subject", "branch", "tag")]
    asked: dict[tuple[str, ...], int] = {
        ("--history",): 4,
        ("--range", f"feature/{token('branch')}"): 4,
        ("--ref", f"v-{token('tag')}"): 1,
        ("--staged",): 0,
    }
    for arguments, count in asked.items():
        for _ in range(2):  # the second run remembers what is clean
            got = repo.scan(*arguments)
            assert len(got.findings()) == count, arguments
            assert not shows(got, *every)
        assert not shows(repo.scan_text("--verbose", *arguments), *every)
    for got in (repo.run("scan", "--ref", f"no-{token('tag')}"), repo.run("policy", "diff", f"v-{token('tag')}")):
        assert got.code in (0, 1, 3)


def test_the_words_of_a_policy_are_masked(tool: Tool) -> None:
    tool.write("a.txt", f"demopin {pin('p')}\n")
    tool.write(
        ".cavra-boundary.toml",
        f'exclude = ["{token("exclude")}"]\n[[allow]]\nrule = "demo.pin"\npath = "a.txt"\n'
        f'reason = "see {token("reason")}"\nowner = "{token("owner")}"\n',
    )
    every = [token(name) for name in ("exclude", "reason", "owner")]
    pack = ("--pack", str(tool.pack))
    for got in (
        tool.scan(),
        tool.scan_text("--verbose"),
        tool.run("allows", *pack),
        tool.run("allows", "--format", "json", *pack),
        tool.run("policy", "show", *pack),
    ):
        assert got.code in (0, 1)
        assert not shows(got, *every)
    assert "see demotok_********" in tool.run("allows", *pack).out


def test_the_reason_of_an_override_is_masked(tool: Tool) -> None:
    extra = tool.folder.parent / "extra.toml"
    extra.write_text(
        'name = "extra"\ntitle = "Changes"\n[[override]]\nrule = "demo.pin"\nseverity = "note"\n'
        f'reason = "as {token("reason")} says"\n',
        encoding="utf-8",
    )
    got = tool.run("policy", "show", "--pack", str(tool.pack), "--pack", str(extra))
    assert got.code == 0
    assert "as demotok_********" in got.out
    assert not shows(got, token("reason"))


def test_a_packet_under_a_masked_path_keeps_its_verdict(tool: Tool) -> None:
    secret = expand("«npm-token»", "a")
    packet = json.loads(tool.run("evidence", "new", "support-handoff-readiness").out)
    packet |= {"generated_at": "2026-01-31T12:00:00Z", "note": f"//registry.npmjs.org/:_authToken={secret}"}
    verdicts = []
    for name in ("plain.json", f"x-{secret}.json", f"{secret}/y.json"):
        file = tool.write(name, json.dumps(packet))
        for format_ in ("json", "text"):
            got = tool.run("evidence", "check", "--format", format_, name)
            assert got.code == 1
            assert secret[4:] not in got.out + got.err
        report = json.loads(tool.run("evidence", "check", "--format", "json", name).out)
        verdicts.append([(each["name"], each["status"]) for each in report["packets"][0]["checks"]])
        file.unlink()
    assert verdicts[0] == verdicts[1] == verdicts[2]
    assert ("no_private_material", "blocker") in verdicts[0]


def test_what_weakens_a_policy_is_masked(repo: Repo) -> None:
    secret = expand("«npm-token»", "a")
    repo.write(".cavra-boundary.toml", "exclude = []\n")
    repo.commit()
    repo.write(".cavra-boundary.toml", f'exclude = ["{secret}/*"]\n')
    for got in (repo.run("policy", "diff", "HEAD"), repo.run("scan", "--policy-from", "HEAD", "--format", "json")):
        assert got.code == 1
        assert "npm_********" in got.out
        assert secret[4:] not in got.out + got.err
