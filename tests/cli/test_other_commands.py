"""`rules`, `explain`, `init`, `--version`, help and shell completion."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import PACK, Repo, Tool, token

from cavra_boundary import __version__
from cavra_boundary.model import Secret
from cavra_boundary.triage import fingerprints


def test_the_version_names_the_packs_digest(tool: Tool) -> None:
    first, second = tool.run("--version"), tool.run("--version")
    assert first.code == 0
    assert first.out == second.out
    assert first.out.startswith(f"cavra-boundary {__version__} (")
    digest = first.out.rstrip(")\n").rpartition(" ")[2]
    assert len(digest) == 12
    assert int(digest, 16) >= 0


@pytest.mark.parametrize(
    "command",
    [[], ["scan"], ["rules"], ["rules", "list"], ["rules", "show"], ["rules", "check"], ["explain"], ["init"]],
)
def test_help(tool: Tool, command: list[str]) -> None:
    got = tool.run(*command, "--help")
    assert (got.code, got.err) == (0, "")
    assert got.out.startswith("Usage: cavra-boundary")
    assert tool.run(*command, "-h").out == got.out


def test_help_names_the_exit_codes(tool: Tool) -> None:
    for command in ([], ["scan"]):
        text = " ".join(tool.run(*command, "--help").out.split())
        assert "0 clean" in text
        assert "3 incomplete" in text


def test_an_unknown_command_is_wrong_use(tool: Tool) -> None:
    got = tool.run("scna")
    assert (got.code, got.out) == (2, "")
    assert "scna" in got.err


def test_rules_list(tool: Tool) -> None:
    got = tool.run("rules", "list")
    assert got.code == 0
    assert "registry-tokens.npm-access-token" in got.out
    assert "demo.token" not in got.out
    with_pack = tool.run("rules", "list", "--pack", str(tool.pack), "--clause", "registry-token")
    assert "demo.token" in with_pack.out
    assert "demo.pin" not in with_pack.out


def test_rules_list_of_an_unknown_clause(tool: Tool) -> None:
    got = tool.run("rules", "list", "--clause", "registry-tokn")
    assert (got.code, got.out) == (2, "")
    assert got.err == "cavra-boundary: --clause: unknown clause 'registry-tokn' (did you mean 'registry-token'?)\n"


@pytest.mark.parametrize("rule", ["token", "guest", "key-file"])
def test_rules_show(tool: Tool, rule: str) -> None:
    got = tool.run("rules", "show", f"demo.{rule}", "--pack", str(tool.pack))
    assert got.code == 0
    assert f"[demo.{rule}]" in got.out
    assert f"{tool.pack}:" in got.out.replace("\n" + " " * 13, "")
    assert "Finds:" in got.out
    assert "Ignores:" in got.out


def test_shipped_rules_of_every_kind_can_be_shown() -> None:
    from cavra_boundary.cli.describe import describe_rule
    from cavra_boundary.policy.options import DEFAULT_MARKERS
    from cavra_boundary.rules.combine import combine
    from cavra_boundary.rules.files import pack_files, shipped_folder
    from cavra_boundary.rules.read import read_pack

    read = [read_pack(file, DEFAULT_MARKERS, lint=False) for file in pack_files([shipped_folder()])]
    rules = combine(read, "")
    pack_of = {rule.id: pack for pack in read for rule in pack.rules}
    for rule in rules.rules[::30]:
        text = "\n".join(describe_rule(rule, rules.clauses[rule.clause], pack_of[rule.id]))
        assert rule.title in text
        assert f"\nDefined in:  {pack_of[rule.id].source}" in text


def test_rules_show_of_an_unknown_rule(tool: Tool) -> None:
    got = tool.run("rules", "show", "demo.tokn", "--pack", str(tool.pack))
    assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)
    assert "did you mean 'demo.token'?" in got.err


def test_rules_check_of_a_good_pack(tool: Tool) -> None:
    got = tool.run("rules", "check", str(tool.pack))
    assert (got.code, got.out) == (0, "1 packs, 5 rules, 20 examples: all good.\n")


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ('"a demotok_«base62:24»"', '"a demotok_«base62:4»"', "example 1 is not found"),
        ('"demotok_short"', '"demotok_«base62:24»"', "counterexample 2 is found"),
        ('["demopin", "demopin"]', '["de", "demopin"]', "keyword 'de' is in most files"),
        (
            'counterexamples = ["demopin 1", "demopin"]',
            'counterexamples = ["demopin 1"]',
            "has 1 counterexamples, needs 2",
        ),
        ('"a demotok_«base62:24»"', '"a demotok_«base63:24»"', "no such sample: «base63:24»"),
    ],
)
def test_rules_check_of_a_pack_that_does_not_hold_what_it_promises(
    tool: Tool, written: str, instead: str, said: str
) -> None:
    text = PACK.replace('keywords = ["demopin"]', 'keywords = ["demopin", "demopin"]')
    assert written in text
    pack = tool.write("mine.toml", text.replace(written, instead))
    got = tool.run("rules", "check", str(pack))
    assert got.code == 1
    place, _, message = got.out.partition(": ")
    assert said in message
    assert place.rpartition(":")[0] == str(pack)
    assert "[[rule]]" in pack.read_text().splitlines()[int(place.rpartition(":")[2]) - 1]


def test_explain_a_rule(tool: Tool) -> None:
    got = tool.run("explain", "registry-tokens.npm-access-token")
    assert got.code == 0
    assert "registry-token" in got.out
    assert "allow[registry-tokens.npm-access-token]" in got.out


def test_explain_a_finding(repo: Repo) -> None:
    repo.write("a.txt", f"x\nkey {token('a')}\n")
    value = fingerprints.of_value("demo.token", Secret(token("a").encode()))
    got = repo.run("explain", value, "--pack", str(repo.pack))
    assert (got.code, got.err) == (0, "")
    assert "a.txt:2:5" in got.out
    assert f'value = "{value}"' in got.out
    assert token("a")[8:] not in got.out


@pytest.mark.parametrize("subject", ["demo.tokn", "0000-000000", "v2-0000000000000000", "nonsense"])
def test_explain_what_there_is_not(repo: Repo, subject: str) -> None:
    repo.write("a.txt", "text")
    got = repo.run("explain", subject, "--pack", str(repo.pack))
    assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)


def test_init_writes_what_is_missing_and_the_result_works(repo: Repo) -> None:
    got = repo.run("init")
    assert (got.code, got.err) == (0, "")
    assert (repo.folder / ".cavra-boundary.toml").exists()
    assert (repo.folder / ".pre-commit-config.yaml").exists()
    assert list((repo.folder / ".github" / "workflows").iterdir())
    scanned = repo.run("scan", "--format", "json")
    assert (scanned.code, scanned.report["findings"], scanned.report["notices"]) == (0, [], [])


def test_init_never_overwrites(repo: Repo) -> None:
    repo.write(".cavra-boundary.toml", "# mine\n")
    repo.write(".pre-commit-config.yaml", "repos: []\n")
    repo.run("init")
    assert (repo.folder / ".cavra-boundary.toml").read_text() == "# mine\n"
    assert (repo.folder / ".pre-commit-config.yaml").read_text() == "repos: []\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(tool: Tool, shell: str) -> None:
    command = Path(sys.executable).with_name("cavra-boundary")
    if not command.exists():
        pytest.skip("the command is not installed")
    env = {**os.environ, "_CAVRA_BOUNDARY_COMPLETE": f"{shell}_source"}
    done = subprocess.run([command], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "_CAVRA_BOUNDARY_COMPLETE" in done.stdout


def test_completion_names_options_and_commands(tool: Tool) -> None:
    command = Path(sys.executable).with_name("cavra-boundary")
    if not command.exists():
        pytest.skip("the command is not installed")
    for words, wanted in (("cavra-boundary ", "scan"), ("cavra-boundary scan --fai", "--fail-on")):
        env = {
            **os.environ,
            "_CAVRA_BOUNDARY_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
        }
        done = subprocess.run([command], env=env, capture_output=True, text=True, check=False)
        assert wanted in done.stdout
