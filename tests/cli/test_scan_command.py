"""`cavra-boundary scan` as a person or a script runs it: exit codes, options, streams."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from support import Repo, Tool, pin, token

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/schemas/report.schema.json").read_text(encoding="utf-8")))


def subprocess_run(tool: Tool, *arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "cavra_boundary", *arguments],
        cwd=tool.folder,
        capture_output=True,
        check=False,
        **options,
    )


@pytest.mark.parametrize(
    ("content", "arguments", "code"),
    [
        ("nothing", [], 0),
        ("{token}", [], 1),
        ("demopin {pin}", [], 1),
        ("demopin {pin}", ["--fail-on", "warning"], 1),
        ("demopin {pin}", ["--fail-on", "error"], 0),
        ("demohint abcdefghijkl", [], 0),
        ("demohint abcdefghijkl", ["--fail-on", "note"], 1),
        ("{token}", ["--fail-on", "error"], 1),
        ("nothing", ["--max-file-size", "1"], 3),
        ("{token}", ["--no-such-option"], 2),
        ("{token}", ["--fail-on", "never"], 2),
        ("{token}", ["--jobs", "0"], 2),
        ("{token}", ["--max-file-size", "many"], 2),
        ("{token}", ["nowhere.txt"], 2),
        ("{token}", ["--config", "nowhere.toml"], 2),
        ("{token}", ["--pack", "nowhere"], 2),
        ("{token}", ["--quiet", "--verbose"], 2),
        ("{token}", ["--only-rule", "demo.nothing"], 2),
    ],
)
def test_exit_codes(tool: Tool, content: str, arguments: list[str], code: int) -> None:
    tool.write("a.txt", content.format(token=token("a"), pin=pin("p")) + "\n")
    got = tool.scan_text(*arguments)
    assert got.code == code
    assert "Traceback" not in got.err
    if code == 2:
        assert got.out == ""
        assert got.err
    else:
        assert got.err == ""


@pytest.mark.parametrize("extra", [[], ["--verbose"], ["--quiet"], ["--max-file-size", "50"], ["--exclude", "*.md"]])
def test_the_json_report_keeps_to_its_schema(tool: Tool, extra: list[str]) -> None:
    tool.write("a.txt", f"{token('a')} demopin {pin('p')}\n")
    tool.write("\udcff\n\x1b.txt", f"{token('b')}\n")
    tool.write("long.md", "x" * 100)
    tool.write("b.demokey", "x")
    got = tool.scan(*extra)
    SCHEMA.validate(got.report)
    assert len(got.findings()) >= 2
    assert got.out.endswith("}\n")


def test_the_report_can_go_to_a_file(tool: Tool) -> None:
    tool.write("a.txt", token("a"))
    got = tool.scan("--output", "report.json", "a.txt")
    assert (got.code, got.out) == (1, "")
    SCHEMA.validate(json.loads((tool.folder / "report.json").read_text(encoding="utf-8")))
    assert sorted(path.name for path in tool.folder.iterdir()) == ["a.txt", "report.json"], "nothing is left behind"


def test_a_report_that_cannot_be_written_is_an_error(tool: Tool) -> None:
    tool.write("a.txt", "text")
    got = tool.scan("--output", "no/such/folder/report.json")
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert got.err.startswith("cavra-boundary: no/such/folder/report.json: cannot be written")


def test_an_old_report_stays_when_the_run_fails(tool: Tool) -> None:
    tool.write("old.json", "old")
    got = tool.scan("--output", "old.json", "--only-rule", "nothing")
    assert got.code == 2
    assert (tool.folder / "old.json").read_text() == "old"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only-rule", "demo.tokn"], "--only-rule: unknown rule 'demo.tokn' (did you mean 'demo.token'?)"),
        (["--skip-rule", "demo.tokn"], "--skip-rule: unknown rule 'demo.tokn' (did you mean 'demo.token'?)"),
        (
            ["--only-clause", "registry-tokens"],
            "--only-clause: unknown clause 'registry-tokens' (did you mean 'registry-token'?)",
        ),
        (["nowhere.txt"], "nowhere.txt: no such file or folder (check the path)"),
        (["--pack", "nowhere.toml"], "nowhere.toml: no pack here (name a .toml file or a folder of them)"),
    ],
)
def test_a_mistake_is_one_line_that_helps(tool: Tool, arguments: list[str], said: str) -> None:
    tool.write("a.txt", "text")
    got = tool.scan(*arguments)
    assert (got.code, got.out, got.err) == (2, "", f"cavra-boundary: {said}\n")


def test_a_name_that_steers_a_terminal_is_escaped_in_an_error(tool: Tool) -> None:
    got = tool.scan("\x1b[31m\nno\udcff")
    assert got.code == 2
    assert "\x1b" not in got.err
    assert got.err.count("\n") == 1


def test_standard_input(tool: Tool) -> None:
    got = tool.scan("-", stdin=f"x\n{token('a')}\n".encode())
    assert (got.code, got.places(), got.report["receipt"]["sources"]) == (1, [("<stdin>", 2, 1)], ["stdin"])
    got = tool.scan("--stdin-name", "secrets/b.demokey", "-", stdin=b"text")
    assert got.places() == [("secrets/b.demokey", 1, 1)]
    assert tool.scan("-", stdin=b"").code == 0


def test_standard_input_is_scanned_alone(tool: Tool) -> None:
    tool.write("a.txt", "text")
    got = tool.scan("-", "a.txt")
    assert (got.code, got.err.count("\n")) == (2, 1)


def test_several_paths(tool: Tool) -> None:
    for path in ("a/1.txt", "a/2.txt", "b/3.txt", "c/4.txt"):
        tool.write(path, token(path))
    got = tool.scan("a", "b/3.txt", "a/1.txt", "./a")
    assert [path for path, _, _ in got.places()] == ["a/1.txt", "a/2.txt", "b/3.txt"]
    assert got.report["receipt"]["files"] == 3


def test_two_repositories_are_two_scans(tool: Tool) -> None:
    for name in ("one", "two"):
        repo = Repo(tool.folder / name, tool.pack)
        repo.folder.mkdir()
        repo.git("init", "--quiet")
        repo.write("a.txt", "text")
    got = tool.scan("one", "two")
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert "cannot be scanned together" in got.err


def test_an_absolute_path_and_one_above(tool: Tool) -> None:
    tool.write("a.txt", token("a"))
    below = Tool(tool.folder / "sub", tool.pack)
    below.folder.mkdir()
    for path in (str(tool.folder / "a.txt"), "../a.txt", ".."):
        assert [path for path, _, _ in below.scan(path).places()] == ["a.txt"]


def test_excludes_of_flags_and_configuration_add_up(tool: Tool) -> None:
    for path in ("a.txt", "b.md", "c.rst"):
        tool.write(path, token(path))
    tool.write(".cavra-boundary.toml", 'exclude = ["*.md"]\n')
    got = tool.scan("--exclude", "*.rst")
    assert [path for path, _, _ in got.places()] == ["a.txt"]
    assert got.report["receipt"]["excluded"] == 2


def test_a_pack_of_the_configuration(tool: Tool, pack: Path) -> None:
    tool.write("rules/mine.toml", pack.read_text(encoding="utf-8"))
    tool.write(".cavra-boundary.toml", 'packs = ["rules"]\n')
    tool.write("a.txt", token("a"))
    got = tool.run("scan", "--format", "json", "a.txt")
    assert [path for path, _, _ in got.places("demo.token")] == ["a.txt"]


@pytest.mark.parametrize("arguments", [[], ["--quiet"]])
def test_color_only_where_it_is_wanted(tool: Tool, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    tool.write("a.txt", token("a"))
    assert "\x1b" not in tool.scan_text(*arguments).out, "a pipe"
    assert "\x1b[" in tool.scan_text("--color", "always", *arguments).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in tool.scan_text("--color", "auto", *arguments).out
    assert "\x1b[" in tool.scan_text("--color", "always", *arguments).out, "a flag wins over the environment"
    assert "\x1b" not in tool.scan_text("--color", "always", "--output", "/dev/null", *arguments).out


def test_quiet_says_nothing_but_findings(tool: Tool) -> None:
    tool.write("a.txt", "text")
    got = tool.scan_text("--quiet")
    assert (got.code, got.out, got.err) == (0, "", "")
    tool.write("a.txt", token("a"))
    assert "a.txt" in tool.scan_text("--quiet").out


def test_an_incomplete_run_is_never_silent(tool: Tool) -> None:
    tool.write("a.txt", "text")
    got = tool.scan_text("--quiet", "--max-file-size", "1")
    assert got.code == 3
    assert "a.txt" in got.out + got.err


def test_as_a_module_and_as_a_command_it_is_the_same(tool: Tool) -> None:
    tool.write("a.txt", f"{token('a')}\n")
    arguments = ["scan", "--pack", str(tool.pack), "--format", "json", "."]
    module = subprocess_run(tool, *arguments)
    command = Path(sys.executable).with_name("cavra-boundary")
    assert module.returncode == 1
    if command.exists():
        done = subprocess.run([command, *arguments], cwd=tool.folder, capture_output=True, check=False)
        assert (done.returncode, json.loads(done.stdout)["findings"]) == (1, json.loads(module.stdout)["findings"])


def test_in_a_locale_without_utf_8(tool: Tool) -> None:
    tool.write("é.txt", f"日本 {token('a')}\n")
    done = subprocess_run(
        tool,
        "scan",
        "--pack",
        str(tool.pack),
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 1
    assert done.stderr == b""
    assert token("a")[8:].encode() not in done.stdout


def test_a_reader_that_goes_away_is_no_clean_end(tool: Tool) -> None:
    for number in range(60):
        tool.write(f"{number}.txt", "\n".join(token(f"{number} {line}") for line in range(30)))
    scan = f'{sys.executable} -m cavra_boundary scan --pack "{tool.pack}"'
    command = f'{scan} | head -c 100 >/dev/null; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", command], cwd=tool.folder, capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("1", "3")
    assert "Traceback" not in done.stderr


def test_progress_only_at_a_terminal(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    pexpect = pytest.importorskip("pexpect")
    for number in range(150):
        tool.write(f"{number}.txt", "text")
    code = (
        "import sys; import cavra_boundary.report.progress as p; p._DELAY = p._PERIOD = 0.0\n"
        "from cavra_boundary.cli.main import main; sys.argv = ['cavra-boundary', 'scan', '.']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tool.folder, capture_output=True, text=True, check=True)
    assert (done.stderr, "scanning" in done.stdout) == ("", False)
    env = {name: value for name, value in os.environ.items() if name != "CI"} | {"TERM": "xterm"}
    for extra, wanted in (({}, True), ({"CI": "true"}, False), ({"TERM": "dumb"}, False)):
        child = pexpect.spawn(sys.executable, ["-c", code], cwd=str(tool.folder), env=env | extra, timeout=30)
        said = child.read().decode()
        child.close()
        assert child.exitstatus == 0
        assert ("scanning" in said) == wanted


def test_an_interrupt_is_one_line(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    tool.write("a.txt", "text")
    monkeypatch.setattr("cavra_boundary.cli.judge.scan", interrupt)
    got = tool.scan()
    assert (got.code, got.out, got.err) == (130, "", "\ncavra-boundary: interrupted\n")


def test_a_defect_is_one_line_that_shows_nothing_of_the_content(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError(token("a"))

    tool.write("a.txt", "text")
    monkeypatch.setattr("cavra_boundary.cli.judge.scan", fail)
    got = tool.scan()
    assert (got.code, got.out, got.err.count("\n")) == (3, "", 1)
    assert got.err.startswith("cavra-boundary: internal error: ValueError; please report it")
    assert token("a")[8:] not in got.err


def test_a_defect_on_one_file_hides_neither_it_nor_the_others(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    from cavra_boundary.detect.engine import Detector

    view_matches = Detector.view_matches

    def fail(self: Detector, view: object) -> object:
        if view.blob.path == "bad.txt":
            raise ValueError(token("a"))
        return view_matches(self, view)

    monkeypatch.setattr(Detector, "view_matches", fail)
    tool.write("bad.txt", token("a"))
    tool.write("good.txt", token("b"))
    got = tool.scan()
    assert [path for path, _, _ in got.places()] == ["good.txt"]
    assert got.skipped() == {"bad.txt": "internal error in cavra-boundary (ValueError)"}
    assert got.report["receipt"]["complete"] is False
    assert token("a")[8:] not in got.out
