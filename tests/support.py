"""What tests share: the tool run in this process, real git repositories, and a small pack with secrets for it.

The pack keeps the tests independent of the shipped rules, which change often.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cavra_boundary.cli.main import main
from cavra_boundary.rules.samples import expand

PACK = """
name = "demo"
title = "Rules of the tests"

[[rule]]
name = "token"
kind = "text"
clause = "registry-token"
severity = "error"
title = "Demo token"
why = "It opens the demo."
keywords = ["demotok_"]
pattern = '\\b(?P<secret>demotok_[A-Za-z0-9]{24})\\b'
examples = ["a demotok_«base62:24»", "b demotok_«base62:24»"]
counterexamples = ["demotok_", "demotok_short"]

[[rule]]
name = "pin"
kind = "text"
clause = "tenant-secret"
severity = "warning"
title = "Demo pin"
why = "It opens the other door."
keywords = ["demopin"]
pattern = 'demopin (?P<secret>[0-9]{9})'
examples = ["demopin «digits:9»", "a demopin «digits:9»"]
counterexamples = ["demopin 1", "demopin"]

[[rule]]
name = "hint"
kind = "text"
clause = "dashboard-url"
severity = "note"
title = "Demo hint"
why = "It says where the door is."
keywords = ["demohint"]
pattern = 'demohint (?P<secret>[a-z]{12})'
examples = ["demohint «lower:12»", "a demohint «lower:12»"]
counterexamples = ["demohint a", "demohint"]

[[rule]]
name = "guest"
kind = "record"
clause = "customer-record"
severity = "error"
title = "Demo guest"
why = "It is somebody."
at_least = 3
fields = [
  { keys = ["demo_guest"], value = "name", required = true },
  { keys = ["demo_email"], value = "email" },
  { keys = ["demo_phone"], value = "phone" },
  { keys = ["demo_room"], value = "id" },
]
examples = [
  '{"demo_guest": "«name»", "demo_email": "«email»", "demo_room": "«uuid»"}',
  '{"demo_guest": "«name»", "demo_email": "«email»", "demo_phone": "«phone»"}',
]
counterexamples = ['{"demo_guest": "string"}', '{"demo_guest": "", "demo_email": "", "demo_phone": ""}']

[[rule]]
name = "key-file"
kind = "path"
clause = "signing-material"
severity = "error"
title = "Demo key file"
why = "Its name says what it holds."
globs = ["*.demokey"]
examples = [{ path = "a.demokey", text = "x" }, { path = "b/c.demokey", text = "x" }]
counterexamples = [{ path = "a.demo", text = "x" }, { path = "a.demokey", text = "" }]
"""


def token(seed: str) -> str:
    """A value that the rule demo.token finds; the same for the same seed."""
    return "demotok_" + expand("«base62:24»", seed)


def pin(seed: str) -> str:
    """A value that the rule demo.pin finds after the word `demopin`."""
    return expand("«digits:9»", seed)


@dataclass(frozen=True)
class Result:
    """What a run printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        assert self.out, self.err
        found: dict[str, Any] = json.loads(self.out)
        return found

    def findings(self, rule: str = "demo.") -> list[dict[str, Any]]:
        """The findings of a JSON report whose rule id has this prefix."""
        return [finding for finding in self.report["findings"] if finding["rule"].startswith(rule)]

    def places(self, rule: str = "demo.") -> list[tuple[str, int, int]]:
        return [(each["path"], each["line"], each["column"]) for each in self.findings(rule)]

    def skipped(self) -> dict[str, str]:
        """Why each thing was not scanned, by its path."""
        return {each["path"]: each["reason"] for each in self.report["receipt"]["skipped"]}


@dataclass(frozen=True)
class Tool:
    """The command line, run in this process in a folder."""

    folder: Path
    pack: Path

    def run(self, *arguments: str, stdin: bytes = b"") -> Result:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", ["cavra-boundary", *arguments])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            with pytest.raises(SystemExit) as ended:
                main()
        code = ended.value.code
        assert isinstance(code, int)
        return Result(code, _text(out), _text(err))

    def scan(self, *arguments: str, stdin: bytes = b"") -> Result:
        """A scan with the tests' pack and a JSON report."""
        return self.run("scan", "--pack", str(self.pack), "--format", "json", *arguments, stdin=stdin)

    def scan_text(self, *arguments: str, stdin: bytes = b"") -> Result:
        """A scan with the tests' pack and a text report."""
        return self.run("scan", "--pack", str(self.pack), *arguments, stdin=stdin)

    def write(self, path: str, content: str | bytes) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file


@dataclass(frozen=True)
class Repo(Tool):
    """A git repository."""

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", os.fspath(self.folder), *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout

    def commit(self) -> None:
        """Commit everything except ignored files."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "test")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()


def copy_checkout(folder: Path) -> None:
    """Copy this checkout, as it would be committed, to a folder."""
    root = Path(__file__).parents[1]
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, folder / name)
